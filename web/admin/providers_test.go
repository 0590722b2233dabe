package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/provider/twiliotest"
	"dunwell/web/webtest"
)

// The provider is set up on the screen, its token is never shown again, and a test
// goes to the administrator's own number.
func TestProvider(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	server := twiliotest.New(t)
	s.Outbox.Provider.URL = server.URL
	s.StartJobs(t)
	a, m := s.As(t, c.Admin), s.As(t, c.Manager)
	form := func(version string, changed ...string) url.Values {
		f := url.Values{"account_sid": {twiliotest.SID}, "token": {twiliotest.Token}, "sms_from": {"+47 22 41 09 01"}, "call_from": {""},
			"part_price": {"0.079"}, "part_currency": {"EUR"}, "version": {version}, "seen_sms_from": {""}}
		for i := 0; i < len(changed); i += 2 {
			f.Set(changed[i], changed[i+1])
		}
		return f
	}
	a.Get("/admin/providers").Has(t, http.StatusOK, "Telephone and SMS", `name="token" type="password" autocomplete="new-password"`, "Mailbox")
	bad := a.Post("/admin/providers/telephone", form("0", "account_sid", "AC12", "call_from", "22 41"))
	bad.Has(t, http.StatusUnprocessableEntity, "AC and 32 letters and digits", "Give the number with + and its country code", `value="AC12"`, `value="22 41"`)
	bad.Lacks(t, twiliotest.Token)
	a.Post("/admin/providers/telephone", form("0")).Leads(t, "/admin/providers")
	page := a.Get("/admin/providers")
	page.Has(t, http.StatusOK, "The provider is set up.", "One is kept. Empty: it stays.", `value="+4722410901"`, s.URL+"/hooks/twilio/sms/", "reaches https addresses on the internet only", "Send me a test")
	page.Lacks(t, twiliotest.Token)
	a.Post("/admin/providers/telephone", form("0", "part_price", "0.05")).Has(t, http.StatusConflict, "the provider was changed while you were writing")
	a.Post("/admin/providers/telephone/test", url.Values{"number": {"22 41"}}).Has(t, http.StatusUnprocessableEntity, "Give your own number with +", `value="22 41"`)
	a.Post("/admin/providers/telephone/test", url.Values{"number": {"+47 906 11 204"}}).Leads(t, "/admin/providers")
	if q := server.Wait(t, 1)[0]; q.Form.Get("To") != "+4790611204" || q.Say(t, "delivered", "") != http.StatusOK {
		t.Errorf("the test was handed over as %v", q.Form)
	}
	a.Get("/admin/providers").Has(t, http.StatusOK, "The test is on its way.", `href="/outbox/1"`)
	a.Get("/outbox/1").Has(t, http.StatusOK, "this is a test from Dunwell", "Delivered", "SMS to")

	page = m.Get("/admin/providers")
	page.Has(t, http.StatusOK, twiliotest.SID, "EUR 0.079")
	page.Lacks(t, "Save the provider", "/hooks/twilio/", "Send me a test")
	for _, path := range []string{"telephone", "telephone/removal", "telephone/test", "mailbox", "mailbox/removal", "mailbox/test"} {
		m.Post("/admin/providers/"+path, form("1")).Has(t, http.StatusForbidden)
		s.Nobody(t).Post("/admin/providers/"+path, form("1")).Has(t, http.StatusUnauthorized)
	}
	a.Post("/admin/providers/telephone/removal", url.Values{"version": {"1"}}).Leads(t, "/admin/providers")
	a.Get("/admin/providers").Lacks(t, "Send me a test", "Remove the provider")
	a.Get("/admin/audit?group=providers").Has(t, http.StatusOK, "changed the provider of SMS and calls", "had a test SMS sent")
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	a := s.As(t, c.Admin)
	form := func(version string, changed ...string) url.Values {
		f := url.Values{"host": {"127.0.0.1"}, "port": {"1"}, "security": {"none"}, "username": {"post@acme.example"}, "password": {"geheim"}, "folder": {"INBOX"}, "version": {version}}
		for i := 0; i < len(changed); i += 2 {
			f.Set(changed[i], changed[i+1])
		}
		return f
	}
	bad := a.Post("/admin/providers/mailbox", form("0", "host", "imap.acme.example", "port", "many"))
	bad.Has(t, http.StatusUnprocessableEntity, "Give the port: 993 as a rule", "Without encryption the password could be read on its way", `value="many"`)
	bad.Lacks(t, "geheim")
	a.Post("/admin/providers/mailbox/test", url.Values{}).Has(t, http.StatusConflict, "No mailbox is set up")
	a.Post("/admin/providers/mailbox", form("0")).Leads(t, "/admin/providers")
	page := a.Get("/admin/providers")
	page.Has(t, http.StatusOK, "The mailbox is set up.", "not read yet", `value="post@acme.example"`)
	page.Lacks(t, "geheim")
	a.Post("/admin/providers/mailbox/test", url.Values{}).Leads(t, "/admin/providers")
	a.Get("/admin/providers").Has(t, http.StatusOK, "The mail server 127.0.0.1 cannot be reached")
	a.Post("/admin/providers/mailbox", form("0", "folder", "Other")).Has(t, http.StatusConflict, "the mailbox was changed while you were writing")
	a.Post("/admin/providers/mailbox/removal", url.Values{"version": {"1"}}).Leads(t, "/admin/providers")
	a.Get("/admin/audit").Has(t, http.StatusOK, "changed the mailbox")
}

// Without a key nothing can be kept, and the screen says who helps.
func TestNoKey(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	s.Outbox.Secrets = nil
	a := s.As(t, c.Admin)
	a.Get("/admin/providers").Has(t, http.StatusOK, "This installation has no key to keep passwords with")
	page := a.Post("/admin/providers/telephone", url.Values{"account_sid": {twiliotest.SID}, "token": {twiliotest.Token}, "sms_from": {"+4722410901"}, "version": {"0"}})
	page.Has(t, http.StatusUnprocessableEntity, "Whoever runs it sets DUNWELL_KEY to 32 random bytes in base64", `value="+4722410901"`)
	if strings.Contains(page.Body, twiliotest.Token) {
		t.Error("the token is shown")
	}
}
