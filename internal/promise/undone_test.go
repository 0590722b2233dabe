package promise_test

import (
	"testing"

	"dunwell/internal/ledger"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func TestReturnedAfterKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	first := d.pay(t, "p", today, 100_00, ledger.Line{ItemID: d.a, Minor: 100_00})
	d.stands(t, id, promise.Kept, 100_00)
	d.giveBack(t, first, today)
	d.stands(t, id, promise.Open, 0) // there is time
	second := d.pay(t, "q", today, 100_00, ledger.Line{ItemID: d.a, Minor: 90_00})
	d.stands(t, id, promise.Kept, 100_00)
	d.over(t, grace)
	d.giveBack(t, second, grace.Add(1))
	d.stands(t, id, promise.Broken, 0)
	same(t, "follow-ups", d.reminders(t), []string{
		"2026-03-26 acme collector active: Promise broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026."})
	same(t, "journal", d.notes(t)[1:], []string{
		"Promise kept: EUR 100.00 due Fri 20 Mar 2026.",
		"Promise open again: of the EUR 100.00 due Fri 20 Mar 2026 there is EUR 0.00 now.",
		"Promise kept: EUR 100.00 due Fri 20 Mar 2026.",
		"Promise broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026."})
	if n := len(d.find(t, id).Instalments[0].Decisions); n != 4 {
		t.Errorf("%d decisions are kept, want 4", n)
	}
}

// TestUnappliedAfterKept: an application that is reversed leaves the money here.
func TestUnappliedAfterKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.pay(t, "p", today, 100_00, ledger.Line{ItemID: d.a, Minor: 100_00})
	var application int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT id FROM applications`).Scan(&application); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return ledger.Reverse(t.Context(), tx, d.id, application, ledger.Reversal{On: today, Reason: "Wrong item."})
	})
	d.stands(t, id, promise.Kept, 100_00)
}

func TestBackdatedAfterBroken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.over(t, grace)
	d.stands(t, id, promise.Broken, 0)
	d.pay(t, "late", grace.Add(1), 100_00)
	d.stands(t, id, promise.Broken, 0)
	d.pay(t, "p", friday, 35_00)
	d.stands(t, id, promise.PartKept, 35_00)
	d.pay(t, "q", grace, 10_00)
	d.stands(t, id, promise.PartKept, 45_00)
	d.pay(t, "r", grace, 55_00)
	d.stands(t, id, promise.Kept, 100_00)
	same(t, "follow-ups", d.reminders(t), []string{
		"2026-03-26 acme collector done: Promise broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026."})
	if n := len(d.find(t, id).Instalments[0].Decisions); n != 4 {
		t.Errorf("%d decisions are kept, want 4", n)
	}
}

// TestStaysBroken: payments said to be loaded less far do not take a decision back.
func TestStaysBroken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.over(t, grace)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		s, err := tenant.LoadSettings(t.Context(), tx)
		if err != nil {
			return err
		}
		s.PaymentsLoadedTo = nil
		return tenant.SaveSettings(t.Context(), tx, s)
	})
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { tx.Touch(d.id); return nil })
	d.stands(t, id, promise.Broken, 0)
}
