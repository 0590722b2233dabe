package cases_test

import (
	"slices"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// credits sets a new credit note of the customer against an item.
func (d *desk) credits(t *testing.T, number string, item, minor int64) (note int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		note = dbtest.Item(t, tx, d.on, number, "2026-03-16", -minor, "EUR")
		_, err := ledger.ApplyCreditNote(t.Context(), tx, d.id, note, []ledger.Line{{ItemID: item, Minor: minor}})
		return err
	})
	return note
}

// credited is what the case asks about of an item that is in it.
func (d *desk) credited(t *testing.T, id, item int64) (minor int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		items, err := cases.ItemsOf(t.Context(), tx, id)
		at := slices.IndexFunc(items, func(i cases.Item) bool { return i.ID == item && i.In() })
		if at < 0 {
			t.Fatalf("item %d is not in the case", item)
		}
		minor = items[at].Credited
		return err
	})
	return minor
}

// partly opens a case with a part of A in question.
func (d *desk) partly(t *testing.T, minor int64) int64 {
	t.Helper()
	a := d.tick(t, d.a)
	a[0].Asked = minor
	return d.opened(t, a...)
}

func TestACaseAsksWhatACreditNoteWasFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.credits(t, "CN-0", d.a, 7_00) // before there was a case
	id := d.partly(t, 150_00)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: d.on, Number: "P-1", ValueOn: today, Amount: money.New(13_00, "EUR"),
			Lines: []ledger.Line{{ItemID: d.a, Minor: 13_00}}})
		return err
	})
	if got := d.credited(t, id, d.a); got != 0 {
		t.Errorf("asks about %d, of a credit note before and of a payment", got)
	}
	d.chases(t, d.a, 430_01)

	d.credits(t, "CN-1", d.a, 100_00)
	if got := d.credited(t, id, d.a); got != 100_00 {
		t.Errorf("asks about %d, want 10000", got)
	}
	d.chases(t, d.a, 330_01) // until somebody says
	before := len(d.journal(t))
	if err := d.save(t, id, func(e *cases.Edit) { e.Credits = map[int64]cases.Credit{d.a: {Minor: 100_00, Settles: true}} }); err != nil {
		t.Fatal(err)
	}
	d.chases(t, d.a, 430_01)
	same(t, "the journal", d.journal(t)[before:], []string{"Changed: in question of A EUR 50.00 instead of EUR 150.00; EUR 100.00 credited on A settles so much of what was in question."})
	if got := d.credited(t, id, d.a); got != 0 {
		t.Errorf("asks again about %d", got)
	}

	d.credits(t, "CN-2", d.a, 20_00)
	if err := d.save(t, id, func(e *cases.Edit) {
		e.Asked = map[int64]int64{d.a: 50_00} // as the form sends what nobody touched
		e.Credits = map[int64]cases.Credit{d.a: {Minor: 20_00}}
	}); err != nil {
		t.Fatal(err)
	}
	d.chases(t, d.a, 410_01)
	if got := d.lastLine(t); got != "Changed: EUR 20.00 credited on A was for something else: EUR 50.00 stays in question." {
		t.Errorf("the journal says %q", got)
	}
	if got := d.credited(t, id, d.a); got != 0 {
		t.Errorf("asks again about %d", got)
	}

	d.credits(t, "CN-3", d.a, 50_00) // the last cent of it
	if err := d.save(t, id, func(e *cases.Edit) { e.Credits = map[int64]cases.Credit{d.a: {Minor: 50_00, Settles: true}} }); err != nil {
		t.Fatal(err)
	}
	d.chases(t, d.a, 410_01)
	in, left := d.inside(t, id)
	same(t, "in the case", in, nil)
	same(t, "left", left, []string{"A removed"})
}

func TestWhatWasCreditedIsAskedOnceAndOfAPartOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.b)...)
	d.credits(t, "CN-B", d.b, 11_00)
	if got := d.credited(t, id, d.b); got != 0 {
		t.Errorf("asks about %d of an item that is in question whole", got)
	}
	d.chases(t, d.b, 0)
	if err := d.save(t, id, func(e *cases.Edit) { e.Asked = map[int64]int64{d.b: 90_00} }); err != nil {
		t.Fatal(err)
	}
	if got := d.credited(t, id, d.b); got != 0 {
		t.Errorf("asks about %d, which whoever gave the amount knew of", got)
	}
	note := d.credits(t, "CN-C", d.b, 12_00)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		list, err := cases.Questions(t.Context(), tx, []int64{d.a, d.b})
		if len(list) != 1 || list[0] != (cases.Question{Number: "B", Case: "Price of March", Currency: "EUR", Asked: 90_00}) {
			t.Errorf("asks %+v", list)
		}
		return err
	})
	asked := "asked_" + itoa(d.b)
	for name, c := range map[string]struct {
		edit func(*cases.Edit)
		ok   func(error) bool
	}{
		"a cent less than was credited": {func(e *cases.Edit) { e.Credits = map[int64]cases.Credit{d.b: {Minor: 11_99, Settles: true}} }, isConflict},
		"a cent more":                   {func(e *cases.Edit) { e.Credits = map[int64]cases.Credit{d.b: {Minor: 12_01}} }, isConflict},
		"an item that is not in it":     {func(e *cases.Edit) { e.Credits = map[int64]cases.Credit{d.a: {}} }, isConflict},
		"an amount besides": {func(e *cases.Edit) {
			e.Asked, e.Credits = map[int64]int64{d.b: 80_00}, map[int64]cases.Credit{d.b: {Minor: 12_00, Settles: true}}
		}, func(err error) bool { return invalid(err, asked) }},
	} {
		if err := d.save(t, id, c.edit); !c.ok(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		var application int64
		if err := tx.QueryRow(t.Context(), `SELECT id FROM applications WHERE tenant_id = $1 AND credit_id = $2`, tx.Actor.TenantID, note).Scan(&application); err != nil {
			return err
		}
		return ledger.Reverse(t.Context(), tx, d.id, application, ledger.Reversal{On: today, Reason: "Wrong invoice"})
	})
	if got := d.credited(t, id, d.b); got != 0 {
		t.Errorf("asks about %d of a credit note that was taken off again", got)
	}
}

func isConflict(err error) bool { return conflict(err, "has changed meanwhile") }
