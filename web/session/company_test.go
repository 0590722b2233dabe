package session_test

import (
	"fmt"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// join lets acme's manager work in the other company too.
func join(t testing.TB, s *webtest.Site, c *dbtest.Company, email string) {
	t.Helper()
	exec(t, s, `INSERT INTO members (tenant_id, user_id, role) SELECT $1, id, 'collector' FROM users WHERE email = $2`, c.ID, email)
}

func choice(c *dbtest.Company) url.Values {
	return url.Values{"tenant_id": {fmt.Sprint(c.ID)}, "next": {"/account"}}
}

func TestSwitchCompany(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta, gamma := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta"), dbtest.Tenant(t, s.Database, "gamma")
	join(t, s, beta, acme.Email(tenant.Manager))
	c := s.Nobody(t)
	c.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Leads(t, "/companies?next=%2Faccount")
	c.Get("/account").Leads(t, "/companies")
	list := c.Get("/companies?next=%2Faccount")
	list.Has(t, 200, "Company acme", "Company beta", `name="next" value="/account"`)
	list.Lacks(t, "gamma", "you are here")

	c.Post("/session/tenant", choice(gamma)).Has(t, 404)
	c.Post("/session/tenant", url.Values{"tenant_id": {"x"}}).Has(t, 404)
	c.Post("/session/tenant", choice(beta)).Leads(t, "/account")
	c.Get("/account").Has(t, 200, "collector at Company beta")
	c.Get("/companies").Has(t, 200, "collector, you are here")
	c.Post("/session/tenant", choice(acme)).Leads(t, "/account")
	c.Get("/account").Has(t, 200, "manager at Company acme")
	for _, company := range []*dbtest.Company{acme, beta} {
		if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'session.signed_in' AND tenant_id = $1`, company.ID); n != 1 {
			t.Errorf("%d events in %s, want 1", n, company.Slug)
		}
	}
}

// Who works in several companies is offered the other ones, and who no longer does
// is not: that is looked up at the door and then once a minute.
func TestSwitchIsOffered(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	join(t, s, beta, acme.Email(tenant.Manager))
	c := s.Nobody(t)
	c.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Leads(t, "/companies?next=%2Faccount")
	c.Post("/session/tenant", choice(acme)).Leads(t, "/account")
	c.Get("/account").Has(t, 200, "Switch company")
	exec(t, s, `UPDATE members SET active = false WHERE tenant_id = $1 AND user_id = (SELECT id FROM users WHERE email = $2)`, beta.ID, acme.Email(tenant.Manager))
	c.Get("/account").Has(t, 200, "Switch company")
	exec(t, s, `UPDATE sign_ins SET last_seen_at = now() - interval '61 seconds'`)
	c.Get("/account")
	c.Get("/account").Lacks(t, "Switch company")
}

func TestCompaniesAreForWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c, ended := s.Nobody(t), s.As(t, acme.Manager)
	exec(t, s, `UPDATE sign_ins SET ended_at = now() WHERE id = $1`, acme.Manager.SignInID)
	for _, c := range []*webtest.Client{c, ended} {
		c.Get("/companies").Leads(t, "/sign-in?next=%2Fcompanies")
		c.Post("/session/tenant", choice(acme)).Has(t, 401, "You are signed out")
	}
}

func TestWhoWasRemoved(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Collector)
	c.Get("/account").Has(t, 200, "acme collector")
	exec(t, s, `UPDATE members SET active = false WHERE id = $1`, acme.CollectorID)
	c.Get("/account").Has(t, 403, "You no longer work in this company")
	c.Get("/account").Leads(t, "/companies")
	c.Get("/companies").Has(t, 200, "You work in no company at present", "Sign out")
	c.Post("/session/tenant", choice(acme)).Has(t, 404)
	s.Nobody(t).Post("/sign-in", credentials(acme.Email(tenant.Collector), dbtest.Password)).Has(t, 422, "You work in no company at present.")
}
