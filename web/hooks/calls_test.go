package hooks_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// dialled is a call that the telephone system has taken.
type dialled struct {
	*webtest.Site
	customer, id int64
	twiliotest.Request
}

func dial(t *testing.T) *dialled {
	t.Helper()
	d := &dialled{Site: webtest.New(t)}
	acme := dbtest.Tenant(t, d.Database, "acme")
	system := d.Telephone(t, acme)
	board := activity.Switchboard{Box: d.Outbox}
	err := d.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) (err error) {
		d.customer, _ = dbtest.Customer(t, tx, "C-1")
		point, err := customer.AddPoint(t.Context(), tx, d.customer, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Role: customer.Debtor})
		if err != nil {
			return err
		}
		if err := member.SetPhone(t.Context(), tx, "+47 90 61 12 01"); err != nil {
			return err
		}
		d.id, err = board.Dial(t.Context(), tx, contactrule.Attempt{CustomerID: d.customer, PointID: point})
		return err
	})
	if err == nil {
		err = board.Work(t.Context(), activity.DialArgs{Tenant: acme.ID, Call: d.id})
	}
	if err != nil {
		t.Fatal(err)
	}
	d.Request = system.Wait(t, 1)[0]
	return d
}

// ours is the form that speaks of our end.
func (d *dialled) ours(status string) url.Values {
	return url.Values{"AccountSid": {twiliotest.SID}, "CallSid": {d.SID}, "CallStatus": {status}, "To": {d.Form.Get("To")}, "From": {d.Form.Get("From")}}
}

func (d *dialled) theirs(status string) url.Values {
	f := d.ours(status)
	f.Set("CallSid", "CAchild")
	f.Set("ParentCallSid", d.SID)
	return f
}

// tells sends a form to an address and fails unless it is answered so.
func tells(t *testing.T, address string, form url.Values, code int, texts ...string) string {
	t.Helper()
	got, body := twiliotest.Post(t, address, twiliotest.Token, form)
	if got != code {
		t.Errorf("%s: status %d, want %d: %s", address, got, code, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s: the answer lacks %q: %s", address, text, body)
		}
	}
	return body
}

func (d *dialled) events(t *testing.T) (s string) {
	t.Helper()
	err := d.Owner(t).QueryRow(t.Context(), `
		SELECT coalesce(string_agg(concat_ws(' ', leg, kind, data->>'seconds'), ', ' ORDER BY id), '')
		FROM call_events WHERE call_attempt_id = $1 AND leg <> ''`, d.id).Scan(&s)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// S5.3: once the member has picked up and pressed a key, the customer is rung; a
// mailbox presses none, and nothing that it could hear names anybody.
func TestConnect(t *testing.T) {
	t.Parallel()
	d := dial(t)
	connect := d.Form.Get("Url")
	asked := tells(t, connect, d.ours("in-progress"), http.StatusOK, `numDigits="1"`, `action="`+connect+`"`, "Press 1 to be connected.", "<Hangup>")
	if strings.Contains(asked, "22410933") || strings.Contains(asked, "<Dial") {
		t.Errorf("before a key was pressed it says %s", asked)
	}
	pressed := d.ours("in-progress")
	pressed.Set("Digits", "1")
	rings := tells(t, connect, pressed, http.StatusOK, `<Dial callerId="`+twiliotest.CallFrom+`"`, ">+4722410933</Number>", `statusCallbackEvent="ringing answered completed"`)
	_, rest, _ := strings.Cut(rings, `statusCallback="`)
	callback, _, _ := strings.Cut(rest, `"`)

	other := d.ours("in-progress")
	other.Set("Digits", "9")
	if body := tells(t, connect, other, http.StatusOK, "<Hangup>"); strings.Contains(body, "Dial") {
		t.Errorf("another key rings the customer: %s", body)
	}
	tells(t, callback, d.theirs("ringing"), http.StatusOK)
	ended := d.theirs("completed")
	ended.Set("CallDuration", "61")
	for range 2 { // twice
		tells(t, callback, ended, http.StatusOK)
	}
	tells(t, callback, d.theirs("in-progress"), http.StatusOK) // out of order
	tells(t, d.Form.Get("StatusCallback"), d.ours("completed"), http.StatusOK)
	tells(t, d.Form.Get("StatusCallback"), d.ours("initiated"), http.StatusOK) // nothing new
	if got := d.events(t); got != "customer ringing, customer completed 61, customer answered, member completed" {
		t.Errorf("kept %s", got)
	}
	if body := tells(t, connect, pressed, http.StatusOK, "<Hangup>"); strings.Contains(body, "22410933") {
		t.Errorf("said again once the call is over it still rings: %s", body)
	}
}

// What was not signed, is another call's, or another company's, changes nothing.
func TestCallbacksThatAreNotTheirs(t *testing.T) {
	t.Parallel()
	d := dial(t)
	status := d.Form.Get("StatusCallback")
	if code, _ := twiliotest.Post(t, status, "another token altogether", d.ours("busy")); code != http.StatusForbidden {
		t.Errorf("forged: status %d, want 403", code)
	}
	elsewhere := d.ours("busy")
	elsewhere.Set("AccountSid", "AC99999999999999999999999999999999")
	tells(t, status, elsewhere, http.StatusForbidden)
	wrong := d.ours("busy")
	wrong.Set("CallSid", "CAanother")
	tells(t, status, wrong, http.StatusNotFound)
	tells(t, status+"x", d.ours("busy"), http.StatusNotFound)
	tells(t, strings.Replace(status, "/call/", "/connect/", 1), d.ours("busy"), http.StatusNotFound) // a token of another purpose
	beta := dbtest.Tenant(t, d.Database, "beta")
	token, err := d.Outbox.Secrets.Sign(activity.HookOurs, beta.ID, d.id)
	if err != nil {
		t.Fatal(err)
	}
	tells(t, fmt.Sprintf("%s/hooks/twilio/call/%s", d.URL, token), d.ours("busy"), http.StatusConflict) // it has no provider
	if got := d.events(t); got != "" {
		t.Errorf("kept %s, want nothing", got)
	}
}
