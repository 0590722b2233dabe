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
