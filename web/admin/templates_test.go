package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	owing(t, s, acme, "C-7", 123_456)
	c := s.As(t, acme.Admin)
	c.Get("/admin/templates").Has(t, 200, "None yet.", `href="/admin/templates/new"`)
	c.Get("/admin/templates/new").Has(t, 200, "New template", "German", "{{ item.number }}", "{{ sender.bank }}")

	good := form("name", "First <reminder>", "channel", "email", "demands", "on", "version", "0",
		"subject_en", "Reminder {{ customer.number }}", "body_en", "You owe {{ overdue }}.", "subject_fr", "Rappel", "body_fr", "Vous devez {{ overdue }}.")
	c.Post("/admin/templates", good).Leads(t, "/admin/templates")
	c.Post("/admin/templates", good).Leads(t, "/admin/templates") // sent twice
	page := c.Get("/admin/templates")
	page.Has(t, 200, "First &lt;reminder&gt;", "Czech, Danish, German", "in use")
	id := count(t, s, `SELECT id FROM templates`)
	at := fmt.Sprintf("/admin/templates/%d", id)
	c.Get(at).Has(t, 200, "missing", "You owe {{ overdue }}.</textarea>", `value="Rappel"`)

	typed := form("name", "First", "demands", "on", "version", "1", "language", "fr", "customer", "c-7", "subject_fr", "Rappel", "body_fr", "Bonjour, {{ overdue }} & {{ today }}", "form_id", "")
	c.Post(at+"/preview", typed).Has(t, 200, "In French, as it is filled for", "Customer C-7", "Bonjour, 1\u00a0234,56\u00a0EUR &amp; 16/03/2026</p>", "{{ today }}</textarea>")
	typed.Set("customer", "nobody")
	c.Post(at+"/preview", typed).Has(t, 422, "No customer fits this.")
	typed.Set("customer", "")
	typed.Set("language", "de")
	c.Post(at+"/preview", typed).Has(t, 422, "There is no text in this language yet.")
	typed.Set("body_de", "a\n{% for i in (1..9999999) %}x{% endfor %}")
	c.Post(at+"/preview", typed).Has(t, 422, "Line 2: a loop is written")
	c.Post("/admin/templates/preview", form("channel", "sms", "language", "en", "body_en", "Hello {{ customer.name }}")).Has(t, 200, "Hello Customer C-7")

	c.Post(at, form("name", "", "version", "1", "body_en", "{{ nobody }}")).Has(t, 422, "Give it a name", "there is no variable nobody", "Give a subject")
	c.Post(at, form("name", "First", "version", "1", "subject_en", "Reminder", "body_en", "Theirs.")).Leads(t, "/admin/templates")
	page = c.Post(at, form("name", "Mine", "version", "1", "subject_en", "Reminder", "body_en", "Mine."))
	page.Has(t, 409, "somebody else changed this template", "Theirs.", "Mine.</textarea>", `name="version" value="2"`)
	c.Post(at, form("name", "Mine", "version", "2", "subject_en", "Reminder", "body_en", "Mine.")).Leads(t, "/admin/templates")

	c.Post(at+"/retirement", form()).Leads(t, "/admin/templates")
	c.Get(at).Has(t, 200, "It is retired", "Use it again")
	c.Post(at+"/reopening", form()).Leads(t, "/admin/templates")
	c.Get("/admin/audit?group=template").Has(t, 200, "added the template Mine", "changed the template Mine", "Theirs. → Mine.", "retired the template Mine", "took back into use the template Mine")

	m := s.As(t, acme.Manager)
	page = m.Get(at)
	page.Has(t, 200, "Mine.", "Czech, Danish, German, French")
	page.Lacks(t, "</textarea>", "Retire")
	m.Get(at+"?language=en&customer=C-7").Has(t, 200, "as it is filled for", "Mine.</p>")
	m.Get("/admin/templates/new").Has(t, 403)
	m.Post(at, form("name", "x")).Has(t, 403)
	s.As(t, acme.Collector).Get("/admin/templates").Has(t, 403)
}

// With a mail server an invitation and a link go out by e-mail, and no page shows
// the link.
func TestLinkByMail(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	member := fmt.Sprintf("/admin/people/%d", acme.ManagerID)
	c.Get(member).Lacks(t, "/link/email")
	c.Post(member+"/link/email", form()).Has(t, 409, "No mail server is set up")
	sink := s.MailServer(t)
	s.StartJobs(t)
	c.Get(member).Has(t, 200, "Send a link", acme.Email(tenant.Manager))
	c.Post(member+"/link/email", form()).Leads(t, member)
	page := c.Post("/admin/people", form("email", "new@acme.example", "name", "New One", "role", "collector"))
	if page.Code != 303 {
		t.Fatalf("invited: %d %s", page.Code, page.Body)
	}
	c.Get(page.Location).Has(t, 200, "An e-mail with a link to set the password is on its way to New One.")
	to := map[string]bool{}
	for _, m := range sink.Wait(t, 2) {
		to[m.To] = true
	}
	if !to["new@acme.example"] || !to[acme.Email(tenant.Manager)] {
		t.Errorf("links went to %v", to)
	}
	for page = c.Get("/outbox?state=sent"); strings.Count(page.Body, "a colleague") < 2; page = c.Get("/outbox?state=sent") {
		time.Sleep(10 * time.Millisecond)
	}
	page.Has(t, 200, "Your sign-in at Company acme", "a colleague")
	outbox := c.Get("/outbox/1")
	outbox.Has(t, 200, message.LinkPlace, "only the person has it")
	outbox.Lacks(t, "/links/")
	s.As(t, acme.Manager).Post(member+"/link/email", form()).Has(t, 403)
}
