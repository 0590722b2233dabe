package promises_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company whose customer owes 600.00 (A, the oldest), 250.00 (B) and, from
// April on, 90.00 (C). It is Monday 16 March 2026, 10:30 in Oslo.
type desk struct {
	*webtest.Site
	*dbtest.Company
	customer, account, a, b, c int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s := webtest.New(t)
	d := &desk{Site: s, Company: dbtest.Tenant(t, s.Database, "acme")}
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		d.customer, d.account = dbtest.Customer(t, tx, "C-1")
		d.a = dbtest.Item(t, tx, d.account, "A", "2026-01-10", 600_00, "EUR")
		d.b = dbtest.Item(t, tx, d.account, "B", "2026-02-10", 250_00, "EUR")
		d.c = dbtest.Item(t, tx, d.account, "C", "2026-04-10", 90_00, "EUR")
		return message.SeedTemplates(t.Context(), tx)
	})
	return d
}

func (d *desk) write(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// at is a path of the customer's.
func (d *desk) at(path string) string { return fmt.Sprintf("/customers/%d%s", d.customer, path) }

// form is a promise of so much by Friday.
func (d *desk) form(amount string, more ...string) url.Values {
	v := url.Values{"of": {fmt.Sprintf("%d-EUR", d.account)}, "amount": {amount}, "due_on": {"2026-03-20"}, "assignee": {fmt.Sprint(d.CollectorID)}}
	for i := 0; i < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return v
}

// ask is one value of the database, past row security.
func (d *desk) ask(t *testing.T, sql string) (s string) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func (d *desk) is(t *testing.T, sql, want string) {
	t.Helper()
	if got := d.ask(t, sql); got != want {
		t.Errorf("%s: %q, want %q", sql, got, want)
	}
}

const madeSQL = `
	SELECT coalesce(string_agg(p.amount || ' ' || p.state || ' ' || (SELECT string_agg(i.amount || ' by ' || i.due_on, ', ' ORDER BY i.number) FROM instalments i WHERE i.promise_id = p.id)
		|| ' about ' || coalesce((SELECT string_agg(o.number, '+' ORDER BY n.place) FROM promise_items n JOIN items o ON o.id = n.item_id WHERE n.promise_id = p.id), 'nothing'), '; ' ORDER BY p.id), '')
	FROM promises p`

// A confirmation goes out in the customer's language; without a mail server it is
// held, and the page says so; one that may not be written to is refused.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET language = 'de' WHERE id = $1`, d.customer)
		if err == nil {
			_, err = tx.Exec(t.Context(), `INSERT INTO contact_points (customer_id, kind, value, person, role, preferred) VALUES ($1, 'email', 'anna@debtor.example', 'Anna', 'debtor', true)`, d.customer)
		}
		return err
	})
	c := d.As(t, d.Collector)
	c.Get(d.at("/promises/new")).Has(t, http.StatusOK, "Confirm by e-mail to anna@debtor.example")
	c.Post(d.at("/promises"), d.form("120.00", "confirm", "on", "part_due", "2026-03-20", "part_amount", "50.00", "part_due", "2026-04-20", "part_amount", "70.00")).Leads(t, d.at(""))
	c.Get(d.at("/account/promises")).Has(t, http.StatusOK, "Its confirmation is held: no mail server is set up here yet.")
	body := d.ask(t, `SELECT state || ' ' || subject || ' ' || body FROM messages`)
	for _, want := range []string{"held Ihre Zahlungszusage", "Guten Tag Anna", "120,00\u00a0EUR", "50,00\u00a0EUR bis 20.03.2026", "70,00\u00a0EUR bis 20.04.2026"} {
		if !strings.Contains(body, want) {
			t.Errorf("the confirmation lacks %q: %s", want, body)
		}
	}
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		var point int64
		if err := tx.QueryRow(t.Context(), `SELECT id FROM contact_points`).Scan(&point); err != nil {
			return err
		}
		return customer.Permit(t.Context(), tx, d.customer, point, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "x", ReviewOn: tx.Today().Add(9)})
	})
	c.Post(d.at("/promises"), d.form("5.00", "confirm", "on")).Has(t, http.StatusUnprocessableEntity, `id="field-confirm-error"`, "opted out", "Take the tick away, or write later.")
	d.is(t, `SELECT count(*)::text FROM promises`, "1")
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE templates SET name = 'Other' WHERE name = 'Promise confirmation'`)
		return err
	})
	c.Get(d.at("/promises/new")).Has(t, http.StatusOK, "There is no e-mail template called Promise confirmation.")
	c.Post(d.at("/promises"), d.form("5.00", "confirm", "on")).Has(t, http.StatusUnprocessableEntity, "There is no e-mail template called Promise confirmation.")
	d.is(t, `SELECT count(*)::text FROM promises`, "1")
}

// The list by state: mine, and the team's for managers; page by page; worked in place.
func TestList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	c.Get("/promises").Has(t, http.StatusOK, "No promise is open")
	c.Post(d.at("/promises"), d.form("100.00")).Leads(t, d.at(""))
	c.Post(d.at("/promises"), d.form("30.00", "item", fmt.Sprint(d.c))).Leads(t, d.at(""))
	page := c.Get("/promises")
	page.Has(t, http.StatusOK, "Promises to pay", "Open 2", "promised <span class=\"fw-bold\">130.00</span>", "EUR 100.00", "EUR 30.00", "/replacement?back=")
	m.Get("/promises").Has(t, http.StatusOK, "No promise is open")
	m.Get("/promises?whose=team").Has(t, http.StatusOK, "EUR 100.00", "acme collector")
	c.Get("/promises?whose=team").Has(t, http.StatusForbidden, "Managers see everybody")
	m.Get("/promises?whose=left").Has(t, http.StatusOK, "No promise is open")
	for _, bad := range []string{"?state=mad", "?whose=yours", "?after=x", "?after=2026-03-20.0"} {
		c.Get("/promises"+bad).Has(t, http.StatusUnprocessableEntity, "This address of the promises is damaged.")
	}
	first := d.ask(t, `SELECT id::text FROM promises ORDER BY id LIMIT 1`)
	m.Post("/promises/"+first+"/assignee", url.Values{"version": {"1"}, "assignee": {fmt.Sprint(d.ManagerID)}, "back": {"/promises?whose=team"}}).Leads(t, "/promises?whose=team")
	m.Get("/promises").Has(t, http.StatusOK, "EUR 100.00")
	c.Post("/promises/"+first+"/assignee", url.Values{"version": {"2"}, "assignee": {fmt.Sprint(d.CollectorID)}}).Has(t, http.StatusForbidden, "Only managers give away")
	m.Post("/promises/"+first+"/assignee", url.Values{"version": {"1"}, "assignee": {fmt.Sprint(d.CollectorID)}}).Has(t, http.StatusConflict, "changed meanwhile")
	m.Post("/promises/"+first+"/assignee", url.Values{"version": {"2"}, "assignee": {"0"}}).Has(t, http.StatusUnprocessableEntity, "field-assignee-error")
	m.Post("/promises/"+first+"/withdrawal", url.Values{"version": {"2"}, "reason": {" "}}).Has(t, http.StatusUnprocessableEntity, "Say why it is taken back.")
	m.Post("/promises/"+first+"/withdrawal", url.Values{"version": {"2"}, "reason": {"It was another customer"}, "back": {"/promises"}}).Leads(t, "/promises")
	m.Post("/promises/"+first+"/withdrawal", url.Values{"version": {"2"}, "reason": {"I was second"}}).Has(t, http.StatusConflict, "it is withdrawn", "What you typed", "I was second")
	m.Get("/promises?state=withdrawn").Has(t, http.StatusOK, "EUR 100.00", "Withdrawn 1")
	m.Get("/promises/"+first).Has(t, http.StatusOK, "EUR 100.00 due Fri 20 Mar 2026 was taken back: It was another customer")
}

// The sum over a tab says what became of the rest: it is to come, or did not come in
// time; of what is not waited for any more nothing is said.
func TestRest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Post(d.at("/promises"), d.form("100.00")).Leads(t, d.at(""))
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 10) }
	for tab, want := range map[string]string{"open": "to come", "waiting": "to come", "broken": "did not come in time", "part_kept": "did not come in time",
		"kept": "", "replaced": "", "withdrawn": ""} {
		state := tab
		if tab == "waiting" {
			state = "open"
		}
		d.write(t, d.Admin, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE instalments SET state = $1, received = 1200`, state)
			return err
		})
		page := c.Get("/promises?state=" + tab)
		page.Has(t, http.StatusOK, `promised <span class="fw-bold">100.00</span>`, "received 12.00")
		if want != "" {
			page.Has(t, http.StatusOK, want+` <span class="big">88.00</span>`)
			continue
		}
		page.Lacks(t, "88.00", "to come", "did not come", `class="op"`)
	}
}

// TestDecisionsAreExplained: waiting for payments, then broken, then money turns up,
// each in a sentence with what it was decided from.
func TestDecisionsAreExplained(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Post(d.at("/promises"), d.form("100.00")).Leads(t, d.at(""))
	at := "/promises/" + d.ask(t, `SELECT id::text FROM promises`)
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 10) } // the day after grace
	c.Get("/promises?state=waiting").Has(t, http.StatusOK, "waits for payments", "Waiting 1")
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		return tenant.SetPaymentsLoadedTo(t.Context(), tx, tx.Today().Time(tx.Actor.Tenant.Zone))
	})
	d.write(t, d.System(), func(tx *tenant.Tx) error { return promise.DecideAll(t.Context(), tx) })
	c.Get("/promises?state=waiting").Has(t, http.StatusOK, "Nothing waits")
	c.Get("/promises?state=broken").Has(t, http.StatusOK, "EUR 100.00")
	c.Get(at).Has(t, http.StatusOK, "Broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026. Payments were loaded up to and with Wed 25 Mar 2026.")
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.customer, AccountID: d.account, Number: "P", ValueOn: tx.Today().Add(-2), Amount: money.New(40_00, "EUR")})
		return err
	})
	c.Get(at).Has(t, http.StatusOK, "Kept in part: of the EUR 100.00 due Fri 20 Mar 2026 EUR 40.00 came by Wed 25 Mar 2026 (40.00 on 24 Mar).", "nothing came by")
	c.Get("/promises?state=part_kept").Has(t, http.StatusOK, "did not come in time <span class=\"big\">60.00</span>")
	c.Get(at+"/replacement").Has(t, http.StatusConflict, "This promise is not open any more")
	c.Get(d.at("/account/promises")).Has(t, http.StatusOK, "Kept in part: of the EUR 100.00", "Broken: of the EUR 100.00") // S5.24
}

// A promise is replaced by a form that has what it was; twice at most, and then neither
// the list nor its page offers it, nor does the form open.
func TestReplace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Post(d.at("/promises"), d.form("700.00")).Leads(t, d.at(""))
	for n := range 3 {
		id := d.ask(t, `SELECT max(id)::text FROM promises`)
		at := "/promises/" + id + "/replacement"
		if n == 0 {
			c.Get(at).Has(t, http.StatusOK, "In the place of EUR 700.00", `value="700.00"`, fmt.Sprintf(`name="item" value="%d" checked`, d.a))
		}
		f := d.form(fmt.Sprintf("65%d.00", n), "version", "1", "back", "/promises")
		if n == 2 {
			c.Post(at, f).Has(t, http.StatusUnprocessableEntity, "2 is the most that is allowed")
			c.Get(at).Has(t, http.StatusConflict, "Replacements before this promise: 2, and 2 is the most that is allowed.")
			c.Get("/promises").Lacks(t, "/replacement?back=")
			c.Get("/promises/"+id).Lacks(t, "/replacement?back=")
			break
		}
		c.Get("/promises").Has(t, http.StatusOK, at+"?back=")
		c.Get("/promises/"+id).Has(t, http.StatusOK, at+"?back=")
		c.Get("/promises/"+id).Lacks(t, "is the most that is allowed")
		c.Post(at, f).Leads(t, "/promises")
		c.Post(at, d.form("5.00", "version", "1")).Has(t, http.StatusConflict, "not open any more: it is replaced", `value="5.00"`)
	}
	d.is(t, `SELECT string_agg(amount || ' ' || state, ', ' ORDER BY id) FROM promises`, "70000 replaced, 65000 replaced, 65100 open")
	last := d.ask(t, `SELECT max(id)::text FROM promises`)
	c.Get("/promises/"+last).Has(t, http.StatusOK, "2 promises were replaced, one by the next",
		"Replacements before this promise: 2, and 2 is the most that is allowed. Let it run", "A manager can withdraw it.")
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 4) } // its day, which is not past
	c.Get("/promises/"+last).Lacks(t, "/replacement?back=")
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 5) } // the next one comes after it
	for _, page := range []string{"/promises", "/promises/" + last} {
		c.Get(page).Has(t, http.StatusOK, "/promises/"+last+"/replacement?back=")
		c.Get(page).Lacks(t, "is the most that is allowed")
	}
	c.Get("/promises/"+last+"/replacement").Has(t, http.StatusOK, "In the place of EUR 651.00")
}

// S5.28 in the place of another promise, which frees what it holds: more than can be
// collected is asked back, a past day refused beside its field; until it is taken the
// other one stays as it is.
func TestReplaceRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Post(d.at("/promises"), d.form("700.00")).Leads(t, d.at(""))
	at := "/promises/" + d.ask(t, `SELECT max(id)::text FROM promises`) + "/replacement"
	c.Get(at).Has(t, http.StatusOK, "To collect: 850.00, with what is not due yet: 940.00.", fmt.Sprintf(`name="item" value="%d" checked`, d.a), fmt.Sprintf(`name="item" value="%d" checked`, d.b))
	past := d.form("100.00", "version", "1", "text", "kept words")
	past.Set("due_on", "2026-03-15")
	c.Post(at, past).Has(t, http.StatusUnprocessableEntity, `id="field-due_on-error"`, "This day is past.", "kept words")
	c.Post(at, d.form("0", "version", "1")).Has(t, http.StatusUnprocessableEntity, `id="field-amount-error"`, "Give an amount above zero.")
	c.Post(at, d.form("940.01", "version", "1")).Has(t, http.StatusUnprocessableEntity, "EUR 940.01 is promised, and EUR 940.00 can be collected on this account.", "It is meant: EUR 940.01")
	d.is(t, madeSQL, "70000 open 70000 by 2026-03-20 about A+B")
	c.Post(at, d.form("940.01", "version", "1", "confirmed", "on")).Leads(t, d.at(""))
	d.is(t, `SELECT string_agg(amount || ' ' || state, ', ' ORDER BY id) FROM promises`, "70000 replaced, 94001 open")
}
