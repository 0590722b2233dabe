package messages_test

import (
	"fmt"
	"net/url"
	"testing"

	"dunwell/internal/smtptest"
)

// Whoever decides about a message after somebody else has sees it as it is now, with
// what became of it; what was typed is kept.
func TestDecideTooLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m, a := d.As(t, d.Collector), d.As(t, d.Manager), d.As(t, d.Admin)
	sink := d.MailServer(t)
	sink.Tell(func(step smtptest.Step, to string) smtptest.Act {
		if step == smtptest.Body {
			return smtptest.Lose
		}
		return smtptest.Take
	})
	d.StartJobs(t)
	c.Post(d.at(""), d.mail("lost one")).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	d.until(t, m, "/outbox/1", "Did it arrive?")
	decision := func(version, why string) url.Values {
		return url.Values{"outcome": {"arrived"}, "version": {version}, "reason": {why}}
	}
	m.Post("/outbox/1/decision", decision("1", "I asked <her>")).Has(t, 409, "This message changed meanwhile. It is unknown now.", "Did it arrive?", "I asked &lt;her&gt;")
	a.Post("/outbox/1/decision", decision("3", "She has it")).Leads(t, "/outbox")
	page := m.Post("/outbox/1/decision", decision("3", "I asked <her>"))
	page.Has(t, 409, "acme admin decided about this message meanwhile: “She has it”. It is sent now.", "lost one", "What you typed", "I asked &lt;her&gt;")
	page.Lacks(t, "Did it arrive?")
	m.Post("/outbox/1/decision", decision("3", "")).Has(t, 409, "acme admin decided")
	c.Post("/outbox/1/decision", decision("3", "x")).Has(t, 403)
	m.Post("/outbox/999/decision", decision("3", "x")).Has(t, 404)
}

// The same of sending one message again and of discarding it, from its own page.
func TestOneTooLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m, a := d.As(t, d.Collector), d.As(t, d.Manager), d.As(t, d.Admin)
	c.Post(d.at(""), d.mail("held one")).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	one := func(why string) url.Values {
		return url.Values{"message": {"1"}, "one": {"1"}, "reason": {why}}
	}
	m.Get("/outbox/1").Has(t, 200, `name="one" value="1"`)
	m.Post("/outbox/discard", one("")).Has(t, 422, "Say why, in 500 characters at most.", "<h1 class=\"text-break\">held one")
	m.Post("/outbox/retry", one("")).Has(t, 409, "so that nothing can be sent", "<h1 class=\"text-break\">held one", "Discard")
	page := m.Post("/outbox/1/decision", url.Values{"outcome": {"arrived"}, "version": {"1"}, "reason": {"Their <log>"}})
	page.Has(t, 409, "What you typed", "Their &lt;log&gt;", "Why it is discarded")
	page.Lacks(t, `value="Their &lt;log&gt;"`)
	a.Post("/outbox/discard", one("Paid today")).Leads(t, "/outbox")
	m.Post("/outbox/discard", one("They <moved>")).Has(t, 409, "acme admin decided about this message meanwhile: “Paid today”. It is discarded now.", "What you typed", "They &lt;moved&gt;")
	m.Post("/outbox/retry", one("")).Has(t, 409, "It is discarded now.")
	m.Post("/outbox/discard", one("")).Has(t, 409, "acme admin decided about this message meanwhile")
	c.Post("/outbox/retry", one("")).Has(t, 403)
	m.Post("/outbox/discard", url.Values{"message": {"1"}, "reason": {"x"}}).Leads(t, "/outbox")
}

// A reminder is not sent again once its agenda entry is closed: of several it is left
// out with why, and by itself it is refused with a way out.
func TestSendAgainOfAClosedEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	for _, subject := range []string{"Reminder", "Another", "Discarded meanwhile"} {
		c.Post(d.at(""), d.mail(subject)).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := d.Owner(t).Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`UPDATE messages SET demands = true WHERE id = 1`)
	exec(`
		WITH entry AS (
			INSERT INTO agenda_entries (tenant_id, customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies, state, closed_at)
			SELECT tenant_id, customer_id, due_on, due_on, 1, 'chosen_day', id, due_on, 1, currency, amount, 1, 'done', '2026-03-16' FROM items WHERE id = $1
			RETURNING tenant_id, customer_id, id)
		INSERT INTO agenda_actions (tenant_id, customer_id, entry_id, kind, level_number, level_name, message_id) SELECT tenant_id, customer_id, id, 'email', 0, '', 1 FROM entry`, d.item)
	exec(`UPDATE messages SET state = 'discarded' WHERE id = 3`)
	d.MailServer(t)
	const closed = "A reminder is not sent again once its agenda entry is closed: the customer was reminded in another way, or is not to be. Discard it;"
	m.Post("/outbox/retry", url.Values{"message": {"1"}}).Has(t, 409, closed, `value="1" checked`)
	m.Post("/outbox/retry", url.Values{"message": {"1"}, "one": {"1"}}).Has(t, 409, closed, "<h1 class=\"text-break\">Reminder", "Discard")
	m.Post("/outbox/retry", url.Values{"message": {"1", "2", "3", "999"}}).Leads(t, "/outbox")
	m.Get("/outbox").Has(t, 200, "1 message is on the way again. 1 left alone: "+closed, "1 left alone: somebody was faster.")
	exec(`UPDATE messages SET state = 'unknown' WHERE id = 1`)
	decision := url.Values{"outcome": {"again"}, "version": {"1"}, "reason": {"I asked <her>"}}
	m.Post("/outbox/1/decision", decision).Has(t, 409, closed, "I asked &lt;her&gt;", "It did not: discard it")
	decision.Set("outcome", "lost")
	m.Post("/outbox/1/decision", decision).Leads(t, "/outbox")
	m.Get("/outbox?state=discarded").Has(t, 200, "It is discarded.", "Reminder")
}
