package e2e_test

import (
	"fmt"
	"testing"
	"time"
)

// TestMayIContactNow reads beside a number whether it may be called, records that
// the debtor asked for it, and makes a rule, which is heeded at once.
func TestMayIContactNow(t *testing.T) {
	t.Parallel()
	s := trial(t)
	now := time.Date(2026, 11, 21, 13, 32, 0, 0, time.UTC) // a Saturday
	s.Now = func() time.Time { return now }
	var id, point int64
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT c.id, p.id
		FROM customers c
		JOIN contact_points p ON p.customer_id = c.id AND p.kind = 'phone' AND p.preferred
		WHERE c.name LIKE 'Nyborg%'`).Scan(&id, &point)
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/customers/%d", id)
	const barred = "Not before Mon 08:00: calls on Saturdays are barred for businesses (14:32 there)"
	b := open(t, s)
	b.signInDemo("admin")
	b.goTo(at)
	b.has(barred)
	b.look("may-not-yet")
	b.goTo(at + "/account")
	b.has(barred)
	b.look("may-account")

	b.goTo(fmt.Sprintf("%s/contactpoints/%d", at, point))
	b.click("#asked ~ details summary")
	b.fill("#wish-source", "Called us this morning")
	b.submit(`form[action$="/request"] button[type=submit]`)
	b.has("The debtor asked for calls, until Sat 28 Nov 14:32")
	b.goTo(at)
	b.has("The debtor asked for calls")

	b.goTo("/admin/contactrules")
	b.has("Calls to consumers: at most 7 attempts in 7 days; none for 7 days after a conversation")
	b.look("contactrules")
	b.submit(`a[href="/admin/contactrules/new"]`)
	b.fill("#field-name", "No SMS in the morning")
	eval[string](b, `document.querySelector('#field-channel').value = 'sms'`)
	eval[string](b, `document.querySelector('#field-from').value = '12:00'`)
	eval[string](b, `document.querySelector('#field-to').value = '20:00'`)
	b.fill("#field-source", "Our own rule")
	b.look("contactrule")
	b.submit(`form[action="/admin/contactrules"] button[type=submit]`)
	b.has("SMS: Mon–Sun 12:00–20:00; not on holidays")
	b.goTo(at + "/account")
	b.has("Not before Mon 12:00: SMS on Saturdays are barred for businesses")
	b.quiet()
}
