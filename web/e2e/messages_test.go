package e2e_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// correspondence is a company with a debtor in France who can be written to, and
// a mail server that does as it is told.
func correspondence(t *testing.T) (*webtest.Site, *dbtest.Company, *smtptest.Server, func(step smtptest.Step, act smtptest.Act)) {
	t.Helper()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	sink := s.MailServer(t)
	type told struct {
		step smtptest.Step
		act  smtptest.Act
	}
	var does atomic.Pointer[told]
	sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if d := does.Load(); d != nil && d.step == step {
			return d.act
		}
		return smtptest.Take
	})
	err := s.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		id, account := dbtest.Customer(t, tx, "C-1")
		item := dbtest.Item(t, tx, account, "INV/1", "2026-02-01", 123_401, "EUR")
		dbtest.Item(t, tx, account, "INV/2", "2026-02-10", 7_702, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET street = 'Rue de la Paix 1', postal_code = '75002', city = 'Paris', country = 'FR', language = 'fr' WHERE id = $1`, id)
		_, aerr := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: "zoe@debtor.example", Person: "Zoé Martin", Role: customer.Debtor, Preferred: true})
		aunt, perr := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: "office@debtor.example", Role: customer.Debtor})
		oerr := customer.Permit(t.Context(), tx, id, aunt, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "her call", ReviewOn: tx.Today().Add(30)})
		_, derr := document.Add(t.Context(), tx, s.App.Blobs, document.New{CustomerID: id, Subject: document.OfItem, SubjectID: item, Name: "INV-1.pdf", Content: strings.NewReader(onePage)})
		return errors.Join(err, aerr, perr, oerr, derr, message.SeedTemplates(t.Context(), tx),
			statement.SaveLetterhead(t.Context(), tx, statement.Letterhead{Sender: "Acme Finance AS", Address: "Storgata 1\n0155 Oslo", Bank: "IBAN NO93 8601 1117 947", ReplyTo: "post@acme.example"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, c, sink, func(step smtptest.Step, act smtptest.Act) { does.Store(&told{step, act}) }
}

// TestWriteToACustomer writes an e-mail from a template, sees it arrive, sees one
// refused and sent again, and one that nobody knows of; all by keyboard.
func TestWriteToACustomer(t *testing.T) {
	t.Parallel()
	s, c, sink, does := correspondence(t)
	s.StartJobs(t)
	b := open(t, s)
	b.signIn(c.Email("manager"))
	b.goTo("/customers/1")
	b.tabTo(`a[href$="channel=email"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Zoé Martin", "opted out", "INV-1.pdf")
	b.fill("#field-body", "Typed by hand.")
	b.tabTo("#field-template")
	b.keys("Payment")
	b.tabTo(`button[formaction$="/draft"]`)
	eval[bool](b, `window.confirm = () => false; true`)
	b.keys(kb.Enter)
	if got := b.value("#field-body"); got != "Typed by hand." {
		t.Errorf("the template took the place of what was typed without asking: %s", got)
	}
	b.fill("#field-body", "") // nothing to be asked about
	b.tabTo(`button[formaction$="/draft"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.look("compose-filled")
	if got := b.value("#field-body"); !strings.Contains(got, "Bonjour Zoé Martin,") || !strings.Contains(got, "1\u00a0311,03") {
		t.Errorf("the text is %s", got)
	}
	b.tabTo(`.form-actions button[formaction$="/preview"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("As it goes out", "Acme Finance AS\nStorgata 1", "Zoé Martin <zoe@debtor.example>")
	b.look("compose-preview")
	b.tabTo(`.form-actions button:first-child`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The e-mail is on its way.")
	subject, body := sink.Wait(t, 1)[0].Text(t)
	if subject != "Rappel de paiement, numéro de client C-1" || !strings.Contains(body, "Merci de régler 1\u00a0311,03\u00a0EUR.") {
		t.Errorf("%s\n%s", subject, body)
	}
	b.goTo("/customers/1/notes")
	b.tabTo(`a[href$="/messages/1"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("What became of it")
	b.look("message")

	does(smtptest.To, smtptest.Refuse)
	b.write("A second one", "Please call.")
	b.outbox("No such user here")
	b.look("outbox")
	b.tabTo(`tbody input[type=checkbox]`)
	b.keys(" ")
	b.has("Send again", "(1)")
	does("", smtptest.Take)
	b.tabTo(`form button[type=submit].btn-primary`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("1 message is on the way again.")
	if subject, _ := sink.Wait(t, 2)[1].Text(t); subject != "A second one" {
		t.Errorf("%s came", subject)
	}

	does(smtptest.Body, smtptest.Lose)
	b.write("A third one", "Please write.")
	b.outbox("not known whether it went out")
	b.tabTo(`tbody a[href^="/outbox/"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Did it arrive?")
	b.look("outbox-unknown")
	b.tabTo("#field-reason")
	b.keys("The server's log has it")
	b.tabTo(`button[value=arrived]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("It counts as sent.", "All e-mail and SMS have left.")
	b.quiet()
}

// write sends an e-mail in own words.
func (b *tab) write(subject, body string) {
	b.t.Helper()
	b.goTo("/customers/1/messages/new?channel=email")
	b.tabTo("#field-subject")
	b.keys(subject)
	b.tabTo("#field-body")
	b.keys(body)
	b.tabTo(`.form-actions button:first-child`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The e-mail is on its way.")
}

// outbox looks into it until it says the words.
func (b *tab) outbox(words string) {
	b.t.Helper()
	for range 100 {
		b.goTo("/outbox")
		if strings.Contains(b.text(), words) {
			return
		}
	}
	b.t.Fatalf("the outbox never says %q: %s", words, b.text())
}

// TestLetterAndCopies prints a letter, uploads the copy of an item and sends it with
// that of another one.
func TestLetterAndCopies(t *testing.T) {
	t.Parallel()
	s, c, sink, _ := correspondence(t)
	s.StartJobs(t)
	b := open(t, s)
	b.signIn(c.Email("collector"))
	b.goTo("/customers/1")
	b.tabTo(`a[href$="channel=letter"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo("#field-template")
	b.keys("Payment")
	b.tabTo(`button[formaction$="/draft"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.look("letter-compose")
	b.tabTo(`.form-actions button:first-child`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Open the letter to print it", "lettre-2026-03-16.pdf")
	b.look("letter")

	b.goTo("/customers/1/documents")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), kept(t, "second.pdf", onePage)))
	b.tabTo("#field-number")
	b.keys("inv 2")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("second.pdf is kept.")
	b.goTo("/customers/1/items")
	b.tabTo(`input[aria-label="Tick INV/1"]`)
	b.keys(" ")
	b.has("Send copies", "(1)")
	b.tabTo(`input[aria-label="Tick INV/2"]`)
	b.keys(" ")
	b.has("(2)")
	b.look("items-ticked")
	b.tabTo(`#copies button, button[form=copies]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Send copies", "INV-1.pdf", "second.pdf")
	b.look("copies-compose")
	b.tabTo(`.form-actions button:first-child`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The e-mail is on its way.")
	if got := string(sink.Wait(t, 1)[0].Content); !strings.Contains(got, `filename="INV-1.pdf"`) || !strings.Contains(got, `filename="second.pdf"`) {
		t.Errorf("a copy is not attached: %s", got)
	}
	b.quiet()
}

// TestWriteWithoutScripts does the same with JavaScript off: uploads a copy and
// sends it, sees one refused and sends it again, prints a letter.
func TestWriteWithoutScripts(t *testing.T) {
	t.Parallel()
	s, c, sink, does := correspondence(t)
	s.StartJobs(t)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/sign-in")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-email"), c.Email("manager")))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-password"), dbtest.Password))
	b.submit(`form[action="/sign-in"] button[type=submit]`)
	b.goTo("/customers/1/documents")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), kept(t, "second.pdf", onePage)), chromedp.SendKeys(chromedp.CSS("#field-number"), "INV/2"))
	b.submit(`form[enctype] button[type=submit]`)
	b.has("second.pdf is kept.")
	b.goTo("/customers/1/items")
	b.click(`input[aria-label="Tick INV/2"]`)
	b.submit(`#copies button`)
	b.submit(`.form-actions button[formaction$="/preview"]`)
	b.has("As it goes out")
	b.submit(`.form-actions button:first-child`)
	b.has("The e-mail is on its way.")
	if got := string(sink.Wait(t, 1)[0].Content); !strings.Contains(got, `filename="second.pdf"`) {
		t.Errorf("the copy is not attached: %s", got)
	}
	does(smtptest.To, smtptest.Refuse)
	b.submit(`a[href$="channel=email"]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#field-subject"), "A second one"), chromedp.SendKeys(chromedp.CSS("#field-body"), "Please call."))
	b.submit(`.form-actions button:first-child`)
	b.outbox("No such user here")
	does("", smtptest.Take)
	b.click(`tbody input[type=checkbox]`)
	b.submit(`form button[type=submit].btn-primary`)
	b.has("1 message is on the way again.")
	if subject, _ := sink.Wait(t, 2)[1].Text(t); subject != "A second one" {
		t.Errorf("%s came", subject)
	}
	b.goTo("/customers/1")
	b.submit(`a[href$="channel=letter"]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#field-subject"), "Rappel"), chromedp.SendKeys(chromedp.CSS("#field-body"), "Madame, Monsieur,"))
	b.submit(`.form-actions button:first-child`)
	b.has("Open the letter to print it")
	b.quiet()
}

// TestTemplateScreens writes a template in two languages and looks at it.
func TestTemplateScreens(t *testing.T) {
	t.Parallel()
	s, c, _, _ := correspondence(t)
	b := open(t, s)
	b.signIn(c.Email("admin"))
	b.goTo("/admin/templates")
	b.look("templates")
	b.submit(`a[href="/admin/templates/new"]`)
	b.fill("#field-name", "Thanks")
	b.fill("#field-subject_en", "Thank you")
	b.fill("#field-body_en", "Dear {{ person.name }}, thank you.")
	b.fill("#field-subject_fr", "Merci")
	b.fill("#field-body_fr", "Bonjour {{ persn.name }}")
	b.submit(`form[action="/admin/templates"] .form-actions button`)
	b.has("there is no variable persn.name")
	b.expected()
	b.look("template-refused")
	b.fill("#field-body_fr", "Bonjour {{ person.name }}, {{ open }}")
	eval[string](b, `document.querySelector('#field-language').value = 'fr'`)
	b.submit(`.filters button[formaction$="/preview"]`)
	b.has("In French, as it is filled for Customer C-1", "Bonjour Zoé Martin, 1\u00a0311,03\u00a0EUR")
	b.look("template-preview")
	b.submit(`form[action="/admin/templates"] .form-actions button`)
	b.has("The template is added.", "Thanks")
}
