package customers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/followup"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// S5.28 in the panel of a call: a promise above zero, to come by a day that is not past;
// more than can be collected is asked back, and taken once it is meant.
func TestPromiseOfACall(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	promised := form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: will pay'`), "text", "kept <words>", "promise-amount", "0", "promise-due_on", "2026-03-27")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, `id="field-promise-amount-error"`, "Give an amount above zero.", "kept &lt;words&gt;")
	promised.Set("promise-amount", "100.00")
	promised.Set("promise-due_on", "2026-03-15")
	page := c.Post(panel+"/outcome", promised)
	page.Has(t, http.StatusUnprocessableEntity, `id="field-promise-due_on-error"`, "This day is past.", `value="100.00"`)
	page.Lacks(t, "promise-confirmed")
	promised.Set("promise-amount", "lots")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, `id="field-promise-amount-error"`, `id="field-promise-due_on-error"`, "This day is past.", `value="lots"`)
	promised.Set("promise-amount", "99,999.00")
	promised.Set("promise-due_on", "2026-03-27")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, "EUR 99,999.00 is promised", "It is meant", `name="promise-confirmed"`)
	if n := number(t, s, `SELECT (SELECT count(*) FROM promises) * 10 + (SELECT count(*) FROM open_calls)`); n != "1" {
		t.Errorf("promises and calls to finish: %s, want 0 and 1", n)
	}
	promised.Set("promise-confirmed", "on")
	c.Post(panel+"/outcome", promised).Leads(t, at+"/collections")
	if n := number(t, s, `SELECT sum(amount) FROM promises`); n != "9999900" {
		t.Errorf("promised is %s", n)
	}
}

// What is proposed for one account is not promised on another: where that was chosen and
// the amount left as it was, the panel comes back with what is to collect there.
func TestPromiseOfACallOnAnotherAccount(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	account := number(t, s, `SELECT id FROM accounts WHERE number = '00428'`)
	write(t, s, acme.Admin, func(tx *tenant.Tx) error {
		id, err := strconv.ParseInt(account, 10, 64)
		dbtest.Item(t, tx, id, "P-1", "2026-02-10", 720_00, "GBP")
		return err
	})
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	c.Get(panel).Has(t, http.StatusOK, `name="promise-shown" value="`+account+` EUR"`, `value="53050.00"`, "Account 00428, GBP 720.00 to collect")
	promised := form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: will pay'`), "text", "kept <words>", "promise-shown", account+" EUR",
		"promise-offered", "53050.00", "promise-of", account+" GBP", "promise-amount", "53050.00", "promise-due_on", "2026-03-27", "promise-confirmed", "on")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, `id="field-promise-amount-error"`, "EUR 53,050.00 was proposed for Account 00428.",
		"chosen now, with GBP 720.00: look at the amount", `value="720.00"`, `name="promise-shown" value="`+account+` GBP"`, "kept &lt;words&gt;")
	promised.Set("promise-of", "1 JPY") // nothing is owed there any more
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, `id="field-promise-of-error"`)
	if n := number(t, s, `SELECT count(*) FROM promises`); n != "0" {
		t.Errorf("%s promises, want none", n)
	}
	promised.Set("promise-of", account+" GBP")
	promised.Set("promise-shown", account+" GBP")
	promised.Set("promise-amount", "720.00")
	c.Post(panel+"/outcome", promised).Leads(t, at+"/collections")
	if n := number(t, s, `SELECT amount FROM promises WHERE currency = 'GBP'`); n != "72000" {
		t.Errorf("promised are %s, want GBP 720.00", n)
	}
}

// What is in an open promise already is not proposed once more, and the panel says so.
func TestPromiseOfACallWhereAllIsPromised(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	first := c.Get(panel)
	first.Has(t, http.StatusOK, `name="promise-offered" value="53050.00"`)
	first.Lacks(t, promise.AllPromised)
	promised := form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: will pay'`), "promise-amount", "999,999.00", "promise-offered", "53050.00", "promise-due_on", "2026-03-27",
		"promise-confirmed", "on")
	c.Post(panel+"/outcome", promised).Leads(t, at+"/collections")
	panel = c.Post(at+"/calls", form("point", phone)).Location
	again := c.Get(panel)
	again.Has(t, http.StatusOK, `name="promise-offered" value=""`, promise.AllPromised)
	again.Lacks(t, `value="53050.00"`)
	promised.Set("promise-amount", "50.00")
	promised.Del("promise-confirmed")
	c.Post(panel+"/outcome", promised).Has(t, http.StatusUnprocessableEntity, "Or confirm that it is meant.", `value="50.00"`)
}

// A promise that was written down while the panel stood open is asked about, too.
func TestPromiseOfACallMeanwhile(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	c.Get(panel).Has(t, http.StatusOK, `name="promise-newest" value="0"`)
	account := number(t, s, `SELECT id FROM accounts WHERE number = '00428'`)
	s.As(t, acme.Manager).Post(at+"/promises", form("of", account+"-EUR", "amount", "200.20", "due_on", "2026-03-27", "assignee", fmt.Sprint(acme.ManagerID))).Leads(t, at)
	promised := form("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'Spoke: will pay'`), "promise-newest", "0",
		"promise-amount", "300.30", "promise-due_on", "2026-03-27", "text", "kept words")
	made := number(t, s, `SELECT max(id) FROM promises`)
	c.Post(panel+"/outcome", promised).Has(t, http.StatusConflict, "Since you opened this page acme manager wrote down a promise of EUR 200.20 by Fri 27 Mar 2026. Is this another one?",
		`name="promise-newest" value="`+made+`"`, "kept words", `value="300.30"`)
	promised.Set("promise-newest", made)
	c.Post(panel+"/outcome", promised).Leads(t, at+"/collections")
	if n := number(t, s, `SELECT sum(amount) FROM promises`); n != "50050" {
		t.Errorf("promised is %s", n)
	}
}

// Credits do not take the place of the items that are offered to be ticked.
func TestItemsOfACallBehindManyCredits(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	account, err := strconv.ParseInt(number(t, s, `SELECT id FROM accounts WHERE number = '00428'`), 10, 64)
	write(t, s, acme.Admin, func(tx *tenant.Tx) error {
		for n := range 31 {
			dbtest.Item(t, tx, account, fmt.Sprintf("K-%d", n), "2025-01-01", -1_00, "EUR")
		}
		dbtest.Item(t, tx, account, "Old", "2025-02-01", 3_00, "EUR")
		return err
	})
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	page := c.Get(panel)
	_, boxes, _ := strings.Cut(page.Body, `name="dispute-items"`)
	if !strings.Contains(boxes[:500], "Old") {
		t.Errorf("the first item to be ticked is not the one due the longest: %.500s", boxes)
	}
	page.Lacks(t, "K-0")
}

// The follow-ups that a call may have been about are ticked with its outcome.
func TestFollowupsOfACall(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	id, _ := strconv.ParseInt(at[len("/customers/"):], 10, 64)
	var late int64
	write(t, s, acme.Collector, func(tx *tenant.Tx) (err error) {
		if late, err = followup.Schedule(t.Context(), tx, id, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: tx.Today(), Text: "Ask <why>"}); err != nil {
			return err
		}
		_, err = followup.Schedule(t.Context(), tx, id, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: tx.Today().Add(1), Text: "Tomorrow's"})
		return err
	})
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	page := c.Get(panel)
	box := `name="ticked" value="` + strconv.FormatInt(late, 10) + `"`
	page.Has(t, http.StatusOK, "Done with this call", box, "Ask &lt;why&gt;")
	if n := strings.Count(page.Body, `name="ticked"`); n != 1 {
		t.Errorf("%d follow-ups to tick, want the one that is due", n)
	}
	said := form("ticked", strconv.FormatInt(late, 10))
	c.Post(panel+"/outcome", said).Has(t, http.StatusUnprocessableEntity, box+" checked")
	said.Set("disposition", number(t, s, `SELECT id FROM dispositions WHERE name = 'No answer'`))
	c.Post(panel+"/outcome", said).Leads(t, at+"/collections")
	if n := number(t, s, `SELECT id FROM follow_ups WHERE ended = 'done'`); n != strconv.FormatInt(late, 10) {
		t.Errorf("done is %s, want %d", n, late)
	}
}

// The panel offers the oldest items to be ticked, and says of how many it does not.
func TestMoreItemsThanACallOffers(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	panel := c.Post(at+"/calls", form("point", phone)).Location
	c.Get(panel).Lacks(t, "Name them in the text")
	account, err := strconv.ParseInt(number(t, s, `SELECT id FROM accounts WHERE number = '00428'`), 10, 64)
	write(t, s, acme.Admin, func(tx *tenant.Tx) error {
		for n := range 15 {
			dbtest.Item(t, tx, account, fmt.Sprintf("M-%d", n), "2026-03-01", 1_00, "EUR")
		}
		return err
	})
	more := number(t, s, `SELECT count(*) - 12 FROM items i JOIN accounts a ON a.id = i.account_id WHERE i.open_amount > 0 AND '`+at+`' = '/customers/' || a.customer_id`)
	c.Get(panel).Has(t, http.StatusOK, more+" more are open. Name them in the text, and tick them on the", `href="`+at+`/items">items tab</a>`)
}
