package customers_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/message"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// callers is a site that duns, with the first rules, a customer and its telephone.
func callers(t *testing.T) (s *webtest.Site, acme *dbtest.Company, at, phone string) {
	t.Helper()
	s, acme, id, at, point := ruled(t)
	s.BeforeCommit = dunning.Refresh
	write(t, s, acme.Admin, func(tx *tenant.Tx) error {
		tx.Touch(id)
		return errors.Join(message.SeedTemplates(t.Context(), tx), dunning.SwitchOn(t.Context(), tx, 6))
	})
	return s, acme, at, point[strings.LastIndex(point, "/")+1:]
}

func number(t *testing.T, s *webtest.Site, sql string, args ...any) string {
	t.Helper()
	var n int64
	if err := s.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(n, 10)
}

// S5.1, S5.2, S5.4, S5.25: the tab is what a collector's customer opens with, with five
// actions, each with whether it may be done now and why not.
func TestCollectionsTab(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	page := c.Get(at)
	page.Has(t, http.StatusOK, ">Activities</h2>", "Phone call", "Send SMS", "Send e-mail", "Add activity", "Add promise to pay", "Phone call: Ingrid Hauge. Calls until 17:00.",
		`action="`+at+`/calls"`, `name="point" value="`+phone+`"`, "tel:+4722410933", at+"/activities/new", at+"/promises/new", at+"/messages/new?channel=sms&amp;point="+phone, "No provider that sends SMS is set up: an SMS is kept and held.",
		"No e-mails about the debt: third parties never hear of it", "No e-mail address that may be written to is on file.")
	if strings.Index(page.Body, ">Activities</h2>") < strings.Index(page.Body, "Add promise to pay") {
		t.Error("the activities stand above the actions")
	}
	c.Get(at+"/collections").Has(t, http.StatusOK, ">Activities</h2>")
	m := s.As(t, acme.Manager)
	m.Get(at).Lacks(t, ">Activities</h2>")
	m.Get(at+"/summary").Has(t, http.StatusOK, "Latest notes")

	stand(t, s, "2026-03-14 13:32")
	page = c.Get(at)
	page.Has(t, http.StatusOK, `aria-disabled="true" aria-describedby="may-call"`, "Not before Mon 08:00: calls on Saturdays are barred for businesses")
	page.Lacks(t, `action="`+at+`/calls"`)
	m.Get(at+"/collections").Has(t, http.StatusOK, at+"/calls/new?point="+phone, "Phone call…")
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		id, _ := strconv.ParseInt(at[len("/customers/"):], 10, 64)
		_, err := customer.PlaceStop(t.Context(), tx, id, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		return err
	})
	m.Get(at+"/collections").Lacks(t, at+"/calls/new?point="+phone)
	beta := dbtest.Tenant(t, s.Database, "beta")
	for _, path := range []string{"/collections", "/summary", "/calls/new", "/activities/new"} {
		s.As(t, beta.Admin).Get(at+path).Has(t, http.StatusNotFound)
	}
}

// S5.26, S5.29: the activities are chosen by what they are, go on by key, and a message
// that failed is shown so.
func TestActivities(t *testing.T) {
	t.Parallel()
	s, acme, at, _ := callers(t)
	id, _ := strconv.ParseInt(at[len("/customers/"):], 10, 64)
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		var failed int64
		err := tx.QueryRow(t.Context(), `
			INSERT INTO messages (customer_id, channel, state, address, person, language, subject, body, error)
			VALUES ($1, 'email', 'failed', 'per@halden.example', 'Per', 'en', 'Reminder', 'Pay', 'mailbox full')
			RETURNING id`, id).Scan(&failed)
		for i := range 30 {
			_, nerr := note.Add(t.Context(), tx, note.New{CustomerID: id, Kind: note.Typed, Text: fmt.Sprintf("typed %02d", i)})
			err = errors.Join(err, nerr)
		}
		_, nerr := note.Add(t.Context(), tx, note.New{CustomerID: id, Kind: "email", Text: "Reminder to Per", Subject: "message", SubjectID: failed})
		return errors.Join(err, nerr)
	})
	c := s.As(t, acme.Collector)
	page := c.Get(at + "/collections")
	page.Has(t, http.StatusOK, "Reminder to Per", "failed", "typed 29", "typed 11", "Older")
	page.Lacks(t, "typed 10")
	_, rest, _ := strings.Cut(page.Body, `href="`+at+`/collections?before=`)
	older, _, _ := strings.Cut(rest, "#")
	c.Get(at+"/collections?before="+older).Has(t, http.StatusOK, "typed 10", "Newest")
	mails := c.Get(at + "/collections?show=emails")
	mails.Has(t, http.StatusOK, "Reminder to Per")
	mails.Lacks(t, "typed 28")
	c.Get(at+"/collections?show=cases").Has(t, http.StatusOK, "Nothing of this kind yet.")
	c.Get(at+"/collections?show=other").Has(t, http.StatusUnprocessableEntity, "damaged")
	c.Get(at+"/collections?before=x").Has(t, http.StatusUnprocessableEntity, "damaged")
}

// The whole of a call over HTTP: placed on the press, asked for on every tab, refused
// with what was typed kept, saved with its promise, and not a second time.
func TestCall(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	placed := c.Post(at+"/calls", form("point", phone))
	panel := placed.Location
	placed.Leads(t, at+"/calls/"+number(t, s, `SELECT max(id) FROM call_attempts`))
	c.Get(panel).Has(t, http.StatusOK, "Call to", "tel:+4722410933", "Ask whether you speak to Ingrid Hauge of Halden &amp; Sønn AS.", "Spoke: will pay", `data-opens="promise"`, `value="53050.00"`,
		"1 call to finish", "Save, Done and next")
	c.Get(at+"/notes").Has(t, http.StatusOK, "What came of the call to Ingrid Hauge", panel)
	c.Get("/").Has(t, http.StatusOK, "Say what came of the call", "1 call to finish")
	c.Post(at+"/calls", form("point", phone)).Leads(t, panel) // first say what came of it
	pay := number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: will pay'`)
	account := number(t, s, `SELECT id FROM accounts WHERE number = '00428'`) + " EUR"
	c.Post(panel+"/outcome", form()).Has(t, http.StatusUnprocessableEntity, "Choose what came of it.")
	promised := form("disposition", pay, "text", "Pays <soon>", "promise-of", account, "promise-amount", "99,999.00", "promise-due_on", "2026-03-27", "follow_up", "other", "follow_up-due_on", "2026-03-30",
		"follow_up-assignee", strconv.FormatInt(acme.CollectorID, 10))
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, "EUR 99,999.00 is promised", "promise-confirmed", "Pays &lt;soon&gt;", `value="2026-03-30"`)
	promised.Set("promise-amount", "12.x")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, `id="field-promise-amount-error"`)
	promised.Set("promise-amount", "13,000.00")
	promised.Set("then", "next")
	c.Post(panel+"/outcome", promised).Leads(t, at+"/collections")
	page := c.Get(at)
	page.Has(t, http.StatusOK, "The reminder is done.", "Call to Ingrid Hauge, +47 22 41 09 33. Spoke: will pay: Pays &lt;soon&gt;", "Promise to pay EUR 13,000.00 by Fri 27 Mar 2026", "Follow-up planned for Mon 30 Mar 2026")
	page.Lacks(t, "call to finish", "What came of the call")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusConflict, "acme collector saved what came of this call", "Nothing was saved a second time")
	other := form("disposition", pay, "text", "Pays <all>", "promise-of", account, "promise-amount", "lots", "promise-due_on", "2026-03-25", "follow_up", "2026-03-30") // from another tab
	again := c.Post(panel+"/outcome", other)
	again.Has(t, http.StatusConflict, "acme collector saved what came of this call", "Nothing was saved a second time", "What you typed", `action="`+at+`/notes"`,
		"Spoke: will pay: Pays &lt;all&gt;\nPromised: EUR lots on Account 00428 by 2026-03-25.\nFollow up on Mon 30 Mar 2026.</textarea>", "Add note")
	c.Get(panel).Lacks(t, "What you typed")
	c.Get(panel).Has(t, http.StatusOK, "Spoke: will pay: Pays &lt;soon&gt;", "Back to the collections")
	if got := number(t, s, `SELECT (SELECT count(*) FROM call_attempts) * 1000 + (SELECT count(*) FROM call_events) * 100 + (SELECT count(*) FROM promises) * 10 + (SELECT count(*) FROM notes WHERE kind = 'call')`); got != "1111" {
		t.Errorf("attempts, outcomes, promises and notes: %s", got)
	}
}

// S5.31: the outcome is asked for after a sign-out, of whoever looks at the customer, and
// of nobody once somebody else has said it.
func TestAskedUntilSaid(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	c.Post("/sign-out", nil).Leads(t, "/sign-in")
	c = s.Nobody(t)
	c.Post("/sign-in", form("email", acme.Email(tenant.Collector), "password", dbtest.Password)).Leads(t, "/")
	for _, path := range []string{"/", "/customers", at} {
		c.Get(path).Has(t, http.StatusOK, "1 call to finish")
	}
	c.Get(at+"/items").Has(t, http.StatusOK, "What came of the call to Ingrid Hauge", panel, "You, ")
	m.Get(at+"/items").Has(t, http.StatusOK, "What came of the call to Ingrid Hauge", panel, "acme collector, ")
	m.Get("/").Lacks(t, "call to finish")
	m.Post(panel+"/outcome", form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'No answer'`))).Leads(t, at+"/collections")
	c.Get(at).Lacks(t, "What came of the call")
}

// What else an outcome opens: the hour to call back, copies with the e-mail that they
// go with, the case of what is disputed, and nothing for who named no amount.
func TestWhatAnOutcomeOpens(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	outcome := func(name string) string { return number(t, s, `SELECT id FROM dispositions WHERE name = $1`, name) }
	conclude := func(pairs ...string) webtest.Page {
		panel := c.Post(at+"/calls", form("point", phone)).Location
		return c.Post(panel+"/outcome", form(pairs...))
	}
	conclude("disposition", outcome("Asked to be called back")).Has(t, http.StatusUnprocessableEntity, "Give the day and the hour")
	conclude("disposition", outcome("Asked to be called back"), "call_back-on", "2026-03-17", "call_back-at", "09:15").Leads(t, at+"/collections")
	profile := c.Get(at)
	profile.Has(t, http.StatusOK, "Call back Ingrid Hauge")
	profile.Lacks(t, "The debtor asked for calls")
	c.Get(at+"/notes").Has(t, http.StatusOK, "from Tue 17 Mar 2026 09:00 until Tue 17 Mar 2026 11:15.")
	conclude("disposition", outcome("Asked to be called back"), "call_back-on", "2026-03-21", "call_back-at", "09:15").Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "is saved. Sat 21 Mar 2026 is a Saturday; nobody may be there to do it.")
	item := number(t, s, `SELECT id FROM items WHERE number = '90046'`)
	conclude("disposition", outcome("Asked for copies"), "copies-items", item, "promise-amount", "not looked at").Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "Write the e-mail with the copies to Halden &amp; Sønn AS", "Asked for copies. About 90046.", at+"/messages/new?channel=email&amp;item="+item)
	conclude("disposition", outcome("Spoke: disputes"), "dispute-items", item, "copies-items", "7", "text", "Too late").Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "Take what is disputed out of dunning, Halden &amp; Sønn AS", "Spoke: disputes: Too late. About 90046.", at+"/statuschange?item="+item)
	conclude("disposition", outcome("Spoke: will pay"), "promise-amount", "", "follow_up", "").Leads(t, at+"/collections")
	if n := number(t, s, `SELECT count(*) FROM promises`); n != "0" {
		t.Errorf("%s promises were made", n)
	}
	in := c.Post(at+"/calls", form("point", "0", "number", "+47 21 49 40 00", "incoming", "on"))
	c.Get(in.Location).Has(t, http.StatusOK, "Call from", "+47 21 49 40 00")
	c.Get(in.Location).Lacks(t, "Take it out of use") // nobody called it
	c.Post(in.Location+"/outcome", form("disposition", outcome("No answer"), "text", "kept words")).
		Has(t, http.StatusUnprocessableEntity, `id="field-disposition-error"`, "They called, so somebody was there. Choose another outcome.", "kept words")
	c.Post(in.Location+"/outcome", form("disposition", outcome("Third party"))).Leads(t, at+"/collections")

	conclude("disposition", outcome("Wrong number"), "wrong_number", "keep", "text", "4111 1111 1111 1111").
		Has(t, http.StatusUnprocessableEntity, "Take it out of use", `name="wrong_number" value="keep" checked`)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	c.Get(panel).Has(t, http.StatusOK, `name="wrong_number" value="retire" checked`)
	c.Post(panel+"/outcome", form("disposition", outcome("Third party"), "wrong_number", "retire")).Leads(t, at+"/collections")
	retired := func() string {
		return number(t, s, `SELECT count(retired_at) FROM contact_points WHERE id = $1`, phone)
	}
	if retired() != "0" {
		t.Error("a third party answered, and the number is out of use")
	}
	conclude("disposition", outcome("Wrong number"), "wrong_number", "retire").Leads(t, at+"/collections")
	if retired() != "1" {
		t.Error("the wrong number is in use")
	}
}

// A barred call is refused where it was asked for, and a manager says why it has to be.
func TestBarredCall(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	stand(t, s, "2026-03-14 13:32")
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Post(at+"/calls", form("point", phone)).Has(t, http.StatusUnprocessableEntity, "calls on Saturdays are barred for businesses", "Only a manager does it all the same", "They called us")
	m.Get(at+"/calls/new").Has(t, http.StatusOK, "Why it has to be now", `value="`+phone+`" checked`)
	m.Post(at+"/calls", form("point", phone)).Has(t, http.StatusUnprocessableEntity, "Wait, or say why it has to be now.")
	placed := m.Post(at+"/calls", form("point", phone, "override", "Their lorry stands here"))
	m.Get(placed.Location).Has(t, http.StatusOK, "Call to")
	c.Get(at+"/calls/new").Lacks(t, "Why it has to be now")
	c.Post(at+"/calls", form("number", "12")).Has(t, http.StatusUnprocessableEntity, "Choose a number that is on file")
	c.Post(at+"/calls", form("point", "99999")).Has(t, http.StatusNotFound)
}

// The day on which a customer comes back is not chosen for who mistyped it.
func TestCallNextOnMistyped(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE customers SET reminder_mode = 'manual', next_reminder_on = '2026-03-16'`); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	nobody := form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'No answer'`), "text", "Rang for long", "then", "next", "next_on", "2026-02-31")
	c.Post(panel+"/outcome", nobody).Has(t, http.StatusUnprocessableEntity, "This is no day.", `id="field-next_on-error"`, `value="2026-02-31"`, "Rang for long")
	nobody.Set("next_on", "")
	c.Post(panel+"/outcome", nobody).Leads(t, at+"/collections")
}

// S5.5 to S5.10 over HTTP.
func TestAddActivity(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	c.Get(at+"/activities/new").Has(t, http.StatusOK, "In person", "Spoke: disputes", "Me", "acme manager")
	spoke := number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: disputes'`)
	c.Post(at+"/activities", form("way", "in_person", "disposition", spoke)).Has(t, http.StatusUnprocessableEntity, "Write down what was said.")
	written := count(t, s, `SELECT count(*) FROM notes`)
	c.Post(at+"/activities", form("way", "in_person", "disposition", spoke, "text", "At the fair", "follow_up-due_on", "2026-02-31")).
		Has(t, http.StatusUnprocessableEntity, "This is no day.", `id="activity-follow_up-due_on-error"`, "At the fair</textarea>", `value="2026-02-31"`)
	if n := count(t, s, `SELECT count(*) FROM notes`); n != written {
		t.Errorf("%d notes of what was refused", n-written)
	}
	c.Post(at+"/activities", form("way", "in_person", "disposition", spoke, "text", "At the <fair>", "follow_up-assignee", strconv.FormatInt(acme.ManagerID, 10), "follow_up-due_on", "2026-03-19")).
		Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "In person. Spoke: disputes: At the &lt;fair&gt;", "Follow-up planned for Thu 19 Mar 2026, acme manager", "Last contact")
	c.Post(at+"/activities", form("way", "telephone", "disposition", spoke, "point", phone, "text", "Too late")).Leads(t, at+"/collections")
	c.Get(at).Lacks(t, "nobody may be there to do it")
	c.Post(at+"/activities", form("way", "in_person", "disposition", spoke, "text", "On the ferry", "follow_up-due_on", "2026-03-21")).Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "It is written down. Sat 21 Mar 2026 is a Saturday; nobody may be there to do it.")
	c.Post(at+"/activities", form("way", "in_person", "disposition", spoke, "text", "At the door")).Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "It is written down.", "Take what is disputed out of dunning, Halden &amp; Sønn AS", `href="`+at+`/statuschange"`)
	c.Post(at+"/activities", form("way", "in_person", "disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'Asked for copies'`), "text", "At the gate")).Leads(t, at+"/collections")
	c.Get(at).Has(t, http.StatusOK, "Write the e-mail with the copies to Halden &amp; Sønn AS", `href="`+at+`/messages/new?channel=email"`)
	m := s.As(t, acme.Manager)
	m.Get("/").Lacks(t, "At the &lt;fair&gt;")
	stand(t, s, "2026-03-19 09:30") // S5.27
	m.Get("/").Has(t, http.StatusOK, "At the &lt;fair&gt;")
	stand(t, s, "2026-03-14 13:32")
	c.Post(at+"/activities", form("way", "telephone", "disposition", spoke, "point", phone, "text", "Too late")).Has(t, http.StatusUnprocessableEntity, "calls on Saturdays are barred")
}

// Who asked to be called stands in the day of who works the customer until somebody
// tries.
func TestCallsThatWereAskedFor(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	id, _ := strconv.ParseInt(at[len("/customers/"):], 10, 64)
	point, _ := strconv.ParseInt(phone, 10, 64)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		return contactrule.Request(t.Context(), tx, contactrule.Wish{CustomerID: id, PointID: point, Channel: customer.Call, Source: "an e-mail"})
	})
	c := s.As(t, acme.Collector)
	c.Get("/").Has(t, http.StatusOK, "They asked to be called: +47 22 41 09 33")
	c.Post(at+"/calls", form("point", phone))
	c.Get("/").Lacks(t, "They asked to be called")
}
