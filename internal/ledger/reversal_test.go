package ledger_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// application is the id of the only one there is.
func (b *books) application(t testing.TB) (id int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM applications WHERE tenant_id = $1`, b.ID).Scan(&id)
	})
	return id
}

func TestReverse(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-10", 4_000, ledger.Line{ItemID: b.older, Minor: 4_000})
	application := b.application(t)
	undo := func(who tenant.Who, on day.Day, reason string) error {
		return b.Write(t.Context(), who, func(tx *tenant.Tx) error {
			return ledger.Reverse(t.Context(), tx, b.customer, application, ledger.Reversal{On: on, Reason: reason})
		})
	}
	if err := undo(b.Collector, day.New(2026, 3, 12), "wrong item"); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v, want forbidden", err)
	}
	for name, err := range map[string]error{
		"no reason":           undo(b.Manager, day.New(2026, 3, 12), ""),
		"a card number":       undo(b.Manager, day.New(2026, 3, 12), "Card 4111 1111 1111 1111"),
		"in the future":       undo(b.Manager, day.New(2026, 3, 17), "wrong item"),
		"before it was there": undo(b.Manager, day.New(2026, 3, 9), "wrong item"),
	} {
		if !errors.As(err, new(errs.Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := undo(b.Manager, day.New(2026, 3, 12), "wrong item"); err != nil {
		t.Fatal(err)
	}
	if err := undo(b.Manager, day.New(2026, 3, 12), "wrong item"); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("twice: %v, want a conflict", err)
	}
	if got := b.openAmount(t, b.older); got != 10_001 {
		t.Errorf("%d open after the reversal", got)
	}
	if got := b.lastNote(t, "reversal"); got != "EUR 40.00 of payment P-1 was taken off item INV-1 again, value Thu 12 Mar 2026: wrong item" {
		t.Errorf("the note says %q", got)
	}
	for on, want := range map[string]int64{"2026-03-09": 10_001, "2026-03-10": 6_001, "2026-03-11": 6_001, "2026-03-12": 10_001} {
		if got := b.openAsOf(t, b.older, on); got != want {
			t.Errorf("as of %s %d open, want %d", on, got, want)
		}
	}
}

func (b *books) openAsOf(t testing.TB, item int64, on string) (open int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		err := tx.QueryRow(t.Context(), `SELECT open_amount FROM open_items($1) WHERE item_id = $2`, on, item).Scan(&open)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return open
}

func TestReturnedPaymentLeavesNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	paid := b.pay(t, "P-1", "2026-03-10", 12_500, ledger.Line{ItemID: b.older, Minor: 10_001})
	giveBack := func(on day.Day) error {
		return b.Write(t.Context(), b.Manager, func(tx *tenant.Tx) error {
			return ledger.Return(t.Context(), tx, b.customer, paid, ledger.Reversal{On: on, Reason: "no funds"})
		})
	}
	if err := giveBack(day.New(2026, 3, 9)); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("before it came: %v", err)
	}
	if err := giveBack(day.New(2026, 3, 13)); err != nil {
		t.Fatal(err)
	}
	if err := giveBack(day.New(2026, 3, 13)); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("twice: %v", err)
	}
	for on, want := range map[string]struct{ open, credit int64 }{
		"2026-03-09": {10_001, 0}, "2026-03-10": {0, 2_499}, "2026-03-12": {0, 2_499}, "2026-03-13": {10_001, 0}, "2026-03-16": {10_001, 0},
	} {
		var credit int64
		b.do(t, b.System(), func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT coalesce(sum(unapplied), 0)::bigint FROM open_credits($1)`, on).Scan(&credit)
		})
		if got := b.openAsOf(t, b.older, on); got != want.open || credit != want.credit {
			t.Errorf("as of %s open %d, credit %d; want %+v", on, got, credit, want)
		}
	}
	err := b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.ApplyPayment(t.Context(), tx, b.customer, paid, []ledger.Line{{ItemID: b.older, Minor: 1}})
		return err
	})
	if !errors.As(err, new(errs.Conflict)) {
		t.Errorf("a returned payment was applied: %v", err)
	}
	if got := b.lastNote(t, "reversal"); got != "Payment P-1 of EUR 125.00 was returned, value Fri 13 Mar 2026. What it paid of one item is owed again. Reason: no funds" {
		t.Errorf("the note says %q", got)
	}
}
