package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// owing gives the company a customer of that number with so much overdue.
func owing(t *testing.T, s *webtest.Site, c *dbtest.Company, number string, minor int64) {
	t.Helper()
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, number)
		dbtest.Item(t, tx, account, "INV "+number, "2026-03-01", minor, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func standardID(t *testing.T, s *webtest.Site, name string) int {
	t.Helper()
	return count(t, s, `SELECT id FROM standard_follow_ups WHERE name = $1`, name)
}

// S1.32.
func TestStandards(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Get("/admin/standards").Has(t, 200, "None yet", `href="/admin/standards/new"`)
	c.Get("/admin/standards/new").Has(t, 200, "New standard follow-up", "{{ customer.name }}", "{{ figure.overdue }}", "truncate: 20", "Meridian Foods AS")

	good := form("name", "Call <back>", "text", "Ask {{ customer.name }}.\r\nThen wait.", "version", "0")
	c.Post("/admin/standards", good).Leads(t, "/admin/standards")
	c.Post("/admin/standards", good).Leads(t, "/admin/standards") // sent twice
	c.Post("/admin/standards", form("name", "Copies", "text", "Send copies."))
	c.Get("/admin/standards").Has(t, 200, "Call &lt;back&gt;", "Ask {{ customer.name }}. Then wait.", "Move down: Call &lt;back&gt;", "Move up: Copies")
	c.Get("/admin").Has(t, 200, `<a href="/admin/standards">2</a>`, "added the standard follow-up Copies")

	page := c.Post("/admin/standards", form("name", "call <BACK>", "text", "Mine & yours."))
	page.Has(t, 422, "There is a standard follow-up called call &lt;BACK&gt; already", `value="call &lt;BACK&gt;"`, "Mine &amp; yours.</textarea>")
	page = c.Post("/admin/standards", form("name", "", "text", "a\n{{ customer.nmae }}"))
	page.Has(t, 422, "Give it a name", "Line 2: there is no variable customer.nmae.", "{{ customer.nmae }}</textarea>")

	id := standardID(t, s, "Call <back>")
	at := fmt.Sprintf("/admin/standards/%d", id)
	c.Post(at+"/position", form("direction", "down")).Leads(t, fmt.Sprintf("/admin/standards#standard-%d", id))
	c.Get("/admin/standards").Has(t, 200, "Move up: Call &lt;back&gt;", "Move down: Copies")
	c.Post(at+"/position", form("direction", "up")).Leads(t, fmt.Sprintf("/admin/standards#standard-%d", id))
	c.Post(at+"/retirement", form()).Leads(t, "/admin/standards")
	page = c.Get("/admin/standards")
	page.Has(t, 200, "is retired", "retired</span>")
	page.Lacks(t, "Move up", "Move down")
	c.Post(at+"/position", form("direction", "up")).Has(t, 409, "Take it back first")
	c.Get(at).Has(t, 200, "It is retired", "Use it again")
	c.Post(at+"/reopening", form()).Leads(t, "/admin/standards")
	c.Get(at).Lacks(t, "It is retired")
	c.Get("/admin/audit?group=standard_follow_up").Has(t, 200, "moved the standard follow-up Call &lt;back&gt;", "place: 1 → 2", "took back into use the standard follow-up")
}

// The second of two who save is told what the first one saved; what was typed
// stays, and saving again puts it in its place.
func TestStandardChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Post("/admin/standards", form("name", "Call", "text", "Call."))
	at := fmt.Sprintf("/admin/standards/%d", standardID(t, s, "Call"))
	c.Get(at).Has(t, 200, `name="version" value="1"`)
	c.Post(at, form("name", "Call them", "text", "Call <them>.", "version", "1")).Leads(t, "/admin/standards")
	page := c.Post(at, form("name", "Ring", "text", "Ring {{ customer.name }}.", "version", "1"))
	page.Has(t, 409, "somebody else changed this standard follow-up", "It is now called Call them and reads:", "Call &lt;them&gt;.",
		`value="Ring"`, "Ring {{ customer.name }}.</textarea>", `name="version" value="2"`)
	c.Post(at, form("name", "Ring", "text", "Ring {{ customer.name }}.", "version", "2")).Leads(t, "/admin/standards")
	c.Get(at).Has(t, 200, `name="version" value="3"`, `value="Ring"`)
}

// A preview shows what was typed, unsaved, filled for the customer with the most
// overdue or for the one that is named.
func TestStandardPreview(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Admin)
	c.Post("/admin/standards", form("name", "Ask", "text", "Ask {{ customer.name }} for {{ overdue }}."))
	at := fmt.Sprintf("/admin/standards/%d", standardID(t, s, "Ask"))
	c.Get(at).Has(t, 200, "a made-up customer", "Ask Meridian Foods AS for EUR 14,820.50.")
	owing(t, s, acme, "C-71", 710_00)
	owing(t, s, acme, "C-72", 720_00)
	owing(t, s, beta, "C-99", 990_00)
	c.Get(at).Has(t, 200, "Ask Customer C-72 for EUR 720.00.")
	c.Get(at+"?customer=c-71").Has(t, 200, "Ask Customer C-71 for EUR 710.00.", `value="c-71"`)
	typed := "?name=Mine&version=7&customer=C-71&text="
	page := c.Get(at + typed + "Call+%7B%7B+customer.number+%7D%7D+%26+wait.")
	page.Has(t, 200, "Call C-71 &amp; wait.", `value="Mine"`, `name="version" value="7"`, "Call {{ customer.number }} &amp; wait.</textarea>")
	c.Get("/admin/standards/new"+typed+"New+%7B%7B+overdue+%7D%7D").Has(t, 200, "New EUR 710.00", `value="Mine"`)
	page = c.Get(at + typed + "%7B%25+include+%27x%27+%25%7D")
	page.Has(t, 422, "Line 1: there is no {% include %} here.")
	page.Lacks(t, "As it is filled for")
	page = c.Get(at + "?customer=C-99")
	page.Has(t, 422, "No customer fits this.")
	page.Lacks(t, "990.00")
	if n := count(t, s, `SELECT count(*) FROM standard_follow_ups WHERE name = 'Ask' AND version = 1`); n != 1 {
		t.Error("a preview was saved")
	}
}

// TestStandardRoles: managers read, collectors do not, and no button is offered to
// who may not press it.
// S1.32.
func TestStandardRoles(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	s.As(t, acme.Admin).Post("/admin/standards", form("name", "Ask", "text", "Ask {{ customer.name }}."))
	at := fmt.Sprintf("/admin/standards/%d", standardID(t, s, "Ask"))
	for _, path := range []string{"/admin/standards", at} {
		s.As(t, acme.Collector).Get(path).Has(t, 403, "Only managers and administrators")
		page := s.As(t, acme.Manager).Get(path + "?text=mine")
		page.Has(t, 200, "Ask {{ customer.name }}.")
		if _, main, _ := strings.Cut(page.Body, "<main"); strings.Contains(main, "<form") {
			t.Errorf("%s offers a manager a form", path)
		}
	}
	s.As(t, acme.Manager).Get("/admin/standards/new").Has(t, 403, "Only administrators")
	s.As(t, beta.Admin).Get("/admin/standards").Lacks(t, "Ask")
	s.As(t, beta.Admin).Get(at).Has(t, 404)
	for _, path := range []string{at, at + "/position", at + "/retirement", at + "/reopening"} {
		f := form("name", "Mine", "text", "Mine.", "version", "1", "direction", "up")
		s.As(t, acme.Manager).Post(path, f).Has(t, 403, "Only administrators")
		s.As(t, beta.Admin).Post(path, form("name", "Mine", "text", "Mine.", "version", "1")).Has(t, 404)
	}
}
