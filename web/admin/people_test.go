package admin_test

import (
	"fmt"
	"net/url"
	"regexp"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

var linkInPage = regexp.MustCompile(`value="http://[^"/]+(/links/[A-Za-z0-9_-]{43})"`)

// linkOf is the path of the one-time link that the page shows.
func linkOf(t testing.TB, p webtest.Page) string {
	t.Helper()
	m := linkInPage.FindStringSubmatch(p.Body)
	if p.Code != 200 || m == nil {
		t.Fatalf("status %d, no link: %.2000s", p.Code, p.Body)
	}
	return m[1]
}

func personPath(id int64) string { return fmt.Sprintf("/admin/people/%d", id) }

func TestInvite(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO branches (tenant_id, name, retired_at) VALUES ($1, 'North', NULL), ($1, 'South', now())`, acme.ID)
	c := s.As(t, acme.Admin)
	page := c.Get("/admin/people/new")
	page.Has(t, 200, "Invite somebody", ">North</option>")
	page.Lacks(t, "South")
	north := fmt.Sprint(count(t, s, `SELECT id FROM branches WHERE name = 'North'`))
	south := fmt.Sprint(count(t, s, `SELECT id FROM branches WHERE name = 'South'`))
	good := form("email", "new@acme.example", "name", "New <Person>", "role", "manager", "branch_id", north)

	for field, bad := range map[string]struct{ value, message string }{
		"email":         {"no address", "Give an e-mail address"},
		"name":          {"", "Give a name."},
		"role":          {"king", "Choose a role."},
		"branch_id":     {south, "Choose a branch from the list."},
		"department_id": {"x", "Choose a department from the list."},
	} {
		f := form()
		for k, v := range good {
			f[k] = v
		}
		f.Set(field, bad.value)
		c.Post("/admin/people", f).Has(t, 422, bad.message, "Invite somebody", ">North</option>")
	}
	page = c.Post("/admin/people", good)
	page.Has(t, 200, "Copy this link now", "New &lt;Person&gt;", "for seven days")
	c.Post("/admin/people", good).Has(t, 409, "This form was already used.")
	c.Get("/admin/people").Has(t, 200, "new@acme.example", "no password yet", "New &lt;Person&gt;")

	guest := s.Nobody(t)
	guest.Post(linkOf(t, page), url.Values{"password": {"my first password"}, "again": {"my first password"}}).Leads(t, "/sign-in")
	guest.Post("/sign-in", url.Values{"email": {"new@acme.example"}, "password": {"my first password"}, "next": {"/admin"}}).Leads(t, "/admin")
	guest.Get("/admin").Has(t, 200, "New &lt;Person&gt;")
	c.Post("/admin/people", form("email", "new@acme.example", "name", "X", "role", "collector")).Has(t, 422, "in your list of people already")
}

func TestInviteSomebodyKnown(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Admin)
	page := c.Post("/admin/people", form("email", beta.Email(tenant.Collector), "name", "X", "role", "collector"))
	page.Leads(t, personPath(int64(count(t, s, `SELECT max(id) FROM members WHERE tenant_id = $1`, acme.ID))))
	c.Get(page.Location).Has(t, 200, "beta collector had an account already", "dunwell user link collector@beta.example")
	c.Post(page.Location+"/link", form()).Has(t, 403, "only the operator of this installation")
}

func TestPerson(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c, path := s.As(t, acme.Admin), personPath(acme.CollectorID)
	exec(t, s, `INSERT INTO customers (tenant_id, number, name, kind, owner_id) VALUES ($1, 'K-1', 'One', 'business', $2)`, acme.ID, acme.CollectorID)
	c.Get(path).Has(t, 200, "acme collector", "1 customer", `name="version" value="1"`, `<option value="collector" selected>`)
	c.Post(path, form("role", "king", "version", "1")).Has(t, 422, "Choose a role.")
	c.Post(path, form("role", "manager", "version", "2147483648")).Has(t, 409, "Somebody else changed acme collector")
	c.Post(path, form("role", "manager", "version", "1")).Leads(t, path)
	s.As(t, acme.Collector).Get("/admin").Has(t, 200)
	c.Get(path).Has(t, 200, "Saved.", `name="version" value="2"`)
	c.Post(path, form("role", "collector", "version", "1")).Has(t, 409, "Somebody else changed acme collector meanwhile: now manager.")
	c.Post(path, form("role", "collector", "seen_role", "collector", "phone", "+47 22 00 00 00", "seen_phone", "", "version", "1")).Has(t, 409,
		"Not saved yet: acme collector was changed while you were writing.", "Changed meanwhile from “Collector: works customers”, and taken over.",
		`<option value="manager" selected>`, `value="+47 22 00 00 00"`, `name="version" value="2"`)

	own := personPath(acme.AdminID)
	c.Post(own, form("role", "manager", "version", "1")).Has(t, 422, "acme admin is the last administrator", `<option value="manager" selected>`)
	c.Post(own+"/deactivation", form("version", "1")).Has(t, 409, "the last administrator and cannot leave", `role="alert"`, "End the membership")
	exec(t, s, `UPDATE members SET role = 'admin' WHERE id = $1`, acme.ManagerID)
	c.Post(own, form("role", "manager", "version", "1", "phone", "+47 22 00 00 01")).Has(t, 422, "You would take your own rights", `value="+47 22 00 00 01"`)
	c.Post(own, form("role", "admin", "version", "1", "phone", "+47 22 00 00 01")).Leads(t, own)
	s.As(t, acme.Manager).Post(own, form("role", "manager", "version", "2")).Leads(t, own)
	exec(t, s, `UPDATE members SET role = 'admin' WHERE id = $1`, acme.AdminID)
	for _, path := range []string{personPath(beta.CollectorID), "/admin/people/0", "/admin/people/none"} {
		c.Get(path).Has(t, 404)
		for _, noun := range []string{"", "/link", "/deactivation", "/reactivation"} {
			c.Post(path+noun, form("role", "admin", "version", "1")).Has(t, 404)
		}
	}
}

func TestEndMembership(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c, path := s.As(t, acme.Admin), personPath(acme.CollectorID)
	them := s.As(t, acme.Collector)
	them.Get("/account").Has(t, 200)
	f := form("version", "1")
	c.Post(path+"/deactivation", f).Leads(t, path)
	c.Post(path+"/deactivation", f).Leads(t, path) // sent twice
	them.Get("/account").Has(t, 403, "You no longer work in this company")
	c.Get(path).Has(t, 200, "no longer here", "Let in again")
	c.Post(path+"/link", form()).Has(t, 409, "no longer works here")
	c.Post(path, form("role", "manager", "version", "2")).Has(t, 409, "no longer works here")
	c.Post(path+"/reactivation", form("version", "1")).Has(t, 409, "Somebody else changed acme collector meanwhile: now collector, no longer working here. It was acme admin on "+lastChange(t, s)+". Nothing of yours was saved",
		`role="alert"`, "Let in again", `name="version" value="2"`)
	c.Post(path+"/reactivation", form("version", "2")).Leads(t, path)
	s.As(t, acme.Collector).Get("/account").Has(t, 200, "acme collector")
	exec(t, s, `UPDATE members SET version = 4 WHERE id = $1`, acme.ManagerID) // by nobody who is on record
	c.Post(personPath(acme.ManagerID)+"/deactivation", form("version", "3")).Has(t, 409, "Somebody else changed acme manager meanwhile: now manager. Nothing of yours was saved")
	c.Post(path+"/deactivation", form("version", "2", "rule", "people", "note", "Typed")).Has(t, 409, "Somebody else changed acme collector meanwhile: now collector. It was acme admin on "+lastChange(t, s),
		"End the membership", `name="version" value="3"`)
}

// lastChange is when a membership was changed last, as the page says it in Oslo.
func lastChange(t *testing.T, s *webtest.Site) (at string) {
	t.Helper()
	err := s.Owner(t).QueryRow(t.Context(), `SELECT to_char(max(at) AT TIME ZONE 'Europe/Oslo', 'Dy FMDD Mon, HH24:MI') FROM audit_events WHERE kind LIKE 'people.%activated'`).Scan(&at)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLinkForWhoForgot(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c, path := s.As(t, acme.Admin), personPath(acme.ManagerID)
	s.Nobody(t).Post("/forgotten", url.Values{"email": {acme.Email(tenant.Manager)}}).Leads(t, "/sign-in")
	c.Get("/admin/people").Has(t, 200, "forgot the password")
	c.Get(path).Has(t, 200, "asked for a link")
	f := form()
	page := c.Post(path+"/link", f)
	page.Has(t, 200, "for one hour")
	c.Post(path+"/link", f).Has(t, 409, "This form was already used.")
	c.Get("/admin/people").Lacks(t, "forgot the password")
	s.Nobody(t).Get(linkOf(t, page)).Has(t, 200, acme.Email(tenant.Manager))
	second := c.Post(path+"/link", form())
	s.Nobody(t).Get(linkOf(t, page)).Has(t, 404, "This link no longer works")
	s.Nobody(t).Get(linkOf(t, second)).Has(t, 200)
	if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'people.link_made' AND member_id = $1 AND subject_id = $2`, acme.AdminID, acme.ManagerID); n != 2 {
		t.Errorf("%d audit events, want 2", n)
	}
}

// Who comes to see less than a person whom they cover is named as that is saved, and
// among the absences.
func TestACoverWhoMoves(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, acme.ID)
	exec(t, s, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-03-16', '2026-03-20')`, acme.ID, acme.ManagerID, acme.CollectorID)
	c, at := s.As(t, acme.Admin), personPath(acme.CollectorID)
	north := fmt.Sprint(count(t, s, `SELECT id FROM branches`))
	const said = "acme collector covers acme manager until Fri 20 Mar 2026, and does not see all that acme manager sees any more: choose another cover."
	c.Post(at, form("role", "collector", "version", "1", "branch_id", "")).Leads(t, at)
	c.Get(at).Lacks(t, "covers acme manager")
	c.Get("/absences").Lacks(t, "does not see all that")
	exec(t, s, `UPDATE tenants SET branch_limited = true WHERE id = $1`, acme.ID)
	c.Post(at, form("role", "collector", "version", "2", "branch_id", north)).Leads(t, at)
	c.Get(at).Has(t, 200, said, `href="/absences"`)
	c.Get("/absences").Has(t, 200, "does not see all that acme manager sees")
	c.Post(at, form("role", "manager", "version", "3", "branch_id", north)).Leads(t, at)
	c.Get(at).Lacks(t, "covers acme manager")
	c.Get("/absences").Lacks(t, "does not see all that")
}
