package session_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func count(t testing.TB, s *webtest.Site, sql string, args ...any) (n int) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t testing.TB, s *webtest.Site, sql string, args ...any) {
	t.Helper()
	if _, err := s.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func credentials(email, password string) url.Values {
	return url.Values{"email": {email}, "password": {password}, "next": {"/account"}}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.Nobody(t)
	c.Get("/account?x=1").Leads(t, "/sign-in?next=%2Faccount%3Fx%3D1")
	c.Get("/sign-in?next=%2Faccount%3Fx%3D1").Has(t, 200, `name="next" value="/account?x=1"`, "Forgotten password")

	wrong := c.Post("/sign-in", credentials(acme.Email(tenant.Manager), "not the password"))
	wrong.Has(t, 422, "The e-mail address or the password is wrong.", `value="manager@acme.example"`)
	wrong.Lacks(t, "not the password")
	unknown := c.Post("/sign-in", credentials("manager@nowhere.example", "not the password"))
	if unknown.Code != wrong.Code || strings.ReplaceAll(unknown.Body, "nowhere", "acme") != wrong.Body {
		t.Errorf("an unknown address is answered differently: %s", unknown.Body)
	}
	c.Get("/account").Leads(t, "/sign-in?next=%2Faccount")

	c.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Leads(t, "/account")
	c.Get("/account").Has(t, 200, "acme manager", "manager at Company acme")
	if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'session.signed_in' AND member_id = $1 AND data = '{"address": "127.0.0.1"}'`, acme.ManagerID); n != 1 {
		t.Errorf("%d sign-ins are recorded, want 1", n)
	}
}

func TestSignInRenewsTheSession(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.Nobody(t)
	before := c.Post("/forgotten", url.Values{"email": {"x@acme.example"}}).Header.Get("Set-Cookie")
	after := c.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Header.Get("Set-Cookie")
	if before == "" || after == "" || cookieValue(before) == cookieValue(after) {
		t.Errorf("the session of before the sign-in lives on: %q, %q", before, after)
	}
	if n := count(t, s, `SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions are stored, want the new one", n)
	}
	// Signing in over a sign-in ends the first.
	c.Post("/sign-in", credentials(acme.Email(tenant.Admin), dbtest.Password)).Leads(t, "/account")
	if n := count(t, s, `SELECT count(*) FROM sign_ins WHERE browser <> '' AND ended_at IS NOT NULL`); n != 1 {
		t.Errorf("%d sign-ins have ended, want the first", n)
	}
}

func cookieValue(header string) string {
	v, _, _ := strings.Cut(header, ";")
	return v
}

func TestNextStaysOnThisSite(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	for next, want := range map[string]string{
		"/customers/7?tab=notes#x": "/customers/7?tab=notes#x",
		"":                         "/",
		"customers":                "/",
		"https://evil.example/":    "/",
		"//evil.example/":          "/",
		"/\\evil.example":          "/",
		"/\t/evil.example":         "/",
		"javascript:alert(1)":      "/",
		"/%zz":                     "/",
	} {
		f := credentials(acme.Email(tenant.Collector), dbtest.Password)
		f.Set("next", next)
		if got := s.Nobody(t).Post("/sign-in", f); got.Code != 303 || got.Location != want {
			t.Errorf("next %q leads to %d %q, want %q", next, got.Code, got.Location, want)
		}
	}
}

func TestTooManyAttempts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO sign_in_attempts (email, address, ok) SELECT $1, '127.0.0.1', false FROM generate_series(1, 5)`, acme.Email(tenant.Manager))
	p := s.Nobody(t).Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password))
	p.Has(t, http.StatusTooManyRequests, "There were too many attempts. Try again in 15 minutes.")
	if p.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.Nobody(t).Post("/sign-in", credentials(acme.Email(tenant.Admin), dbtest.Password)).Leads(t, "/account")
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c, copied := s.As(t, acme.Manager), s.As(t, acme.Manager) // the same sign-in in two sessions
	c.Post("/sign-out", nil).Leads(t, "/sign-in")
	c.Get("/sign-in").Has(t, 200, "You are signed out.")
	c.Get("/account").Leads(t, "/sign-in?next=%2Faccount")
	copied.Get("/account").Leads(t, "/sign-in?next=%2Faccount")
	copied.Post("/account", url.Values{"name": {"X"}}).Has(t, 401, "You are signed out")
	c.Post("/sign-out", nil).Leads(t, "/sign-in")
	s.Nobody(t).Post("/sign-out", nil).Leads(t, "/sign-in")
	if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'session.signed_out' AND member_id = $1`, acme.ManagerID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	here, there := s.As(t, acme.Manager), s.Nobody(t)
	there.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Leads(t, "/account")
	here.Post("/sign-out-everywhere", nil).Leads(t, "/sign-in")
	here.Get("/sign-in").Has(t, 200, "You are signed out on every device.")
	for _, c := range []*webtest.Client{here, there} {
		c.Get("/account").Leads(t, "/sign-in?next=%2Faccount")
	}
	s.As(t, acme.Admin).Get("/account").Has(t, 200, "acme admin")
}

func TestTheme(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.Nobody(t)
	for _, step := range []struct{ theme, want string }{
		{"dark", `data-bs-theme="dark"`}, {"light", `data-bs-theme="light"`}, {"<script>", `<html lang="en">`},
	} {
		c.Post("/theme", url.Values{"theme": {step.theme}, "back": {"/sign-in"}}).Leads(t, "/sign-in")
		c.Get("/sign-in").Has(t, 200, step.want)
	}
	c.Post("/theme", url.Values{"theme": {"dark"}, "back": {"https://evil.example"}}).Leads(t, "/")
}
