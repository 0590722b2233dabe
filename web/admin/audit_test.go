package admin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Admin)
	c.Get("/admin/audit").Has(t, 200, "Nothing is recorded")
	c.Post(personPath(acme.CollectorID), form("role", "manager", "version", "1")).Leads(t, personPath(acme.CollectorID))
	c.Post("/admin/departments", form("name", "<Field>")).Leads(t, "/admin/departments")
	s.As(t, acme.Manager).Post("/admin/branches", form("name", "North")).Has(t, 403)
	s.As(t, beta.Admin).Post("/admin/branches", form("name", "Beta's own")).Leads(t, "/admin/branches")
	exec(t, s, `INSERT INTO audit_events (tenant_id, kind, data) VALUES ($1, 'import.was_applied', '{"rows": 1200000, "ok": true, "list": [1, {"by_hand": "x"}], "left": {}}')`, acme.ID)

	page := s.As(t, acme.Manager).Get("/admin/audit")
	page.Has(t, 200, "changed what this person may do: acme collector", "role: collector → manager",
		"added a department", "name: &lt;Field&gt;", "was refused", "path: /admin/branches",
		"Dunwell itself", "import: was applied", "rows: 1200000", "ok: yes", "list: 1; by hand x", "left: none")
	page.Lacks(t, "Beta", "active: ")
	for query, want := range map[string]string{
		"group=people": "role: collector → manager",
		"group=department&member=" + fmt.Sprint(acme.AdminID): "name: &lt;Field&gt;",
		"member=" + fmt.Sprint(acme.ManagerID):                "was refused",
	} {
		page := c.Get("/admin/audit?" + query)
		page.Has(t, 200, want)
		if n := strings.Count(page.Body, "<tr>") - 1; n != 1 {
			t.Errorf("%s shows %d events, want 1", query, n)
		}
	}
	c.Get("/admin/audit?member="+fmt.Sprint(beta.AdminID)).Has(t, 200, "Nothing is recorded")
	for _, beyond := range []string{"before=2147483648", "member=2147483648"} { // what a large company's ids grow to
		c.Get("/admin/audit?"+beyond).Has(t, 200, "Audit")
	}
	c.Get("/admin/audit?to=2026-02-30").Has(t, 422, "Give a day such as", `value="2026-02-30"`)
	exec(t, s, `INSERT INTO audit_events (tenant_id, kind, data) VALUES ($1, 'people.handed_over', '{}')`, acme.ID)
	c.Get("/admin/audit").Has(t, 200, "handed over the work of everybody who has left")
	c.Get("/admin/audit?from=2001-01-01&to=2001-01-02").Has(t, 200, "Nothing is recorded")
}

var nextPage = regexp.MustCompile(`href="(/admin/audit\?[^"]*before=[^"]*)" rel="next"`)

func TestAuditByPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO audit_events (tenant_id, kind) SELECT $1, 'test.number' FROM generate_series(1, $2::int)`, acme.ID, tenant.EventPage+3)
	c := s.As(t, acme.Admin)
	first := c.Get("/admin/audit?group=test")
	m := nextPage.FindStringSubmatch(first.Body)
	if m == nil || !strings.Contains(m[1], "group=test") {
		t.Fatalf("no next page: %v", m)
	}
	last := c.Get(strings.ReplaceAll(m[1], "&amp;", "&"))
	last.Has(t, 200, `href="/admin/audit?group=test"`)
	if n := strings.Count(last.Body, "test: number"); n != 3 || nextPage.MatchString(last.Body) {
		t.Errorf("the last page has %d events, want 3", n)
	}
}
