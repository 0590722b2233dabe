package message_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// phones are books whose company has a provider of SMS, and a debtor with a number.
type phones struct {
	*books
	twilio *twiliotest.Server
	number int64 // the debtor's
}

// hers is the debtor's number.
const hers = "+4790611204"

func newPhones(t testing.TB) *phones {
	t.Helper()
	p := &phones{books: newBooks(t), twilio: twiliotest.New(t)}
	p.box.Secrets = twiliotest.Box(t)
	p.box.Provider = provider.Options{URL: p.twilio.URL, Patience: 400 * time.Millisecond}
	p.write(t, p.Admin, func(tx *tenant.Tx) (err error) {
		twiliotest.SetUp(t, tx, p.box.Secrets)
		p.number = p.add(t, tx, p.debtor, hers)
		return nil
	})
	return p
}

func (p *phones) add(t testing.TB, tx *tenant.Tx, of int64, number string) int64 {
	t.Helper()
	id, err := customer.AddPoint(t.Context(), tx, of, customer.Point{Kind: customer.Phone, Value: number, Person: "Anna Holm", Role: customer.Debtor})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (p *phones) sms(body string) message.New {
	return message.New{CustomerID: p.debtor, Channel: customer.SMS, PointID: p.number, Body: body}
}

// hear has the provider say what became of an SMS, as the web reads it from the
// address that the provider was given.
func (p *phones) hear(t testing.TB, q twiliotest.Request, state message.State) error {
	t.Helper()
	at, err := url.Parse(q.Form.Get("StatusCallback"))
	if err != nil {
		t.Fatal(err)
	}
	token := at.Path[strings.LastIndex(at.Path, "/")+1:]
	tenantID, id, attempt, err := p.box.StatusOf(token)
	if err != nil {
		t.Fatal(err)
	}
	words := ""
	if state == message.Failed {
		words = provider.Why("30003")
	}
	return p.Write(t.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		return message.Report(t.Context(), tx, message.Progress{MessageID: id, Attempt: attempt, ProviderID: q.SID, To: q.Form.Get("To"), State: state, Words: words})
	})
}

// S5.11, S5.13: a text is handed over as it stands, counted in parts, and kept.
func TestSMSIsSent(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	id := p.send(t, p.Collector, p.sms("Please call us about INV-1.\r\n€ 1,234.56 is due."))
	if wait := p.deliver(t); wait != 0 {
		t.Errorf("it waits %s", wait)
	}
	d := p.is(t, id, message.Sent, "")
	q := p.twilio.Taken()[0]
	if q.Form.Get("To") != hers || q.Form.Get("From") != twiliotest.SMSFrom || q.Form.Get("Body") != "Please call us about INV-1.\n€ 1,234.56 is due." ||
		!strings.HasPrefix(q.Form.Get("StatusCallback"), "https://dunwell.example/hooks/twilio/status/") {
		t.Errorf("handed over as %v", q.Form)
	}
	if d.ProviderID != q.SID || d.Segments != 1 || d.SentAt == nil || d.Subject != "" || d.Heading() != "Please call us about INV-1. € 1,234.56 is due." {
		t.Errorf("kept as %+v", d.Message)
	}
	if got := p.journal(t)[0]; got != "sms: SMS to Anna Holm <+4790611204>: Please call us about INV-1.\n€ 1,234.56 is due." {
		t.Errorf("the journal says %q", got)
	}
	var last *customer.Contact
	p.read(t, func(tx *tenant.Tx) error {
		care, err := customer.CareOf(t.Context(), tx, p.debtor)
		last = care.LastContact
		return err
	})
	if last == nil || !strings.HasPrefix(last.Text, "SMS to") {
		t.Errorf("the last contact is %+v", last)
	}
}

func TestSMSRefused(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	for field, change := range map[string]func(*message.New){
		"subject": func(n *message.New) { n.Subject = "Reminder" },
		"point":   func(n *message.New) { n.PointID = 0 },
		"body":    func(n *message.New) { n.Body = strings.Repeat("a", 10*153+1) },
		"channel": func(n *message.New) { n.Channel = "fax" },
	} {
		n := p.sms("x")
		change(&n)
		if got := invalid(p.refused(t, p.Collector, n), field); got == "" {
			t.Errorf("%s is taken", field)
		}
	}
	n := p.sms(strings.Repeat("a", 10*67-1) + "ř")
	if id := p.send(t, p.Collector, n); p.find(t, id).Segments != 10 {
		t.Error("what just fits is not taken as it stands")
	}
	n.Body += "a"
	if got := invalid(p.refused(t, p.Collector, n), "body"); !strings.Contains(got, "11 parts") || !strings.Contains(got, "only 67 fit") {
		t.Errorf("refused with %q", got)
	}
	n = p.sms("x")
	n.PointID = p.anna                                               // an e-mail address
	if _, ok := p.refused(t, p.Collector, n).(errs.Forbidden); !ok { //nolint:errorlint // nothing wraps it here
		t.Error("an SMS to an e-mail address is not refused")
	}
}

// Without a provider an SMS is held, and says so; it counts as nothing until it left.
func TestSMSIsHeld(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	box := p.box.Secrets
	p.box.Secrets = nil
	locked := p.send(t, p.Collector, p.sms("locked"))
	p.is(t, locked, message.Held, "cannot be read with this installation’s key")
	p.box.Secrets = box
	late := p.send(t, p.Collector, p.sms("late"))
	p.write(t, p.Admin, func(tx *tenant.Tx) error { return provider.Remove(t.Context(), tx, 1) })
	p.is(t, p.send(t, p.Collector, p.sms("none")), message.Held, "No provider of SMS and calls is set up")
	p.deliver(t) // it was queued while there was one
	p.is(t, late, message.Held, "No provider of SMS and calls is set up")
	err := p.Write(t.Context(), p.Manager, func(tx *tenant.Tx) error {
		_, _, err := p.box.Retry(t.Context(), tx, []int64{late})
		return err
	})
	if _, ok := err.(errs.Conflict); !ok { //nolint:errorlint // nothing wraps it here
		t.Errorf("sent on without a provider: %v", err)
	}
	p.write(t, p.Admin, func(tx *tenant.Tx) error { twiliotest.SetUp(t, tx, box); return nil })
	p.write(t, p.Manager, func(tx *tenant.Tx) error {
		n, _, err := p.box.Retry(t.Context(), tx, []int64{late, locked})
		if n != 2 {
			t.Errorf("%d were sent on", n)
		}
		return err
	})
	p.deliver(t)
	p.is(t, late, message.Sent, "")
	if p.twilio.Asked() != 1 {
		t.Errorf("the provider was asked %d times", p.twilio.Asked())
	}
}

// Asked again when it goes out: who opted out meanwhile gets nothing; the provider's
// own word that somebody did is kept for everybody.
func TestOptedOutMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	id := p.send(t, p.Collector, p.sms("x"))
	p.twilio.Tell(func(twiliotest.Request) twiliotest.Act { return twiliotest.OptedOut })
	p.deliver(t)
	p.is(t, id, message.Failed, "unsubscribed recipient (21610)")
	if got := strings.Join(p.journal(t), "\n"); !strings.Contains(got, "permission: Opted out of SMS for +47 90 61 12 04") || !strings.Contains(got, "Source: The provider, which they told so.") {
		t.Errorf("the journal says %s", got)
	}
	if r := p.may(t, p.debtor, p.number); r.Verdict != contactrule.No {
		t.Errorf("SMS are %v", r.Verdict)
	}
}

func (p *phones) may(t testing.TB, of, point int64) (r contactrule.Ruling) {
	t.Helper()
	p.read(t, func(tx *tenant.Tx) error {
		all, err := contactrule.Of(t.Context(), tx, of)
		r = all.For(point, customer.SMS)
		return err
	})
	return r
}

// S5.12: documents go as links that end, and say when they were opened.
func TestDocumentsGoAsLinks(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	n := p.sms("The copy you asked for")
	p.write(t, p.Collector, func(tx *tenant.Tx) error {
		docs, err := document.Upload(t.Context(), tx, p.box.Store, p.debtor, "", []document.File{{Name: "invoice.txt", Content: strings.NewReader("INV-1")}})
		n.Documents = []int64{docs[0].ID}
		return err
	})
	n.Statement = true
	id := p.send(t, p.Collector, n)
	links := linked(p.find(t, id).Body)
	if len(links) != 2 || !strings.Contains(p.find(t, id).Body, "\ninvoice.txt: https://dunwell.example/d/") {
		t.Fatalf("the text is %q", p.find(t, id).Body)
	}
	open := func(token string) (string, error) {
		link, err := p.box.DocumentOf(token)
		if err != nil {
			return "", err
		}
		var name string
		err = p.Write(t.Context(), tenant.System(link.Tenant), func(tx *tenant.Tx) error {
			d, content, err := p.box.OpenDocument(t.Context(), tx, link)
			if err == nil {
				name = d.Name
				err = content.Close()
			}
			return err
		})
		return name, err
	}
	if _, err := open(links[0]); err == nil {
		t.Error("a link works before its message has left")
	}
	p.deliver(t)
	for i, want := range []string{"invoice.txt", ".pdf"} {
		if name, err := open(links[i]); err != nil || !strings.HasSuffix(name, want) {
			t.Errorf("link %d opens %q, %v", i, name, err)
		}
	}
	d := p.find(t, id)
	if last := d.Events[len(d.Events)-2]; d.State != message.Sent || last.State != message.Opened || last.Detail != "invoice.txt" || len(d.Documents) != 2 {
		t.Errorf("the message is %s, events %+v", d.State, d.Events)
	}
	for name, token := range map[string]string{"altered": "x" + links[0][1:], "cut": links[0][:len(links[0])-1], "of another purpose": sign(t, p, "sms in", 1, 2),
		"of a message that is none": sign(t, p, "document", n.Documents[0], 77)} {
		if _, err := open(token); err != errs.NotFound { //nolint:errorlint // nothing wraps it here
			t.Errorf("a link %s: %v", name, err)
		}
	}
	p.exec(t, `UPDATE messages SET sent_at = now() - interval '30 days' WHERE id = $1`, id)
	if _, err := open(links[0]); err != errs.NotFound { //nolint:errorlint // nothing wraps it here
		t.Errorf("after thirty days: %v", err)
	}
	p.box.Secrets = nil
	if _, ok := p.refused(t, p.Collector, n).(errs.Conflict); !ok { //nolint:errorlint // nothing wraps it here
		t.Error("links are made without a key")
	}
}

// linked are the tokens of the links in a text.
func linked(body string) (tokens []string) {
	for _, part := range strings.Split(body, "/d/")[1:] {
		tokens = append(tokens, strings.Fields(part)[0])
	}
	return tokens
}

// A test goes to the administrator who set it up, and to nobody else.
func TestTestSMS(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	var id int64
	p.write(t, p.Admin, func(tx *tenant.Tx) (err error) {
		id, err = p.box.SendTest(t.Context(), tx, " +47 906 11 299")
		return err
	})
	p.deliver(t)
	if f := p.twilio.Taken()[0].Form; f.Get("To") != "+4790611299" || !strings.Contains(f.Get("Body"), "this is a test") {
		t.Errorf("handed over as %v", f)
	}
	if err := p.hear(t, p.twilio.Taken()[0], message.Failed); err != nil {
		t.Fatal(err)
	}
	p.read(t, func(tx *tenant.Tx) error {
		d, err := message.FindInOutbox(t.Context(), tx, id)
		if d.State != message.Failed || d.MemberID == 0 || d.CustomerID != 0 {
			t.Errorf("the test is %+v", d.Message)
		}
		return err
	})
	for name, c := range map[string]struct {
		who    tenant.Who
		number string
	}{"a manager": {p.Manager, hers}, "no number": {p.Admin, "22 41"}} {
		err := p.Write(t.Context(), c.who, func(tx *tenant.Tx) error {
			_, err := p.box.SendTest(t.Context(), tx, c.number)
			return err
		})
		if err == nil {
			t.Errorf("%s had a test sent", name)
		}
	}
}
