package agenda_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// The entry is the statement that one works on. What is refused says why, and
// keeps what was typed.
func TestEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "Customer C-1", "INV-1 is 42 days late", "Items in EUR", "1,200.00", "level 1 now", "Reminders: auto", "Nothing was done about it yet", "Look at it first")
	// S2.19: the server refuses Done with no action
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"))).Has(t, http.StatusConflict, "Nothing was done about it yet")
	// S2.14: no address on file
	c.Get(d.at("C-3", "")).Has(t, http.StatusOK, "No e-mail address is on file.")
	page := c.Post(d.at("C-3", "/email"), form("version", d.version(t, "C-3")))
	if page.Code < 400 {
		t.Errorf("an e-mail to nowhere: status %d", page.Code)
	}
	c.Get(d.at("C-3", "")).Has(t, http.StatusOK, "Nothing yet.")
	c.Post(d.at("C-1", "/later"), form("version", d.version(t, "C-1"), "until", "2026-03-01", "reason", "They are away")).
		Has(t, http.StatusUnprocessableEntity, "Give a day to come", "They are away", "2026-03-01")
	c.Post(d.at("C-1", "/later"), form("version", d.version(t, "C-1"), "until", "soon")).
		Has(t, http.StatusUnprocessableEntity, "Give a day such as", fmt.Sprintf(`aria-describedby="later-%d-until-error" aria-invalid="true"`, d.entries["C-1"]))
	c.Post(d.at("C-1", "/later"), form("version", d.version(t, "C-1"), "until", "2026-03-20", "reason", "Card 4111 1111 1111 1111")).
		Has(t, http.StatusUnprocessableEntity, "This looks like a payment card number")
	c.Post(d.at("C-1", "/later"), form("version", "99", "until", "2026-03-20")).Has(t, http.StatusConflict)
	c.Post(d.at("C-1", "/letter"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	c.Get(mine).Has(t, http.StatusOK, "The letter to Customer C-1 is made.", "Open it to print", fmt.Sprintf("/customers/%d/messages/", d.customers["C-1"]))
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "Letter, level 1", "Open to print", "Done")
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", d.at("C-1", ""))).Leads(t, "/agenda")
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "done")
}

// Done of a row asks for the day where no level brings the customer back: the row
// opens, which has the field.
func TestDoneOfARowAfterTheLastLevel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE levels v SET retired_at = now() WHERE after_days > (SELECT min(after_days) FROM levels l WHERE l.policy_id = v.policy_id AND l.after_days > 0)`); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.acme.Collector)
	c.Post(d.at("C-1", "/letter"), form("back", mine))
	open := fmt.Sprintf("/agenda?open=%d&whose=mine", d.entries["C-1"])
	page := c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", mine))
	page.Leads(t, open+fmt.Sprintf("#entry-%d", d.entries["C-1"]))
	c.Get(open).Has(t, http.StatusOK, "Say when Customer C-1 is to come back, and then Done", `name="next_on"`)
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", mine, "next_on", "")).Has(t, http.StatusUnprocessableEntity, "Say when the customer is to come back")
}

func TestLogCallAndManual(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	var disposition int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT id FROM dispositions WHERE name = 'No answer'`).Scan(&disposition); err != nil {
		t.Fatal(err)
	}
	c.Post(d.at("C-2", "/call"), form("disposition", "0", "point", "0", "text", "Rang twice")).Has(t, http.StatusUnprocessableEntity, "Rang twice")
	c.Post(d.at("C-2", "/call"), form("disposition", fmt.Sprint(disposition), "point", "0", "number", "+47 22 41 09 33", "incoming", "on")).
		Has(t, http.StatusUnprocessableEntity, "-disposition-error", "They called, so somebody was there. Choose another outcome.")
	c.Post(d.at("C-2", "/call"), form("disposition", fmt.Sprint(disposition), "point", "0", "number", "+47 22 41 09 33", "text", "Rang twice")).Leads(t, d.at("C-2", ""))
	c.Get(d.at("C-2", "")).Has(t, http.StatusOK, "Call, nobody spoken to", "Rang twice", "Nobody was spoken to", "They come back on", `type="date"`)
	c.Post(d.at("C-3", "/manual"), form("text", "Asked the driver")).Leads(t, d.at("C-3", ""))
	c.Get(d.at("C-3", "")).Has(t, http.StatusOK, "By hand", "Asked the driver")
}

// Beside a number that may be called now the call is placed on the press, as on the
// Collections tab, and its panel comes.
func TestCallNow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get(d.at("C-1", "")).Lacks(t, "Call now")
	var point int64
	if err := d.Owner(t).QueryRow(t.Context(), `INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role)
		SELECT tenant_id, id, 'phone', '+4722410933', 'Berit', 'debtor' FROM customers WHERE id = $1 RETURNING id`, d.customers["C-1"]).Scan(&point); err != nil {
		t.Fatal(err)
	}
	calls := fmt.Sprintf("/customers/%d/calls", d.customers["C-1"])
	for _, path := range []string{d.at("C-1", ""), fmt.Sprintf("/agenda?open=%d&whose=mine", d.entries["C-1"])} {
		c.Get(path).Has(t, http.StatusOK, "Call now", fmt.Sprintf(`action="%s"`, calls), fmt.Sprintf(`name="point" value="%d"`, point))
	}
	placed := c.Post(calls, form("point", fmt.Sprint(point)))
	c.Get(placed.Location).Has(t, http.StatusOK, "Call to", "Save, Done and next")
	if _, err := d.Owner(t).Exec(t.Context(), `INSERT INTO contact_rules (tenant_id, name, channel, weekdays, from_time, to_time, source, as_of)
		VALUES ($1, 'night', 'call', 127, '20:00', '21:00', 'law', '2021-01-01')`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	page := c.Get(d.at("C-1", ""))
	page.Has(t, http.StatusOK, "Log call")
	page.Lacks(t, "Call now")
}

// S5.30: a promise that was not kept is why the customer stands there, in the list and
// on the entry.
func TestBrokenPromise(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE customer_id = $1`, d.customers["C-1"]).Scan(&account); err != nil {
			return err
		}
		_, err := promise.Make(t.Context(), tx, d.customers["C-1"], promise.Plan{AccountID: account, Amount: money.New(40_000, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: tx.Today()})
		return err
	})
	c := d.As(t, d.acme.Collector)
	c.Get(mine).Lacks(t, "Promise broken.")
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 4) } // the day after grace
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return tenant.SetPaymentsLoadedTo(t.Context(), tx, tx.Today().Time(tx.Actor.Tenant.Zone))
	})
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return promise.DecideAll(t.Context(), tx) })
	c.Get(mine).Has(t, http.StatusOK, "Promise broken. INV-1")
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "A promise was broken. ", "1,200.00")
}

// Start and next walk what the filter chooses; after Done on the entry comes the
// next one, the place kept.
func TestWalk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Post("/agenda/walk", form("whose", "mine", "sort", "rank")).Leads(t, d.at("C-1", ""))
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "1 of 3", "/walk/next?from=")
	c.Get(fmt.Sprintf("/customers/%d", d.customers["C-1"])).Has(t, http.StatusOK, "1 of 3")
	c.Post(d.at("C-1", "/manual"), form("text", "Spoke at the fair"))
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", d.at("C-1", ""))).Leads(t, d.at("C-2", ""))
	c.Get(d.at("C-2", "")).Has(t, http.StatusOK, "2 of 3", "Customer C-1 is done.")
	c.Post(d.at("C-2", "/later"), form("version", d.version(t, "C-2"), "quick", "2026-03-23", "back", d.at("C-2", ""))).Leads(t, d.at("C-3", ""))
	c.Get(fmt.Sprintf("/walk/next?from=%d", d.customers["C-2"])).Leads(t, d.at("C-3", ""))
	c.Get(fmt.Sprintf("/walk/next?from=%d", d.customers["C-3"])).Leads(t, "/agenda")
	c.Post("/walk/end", form("back", "/agenda")).Leads(t, "/agenda")
	c.Post("/agenda/walk", form("whose", "mine", "level", "4")).Leads(t, "/agenda?level=4&whose=mine")
}
