package message_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/pdftest"
	"dunwell/internal/tenant"
)

// An e-mail goes out as it was kept, once, and is the customer's last contact.
func TestSend(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	n := b.mail("  Grüße & größte\tSorgen 😀 ")
	n.Body = "Dear Anna,\r\n\r\n.a line that begins with a dot\nwe owe you an answer, 12 345 €.\n" + strings.Repeat("long ", 300)
	id := b.send(t, b.Collector, n)
	b.is(t, id, message.Queued, "")
	if wait := b.deliver(t); wait != 0 {
		t.Errorf("it waits %s", wait)
	}
	d := b.is(t, id, message.Sent, "")
	got := b.sink.Wait(t, 1)
	subject, body := got[0].Text(t)
	if subject != "Grüße & größte Sorgen 😀" || d.Subject != subject {
		t.Errorf("the subject is %q, kept as %q", subject, d.Subject)
	}
	if strings.TrimSuffix(body, "\n") != d.Body || !strings.HasSuffix(d.Body, "\n\n-- \nAcme Finance AS\nStorgata 1\n0155 Oslo\n+47 22 41 09 33\npost@acme.example\nOrg 999") {
		t.Errorf("sent:\n%s\nkept:\n%s", body, d.Body)
	}
	h := got[0].Header(t)
	for name, want := range map[string]string{"From": `"Acme Finance AS" <mail@dunwell.example>`, "To": `"Anna Holm" <anna@debtor.example>`,
		"Reply-To": "<post@acme.example>", "Message-Id": "<" + d.Reference.String() + "@dunwell.example>", "Auto-Submitted": "", "X-Mailer": "", "User-Agent": ""} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	if got[0].From != "mail@dunwell.example" || got[0].To != "anna@debtor.example" {
		t.Errorf("the envelope: from %s to %s", got[0].From, got[0].To)
	}
	var states []message.State
	for _, e := range d.Events {
		states = append(states, e.State)
	}
	if len(states) != 3 || states[1] != message.Sending || d.Events[0].Member != "acme collector" || d.Author != "acme collector" || d.SentAt == nil || d.Attempts != 1 {
		t.Errorf("events %v, %+v", states, d.Message)
	}
	if b.deliver(t); len(b.sink.Taken()) != 1 {
		t.Error("the job done twice sends twice")
	}
	if said := b.journal(t); said[0] != "email: E-mail to Anna Holm <anna@debtor.example>: Grüße & größte Sorgen 😀." {
		t.Errorf("the journal says %q", said[0])
	}
}

func TestLastContact(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	last := func() string {
		var care customer.Care
		b.read(t, func(tx *tenant.Tx) (err error) {
			care, err = customer.CareOf(t.Context(), tx, b.debtor)
			return err
		})
		if care.LastContact == nil {
			return ""
		}
		return care.LastContact.Text
	}
	b.send(t, b.Collector, b.mail("first"))
	if got := last(); got != "" {
		t.Errorf("what is queued only is the last contact: %s", got)
	}
	b.deliver(t)
	if got := last(); !strings.HasSuffix(got, "first.") {
		t.Errorf("what was sent is not the last contact, but %q", got)
	}
	b.sink.Tell(refuseAll)
	b.send(t, b.Collector, b.mail("second"))
	b.deliver(t)
	if got := last(); !strings.HasSuffix(got, "first.") {
		t.Errorf("what failed is the last contact: %q", got)
	}
	n := b.mail("printed")
	n.Channel, n.PointID = customer.Letter, 0
	b.send(t, b.Collector, n)
	if got := last(); !strings.HasPrefix(got, "Letter printed: printed") {
		t.Errorf("the letter is not the last contact, but %q", got)
	}
}

// What cannot be sent is refused beside its field, and nothing is kept.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	var thirdParty, phone int64
	b.write(t, b.Collector, func(tx *tenant.Tx) (err error) {
		if thirdParty, err = customer.AddPoint(t.Context(), tx, b.debtor, customer.Point{Kind: customer.Email, Value: "aunt@debtor.example", Role: customer.ThirdParty}); err != nil {
			return err
		}
		phone, err = customer.AddPoint(t.Context(), tx, b.debtor, customer.Point{Kind: customer.Phone, Value: "+4722334455", Role: customer.Debtor})
		return err
	})
	for name, c := range map[string]struct {
		change func(*message.New)
		field  string
		says   string
	}{
		"no subject":       {func(n *message.New) { n.Subject = " \n " }, "subject", "Give a subject"},
		"a long subject":   {func(n *message.New) { n.Subject = strings.Repeat("ä", 301) }, "subject", "300 characters"},
		"no body":          {func(n *message.New) { n.Body = "\n" }, "body", "Write what"},
		"a card number":    {func(n *message.New) { n.Body = "your card 4111 1111 1111 1111" }, "body", "card number"},
		"control letters":  {func(n *message.New) { n.Body = "a\x1b[31mb" }, "body", "control"},
		"a subject's too":  {func(n *message.New) { n.Subject = "a\x00b" }, "subject", "control"},
		"nobody":           {func(n *message.New) { n.PointID = 0 }, "point", "Choose whom"},
		"a call":           {func(n *message.New) { n.Channel = customer.Call }, "channel", "Choose e-mail, SMS or letter"},
		"a document's gap": {func(n *message.New) { n.Documents = []int64{99} }, "documents", "removed meanwhile"},
	} {
		n := b.mail("x")
		c.change(&n)
		if got := invalid(b.refused(t, b.Manager, n), c.field); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
	for name, c := range map[string]struct {
		point int64
		says  string
	}{"third party": {thirdParty, "third parties never hear of it"}, "telephone": {phone, "not for"}} {
		n := b.mail("x")
		n.PointID = c.point
		if err := b.refused(t, b.Manager, n); !errors.As(err, new(errs.Forbidden)) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := b.mail("x"); true {
		n.PointID = 999
		if err := b.refused(t, b.Manager, n); !errors.Is(err, errs.NotFound) {
			t.Errorf("a point of nobody: %v", err)
		}
		n = b.mail("x")
		n.TextID = 999
		if err := b.refused(t, b.Manager, n); !errors.Is(err, errs.NotFound) {
			t.Errorf("a text of nobody: %v", err)
		}
	}
	var kept int
	if err := b.owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM message_events) + (SELECT count(*) FROM notes WHERE kind = 'email')`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d rows are kept of what was refused, %v", kept, err)
	}
}

// Money is asked for only where something is left to collect.
func TestDemandNeedsADebt(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	n := b.mail("Reminder")
	n.Demands = true
	first := b.send(t, b.Collector, n)
	pay(t, b, 131_157)
	if got := invalid(b.refused(t, b.Collector, n), "demands"); !strings.Contains(got, "Nothing is left to collect") {
		t.Errorf("got %q", got)
	}
	b.deliver(t)
	b.is(t, first, message.Discarded, "Nothing was left to collect")
	if len(b.sink.Taken()) != 0 {
		t.Error("it was sent though it was paid in between")
	}
	if said := b.journal(t)[0]; said != "message: The e-mail “Reminder” to Anna Holm was not sent. Nothing was left to collect when it was to go out." {
		t.Errorf("the journal says %q", said)
	}
	n.Demands = false
	b.send(t, b.Collector, n)
}

// pay pays that much of what the debtor owes.
func pay(t *testing.T, b *books, minor int64) {
	t.Helper()
	b.write(t, b.Manager, func(tx *tenant.Tx) error {
		accounts, err := ledger.AccountsOf(t.Context(), tx, b.debtor)
		if err != nil {
			return err
		}
		_, err = ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: b.debtor, AccountID: accounts[0].ID, Number: "P-1", ValueOn: tx.Today(), Amount: money.New(minor, "EUR")})
		return err
	})
}

// The statement and documents go with the message, in its language.
func TestAttachments(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	var doc document.Document
	b.write(t, b.Collector, func(tx *tenant.Tx) (err error) {
		doc, err = document.Add(t.Context(), tx, b.box.Store, document.New{CustomerID: b.debtor, Subject: document.OfCustomer, Name: "Größe \"x\"\r\nBcc: evil@x.txt", Content: strings.NewReader("plain words")})
		return err
	})
	n := b.mail("With files")
	n.Documents, n.Statement, n.Language = []int64{doc.ID, doc.ID}, true, "fr"
	id := b.send(t, b.Collector, n)
	b.deliver(t)
	d := b.is(t, id, message.Sent, "")
	if len(d.Documents) != 2 || d.Documents[1].Subject != document.OfMessage || d.Documents[1].SubjectID != id || d.Documents[1].Name != "releve-C-1-2026-03-16.pdf" {
		t.Fatalf("documents %+v", d.Documents)
	}
	parts := parts(t, b.sink.Wait(t, 1)[0].Content)
	if len(parts) != 3 || string(parts[1].content) != "plain words" || parts[1].name != doc.Name || parts[2].name != d.Documents[1].Name {
		t.Fatalf("parts %+v", parts)
	}
	if text := pdftest.Text(t, parts[2].content); !strings.Contains(text, "1 234,56") || !strings.Contains(text, "Relevé de compte") || strings.Contains(text, "Statement") {
		t.Errorf("the statement says %s", text)
	}
	if said := b.journal(t)[0]; !strings.Contains(said, "With files. With "+doc.Name+", releve-C-1-2026-03-16.pdf.") {
		t.Errorf("the journal says %q", said)
	}
}

func TestLetter(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	n := b.mail("Rappel")
	n.Channel, n.PointID, n.Statement, n.Language = customer.Letter, 0, true, "fr"
	id := b.send(t, b.Collector, n)
	d := b.is(t, id, message.Sent, "")
	if d.Address != "Customer C-1\nRue 1\n75001 Paris\nFRANCE" || len(d.Documents) != 1 || d.Documents[0].Name != "lettre-2026-03-16.pdf" || len(b.asked) != 0 {
		t.Fatalf("%+v", d)
	}
	_, content, err := open(t, b, d.Documents[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	text := pdftest.Text(t, content)
	for _, want := range []string{"Acme Finance AS", "Rappel", "please call us.", "INV-1", "1 234,56", "77,01", "1 311,57", "IBAN NO93"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q: %s", want, text)
		}
	}
	b.exec(t, `UPDATE customers SET street = '', postal_code = '', city = ''`)
	if got := invalid(b.refused(t, b.Collector, n), ""); !strings.Contains(got, "No postal address") {
		t.Errorf("without an address: %q", got)
	}
}

// Without a mail server e-mail is held, says so, and is sent on by a manager once
// there is one.
func TestHeld(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	server := b.box.Server
	b.box.Server = nil
	id := b.send(t, b.Collector, b.mail("early"))
	b.is(t, id, message.Held, "No mail server is set up")
	if len(b.asked) != 0 {
		t.Error("a job was asked for")
	}
	retry := func(who tenant.Who) (n int, err error) {
		err = b.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
			n, _, err = b.box.Retry(t.Context(), tx, []int64{id})
			return err
		})
		return n, err
	}
	if _, err := retry(b.Manager); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("sent on without a server: %v", err)
	}
	b.box.Server = server
	if _, err := retry(b.Collector); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("sent on by a collector: %v", err)
	}
	if n, err := retry(b.Manager); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := retry(b.Manager); n != 0 || err != nil {
		t.Errorf("the second time: %d, %v", n, err)
	}
	b.deliver(t)
	b.is(t, id, message.Sent, "")
}

// Another company sees nothing and can send nothing to the debtor.
func TestAnotherCompany(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	other := tenantOf(t, b, "beta")
	id := b.send(t, b.Collector, b.mail("ours"))
	if err := b.refused(t, other.Admin, b.mail("theirs")); !errors.Is(err, errs.NotFound) {
		t.Errorf("sent: %v", err)
	}
	err := b.Write(t.Context(), other.Admin, func(tx *tenant.Tx) error {
		if _, err := message.Find(t.Context(), tx, b.debtor, id); !errors.Is(err, errs.NotFound) {
			t.Errorf("found: %v", err)
		}
		if err := b.box.Decide(t.Context(), tx, id, 1, message.Sent, "x"); !errors.Is(err, errs.NotFound) {
			t.Errorf("decided: %v", err)
		}
		if n, err := message.Discard(t.Context(), tx, []int64{id}, "x"); n != 0 || err != nil {
			t.Errorf("discarded: %d, %v", n, err)
		}
		list, err := message.List(t.Context(), tx, message.Filter{Limit: 10})
		if len(list) != 0 || err != nil {
			t.Errorf("listed: %v, %v", list, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	args := b.asked[0]
	args.Tenant = other.ID
	if _, err := b.box.Deliver(t.Context(), args); err != nil || len(b.sink.Taken()) != 0 {
		t.Errorf("delivered as theirs: %v", err)
	}
}
