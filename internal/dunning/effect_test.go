package dunning_test

import (
	"errors"
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// effect tries a change of acme's set-up for tomorrow, and makes sure that nothing
// is left of it.
func (o *office) effect(t *testing.T, change func(tx *tenant.Tx) error) (e dunning.Effect) {
	t.Helper()
	before := o.one(t, `SELECT (SELECT count(*) + sum(version) FROM policies) + (SELECT sum(version * 1000 + after_days) FROM levels) + (SELECT count(*) FROM policy_rules) + (SELECT count(*) FROM audit_events)`)
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) {
		e, err = new(dunning.Desk).EffectOf(t.Context(), tx, tx.Today().Add(1), change)
		return err
	})
	after := o.one(t, `SELECT (SELECT count(*) + sum(version) FROM policies) + (SELECT sum(version * 1000 + after_days) FROM levels) + (SELECT count(*) FROM policy_rules) + (SELECT count(*) FROM audit_events)`)
	if before != after {
		t.Error("something of the change is left")
	}
	return e
}

// What a change would do to the run of tomorrow is said by customer and amount, and
// nothing of it stays.
func TestEffect(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	hand := o.one(t, `SELECT id FROM policies WHERE name = 'By hand'`)
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		for i, c := range []struct {
			due      string
			amount   int64
			currency money.Currency
		}{{"2026-03-14", 1_001, "EUR"}, {"2026-03-12", 2_003, "EUR"}, {"2026-03-01", 4_007, "EUR"}, {"2026-03-13", 8_011, "SEK"}} { // 3, 5, 16 and 4 days late tomorrow
			_, account := dbtest.Customer(t, tx, fmt.Sprintf("C-%d", i))
			dbtest.Item(t, tx, account, fmt.Sprintf("INV-%d", i), c.due, c.amount, c.currency)
		}
		return nil
	})
	first := o.levels(t, o.standard)[0]
	e := o.effect(t, func(tx *tenant.Tx) error {
		l := first.LevelTerms
		l.AfterDays = 3
		return dunning.ChangeLevel(ctx, tx, first.ID, 1, l)
	})
	if e.Before != 2 || e.After != 4 || len(e.Shifts) != 2 || len(e.Moves) != 0 {
		t.Fatalf("from %d to %d: %+v", e.Before, e.After, e)
	}
	if s := fmt.Sprint(e.Sums); s != fmt.Sprint([]dunning.SumChange{{Before: money.New(6_010, "EUR"), After: money.New(7_011, "EUR")}, {Before: money.New(0, "SEK"), After: money.New(8_011, "SEK")}}) {
		t.Errorf("the sums are %s", s)
	}
	if s := e.Shifts[0]; s.Number != "C-0" || s.Name != "Customer C-0" || s.Was.In || !s.Is.In || s.Is.Level != 1 || len(s.Is.Sums) != 1 || s.Is.Sums[0] != money.New(1_001, "EUR") {
		t.Errorf("the first one is %+v", s)
	}
	e = o.effect(t, func(tx *tenant.Tx) error { return dunning.MakeDefault(ctx, tx, hand) })
	if e.Before != 2 || e.After != 0 || len(e.Shifts) != 2 || len(e.Moves) != 1 || e.Moves[0] != (dunning.Move{From: "Standard", To: "By hand", Customers: 4}) {
		t.Errorf("by hand: %+v", e)
	}
	e = o.effect(t, func(tx *tenant.Tx) error {
		p := terms("Standard")
		p.Minimums = []money.Amount{money.New(4_007, "EUR")}
		return dunning.ChangePolicy(ctx, tx, o.standard, 1, p)
	})
	if e.After != 1 || len(e.Shifts) != 1 || e.Shifts[0].Number != "C-1" || e.Shifts[0].Is.In || e.Sums[0].More() != money.New(-2_003, "EUR") {
		t.Errorf("with a minimum: %+v", e)
	}
	levels := o.levels(t, o.standard)
	retire := func(tx *tenant.Tx) error { return dunning.RetireLevel(ctx, tx, levels[0].ID) }
	if e = o.effect(t, retire); len(e.Shifts) != 2 || e.Shifts[0].Is.In || e.Shifts[1].Was.Name != levels[0].Name || e.Shifts[1].Is.Name != levels[1].Name || e.Shifts[1].Is.Level != 1 {
		t.Errorf("another level of the same number: %+v", e)
	}
	if _, err := o.Owner(t).Exec(ctx, `UPDATE items SET reached_days = $1, reminded_on = '2026-03-06' WHERE number = 'INV-2'`, levels[0].AfterDays); err != nil {
		t.Fatal(err)
	}
	if e = o.effect(t, retire); len(e.Shifts) != 1 || e.Shifts[0].Number != "C-1" {
		t.Errorf("the second level is only counted anew: %+v", e)
	}
	if e = o.effect(t, func(*tenant.Tx) error { return nil }); !e.None() || e.Before != 2 {
		t.Errorf("nothing does %+v", e)
	}
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		_, err := new(dunning.Desk).EffectOf(ctx, tx, tx.Today().Add(1), func(tx *tenant.Tx) error {
			_, err := dunning.AddPolicy(ctx, tx, terms("standard"))
			return err
		})
		if !errors.As(err, new(errs.Invalid)) {
			t.Errorf("a name that is taken is answered %v", err)
		}
		_, err = dunning.FindPolicy(ctx, tx, hand) // the transaction goes on
		return err
	})
}
