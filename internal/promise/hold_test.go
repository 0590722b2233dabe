package promise_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// held is what is still promised of an item by an open promise.
type held struct {
	ItemID, PromiseID int64
	Currency          money.Currency
	Minor             int64
}

// held is what may not be chased of the customer's items.
func (d *desk) held(t *testing.T) (list []held) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		rows, _ := tx.Query(t.Context(), `
			SELECT n.item_id, n.promise_id, n.currency, n.still AS minor
			FROM promise_items n
			WHERE n.tenant_id = $1 AND n.customer_id = $2 AND n.open AND NOT n.passed_on
			ORDER BY n.item_id`, tx.Actor.TenantID, d.id)
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[held])
		return err
	})
	return list
}

// chased is what may be chased of A, B and C.
func (d *desk) chased(t *testing.T) (amounts [3]int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `
			SELECT c.collectable
			FROM collectable(@today) c
			JOIN items i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
			WHERE c.tenant_id = @tenant AND c.customer_id = @customer
			ORDER BY i.number`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "customer": d.id})
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		copy(amounts[:], list)
		return err
	})
	return amounts
}

// TestHeldBack is what a promise of 640.00 (A with 600.00, B with 40.00) in two parts
// holds back of a business: as much as is still to come of it, and is owed.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	expect := func(what string, want [3]int64) {
		t.Helper()
		if got := d.chased(t); got != want {
			t.Errorf("%s: %v can be chased, want %v", what, got, want)
		}
	}
	expect("at first", [3]int64{600_00, 250_00, 90_00})
	p := d.plan(640_00)
	p.Instalments = []promise.Part{{friday, 500_00}, {friday.Add(7), 140_00}}
	id := d.made(t, p)
	expect("all promised", [3]int64{0, 210_00, 90_00})
	d.pay(t, "applied", today, 45_00, ledger.Line{ItemID: d.a, Minor: 45_00})
	if got := d.chased(t); got[0] != 0 || got[1] != 210_00 { // A is open with 555.00, all of it promised
		t.Errorf("after money that was applied: %v", got)
	}
	d.pay(t, "credit", today, 30_00) // it covers of A what it frees
	expect("after money that is credit", [3]int64{30_00, 210_00, 90_00})
	d.over(t, grace)
	expect("the first part is not kept", [3]int64{455_00, 210_00, 90_00})
	d.pay(t, "b", grace, 250_00, ledger.Line{ItemID: d.b, Minor: 250_00})
	if got := d.find(t, id).Instalments[1]; got.Received != 0 {
		t.Errorf("the second part has %d, want none: what is due first comes first", got.Received)
	}
	if got := d.chased(t); got[0] != 415_00 { // B is paid, so that what is to come stands on A
		t.Errorf("B is paid: %v", got)
	}
	if err := d.withdraw(t, d.acme.Manager, id, "No more."); err != nil {
		t.Fatal(err)
	}
	if got := d.chased(t); got[0] != 555_00 {
		t.Errorf("withdrawn: %v", got)
	}
}

// TestHeldOfConsumer: nothing of the account, until no promise of it is open.
func TestHeldOfConsumer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET kind = 'consumer' WHERE id = $1`, d.id); err != nil {
		t.Fatal(err)
	}
	first := d.made(t, d.plan(10_00))
	p := d.plan(20_00)
	p.DueOn = friday.Add(7)
	d.made(t, p)
	if got := d.chased(t); got != [3]int64{} {
		t.Errorf("%v can be chased, want nothing", got)
	}
	d.pay(t, "p", today, 10_00)
	d.stands(t, first, promise.Kept, 10_00)
	if got := d.chased(t); got != [3]int64{} {
		t.Errorf("with one open still: %v can be chased, want nothing", got)
	}
	d.over(t, grace.Add(7))
	if got := d.chased(t); got[0] != 600_00 {
		t.Errorf("with none: %v can be chased", got)
	}
}

// TestOpensAgain: the item of a promise that opens again belongs to a later one that
// is open, whichever of them opened first.
func TestOpensAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(11_00))
	one := d.pay(t, "one", today, 11_00)
	second := d.made(t, d.plan(12_00)) // of the same item
	d.giveBack(t, one, today)
	d.stands(t, first, promise.Open, 0)
	if held := d.held(t); len(held) != 1 || held[0].PromiseID != second || held[0].ItemID != d.a || held[0].Minor != 12_00 || held[0].Currency != "EUR" {
		t.Errorf("held back: %+v, want 12.00 of A by the later promise", held)
	}
	two := d.pay(t, "two", today, 23_00)
	d.stands(t, first, promise.Kept, 11_00)
	d.stands(t, second, promise.Kept, 12_00)
	third := d.made(t, d.plan(13_00))
	three := d.pay(t, "three", today, 13_00)
	d.giveBack(t, two, today) // three was recorded after all of them
	d.stands(t, first, promise.Kept, 11_00)
	d.stands(t, second, promise.Open, 2_00)
	d.stands(t, third, promise.Open, 0)
	d.giveBack(t, three, today)
	if held := d.held(t); len(held) != 1 || held[0].PromiseID != third {
		t.Errorf("held back: %+v, want of A by the last promise", held)
	}
}
