package dunning_test

import (
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// A reminder whose entry was done in another way is not sent again: it stays as it is,
// until somebody discards it. One that was on its way when that was said goes out.
func TestSentAgainAfterAnother(t *testing.T) {
	t.Parallel()
	retry := func(o *agency, t *testing.T, id int64) error {
		_, _, err := o.tryRetry(t, id)
		return err
	}
	discard := func(o *agency, t *testing.T, id int64) error {
		return o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error {
			_, err := message.Discard(t.Context(), tx, []int64{id}, "They have the letter")
			return err
		})
	}
	for state, c := range map[message.State]struct {
		again, ends func(*agency, *testing.T, int64) error
	}{
		message.Held:   {retry, discard},
		message.Failed: {retry, discard},
		message.Unknown: {
			func(o *agency, t *testing.T, id int64) error { return o.tryDecide(t, id, message.Queued) },
			func(o *agency, t *testing.T, id int64) error { return o.tryDecide(t, id, message.Discarded) },
		},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			entry, mail := o.undone(t, state)
			before := len(o.sink.Taken())
			o.print(t, entry)
			o.done(t, entry, dunning.Completion{})
			refuses[errs.Conflict](t, c.again(o, t, mail), "A reminder is not sent again once its agenda entry is closed")
			o.deliver(t)
			is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(state))
			if err := c.ends(o, t, mail); err != nil {
				t.Fatal(err)
			}
			o.deliver(t)
			if n := len(o.sink.Taken()) - before; n != 0 {
				t.Errorf("%d e-mails went out", n)
			}
			is(t, "in the end", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(message.Discarded))
			is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
		})
	}
	for name, again := range map[string]bool{"queued": false, "sent again at that moment": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			var entry, mail int64
			if again {
				entry, mail = o.undone(t, message.Failed)
				o.retry(t, mail) // by the database's clock that is after Done, though Done is not said yet
			} else {
				entry = o.open(t).ID
				mail = o.mail(t, o.Collector, entry, dunning.Order{})
			}
			o.print(t, entry)
			o.done(t, entry, dunning.Completion{})
			if e := o.entry(t, entry); e.State != dunning.Done {
				t.Fatalf("the entry is %s", e.State)
			}
			o.deliver(t)
			ends, goes := message.Sent, 1
			if again {
				ends, goes = message.Discarded, 0
				o.said(t, "was not sent. It was sent again after its agenda entry was closed")
			}
			if n := len(o.sink.Taken()); n != goes {
				t.Errorf("%d e-mails went out", n)
			}
			is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(ends))
			is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
		})
	}
}

// Of many that are sent again at once, those that may not go are left out, each with
// why, and the rest goes.
func TestSomeOfManySentAgain(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	entry, mail := o.undone(t, message.Failed)
	o.answers(smtptest.To, smtptest.Refuse)
	o.say(t, message.New{Channel: customer.Mail})
	answer := o.number(t, `SELECT max(id) FROM messages`)
	o.answers("", smtptest.Take)
	o.print(t, entry)
	o.done(t, entry, dunning.Completion{})
	n, left, err := o.tryRetry(t, mail, answer)
	if n != 1 || len(left) != 1 || !strings.Contains(left[0], "once its agenda entry is closed") || err != nil {
		t.Fatalf("%d are sent again, left %q, %v", n, left, err)
	}
	o.deliver(t)
	is(t, "the reminder", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(message.Failed))
	is(t, "the answer", o.ask(t, `SELECT state FROM messages WHERE id = $1`, answer), string(message.Sent))
}

// What was sent again before Done was said goes out, and so does what asks for nothing.
func TestSentAgainBeforeDone(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(o *agency, t *testing.T, mail int64){
		"before": func(o *agency, t *testing.T, mail int64) {
			o.exec(t, `UPDATE agenda_entries SET closed_at = clock_timestamp() + interval '1 minute' WHERE state = 'done'`)
			o.retry(t, mail)
		},
		"asks for nothing": func(o *agency, t *testing.T, mail int64) {
			o.exec(t, `UPDATE templates SET demands = false`)
			o.exec(t, `UPDATE messages SET demands = false`)
			o.retry(t, mail)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			entry, mail := o.undone(t, message.Held)
			o.print(t, entry)
			o.done(t, entry, dunning.Completion{})
			begin(o, t, mail)
			o.deliver(t)
			is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(message.Sent))
		})
	}
}

// What asks for nothing, such as copies of an invoice, goes out although the invoice was
// paid meanwhile; a reminder of it does not.
func TestPaidBeforeCopiesGoOut(t *testing.T) {
	t.Parallel()
	for demands, want := range map[bool]message.State{true: message.Discarded, false: message.Sent} {
		o := newAgency(t)
		e := o.open(t)
		mail := o.mail(t, o.Collector, e.ID, dunning.Order{})
		o.exec(t, `UPDATE templates SET demands = $1`, demands)
		o.exec(t, `UPDATE messages SET demands = $1`, demands)
		if err := o.pay(t.Context(), e.CustomerID, 50_03); err != nil {
			t.Fatal(err)
		}
		o.deliver(t)
		is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(want))
	}
}
