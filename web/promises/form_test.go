package promises_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// S5.19 to S5.23: amount, who follows it up, date and notes; what is to be collected
// is proposed, in a week, the oldest items ticked.
func TestFormProposes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	page := c.Get(d.at("/promises/new"))
	page.Has(t, http.StatusOK, `name="amount" type="text" value="850.00"`, `name="due_on" type="date" value="2026-03-23"`,
		fmt.Sprintf(`value="%d" selected`, d.CollectorID), "To collect: 850.00, with what is not due yet: 940.00.",
		fmt.Sprintf(`name="item" value="%d" checked`, d.a), fmt.Sprintf(`name="item" value="%d" checked`, d.b), "It cannot be confirmed by e-mail. No e-mail address")
	page.Lacks(t, fmt.Sprintf(`name="item" value="%d" checked`, d.c))
	c.Post(d.at("/promises"), d.form("850.00", "text", "Salary on Thursday", "back", d.at("/account/promises"))).Leads(t, d.at("/account/promises"))
	d.is(t, madeSQL, "85000 open 85000 by 2026-03-20 about A+B")
	d.is(t, `SELECT text || ' ' || assignee_id FROM promises`, fmt.Sprintf("Salary on Thursday %d", d.CollectorID))
	c.Get(d.at("/account/promises")).Has(t, http.StatusOK, "The promise of EUR 850.00 is written down.", "EUR 850.00 by Fri 20 Mar 2026", "Salary on Thursday", "About A with 600.00, B with 250.00.")
	c.Get(d.at("/items")).Has(t, http.StatusOK, "promised")
	page = c.Get(d.at("/promises/new"))
	page.Has(t, http.StatusOK, `name="amount" type="text" value="90.00"`) // C is all that is left
}

// S5.28: more than can be collected is asked back and taken once confirmed; a past
// day is refused beside its field; what was typed is kept.
func TestFormRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	past := d.form("100.00", "text", "kept words")
	past.Set("due_on", "2026-03-15")
	page := c.Post(d.at("/promises"), past)
	page.Has(t, http.StatusUnprocessableEntity, `id="field-due_on-error"`, "This day is past. Choose today or a day to come.", "kept words", `value="100.00"`)
	for want, f := range map[string]url.Values{
		"Give an amount above zero.":                        d.form("0"),
		"Give an amount.":                                   d.form(""),
		"This is no day. Write it as 2027-03-31.":           func() url.Values { f := d.form("5.00"); f.Set("due_on", "20.3."); return f }(),
		"The instalments come to EUR 70.00, and EUR 100.00": d.form("100.00", "part_due", "2026-03-20", "part_amount", "30.00", "part_due", "2026-04-20", "part_amount", "40.00"),
		"This looks like a payment card number":             d.form("5.00", "text", "4111 1111 1111 1111"),
		"of the items that are ticked EUR 90.00 is open":    d.form("100.00", "item", fmt.Sprint(d.c)),
	} {
		c.Post(d.at("/promises"), f).Has(t, http.StatusUnprocessableEntity, want)
	}
	// What cannot be read does not hide what else is wrong.
	for _, amount := range []string{"lots", "0", ""} {
		all := d.form(amount, "text", "Card 4111 1111 1111 1111")
		all.Set("due_on", "2026-03-15")
		c.Post(d.at("/promises"), all).Has(t, http.StatusUnprocessableEntity, `id="field-amount-error"`, "This day is past. Choose today or a day to come.", "This looks like a payment card number")
	}
	parts := c.Post(d.at("/promises"), d.form("100.00", "part_due", "2026-03-25", "part_amount", "lots", "part_due", "2026-03-15", "part_amount", "40.00"))
	parts.Has(t, http.StatusUnprocessableEntity, `id="field-instalment-1-error"`, "This day is past. Choose today or a day to come.")
	parts.Lacks(t, "The instalments come to")
	d.is(t, madeSQL, "")
	ask := c.Post(d.at("/promises"), d.form("940.01"))
	ask.Has(t, http.StatusUnprocessableEntity, "EUR 940.01 is promised, and EUR 940.00 can be collected on this account.", "It is meant: EUR 940.01", `name="confirmed"`)
	d.is(t, madeSQL, "")
	c.Post(d.at("/promises"), d.form("940.01", "confirmed", "on")).Leads(t, d.at(""))
	d.is(t, madeSQL, "94001 open 94001 by 2026-03-20 about A+B+C")
	c.Get(d.at("/promises/new")).Has(t, http.StatusOK, `value="0.00"`)
}

// Where all items are in an open promise, the form says so, proposes nothing and asks back
// before it saves what would hold nothing back.
func TestFormOfNothingLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Get(d.at("/promises/new")).Lacks(t, "All that is open here is in an open promise already")
	c.Post(d.at("/promises"), d.form("900.00")).Leads(t, d.at(""))
	c.Get(d.at("/promises/new")).Has(t, http.StatusOK, "All that is open here is in an open promise already", "Replace the open promise by one of the whole amount.", `name="amount" type="text" value="0.00"`)
	c.Post(d.at("/promises"), d.form("40.00", "text", "kept words")).Has(t, http.StatusUnprocessableEntity, "Or confirm that it is meant.", "It is meant: EUR 40.00", "kept words")
	d.is(t, madeSQL, "90000 open 90000 by 2026-03-20 about A+B+C")
}

// The ticks follow the amount until somebody changes them; the buttons of the form
// save nothing.
func TestFormAssists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	both := fmt.Sprintf("%d %d", d.a, d.b)
	page := c.Post(d.at("/promises"), d.form("600.00", "split", "3"))
	page.Has(t, http.StatusOK, `value="2026-03-20"`, `value="2026-04-20"`, `value="2026-05-20"`, "Together EUR 600.00.", fmt.Sprintf(`value="%d" checked`, d.a))
	page.Lacks(t, fmt.Sprintf(`value="%d" checked`, d.b))
	d.is(t, madeSQL, "")
	c.Post(d.at("/promises"), d.form("600.00", "picked", both, "item", fmt.Sprint(d.a), "item", fmt.Sprint(d.b),
		"part_due", "2026-03-20", "part_amount", "200.00", "part_due", "", "part_amount", "", "part_due", "2026-04-20", "part_amount", "400.00")).Leads(t, d.at(""))
	d.is(t, madeSQL, "60000 open 20000 by 2026-03-20, 40000 by 2026-04-20 about A")
	c.Post(d.at("/promises"), d.form("90.00", "picked", fmt.Sprint(d.b), "item", fmt.Sprint(d.c))).Leads(t, d.at(""))
	if got := d.ask(t, madeSQL); !strings.HasSuffix(got, "9000 open 9000 by 2026-03-20 about C") {
		t.Errorf("the item that was ticked: %s", got)
	}
}

// Nobody promises on an account that the page did not show: where another one was
// chosen, it comes back with that one's currency, amount and items before it saves.
func TestFormOfAnotherAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var x, y int64
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		x = dbtest.Item(t, tx, d.account, "X", "2026-01-20", 700_00, "GBP")
		y = dbtest.Item(t, tx, d.account, "Y", "2026-02-20", 20_00, "GBP")
		return nil
	})
	c := d.As(t, d.Collector)
	euro, pound := fmt.Sprintf("%d-EUR", d.account), fmt.Sprintf("%d-GBP", d.account)
	c.Get(d.at("/promises/new")).Has(t, http.StatusOK, "Amount in EUR", fmt.Sprintf(`name="shown" value="%s"`, euro), `hx-post="`+d.at("/promises")+`"`)
	chosen := d.form("850.00", "offered", "850.00", "shown", euro, "picked", fmt.Sprintf("%d %d", d.a, d.b), "item", fmt.Sprint(d.a), "text", "kept words")
	chosen.Set("of", pound)
	page := c.Post(d.at("/promises"), chosen)
	page.Has(t, http.StatusUnprocessableEntity, `id="field-of-error"`, "Now it is for Account "+d.ask(t, `SELECT number FROM accounts`)+", GBP: look at the amount and the items, then save.",
		"Amount in GBP", `value="720.00"`, "kept words", fmt.Sprintf(`name="shown" value="%s"`, pound), fmt.Sprintf(`name="item" value="%d" checked`, x), fmt.Sprintf(`name="item" value="%d" checked`, y))
	chosen.Set("amount", "500")
	page = c.Post(d.at("/promises"), chosen)
	page.Has(t, http.StatusUnprocessableEntity, "Amount in GBP", `name="amount" type="text" value="500"`, fmt.Sprintf(`name="item" value="%d" checked`, x))
	page.Lacks(t, fmt.Sprintf(`name="item" value="%d" checked`, y))
	d.is(t, madeSQL, "")
	chosen.Set("shown", pound)
	chosen.Set("picked", fmt.Sprint(x))
	chosen["item"] = []string{fmt.Sprint(x)}
	c.Post(d.at("/promises"), chosen).Leads(t, d.at(""))
	c.Get(d.at("/account/promises")).Has(t, http.StatusOK, "The promise of GBP 500.00 is written down.")
	// What was owed on the account in the meantime is paid: another one is not taken in its place.
	gone := d.form("5.00", "shown", "1-JPY")
	gone.Set("of", "1-JPY")
	c.Post(d.at("/promises"), gone).Has(t, http.StatusUnprocessableEntity, `id="field-of-error"`)
	d.is(t, madeSQL, "50000 open 50000 by 2026-03-20 about X")
}

// TestFormTwice: a form that is sent twice is one promise.
func TestFormTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	f := d.form("10.00", "form_id", "6f1c1f9e-2f5e-4b54-8a3c-111111111111")
	c.Post(d.at("/promises"), f).Leads(t, d.at(""))
	c.Post(d.at("/promises"), f).Leads(t, d.at(""))
	d.is(t, `SELECT count(*)::text FROM promises`, "1")
}

// TestFormOfAPromiseMeanwhile: who opened the form before somebody else wrote a promise
// down is asked whether theirs is another one, and shown what is left for it; saved again
// it is taken.
func TestFormOfAPromiseMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.As(t, d.Collector), d.As(t, d.Manager)
	second.Get(d.at("/promises/new")).Has(t, http.StatusOK, `name="newest" value="0"`)
	typed := d.form("200.20", "newest", "0", "picked", fmt.Sprint(d.a), "item", fmt.Sprint(d.a), "text", "kept words")
	first.Post(d.at("/promises"), typed).Leads(t, d.at(""))
	typed.Set("due_on", "2026-03-15")
	second.Post(d.at("/promises"), typed).Has(t, http.StatusUnprocessableEntity, `name="newest" value="0"`) // which asks nothing yet
	typed.Set("due_on", "2026-03-20")
	page := second.Post(d.at("/promises"), typed)
	made := d.ask(t, `SELECT max(id)::text FROM promises`)
	page.Has(t, http.StatusConflict, "Since you opened this page acme collector wrote down a promise of EUR 200.20 by Fri 20 Mar 2026. Is this another one?",
		`name="newest" value="`+made+`"`, "kept words", `value="200.20"`, fmt.Sprintf(`name="picked" value="%d"`, d.b), fmt.Sprintf(`name="item" value="%d" checked`, d.b))
	d.is(t, `SELECT count(*)::text FROM promises`, "1")
	again := d.form("200.20", "newest", made, "picked", fmt.Sprint(d.b), "item", fmt.Sprint(d.b))
	second.Post(d.at("/promises"), again).Leads(t, d.at(""))
	d.is(t, madeSQL, "20020 open 20020 by 2026-03-20 about A; 20020 open 20020 by 2026-03-20 about B")
	// in two tabs of one's own, and in the place of another promise
	third := second.Post("/promises/"+made+"/replacement", d.form("210.30", "newest", made, "version", "1"))
	third.Has(t, http.StatusConflict, "Since you opened this page you wrote down a promise of EUR 200.20")
	// what was taken back since is nothing to ask about
	second.Post("/promises/"+d.ask(t, `SELECT max(id)::text FROM promises`)+"/withdrawal", url.Values{"version": {"1"}, "reason": {"twice"}, "back": {"/promises"}}).Leads(t, "/promises")
	second.Post("/promises/"+made+"/replacement", d.form("210.30", "newest", made, "version", "1")).Leads(t, d.at(""))
}
