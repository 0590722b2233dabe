package inbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/inbox"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company with a debtor of the collector's who has a telephone and an
// address.
type desk struct {
	*webtest.Site
	*dbtest.Company
	debtor, phone, mail int64
	ids                 int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Site: webtest.New(t)}
	d.Company = dbtest.Tenant(t, d.Database, "acme")
	d.write(t, d.Manager, func(tx *tenant.Tx) (err error) {
		var account int64
		d.debtor, account = dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV-1", "2026-02-01", 123_456, "EUR")
		if _, err = tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, d.debtor, d.CollectorID); err != nil {
			return err
		}
		if d.phone, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Person: "Anna", Role: customer.Debtor}); err != nil {
			return err
		}
		d.mail, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna", Role: customer.Debtor})
		return err
	})
	return d
}

func (d *desk) write(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// came is an entry about something that came in.
func (d *desk) came(t *testing.T, in inbox.In) (e inbox.Entry) {
	t.Helper()
	d.ids++
	in.ProviderID, in.Kind = fmt.Sprintf("id-%d", d.ids), inbox.Reply
	d.write(t, d.System(), func(tx *tenant.Tx) (err error) {
		e, _, err = inbox.Take(t.Context(), tx, in)
		return err
	})
	return e
}

// reply is an e-mail of the debtor's.
func (d *desk) reply(t *testing.T, subject, body string) inbox.Entry {
	t.Helper()
	return d.came(t, inbox.In{Channel: customer.Mail, From: "anna@debtor.example", Person: "Anna", Subject: subject, Body: body, CustomerID: d.debtor, PointID: d.mail})
}

// stranger is an SMS of somebody whom nobody knows.
func (d *desk) stranger(t *testing.T, body string) inbox.Entry {
	t.Helper()
	return d.came(t, inbox.In{Channel: customer.SMS, From: "+4790611207", Body: body})
}

func (d *desk) ask(t *testing.T, sql string, args ...any) (s string) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT coalesce((`+sql+`)::text, '')`, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func at(e inbox.Entry, path string) string { return fmt.Sprintf("/inbox/%d%s", e.ID, path) }

func form(e inbox.Entry, pairs ...string) url.Values {
	f := url.Values{"version": {strconv.Itoa(e.Version)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// What waits is counted by kind and by whose it is, and in the navigation; a filter
// leaves the rest out; what was handled is found again.
func TestList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	c.Get("/inbox").Has(t, http.StatusOK, "Nothing waits")
	e := d.reply(t, "Invoice <1>", "We dispute it\nbecause of the goods")
	s := d.stranger(t, "who are you")
	page := c.Get("/inbox")
	page.Has(t, http.StatusOK, "All I see 2", "Mine 1", "Nobody’s 1", "replies 1", "unknown senders 1", "Invoice &lt;1&gt;", "We dispute it because of the goods", "Customer C-1", "+47 90 61 12 07", "acme collector", at(e, ""), at(s, ""))
	page.Lacks(t, "Give ticked to")
	c.Get("/inbox/waiting").Has(t, http.StatusOK, `hx-get="/inbox/waiting"`, ">2</span>")
	m.Get("/inbox").Has(t, http.StatusOK, "Everybody’s 2", "Mine 0", "Give ticked to")
	c.Get("/inbox?whose=mine").Lacks(t, "who are you")
	c.Get("/inbox?kind=stranger").Lacks(t, "We dispute it")
	c.Get("/inbox?kind=bounce").Has(t, http.StatusOK, "Nothing fits")
	c.Get("/inbox?state=handled").Has(t, http.StatusOK, "Nothing was handled yet")
	open := c.Get(fmt.Sprintf("/inbox?open=%d", e.ID))
	open.Has(t, http.StatusOK, "We dispute it\nbecause of the goods", "Answer by e-mail", "What came of it", "It is yours: you own the customer.")
	beta := dbtest.Tenant(t, d.Database, "beta")
	for _, path := range []string{at(e, ""), at(s, "")} {
		d.As(t, beta.Admin).Get(path).Has(t, http.StatusNotFound)
	}
}

// Handled with what came of it, once, with the way back; whoever looked before is told.
func TestHandle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	e, next := d.reply(t, "One", "first"), d.reply(t, "Two", "second")
	c.Post(at(next, "/handling"), form(next, "outcome", " ")).Has(t, http.StatusUnprocessableEntity, "Say what came of it")
	c.Post(at(next, "/handling"), form(next, "outcome", "Called <them>", "then", "next")).Leads(t, at(e, ""))
	c.Get(at(e, "")).Has(t, http.StatusOK, "It is handled.", fmt.Sprintf("/inbox/%d/handling/end?version=%d", next.ID, next.Version+1))
	c.Post(at(next, "/handling"), form(next, "outcome", "Mine counts")).Has(t, http.StatusConflict, "acme collector handled this meanwhile: Called &lt;them&gt;", "Mine counts")
	c.Get("/inbox?state=handled").Has(t, http.StatusOK, "Called &lt;them&gt;", "Open again")
	c.Post(at(next, "/handling/end?version=")+strconv.Itoa(next.Version+1), url.Values{"back": {"/inbox"}}).Leads(t, "/inbox")
	c.Get("/inbox").Has(t, http.StatusOK, "It is open again.", "second")
	c.Post(at(e, "/handling"), form(e, "quick", "No answer is needed.", "back", "//evil.example")).Leads(t, "/inbox")
	if got := d.ask(t, `SELECT string_agg(state || ' ' || outcome, ', ' ORDER BY id) FROM inbox_entries`); got != "handled No answer is needed., open " {
		t.Errorf("entries %q", got)
	}
}

// A stranger is found among the customers: what was written is theirs from then on,
// and the number where that was wanted.
func TestStranger(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	e := d.stranger(t, "It is me, Anna")
	page := c.Get(at(e, ""))
	page.Has(t, http.StatusOK, "Whose is it?", "Unknown sender", "Not for us.")
	page.Lacks(t, "Answer by")
	c.Get(at(e, "?q=nobody-at-all")).Has(t, http.StatusOK, "Nobody is found by that.")
	c.Get(at(e, "?q=C-1")).Has(t, http.StatusOK, "Customer C-1", "It is theirs", "Keep +47 90 61 12 07 with the customer")
	beta := dbtest.Tenant(t, d.Database, "beta")
	var other int64
	d.write(t, beta.Manager, func(tx *tenant.Tx) error {
		other, _ = dbtest.Customer(t, tx, "B-1")
		return nil
	})
	c.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(other, 10), "keep", "on")).Has(t, http.StatusNotFound)
	c.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(d.debtor, 10), "keep", "on")).Leads(t, at(e, ""))
	c.Get(at(e, "")).Has(t, http.StatusOK, "It is theirs now", "Customer C-1", "Answer by SMS")
	if got := d.ask(t, `SELECT concat_ws(' ', e.kind, e.customer_id = $2, p.value) FROM inbox_entries e JOIN contact_points p ON p.id = e.contact_point_id WHERE e.id = $1`, e.ID, d.debtor); got != "reply t +4790611207" {
		t.Errorf("it is %q", got)
	}
	c.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(d.debtor, 10))).Has(t, http.StatusConflict, "It is known whose this is.")
}

// A manager gives entries to somebody; a collector takes what nobody works, and does
// not see what is another's.
func TestWhoWorksIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	e := d.stranger(t, "hello")
	c.Post(at(e, "/claim"), url.Values{"back": {at(e, "")}}).Leads(t, at(e, ""))
	c.Get(at(e, "")).Has(t, http.StatusOK, "It is yours now.", "You work it.")
	give := url.Values{"entry": {strconv.FormatInt(e.ID, 10), "x"}, "assignee": {strconv.FormatInt(d.ManagerID, 10)}, "back": {"/inbox?kind=stranger"}}
	c.Post("/inbox/assignment", give).Has(t, http.StatusForbidden, "Only managers and administrators give entries")
	m.Post("/inbox/assignment", give).Leads(t, "/inbox?kind=stranger")
	m.Get("/inbox").Has(t, http.StatusOK, "1 entry has changed hands.", "acme manager")
	c.Get(at(e, "")).Has(t, http.StatusNotFound)
	c.Get("/inbox/waiting").Has(t, http.StatusOK, "hidden", ">0</span>")
}

// What came with a message is read by who sees its entry, a stranger's too.
func TestFilesOfAnEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := d.stranger(t, "see the picture")
	var file document.Document
	d.write(t, d.System(), func(tx *tenant.Tx) (err error) {
		file, err = document.Add(t.Context(), tx, d.App.Blobs, document.New{Subject: document.OfReceived, SubjectID: e.ReceivedID, Name: "goods.txt", Content: strings.NewReader("broken goods")})
		return err
	})
	c := d.As(t, d.Collector)
	c.Get(at(e, "")).Has(t, http.StatusOK, "goods.txt")
	path := fmt.Sprintf("/documents/%d", file.ID)
	c.Get(at(e, path)).Has(t, http.StatusOK, "broken goods")
	c.Get(at(d.stranger(t, "another"), path)).Has(t, http.StatusNotFound)
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.As(t, beta.Admin).Get(at(e, path)).Has(t, http.StatusNotFound)
}

// Whoever covers an absence sees and works the entries of the absent one's customers on
// its days, and neither the day before nor the day after.
func TestCover(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET owner_id = $1`, d.ManagerID); err != nil {
		t.Fatal(err)
	}
	first, second := d.reply(t, "Invoice", "Which one?"), d.reply(t, "Goods", "Where are they?")
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		_, err := member.PlanAbsence(t.Context(), tx, d.ManagerID, member.Leave{CoverID: d.CollectorID, FromOn: tx.Today().Add(1), UntilOn: tx.Today().Add(2)})
		return err
	})
	monday := d.Now()
	for days, covers := range []bool{false, true, true, false} {
		d.Site.Now = func() time.Time { return monday.AddDate(0, 0, days) }
		c := d.As(t, d.Collector)
		page := c.Get("/inbox")
		day := c.Get(fmt.Sprintf("/?member=%d", d.ManagerID))
		if !covers {
			page.Has(t, http.StatusOK, "Nothing waits")
			day.Has(t, http.StatusForbidden)
			c.Get(at(second, "")).Has(t, http.StatusNotFound)
			c.Post(at(second, "/claim"), nil).Has(t, http.StatusNotFound)
			c.Post(at(second, "/handling"), form(second, "outcome", "Late.")).Has(t, http.StatusNotFound)
			continue
		}
		page.Has(t, http.StatusOK, "Mine 0", "Where are they?", "acme manager")
		day.Has(t, http.StatusOK, "Where are they?")
		c.Get(fmt.Sprintf("/?member=%d&open=%d", d.ManagerID, d.debtor)).Has(t, http.StatusOK, at(second, ""))
		c.Get("/inbox/waiting").Has(t, http.StatusOK, fmt.Sprintf(">%d</span>", 3-days))
		c.Get(at(second, "")).Has(t, http.StatusOK, "Where are they?")
		if days == 1 {
			c.Post(at(first, "/handling"), form(first, "outcome", "Called them.")).Leads(t, "/inbox")
		}
	}
	d.Site.Now = func() time.Time { return monday.AddDate(0, 0, 2) }
	c := d.As(t, d.Collector)
	c.Post(at(second, "/claim"), nil)
	c.Get("/inbox").Has(t, http.StatusOK, "Mine 1")
}
