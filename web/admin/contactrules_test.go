package admin_test

import (
	"fmt"
	"net/url"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// texts is the form of a rule for SMS.
func texts(more ...string) url.Values {
	return form(append([]string{"name", "Texts <b>", "channel", "sms", "kind", "consumer", "country", "us", "region", "CA", "day_mon", "on", "day_tue", "on",
		"from", "09:00", "to", "20:00", "needs_consent", "on", "source", "A law, section 1", "as_of", "2026-01-02"}, more...)...)
}

func ruleID(t *testing.T, s *webtest.Site, name string) int {
	t.Helper()
	return count(t, s, `SELECT id FROM contact_rules WHERE name = $1`, name)
}

func TestContactRules(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Get("/admin/contactrules").Has(t, 200, "No rule limits contact", `href="/admin/contactrules/new"`)
	c.Get("/admin/contactrules/new").Has(t, 200, "New contact rule", `name="day_sun"`, `value="2026-03-16"`)
	c.Post("/admin/contactrules", texts()).Leads(t, "/admin/contactrules")
	c.Get("/admin/contactrules").Has(t, 200, "Texts &lt;b&gt;", "SMS to consumers in US, CA: Mon–Tue 09:00–20:00; not on holidays; only with consent", "A law, section 1", "2026-01-02", "in force")
	c.Get("/admin").Has(t, 200, `<a href="/admin/contactrules">1</a>`, "added the contact rule Texts &lt;b&gt;")

	page := c.Post("/admin/contactrules", texts("name", "texts <B>"))
	page.Has(t, 422, "Another rule in force has this name", `value="texts &lt;B&gt;"`, `value="A law, section 1"`)
	c.Post("/admin/contactrules", texts("name", "Calls", "channel", "call", "max_attempts", "many", "attempt_days", "0", "hours_apart", "3.5", "quiet_days", "")).
		Has(t, 422, "Give a whole number from 1 to 999", "Give a whole number from 1 to 366", "Give a whole number from 1 to 24", `value="many"`, `value="3.5"`)
	c.Post("/admin/contactrules", form("name", "Nothing", "source", "Ours", "as_of", "2026-01-02")).Has(t, 422, "The rule limits nothing yet.", `value="Nothing"`)
	c.Post("/admin/contactrules", texts("name", "No days", "day_mon", "", "day_tue", "")).Has(t, 422, "Tick the days on which these hours hold.", `id="weekdays-error"`)
	c.Post("/admin/contactrules", texts("name", "Whole days", "from", "", "to", "")).Leads(t, "/admin/contactrules")
	at := fmt.Sprintf("/admin/contactrules/%d", ruleID(t, s, "Whole days"))
	c.Get(at).Has(t, 200, "Mon–Tue all day", `name="seen_to" value=""`)
	c.Post(at, texts("name", "Evenings", "version", "1", "from", "18:00", "to", "")).Leads(t, "/admin/contactrules")
	c.Get("/admin/contactrules").Has(t, 200, "Mon–Tue 18:00–24:00")

	at = fmt.Sprintf("/admin/contactrules/%d", ruleID(t, s, "Texts <b>"))
	c.Post(at+"/retirement", form()).Leads(t, "/admin/contactrules")
	c.Get(at).Has(t, 200, "Take it back", "retired")
	c.Get("/admin").Has(t, 200, `<a href="/admin/contactrules">1</a>`)
	c.Post(at+"/reopening", form()).Leads(t, "/admin/contactrules")
	c.Get("/admin/audit?group=contact_rule").Has(t, 200, "retired the contact rule Texts", "took back into force the contact rule Texts",
		"rule: SMS to consumers in US, CA: Mon–Tue all day; not on holidays; only with consent → SMS to consumers in US, CA: Mon–Tue 18:00–24:00; not on holidays; only with consent")
}

// Of two who change a rule the second is told, and keeps what was typed.
func TestContactRuleChangedByTwo(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Post("/admin/contactrules", texts())
	at := fmt.Sprintf("/admin/contactrules/%d", ruleID(t, s, "Texts <b>"))
	seen := []string{"version", "1", "seen_name", "Texts <b>", "seen_channel", "sms", "seen_kind", "consumer", "seen_country", "US", "seen_region", "CA", "seen_day_mon", "on",
		"seen_day_tue", "on", "seen_from", "09:00", "seen_to", "20:00", "seen_needs_consent", "on", "seen_source", "A law, section 1", "seen_as_of", "2026-01-02", "country", "US"}
	c.Post(at, texts(append(seen, "to", "19:00", "source", "A law, section 2")...)).Leads(t, "/admin/contactrules")
	page := c.Post(at, texts(append(seen, "to", "18:00")...))
	page.Has(t, 409, "Not saved yet: this rule was changed while you were writing.", "Changed meanwhile to “19:00”. Yours stands in the field", `value="18:00"`,
		"Changed meanwhile from “A law, section 1”, and taken over.", `value="A law, section 2"`, `name="version" value="2"`)
	c.Post(at, texts("version", "2", "to", "18:00", "source", "A law, section 2")).Leads(t, "/admin/contactrules")
	c.Get(at).Has(t, 200, "Mon–Tue 09:00–18:00", "A law, section 2")
}

func TestWhoSeesContactRules(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	err := s.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error { return contactrule.Seed(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/admin/contactrules/%d", ruleID(t, s, "Calls to consumers: hours"))
	manager := s.As(t, acme.Manager)
	page := manager.Get("/admin/contactrules")
	page.Has(t, 200, "Calls to consumers: Mon–Sun 08:00–21:00; not on holidays", "12 CFR 1006.6(b)(1)", "2021-11-30", "at most 7 attempts in 7 days")
	page.Lacks(t, "New contact rule")
	page = manager.Get(at)
	page.Has(t, 200, "Mon–Sun 08:00–21:00")
	page.Lacks(t, "<form method=\"post\" action=\"/admin/contactrules", "Retire")
	manager.Get("/admin/contactrules/new").Has(t, 403, "Only administrators")
	manager.Post(at, texts("version", "1")).Has(t, 403, "Only administrators")
	manager.Post(at+"/retirement", form()).Has(t, 403)
	s.As(t, acme.Collector).Get("/admin/contactrules").Has(t, 403)
	s.As(t, beta.Admin).Get(at).Has(t, 404)
	s.As(t, beta.Admin).Post(at, texts("version", "1")).Has(t, 404)
	s.As(t, acme.Admin).Get("/admin/contactrules/999999").Has(t, 404)
}
