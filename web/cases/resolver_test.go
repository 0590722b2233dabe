package cases_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// S4.6: a colleague answers by the link alone; altered or revoked it shows nothing.
func TestAResolverAnswersWithoutSigningIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, nobody := d.As(t, d.Collector), d.Nobody(t)
	d.open(t, c, "resolver", fmt.Sprint(d.jo))
	made := c.Post("/cases/1/links", url.Values{"days": {"14"}})
	made.Has(t, http.StatusOK, "Hand this link over to Jo Sales")
	link := linkIn.FindString(made.Body)
	c.Get("/cases/1").Lacks(t, link)
	page := nobody.Get(link)
	page.Has(t, http.StatusOK, "Price of March", "Company acme asks you, Jo Sales, about Customer C-1.", "EUR 600.01 open")
	if got := page.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the referrer policy is %q", got)
	}
	nobody.Post(link, url.Values{"verdict": {"ask"}}).Has(t, http.StatusUnprocessableEntity, "Write what you need to know.")
	nobody.Upload(link, url.Values{"verdict": {"refuse"}, "text": {"It was agreed."}}, "contract.txt", "agreed").Has(t, http.StatusOK, "Thank you")
	c.Get("/cases/1").Has(t, http.StatusOK, "Jo Sales refuses: the items are owed. It was agreed. Attached: contract.txt.", "contract.txt")
	altered := link[:len(link)-2] + "zz"
	nobody.Get(altered).Has(t, http.StatusNotFound, "This link does not work")
	if page := c.Post("/cases/1/links/revocation", url.Values{}); page.Code != http.StatusSeeOther {
		t.Errorf("status %d", page.Code)
	}
	gone := nobody.Get(link)
	gone.Has(t, http.StatusNotFound, "This link does not work")
	if strings.Contains(gone.Body, "Price of March") || strings.Contains(gone.Body, "acme") {
		t.Error("a revoked link shows something")
	}
}

// An answer that comes as the case is closed is given back, to whoever has the right link.
func TestAnAnswerToAClosedCaseIsGivenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, nobody := d.As(t, d.Collector), d.Nobody(t)
	d.open(t, c, "resolver", fmt.Sprint(d.jo))
	link := linkIn.FindString(c.Post("/cases/1/links", url.Values{"days": {"14"}}).Body)
	if page := c.Post("/cases/1/closure", url.Values{"version": {"1"}, "note": {"Agreed."}, "confirmed": {"on"}, fmt.Sprintf("go_%d", d.a): {"dunning"}}); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	answer := url.Values{"verdict": {"accept"}, "text": {"We charged <twice>."}}
	page := nobody.Post(link, answer)
	page.Has(t, http.StatusConflict, "The case is closed meanwhile", "We charged &lt;twice&gt;.")
	page.Lacks(t, "Price of March", "acme", "This link does not work")
	nobody.Upload(link, answer, "proof.txt", "proof").Has(t, http.StatusConflict, "We charged &lt;twice&gt;.")
	nobody.Post(link, url.Values{"verdict": {"accept"}}).Lacks(t, "What you typed")
	nobody.Get(link).Has(t, http.StatusNotFound, "This link does not work")
	page = nobody.Post(link[:len(link)-2]+"zz", answer)
	page.Has(t, http.StatusNotFound, "This link does not work")
	page.Lacks(t, "closed", "We charged")
}

// S4.22: an e-mail is written from the case, about its items; it and what answers it
// are in the case's history. A message of somebody else's case is not sent.
func TestEMailFromTheCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	var point, stranger, theirs int64
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		stranger, _ = dbtest.Customer(t, tx, "C-2")
		if theirs, err = customer.AddPoint(t.Context(), tx, stranger, customer.Point{Kind: customer.Email, Value: "else@debtor.example", Role: customer.Debtor}); err != nil {
			return err
		}
		point, err = customer.AddPoint(t.Context(), tx, d.customer, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Role: customer.Debtor})
		return err
	})
	d.open(t, c)
	c.Get("/cases/1").Has(t, http.StatusOK, "Write to the customer", fmt.Sprintf("%s?case=1&amp;channel=email&amp;item=%d", d.at("/messages/new"), d.a))
	form := url.Values{"channel": {"email"}, "case": {"1"}, "point": {fmt.Sprint(point)}, "language": {"en"}, "subject": {"The price of March"}, "body": {"We look into it."}}
	c.Post(d.at("/messages/preview"), form).Has(t, http.StatusOK, `name="case" value="1"`)
	sent := c.Post(d.at("/messages"), form)
	if sent.Code != http.StatusSeeOther || sent.Location != "/cases/1" {
		t.Fatalf("status %d to %q: %.600s", sent.Code, sent.Location, sent.Body)
	}
	var message int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT message_id FROM case_messages WHERE case_id = 1`).Scan(&message); err != nil {
		t.Fatal(err)
	}
	d.write(t, d.System(), func(tx *tenant.Tx) error {
		_, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: "<r1@debtor.example>", From: "anna@debtor.example", To: "mail@acme.example",
			Subject: "Re: The price of March", Body: "Then I pay the rest.", Kind: inbox.Reply, CustomerID: d.customer, PointID: point, MessageID: message, At: dbtest.Monday})
		return err
	})
	c.Get("/cases/1").Has(t, http.StatusOK, "The price of March", "Then I pay the rest.")

	wrong := c.Post(fmt.Sprintf("/customers/%d/messages", stranger), url.Values{"channel": {"email"}, "case": {"1"}, "point": {fmt.Sprint(theirs)}, "language": {"en"}, "subject": {"x"}, "body": {"y"}})
	var messages int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM messages`).Scan(&messages); err != nil || messages != 1 || wrong.Code != http.StatusNotFound {
		t.Errorf("for another customer: status %d, %d messages, %v", wrong.Code, messages, err)
	}
}

// Step 2: the customer's e-mail is filled from a template and shown as it goes out; the
// resolver's has the link. Without a mail server both are held, and the screen says so.
func TestTheChangeWritesToOneOfBoth(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var point int64
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		if point, err = customer.AddPoint(t.Context(), tx, d.customer, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna", Role: customer.Debtor}); err != nil {
			return err
		}
		_, err = message.AddTemplate(t.Context(), tx, customer.Mail, message.Wording{Name: "We look into it", Texts: map[string]message.Words{
			"en": {Subject: "Your dispute", Body: "We look into {% for item in items %}{{ item.number }}{% endfor %}."}}})
		return err
	})
	var template int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT id FROM templates WHERE name = 'We look into it'`).Scan(&template); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.Collector)
	form := url.Values{"step": {"2"}, "item": {fmt.Sprint(d.b)}, "resolver": {fmt.Sprint(d.jo)}, "mail": {"customer"}, "point": {fmt.Sprint(point)}, "template": {fmt.Sprint(template)}, "go": {"fill"}}
	c.Post(d.at("/statuschange"), form).Has(t, http.StatusOK, "Step 2 of 3", `value="Your dispute"`, "We look into B.", "Nobody is written to")
	form.Set("subject", "Your dispute")
	form.Set("body", "We look into B.")
	form.Set("go", "preview")
	c.Post(d.at("/statuschange"), form).Has(t, http.StatusOK, "Your dispute\n\nWe look into B.\n\n-- ")
	form.Del("template")
	form.Set("go", "fill")
	c.Post(d.at("/statuschange"), form).Has(t, http.StatusUnprocessableEntity, "Choose the template whose text is to be filled in.")
	form.Del("go")
	form.Set("comment", "They called.")
	done := c.Post(d.at("/statuschange"), form)
	if done.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", done.Code, done.Body)
	}
	c.Get(done.Location).Has(t, http.StatusOK, "The case is open.", "The e-mail is held: no mail server is set up here yet.")
	c.Get("/cases/1").Has(t, http.StatusOK, "About B", "Your dispute", "held", "Write to Jo Sales")

	form = url.Values{"step": {"2"}, "item": {fmt.Sprint(d.a)}, "resolver": {fmt.Sprint(d.jo)}, "mail": {"resolver"}, "letter_subject": {"Look"}, "letter_body": {"no place"}}
	c.Post(d.at("/statuschange"), form).Has(t, http.StatusUnprocessableEntity, "Step 2 of 3", "Leave [the link] where the link is to stand", "no place")
	form.Set("letter_body", "")
	if done = c.Post(d.at("/statuschange"), form); done.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", done.Code, done.Body)
	}
	var last int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT max(id) FROM cases`).Scan(&last); err != nil {
		t.Fatal(err)
	}
	c.Get(fmt.Sprintf("/cases/%d", last)).Has(t, http.StatusOK, "E-mail to Jo Sales &lt;jo@acme.example&gt;, with a link to answer by: Look.", "- A, EUR 600.01 open")
	form.Set("item", fmt.Sprint(d.b))
	form.Set("action", "none")
	c.Post(d.at("/statuschange"), form).Has(t, http.StatusUnprocessableEntity, "A colleague is written to from a case.")
}

// S4.22: the resolver is written to from the case; with a mail server the link comes
// with it, opens the case, and the answer by e-mail lands in the inbox, for the owner.
func TestWritingToTheResolverFromTheCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink := d.MailServer(t)
	d.StartJobs(t)
	c := d.As(t, d.Collector)
	d.open(t, c)
	c.Get("/cases/1/letters/new").Has(t, http.StatusConflict, "no resolver is named")
	d.open(t, c, "item", fmt.Sprint(d.b), "resolver", fmt.Sprint(d.jo))
	c.Get("/cases/2/letters/new").Has(t, http.StatusOK, "Write to Jo Sales", "Please settle: Price of March", "- B, EUR 250.02 open", "[the link]")
	form := url.Values{"subject": {"Please look"}, "body": {"Here: [the link]"}, "go": {"preview"}}
	c.Post("/cases/2/letters", form).Has(t, http.StatusOK, "As it goes out", "Please look\n\nHere: [the link]\n\n-- ")
	form.Del("go")
	form.Set("body", "without")
	c.Post("/cases/2/letters", form).Has(t, http.StatusUnprocessableEntity, "without it nobody can answer", "without")
	form.Set("body", "Here: [the link]")
	if page := c.Post("/cases/2/letters", form); page.Code != http.StatusSeeOther || page.Location != "/cases/2" {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	got := sink.Wait(t, 1)
	_, body := got[0].Text(t)
	link := linkIn.FindString(body)
	d.Nobody(t).Get(link).Has(t, http.StatusOK, "Price of March", "EUR 250.02 open")
	d.Wait(t, `SELECT state = 'sent' FROM messages WHERE resolver_id IS NOT NULL`)
	c.Get("/cases/2").Has(t, http.StatusOK, "Please look", "A link was made with which Jo Sales answers", "sent")

	var ref uuid.UUID
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT reference FROM messages WHERE resolver_id IS NOT NULL`).Scan(&ref); err != nil {
		t.Fatal(err)
	}
	d.write(t, d.System(), func(tx *tenant.Tx) error {
		found, err := message.ByReference(t.Context(), tx, []uuid.UUID{ref})
		if err != nil {
			return err
		}
		_, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: "<a1@acme.example>", From: "jo@acme.example", Person: "Jo Sales", To: "mail@acme.example",
			Subject: "Re: Please look", Body: "It was agreed so.", Kind: inbox.Reply, CustomerID: found[0].CustomerID, MessageID: found[0].ID, Resolver: found[0].Resolver, At: dbtest.Monday})
		return err
	})
	c.Get("/cases/2").Has(t, http.StatusOK, "It was agreed so.")
	c.Get("/inbox").Has(t, http.StatusOK, "Resolver’s answer", "It was agreed so.")
	opened := c.Get("/inbox/1")
	opened.Has(t, http.StatusOK, `href="/cases/2"`, "Open the case")
	opened.Lacks(t, "Write to another address", ">Answer<")
	var entry string
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT concat_ws(' ', kind, case_id, assignee_id, customer_id, state) FROM inbox_entries`).Scan(&entry); err != nil ||
		entry != fmt.Sprintf("answer 2 %d %d open", d.CollectorID, d.customer) {
		t.Errorf("the entry is %q, %v", entry, err)
	}
}

// Everywhere the item shows its dispute does: in the items, the statement and the report.
func TestTheDisputeShowsWhereTheItemDoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	d.open(t, c, "status", d.status(t, ledger.Disputed), fmt.Sprintf("asked_%d", d.a), "100.02")
	for path, texts := range map[string][]string{
		d.at("/items"):                {"status-orange", "Disputed", "in case Price of March: 100.02 in question"},
		d.at("/items?show=disputed"):  {"600.01"},
		d.at("/statement"):            {"status-orange", "Disputed: EUR\u00a0100.02"},
		d.at("/statuschange"):         {"status-orange", "in case Price of March"},
		d.at("/collections"):          {"disputed", "100.02"},
		"/reports/ageing":             {"of it disputed", "100.02"},
		"/cases?show=open&whose=mine": {"Price of March", "EUR 100.02"},
	} {
		c.Get(path).Has(t, http.StatusOK, texts...)
	}
}
