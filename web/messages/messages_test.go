package messages_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company with a debtor who can be written to.
type desk struct {
	*webtest.Site
	*dbtest.Company
	debtor, anna, template, item, copy int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Site: webtest.New(t)}
	d.Company = dbtest.Tenant(t, d.Database, "acme")
	d.write(t, func(tx *tenant.Tx) (err error) {
		var account int64
		d.debtor, account = dbtest.Customer(t, tx, "C-1")
		d.item = dbtest.Item(t, tx, account, "INV-1", "2026-02-01", 123_456, "EUR")
		if _, err = tx.Exec(t.Context(), `UPDATE customers SET street = 'Rue 1', city = 'Paris', country = 'FR', language = 'fr' WHERE id = $1`, d.debtor); err != nil {
			return err
		}
		if d.anna, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna", Role: customer.Debtor}); err != nil {
			return err
		}
		doc, err := document.Add(t.Context(), tx, d.App.Blobs, document.New{CustomerID: d.debtor, Subject: document.OfItem, SubjectID: d.item, Name: "INV-1.txt", Content: strings.NewReader("the invoice")})
		d.copy = doc.ID
		return err
	})
	d.template = d.add(t, message.CopiesName, map[string]message.Words{"fr": {Subject: "Copies {{ customer.number }}", Body: "Bonjour {{ person.name }},\n{% for item in items %}{{ item.number }} {{ item.amount }}{% endfor %}"},
		"en": {Subject: "English", Body: "English"}})
	return d
}

// add makes a template.
func (d *desk) add(t *testing.T, name string, texts map[string]message.Words) (id int64) {
	t.Helper()
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) (err error) {
		id, err = message.AddTemplate(t.Context(), tx, customer.Mail, message.Wording{Name: name, Texts: texts})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) write(t *testing.T, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), d.Manager, f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) at(path string) string { return fmt.Sprintf("/customers/%d/messages%s", d.debtor, path) }

// mail is the form of an e-mail to Anna.
func (d *desk) mail(subject string) url.Values {
	return url.Values{"channel": {"email"}, "point": {fmt.Sprint(d.anna)}, "language": {"fr"}, "subject": {subject}, "body": {"Bonjour."},
		"form_id": {fmt.Sprintf("3f6a6d2e-0000-4000-8000-%012d", time.Now().UnixNano()%1_000_000_000_000)}}
}

// S5.15, S5.17: an e-mail is written in own words or from a template, looked at, and sent.
func TestWriteAndSend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink := d.MailServer(t)
	c := d.As(t, d.Collector)
	d.StartJobs(t)
	page := c.Get(d.at("/new?channel=email"))
	page.Has(t, 200, "Send an e-mail", "anna@debtor.example", `value="fr" selected`, "French (theirs)", "INV-1.txt", message.CopiesName)
	page.Lacks(t, "No mail server", "Why it has to be now")
	c.Get(fmt.Sprintf("/customers/%d", d.debtor)).Has(t, 200, d.at("/new?channel=email"), d.at("/new?channel=letter"))

	f := d.mail("Bonjour & <bienvenue>")
	c.Post(d.at("/preview"), url.Values{"channel": {"email"}, "point": f["point"], "subject": f["subject"], "body": {"a < b"}, "form_id": {"", f.Get("form_id")}}).
		Has(t, 200, "As it goes out", "Bonjour &amp; &lt;bienvenue&gt;</dd>", "a &lt; b\n\n-- \nCompany acme</div>", "Anna &lt;anna@debtor.example&gt;")
	f.Set("document", fmt.Sprint(d.copy))
	f.Set("statement", "on")
	c.Post(d.at(""), f).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	c.Post(d.at(""), f).Leads(t, fmt.Sprintf("/customers/%d", d.debtor)) // a double click
	got := sink.Wait(t, 1)
	if subject, _ := got[0].Text(t); subject != "Bonjour & <bienvenue>" || len(got) != 1 {
		t.Errorf("%d came, the first about %q", len(got), subject)
	}
	page = d.until(t, c, d.at("/1"), "The mail server took it", "Sent")
	page.Has(t, 200, "INV-1.txt", "releve-C-1-2026-03-16.pdf", "Bonjour.\n\n-- \nCompany acme")
	page.Lacks(t, "Open in the outbox")
	c.Get(fmt.Sprintf("/customers/%d/notes", d.debtor)).Has(t, 200, "E-mail to Anna &lt;anna@debtor.example&gt;: Bonjour &amp; &lt;bienvenue&gt;. With INV-1.txt", `href="`+d.at("/1")+`"`)
	c.Get(fmt.Sprintf("/customers/%d", d.debtor)).Has(t, 200, "Last contact")
	if n := len(sink.Taken()); n != 1 {
		t.Errorf("%d came", n)
	}
}

// until asks for the page until it says one of the words.
func (d *desk) until(t *testing.T, c *webtest.Client, path string, words ...string) webtest.Page {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		page := c.Get(path)
		for _, w := range words {
			if strings.Contains(page.Body, w) {
				return page
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%s never says %q: %.2000s", path, words, page.Body)
		}
	}
}

// S5.16: files go with it. The copies of ticked items come with their text, in the
// customer's language.
func TestSendCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	c := d.As(t, d.Collector)
	c.Get(fmt.Sprintf("/customers/%d/items", d.debtor)).Has(t, 200, "Send copies", fmt.Sprintf(`name="item" value="%d"`, d.item))
	page := c.Get(d.at(fmt.Sprintf("/new?channel=email&item=%d", d.item)))
	page.Has(t, 200, "Send copies</h1>", `value="Copies C-1"`, "Bonjour Anna,\nINV-1 1\u00a0234,56\u00a0EUR</textarea>", fmt.Sprintf(`value="%d" checked`, d.copy))
	// Filled again by hand, in a language that has no text.
	f := url.Values{"channel": {"email"}, "point": {fmt.Sprint(d.anna)}, "language": {"da"}, "template": {fmt.Sprint(d.template)}, "subject": {"x"}, "body": {"y"}}
	c.Post(d.at("/draft"), f).Has(t, 200, "no text in Danish, so that all of it is in French", `value="Copies C-1"`)
	f.Set("template", "999")
	c.Post(d.at("/draft"), f).Has(t, 404)
	f.Set("template", "")
	c.Post(d.at("/draft"), f).Has(t, 200, `value="x"`, "y</textarea>")
	bad := d.add(t, "Czech only", map[string]message.Words{"cs": {Subject: "x", Body: "x"}})
	f.Set("template", fmt.Sprint(bad))
	c.Post(d.at("/draft"), f).Has(t, 422, "has no text in Danish or English", `value="x"`, "y</textarea>")
}

// What is refused is said beside its field, with what was typed, and the way out.
func TestRefusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	c.Post(d.at(""), d.mail(" ")).Has(t, 422, "Give a subject", "Bonjour.</textarea>")
	f := d.mail("x")
	f.Set("body", "4111 1111 1111 1111")
	c.Post(d.at(""), f).Has(t, 422, "card number")
	if _, err := d.Owner(t).Exec(t.Context(), `INSERT INTO contact_rules (tenant_id, name, channel, weekdays, from_time, to_time, source, as_of)
		VALUES ($1, 'night', 'email', 127, '20:00', '21:00', 'law', '2021-01-01')`, d.ID); err != nil {
		t.Fatal(err)
	}
	page := c.Post(d.at(""), d.mail("Now"))
	page.Has(t, 422, "Only a manager does it all the same", `value="Now"`, "Bonjour.</textarea>")
	page.Lacks(t, "Why it has to be now")
	m.Get(d.at("/new?channel=email")).Has(t, 200, "Why it has to be now", "20:00")
	m.Post(d.at(""), d.mail("Now")).Has(t, 422, "Wait, or say why it has to be now.", `value="Now"`)
	f = d.mail("Now")
	f.Set("override", "They wait for it")
	m.Post(d.at(""), f).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	m.Get(fmt.Sprintf("/customers/%d/notes", d.debtor)).Has(t, 200, "Reason: They wait for it")
	d.write(t, func(tx *tenant.Tx) error {
		return customer.Permit(t.Context(), tx, d.debtor, d.anna, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "x", ReviewOn: tx.Today().Add(9)})
	})
	m.Post(d.at(""), d.mail("Again")).Has(t, 422, "opted out on 16 Mar", `value="Again"`, "field-error")
	var refused int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE kind = 'contact.refused'`).Scan(&refused); err != nil || refused != 3 {
		t.Errorf("%d refusals are on record, %v", refused, err)
	}
	m.Get(d.at("/new?channel=email")).Has(t, 200, "opted out")
	d.As(t, d.Collector).Get("/customers/999/messages/new").Has(t, 404)
}

// Where a stop bars the only address, what is written is refused because of the stop.
func TestWriteToWhoIsStopped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) error {
		_, err := customer.PlaceStop(t.Context(), tx, d.debtor, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		return err
	})
	c := d.As(t, d.Collector)
	c.Get(d.at("/new")).Has(t, 200, fmt.Sprintf(`name="point" value="%d" checked`, d.anna))
	page := c.Post(d.at(""), d.mail("Please"))
	page.Has(t, 422, "attorney", `value="Please"`)
	page.Lacks(t, "Choose whom it goes to.")
}

func TestPrintLetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	page := c.Get(d.at("/new?channel=letter"))
	page.Has(t, 200, "Print a letter", "Rue 1", `name="statement" value="on" checked`)
	page.Lacks(t, "anna@debtor.example", "No mail server")
	f := url.Values{"channel": {"letter"}, "language": {"fr"}, "subject": {"Rappel"}, "body": {"Madame, Monsieur,"}, "statement": {"on"}}
	c.Post(d.at("/preview"), f).Has(t, 200, "As it goes out", "FRANCE", "Madame, Monsieur,</div>")
	c.Post(d.at(""), f).Leads(t, d.at("/1"))
	page = c.Get(d.at("/1"))
	page.Has(t, 200, "Open the letter to print it", "lettre-2026-03-16.pdf", "Rappel", "Sent")
	page = c.Get(fmt.Sprintf("/customers/%d/documents/%d?show=1", d.debtor, d.copy+1))
	page.Has(t, 200, "%PDF-1.")
	c.Get(fmt.Sprintf("/customers/%d/notes", d.debtor)).Has(t, 200, "Letter printed: Rappel. With lettre-2026-03-16.pdf.")
}

// The outbox shows what did not leave, and a manager decides about it.
func TestOutbox(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	c.Get(d.at("/new")).Has(t, 200, "No mail server is set up here.")
	c.Post(d.at(""), d.mail("held one")).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	m.Get("/outbox").Has(t, 200, "held one", "DUNWELL_SMTP", "held")
	m.Post("/outbox/retry", url.Values{"message": {"1"}}).Has(t, 409, "so that nothing can be sent", "held one")
	sink := d.MailServer(t)
	sink.Tell(func(step smtptest.Step, to string) smtptest.Act {
		if step == smtptest.To {
			return smtptest.Refuse
		}
		return smtptest.Take
	})
	d.StartJobs(t)
	m.Post("/outbox/retry", url.Values{}).Has(t, 422, "Tick the messages first.")
	m.Post("/outbox/retry", url.Values{"message": {"1", "999"}, "back": {"/outbox?state=held"}}).Leads(t, "/outbox?state=held")
	again := m.Get("/outbox")
	again.Has(t, 200, "1 message is on the way again.")
	again.Lacks(t, "left alone")
	d.until(t, m, "/outbox", "550 5.1.1 No such user here")
	m.Get("/outbox/1").Has(t, 200, "Send again", "Discard", "The mail server refused it")
	m.Get(d.at("/1")).Has(t, 200, "Open in the outbox")
	m.Post("/outbox/discard", url.Values{"message": {"1"}}).Has(t, 422, "Say why", "checked")
	sink.Tell(func(step smtptest.Step, to string) smtptest.Act {
		if step == smtptest.Body {
			return smtptest.Lose
		}
		return smtptest.Take
	})
	c.Post(d.at(""), d.mail("lost one")).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	page := d.until(t, m, "/outbox/2", "Did it arrive?")
	page.Has(t, 200, "It did not: send it again")
	m.Post("/outbox/2/decision", url.Values{"outcome": {"arrived"}, "version": {"3"}}).Has(t, 422, "Say why")
	m.Post("/outbox/2/decision", url.Values{"outcome": {"arrived"}, "version": {"1"}, "reason": {"She has it"}}).Has(t, 409, "It is unknown now.")
	m.Post("/outbox/2/decision", url.Values{"outcome": {"arrived"}, "version": {"3"}, "reason": {"She has it"}}).Leads(t, "/outbox")
	m.Post("/outbox/discard", url.Values{"message": {"1"}, "reason": {"Wrong"}}).Leads(t, "/outbox")
	m.Get("/outbox").Has(t, 200, "All e-mail and SMS have left.")
	ended := m.Get("/outbox?state=discarded")
	ended.Has(t, 200, "held one")
	ended.Lacks(t, "Discard ticked", "Send again", "Tick all")
	m.Get("/outbox?state=sent").Has(t, 200, "lost one")
	c.Get("/outbox").Has(t, 403)
	c.Get("/outbox/1").Has(t, 403)
	for name, ids := range map[string][]string{"none of anybody": {"99999"}, "no number": {"abc"}, "both": {"99999", "abc", "-1", "0"}} {
		if page := m.Post("/outbox/discard", url.Values{"message": ids, "reason": {"x"}}); page.Code != 404 {
			t.Errorf("%s: status %d", name, page.Code)
		}
	}
	m.Post("/outbox/discard", url.Values{"message": {"99999", "1", "abc", "1"}, "reason": {"x"}}).Leads(t, "/outbox")
	m.Get("/outbox").Has(t, 200, "0 messages are discarded. 1 left alone: somebody was faster.")
	c.Post("/outbox/discard", url.Values{"message": {"1"}, "reason": {"x"}}).Has(t, 403)
}

// A long list is paged by key.
func TestOutboxPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) error {
		for i := range 53 {
			if _, err := d.Outbox.Send(t.Context(), tx, message.New{CustomerID: d.debtor, Channel: customer.Mail, PointID: d.anna, Subject: fmt.Sprintf("number %02d", i), Body: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	m := d.As(t, d.Manager)
	page := m.Get("/outbox?state=held")
	page.Has(t, 200, "number 52", "number 03", `href="/outbox?before=4&amp;state=held"`)
	page.Lacks(t, "number 02")
	page = m.Get("/outbox?before=4&state=held")
	page.Has(t, 200, "number 02", "number 00", `href="/outbox?state=held"`)
	page.Lacks(t, "number 03")
}
