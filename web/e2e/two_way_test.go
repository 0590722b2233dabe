package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/customer"
	"dunwell/internal/imaptest"
	"dunwell/internal/mailbox"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// line is the trial company with a telephone system, and somebody to speak to.
type line struct {
	*webtest.Site
	*twiliotest.Server
	tenantID int64
	customer int64
	incoming string // where SMS come in
	came     int
}

// ingrid is the telephone of the first one to call.
const ingrid = "+4722410930"

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{Site: trial(t), Server: twiliotest.New(t)}
	l.customer = twoToCall(t, l.Site)[0]
	l.Outbox.Provider.URL = l.Server.URL
	if err := l.Owner(t).QueryRow(t.Context(), `SELECT min(id) FROM tenants`).Scan(&l.tenantID); err != nil {
		t.Fatal(err)
	}
	var admin tenant.Who
	err := l.Owner(t).QueryRow(t.Context(), `
		WITH new AS (INSERT INTO sign_ins (user_id, session_epoch) SELECT id, session_epoch FROM users WHERE email = 'admin@northwind.example' RETURNING id)
		SELECT $1::bigint, id FROM new`, l.tenantID).Scan(&admin.TenantID, &admin.SignInID)
	if err != nil {
		t.Fatal(err)
	}
	err = l.Write(t.Context(), admin, func(tx *tenant.Tx) (err error) {
		twiliotest.SetUp(t, tx, l.Outbox.Secrets)
		l.incoming, err = l.Outbox.Incoming(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.StartJobs(t)
	return l
}

// at is a part of the customer's profile.
func (l *line) at(path string) string { return fmt.Sprintf("/customers/%d%s", l.customer, path) }

// writes has Ingrid send an SMS.
func (l *line) writes(t *testing.T, body string) {
	t.Helper()
	l.came++
	if code, answer := twiliotest.Post(t, l.incoming, twiliotest.Token, twiliotest.Incoming(fmt.Sprint(l.came), ingrid, body)); code != http.StatusOK {
		t.Fatalf("the SMS was answered %d: %s", code, answer)
	}
}

// says tells an address how an end of the call goes, and gives the answer.
func (l *line) says(t *testing.T, address string, pairs ...string) string {
	t.Helper()
	f := url.Values{"AccountSid": {twiliotest.SID}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	code, body := twiliotest.Post(t, address, twiliotest.Token, f)
	if code != http.StatusOK {
		t.Fatalf("%v was answered %d: %s", pairs, code, body)
	}
	return body
}

// TestTwoWaySMS sends an SMS by keyboard alone, sees it delivered, sees the answer
// come, answers from the inbox; then STOP is known everywhere at once.
func TestTwoWaySMS(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b := open(t, l.Site)
	b.signInDemo("collector")
	b.goTo(l.at("/collections"))
	b.tabTo(".quick-actions [href*='channel=sms']")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo("#field-body")
	b.keys("Please call us back, Northwind")
	b.until("it is counted as one types", `document.querySelector('.segments').textContent === '1 SMS · 30 of 160 characters'`)
	b.keys(" ž")
	b.until("a letter of another alphabet is named", `document.querySelector('.segments').textContent.includes('with “ž” a part holds 70')`)
	b.keys(kb.Backspace + kb.Backspace)
	b.look("sms")
	b.tabTo(".form-actions .btn-primary")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The SMS is on its way.", "Please call us back, Northwind")
	sent := l.Wait(t, 1)[0]
	if code := sent.Say(t, "delivered", ""); code != http.StatusOK {
		t.Fatalf("the callback was answered %d", code)
	}
	l.writes(t, "I pay on Friday")
	b.goTo(l.at("/collections?show=sms"))
	b.has("delivered", "I pay on Friday", "waits in the inbox")
	b.look("conversation")

	b.goTo("/inbox")
	b.has("I pay on Friday", "replies 1")
	b.look("inbox")
	b.keys("j")
	b.until("j goes to the first row", `document.activeElement.matches('[data-go]')`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Answer by SMS", "What was said before by SMS", "Please call us back, Northwind")
	b.look("inbox-entry")
	b.tabTo("#field-body")
	b.keys("Thank you")
	b.tabTo(".inbox-answer .btn-primary")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The answer is on its way.")
	if got := l.Wait(t, 2)[1].Form.Get("Body"); got != "Thank you" {
		t.Errorf("the answer was %q", got)
	}

	l.writes(t, "Stop")
	l.Wait(t, 3) // the one answer to it
	b.goTo(l.at("/collections"))
	b.has("opted out")
	if off := eval[bool](b, `document.querySelector('.quick-actions [aria-describedby=may-text]').ariaDisabled !== 'true' && !document.querySelector('.quick-actions [aria-describedby=may-text]').href.includes('sms')`); off {
		t.Error("an SMS is still offered to who opted out")
	}
	b.goTo(l.at("/messages/new?channel=sms"))
	b.has("opted out")
	b.goTo("/inbox?state=handled")
	b.has("Opt-out", "Opted out.")
	b.quiet()
}

// TestTwoWayCall has the telephone system ring the collector and then the customer:
// the panel says how far it got by itself, and its outcome is saved.
func TestTwoWayCall(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b := open(t, l.Site)
	b.signInDemo("collector")
	b.goTo("/account")
	b.look("account-phone")
	b.tabTo("#field-phone")
	b.keys("+47 90 61 12 09")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Your telephone number is saved.")
	b.goTo(l.at("/collections"))
	b.has("Dial myself")
	b.tabTo(".quick-actions form .btn-primary")
	b.leads(chromedp.KeyEvent(kb.Enter))
	q := l.Wait(t, 1)[0]
	ours, connect := q.Form.Get("StatusCallback"), q.Form.Get("Url")
	b.has("The telephone system rings you.")
	l.says(t, ours, "CallSid", q.SID, "CallStatus", "ringing")
	b.has("Your telephone rings. Pick up and press 1")
	b.look("call-rings")
	l.says(t, ours, "CallSid", q.SID, "CallStatus", "in-progress")
	rings := l.says(t, connect, "CallSid", q.SID, "CallStatus", "in-progress", "Digits", "1")
	if !strings.Contains(rings, ">"+ingrid+"<") {
		t.Fatalf("it goes on with %s", rings)
	}
	_, rest, _ := strings.Cut(rings, `statusCallback="`)
	theirs, _, _ := strings.Cut(rest, `"`)
	l.says(t, theirs, "CallSid", "CAx", "ParentCallSid", q.SID, "CallStatus", "in-progress")
	b.has("You are connected.")
	l.says(t, theirs, "CallSid", "CAx", "ParentCallSid", q.SID, "CallStatus", "completed", "CallDuration", "75")
	b.has("It lasted 1 min 15 s.")
	b.tabTo("input[name=disposition]")
	disputes := b.outcome("Spoke: disputes")
	for range 12 { // the arrows go from one outcome to the next
		if eval[bool](b, fmt.Sprintf(`document.querySelector(%q).checked`, disputes)) {
			break
		}
		b.keys(kb.ArrowDown)
	}
	b.tabTo("#field-text")
	b.keys("The goods came late")
	b.tabTo(".call-form button.btn:not([name]):not(.visually-hidden)")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Spoke: disputes: The goods came late. It lasted 1 min 15 s.")
	b.quiet()
}

// post is the trial company's mailbox, and how it is read.
type post struct {
	*imaptest.Server
	reader mailbox.Reader
	came   int64
}

func (l *line) mailbox(t *testing.T) *post {
	t.Helper()
	p := &post{Server: imaptest.New(t), reader: mailbox.Reader{DB: l.DB, Store: l.App.Blobs, Secrets: l.Outbox.Secrets}}
	var admin tenant.Who
	err := l.Owner(t).QueryRow(t.Context(), `
		WITH new AS (INSERT INTO sign_ins (user_id, session_epoch) SELECT id, session_epoch FROM users WHERE email = 'admin@northwind.example' RETURNING id)
		SELECT $1::bigint, id FROM new`, l.tenantID).Scan(&admin.TenantID, &admin.SignInID)
	if err == nil {
		err = l.Write(t.Context(), admin, func(tx *tenant.Tx) error {
			return provider.SaveMailbox(t.Context(), tx, l.Outbox.Secrets, provider.TypedMailbox{Password: imaptest.Password, Mailbox: provider.Mailbox{
				Host: "127.0.0.1", Port: p.Port, Security: provider.Plain, Username: imaptest.User, Folder: "INBOX"}})
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// comes puts a message into the mailbox and has it read, unless the job that reads the
// mailboxes every minute was there before.
func (p *post) comes(t *testing.T, l *line, text string) {
	t.Helper()
	p.Add(text)
	p.came++
	_, err := p.reader.Read(t.Context(), l.tenantID)
	var state mailbox.State
	if err == nil {
		err = l.Read(t.Context(), tenant.System(l.tenantID), func(tx *tenant.Tx) (err error) {
			state, err = mailbox.Load(t.Context(), tx)
			return err
		})
	}
	if err != nil || state.Taken != p.came {
		t.Fatalf("%d of %d messages were taken in: %v", state.Taken, p.came, err)
	}
}

// written sends an e-mail to Ingrid and gives the id that it went out under.
func (l *line) written(t *testing.T, subject string) (ref string) {
	t.Helper()
	err := l.Write(t.Context(), tenant.System(l.tenantID), func(tx *tenant.Tx) error {
		var point int64
		err := tx.QueryRow(t.Context(), `SELECT id FROM contact_points WHERE customer_id = $1 AND value = 'ingrid0@fjord.example'`, l.customer).Scan(&point)
		if err == nil {
			_, err = l.Outbox.Send(t.Context(), tx, message.New{CustomerID: l.customer, Channel: customer.Mail, PointID: point, Language: "en", Subject: subject, Body: "Please pay."})
		}
		return err
	})
	if err == nil {
		err = l.Owner(t).QueryRow(t.Context(), `SELECT reference::text FROM messages WHERE subject = $1`, subject).Scan(&ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

const fromIngrid = "From: Ingrid Hauge <ingrid0@fjord.example>\nTo: post@northwind.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"

// TestTwoWayMail works an answer by e-mail and one that came back: in the list, with
// its undo, and on the page of the entry.
func TestTwoWayMail(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	sink := l.MailServer(t)
	p := l.mailbox(t)
	ref := l.written(t, "Your invoices")
	sink.Wait(t, 1)
	p.comes(t, l, fromIngrid+"Subject: Re: Your invoices\nMessage-ID: <1@fjord.example>\nIn-Reply-To: <"+ref+"@dunwell.example>\n\nWe paid it yesterday.\n")

	b := open(t, l.Site)
	b.signInDemo("collector")
	b.has("Inbox")
	b.goTo("/inbox")
	b.has("Re: Your invoices", "We paid it yesterday.", "Fjordkran Verksted AS")
	b.keys("j")
	b.keys("h")
	b.until("the row opens at what came of it", `document.activeElement.name === 'outcome'`)
	b.look("inbox-row")
	b.keys("Payment is on its way")
	b.keys(kb.Enter)
	b.has("It is handled.", "Nothing waits")
	b.tabTo("[data-undo] button")
	b.keys(kb.Enter)
	b.has("It is open again.", "We paid it yesterday.")

	again := l.written(t, "Second reminder")
	sink.Wait(t, 2)
	p.comes(t, l, "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: post@northwind.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <2@mx.example>\n"+
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n--B\nContent-Type: text/plain\n\nI am sorry.\n\n"+
		"--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ingrid0@fjord.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"+
		"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+again+"@dunwell.example>\nSubject: Second reminder\n--B--\n")
	b.goTo("/inbox?kind=bounce")
	b.has("Came back", "came back 1")
	b.look("inbox-bounce")
	b.tabTo(".inbox-list [data-go]")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Write to another address")
	b.look("inbox-bounce-entry")
	b.submit(".inbox-handle button[name=quick]")
	b.has("It is handled.", "We paid it yesterday.") // the next one
	b.goTo(l.at("/collections?show=emails"))
	b.has("bounced")
	b.quiet()
}

// TestTwoWayWithoutScripts writes an SMS, reads the inbox, handles, takes it back and
// finds out whose a stranger's message is, with JavaScript off.
func TestTwoWayWithoutScripts(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b := open(t, l.Site)
	b.signInDemo("collector")
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo(l.at("/messages/new?channel=sms"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-body"), "Please call us"))
	b.submit(".compose .form-actions button:not(.btn-primary)")
	b.has("As it goes out", "1 SMS · 14 characters")
	b.submit(".compose .form-actions .btn-primary")
	b.has("The SMS is on its way.")
	l.Wait(t, 1)
	l.writes(t, "Tomorrow")
	b.goTo("/inbox")
	b.submit(".inbox-list [data-handle]")
	b.do(chromedp.SendKeys(chromedp.CSS(".inbox-handle input[name=outcome]"), "Waits for tomorrow"))
	b.submit(".inbox-handle button[data-next]")
	b.has("It is handled.")
	b.submit("[data-undo] button")
	b.has("It is open again.", "Tomorrow")

	if code, _ := twiliotest.Post(t, l.incoming, twiliotest.Token, twiliotest.Incoming("s1", "+4790611255", "Who is this?")); code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	b.goTo("/inbox?kind=stranger")
	b.tabTo(".inbox-list [data-go]")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.do(chromedp.SendKeys(chromedp.CSS(".inbox-who input[name=q]"), "fjordkran"))
	b.submit(".inbox-who [role=search] button")
	b.submit(".inbox-who button[name=customer]")
	b.has("It is theirs now", "Fjordkran Verksted AS", "Answer by SMS")
	b.quiet()
}
