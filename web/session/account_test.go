package session_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestRename(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Collector)
	long := strings.Repeat("n", 121)
	c.Post("/account", url.Values{"name": {long}}).Has(t, 422, "Use at most 120 characters.", long)
	c.Post("/account", url.Values{"name": {"Å\u202ese"}}).Has(t, 422, `id="field-name-error"`, "U+202E")
	c.Post("/account", url.Values{"name": {"<b>Åse</b>"}}).Leads(t, "/account")
	c.Get("/account").Has(t, 200, "Your name is saved.", "&lt;b&gt;Åse&lt;/b&gt;")
}

func passwords(old, new, again string) url.Values {
	return url.Values{"old": {old}, "password": {new}, "again": {again}}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	here, there := s.As(t, acme.Manager), s.Nobody(t)
	there.Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Leads(t, "/account")
	here.Get("/account/password").Has(t, 200, "At least 12 characters.")
	here.Post("/account/password", passwords(dbtest.Password, "my new password", "my own password")).Has(t, 422, "This is not the same as above.")
	here.Post("/account/password", passwords(dbtest.Password, "short", "short")).Has(t, 422, "Use at least 12 characters.")
	refused := here.Post("/account/password", passwords("not the old one", "my new password", "my new password"))
	refused.Has(t, 422, "This is not your password of now.")
	refused.Lacks(t, "not the old one", "my new password")
	there.Get("/account").Has(t, 200)

	here.Post("/account/password", passwords(dbtest.Password, "my new password", "my new password")).Leads(t, "/account")
	here.Get("/account").Has(t, 200, "Your password is changed. Everywhere else you are signed out.")
	there.Get("/account").Leads(t, "/sign-in?next=%2Faccount")
	s.Nobody(t).Post("/sign-in", credentials(acme.Email(tenant.Manager), dbtest.Password)).Has(t, 422)
	s.Nobody(t).Post("/sign-in", credentials(acme.Email(tenant.Manager), "my new password")).Leads(t, "/account")

	exec(t, s, `INSERT INTO sign_in_attempts (email, address, ok) SELECT $1, '127.0.0.1', false FROM generate_series(1, 5)`, acme.Email(tenant.Manager))
	here.Post("/account/password", passwords("my new password", "a third password", "a third password")).Has(t, http.StatusTooManyRequests, "Try again in 15 minutes.")
}

func TestForgotten(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	const answer = "If this address belongs to an account, your company&#39;s administrators now see that you asked"
	s.Nobody(t).Get("/forgotten").Has(t, 200, "Forgotten password")
	for _, email := range []string{acme.Email(tenant.Collector), "nobody@acme.example", "", strings.Repeat("x", 500)} {
		c := s.Nobody(t)
		c.Post("/forgotten", url.Values{"email": {email}}).Leads(t, "/sign-in")
		c.Get("/sign-in").Has(t, 200, answer, "No e-mail is sent.")
	}
	if n := count(t, s, `SELECT count(*) FROM users WHERE reset_asked_at IS NOT NULL AND email = $1`, acme.Email(tenant.Collector)); n != 1 {
		t.Error("the administrators do not see who asked")
	}
	c := s.Nobody(t)
	c.Post("/forgotten", url.Values{"email": {"fifth@acme.example"}}).Leads(t, "/sign-in")
	c.Post("/forgotten", url.Values{"email": {"sixth@acme.example"}}).Has(t, http.StatusTooManyRequests, "Try again in 15 minutes.", "sixth@acme.example")
}

func makeLink(t testing.TB, s *webtest.Site, who tenant.Who, id int64) (path string) {
	t.Helper()
	err := s.Write(t.Context(), who, func(tx *tenant.Tx) error {
		token, err := member.MakeLink(t.Context(), tx, id)
		path = member.LinkPath(token)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLink(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	link := makeLink(t, s, acme.Admin, acme.CollectorID)
	c := s.Nobody(t)
	page := c.Get(link)
	page.Has(t, 200, "collector@acme.example", "Set password")
	if page.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the link could leak to another site")
	}
	c.Post(link, passwords("", "my new password", "my own password")).Has(t, 422, "This is not the same as above.", "collector@acme.example")
	c.Post(link, passwords("", "too short", "too short")).Has(t, 422, "Use at least 12 characters.")
	c.Post(link, passwords("", "my new password", "my new password")).Leads(t, "/sign-in")
	c.Get("/sign-in").Has(t, 200, "Your password is set. Sign in with it.")
	c.Post("/sign-in", credentials(acme.Email(tenant.Collector), "my new password")).Leads(t, "/account")
	if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'password.set_by_link' AND subject_id = $1`, acme.CollectorID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
	for _, gone := range []string{link, "/links/never-was"} {
		c.Get(gone).Has(t, 404, "This link no longer works")
		c.Post(gone, passwords("", "another password", "another password")).Has(t, 404, "This link no longer works")
	}
}

// With a mail server the link goes to the address, and the page says the same
// whether it belongs to anybody.
func TestForgottenByMail(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	sink := s.MailServer(t)
	s.StartJobs(t)
	c := s.Nobody(t)
	c.Get("/forgotten").Has(t, 200, "You get an e-mail with a link")
	var said []string
	for _, email := range []string{"nobody@acme.example", acme.Email(tenant.Collector)} {
		c.Post("/forgotten", url.Values{"email": {email}}).Leads(t, "/sign-in")
		page := c.Get("/sign-in")
		page.Has(t, 200, "an e-mail with a link is on its way to it")
		said = append(said, page.Body)
	}
	if said[0] != said[1] {
		t.Error("the page tells which address belongs to somebody")
	}
	got := sink.Wait(t, 1)[0]
	_, body := got.Text(t)
	link := regexp.MustCompile(`/links/[\w-]+`).FindString(body)
	if got.To != acme.Email(tenant.Collector) || link == "" {
		t.Fatalf("to %s: %s", got.To, body)
	}
	s.Nobody(t).Get(link).Has(t, 200, "Set a new password", acme.Email(tenant.Collector))
}
