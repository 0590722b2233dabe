package inbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

func TestMessageIDs(t *testing.T) {
	t.Parallel()
	many := ""
	for i := range 30 {
		many += fmt.Sprintf("<%d@x.example>\r\n ", i)
	}
	long := "<" + strings.Repeat("a", 120) + "@b>"
	for text, want := range map[string]string{
		"":                                   "",
		"no id at all":                       "",
		" <a@b>\r\n\t<c@d> <a@b>":            "<c@d> <a@b>",
		"<a@b>\r\nBcc: <e vil@c> <>":         "<a@b>",
		"<é@b> <a@b":                         "",
		long + " <" + long[1:120] + "aaa@b>": long,
		many:                                 "<0@x.example> <21@x.example> <22@x.example> <23@x.example> <24@x.example> <25@x.example> <26@x.example> <27@x.example> <28@x.example> <29@x.example>",
	} {
		if got := inbox.MessageIDs(text); got != want {
			t.Errorf("of %q: %q, want %q", text, got, want)
		}
	}
}

// An answer names what it answers and what that followed on, where that has an id.
func TestThread(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for id, want := range map[string]string{
		"one@debtor.example#0123": "<first@acme.example> <one@debtor.example>", "#0124": "", "no id#0125": "", "a#b@debtor.example#0126": "<first@acme.example> <a#b@debtor.example>",
		"no hash": "", "x@y>\r\nBcc: <a@b#0127": "", strings.Repeat("x", 121) + "@y#0128": "",
	} {
		in := d.reply(id)
		in.Data = inbox.Referring("<first@acme.example>")
		e := d.take(t, in)
		thread := func(of int64) (got string, err error) {
			err = d.try(t, d.Collector, func(tx *tenant.Tx) (err error) {
				got, err = inbox.Thread(t.Context(), tx, e.ReceivedID, of)
				return err
			})
			return got, err
		}
		if got, err := thread(d.mine); got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
		if _, err := thread(d.nobodys); !errors.Is(err, errs.NotFound) {
			t.Errorf("of another customer: %v", err)
		}
	}
	sms := d.reply("SM1")
	sms.Channel = customer.SMS
	e := d.take(t, sms)
	if err := d.try(t, d.Collector, func(tx *tenant.Tx) error {
		_, err := inbox.Thread(t.Context(), tx, e.ReceivedID, d.mine)
		return err
	}); !errors.Is(err, errs.NotFound) {
		t.Errorf("of an SMS: %v", err)
	}
}
