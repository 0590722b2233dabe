package promise_test

import (
	"slices"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func (d *desk) purses(t *testing.T) (list []promise.Purse) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		list, err = promise.Purses(t.Context(), tx, d.id, 0)
		return err
	})
	return list
}

// TestPurses: each account and currency for itself, the company's own and the most to
// collect first; less what is promised and what credit covers of that account.
func TestPurses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		second := dbtest.Account(t, tx, d.id, "C-1-2")
		dbtest.Item(t, tx, second, "X", "2026-01-20", 900_00, "EUR")
		dbtest.Item(t, tx, second, "Y", "2026-01-21", 7_777, "JPY")
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: second, Number: "credit", ValueOn: today, Amount: money.New(11_00, "EUR")})
		return err
	})
	d.made(t, d.plan(40_00)) // of A
	list := d.purses(t)
	if len(list) != 3 || list[0].Account != "C-1-2" || list[0].ToCollect != 889_00 || list[1].ToCollect != 810_00 || list[1].Collectable != 900_00 ||
		list[2].Currency != "JPY" || list[2].Proposed() != money.New(7_777, "JPY") {
		t.Fatalf("purses %+v", list)
	}
	p := list[1]
	if len(p.Items) != 3 || p.Items[0].Number != "A" || !p.Items[0].Promised || p.Items[1].Promised {
		t.Errorf("items %+v", p.Items)
	}
	if ids := p.Oldest(250_01); len(ids) != 2 || ids[0] != d.b || ids[1] != d.c {
		t.Errorf("the oldest for 250.01 are %v, want B and C", ids)
	}
	if ids := p.Oldest(250_00); len(ids) != 1 {
		t.Errorf("the oldest for 250.00 are %v, want B", ids)
	}
}

// TestOldestUndisputed: what is in question of an item is proposed last, and what is in
// dispute wholly with it.
func TestOldestUndisputed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.question(t, d.a, 50_00)
	d.question(t, d.b, 0)
	p := d.purses(t)[0]
	if p.ToCollect != 550_00 || p.Proposed() != money.New(550_00, "EUR") {
		t.Errorf("%d is to be collected, and %s proposed", p.ToCollect, p.Proposed())
	}
	for _, c := range []struct {
		minor int64
		want  []int64
	}{{550_00, []int64{d.a}}, {550_01, []int64{d.a, d.c}}, {690_00, []int64{d.a, d.c}}, {690_01, []int64{d.a, d.c, d.b}}} {
		if ids := p.Oldest(c.minor); !slices.Equal(ids, c.want) {
			t.Errorf("the oldest for %d are %v, want %v", c.minor, ids, c.want)
		}
	}
}

// TestAssign: managers give a promise to somebody else, and who follows it up; who is
// reminded once it is not kept is the new one.
func TestAssign(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	assign := func(who tenant.Who, to int64) error {
		version := d.find(t, id).Version
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return promise.Assign(t.Context(), tx, d.id, id, version, to) })
	}
	if err := assign(d.acme.Collector, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	if err := assign(d.acme.Collector, d.acme.CollectorID); !forbidden(err) {
		t.Errorf("a collector takes it back: %v", err)
	}
	if err := assign(d.acme.Manager, d.beta.CollectorID); !invalid(err, "assignee") {
		t.Errorf("somebody of another company: %v", err)
	}
	err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return promise.Assign(t.Context(), tx, d.id, id, 1, d.acme.AdminID) })
	if !conflict(err, "changed meanwhile") {
		t.Errorf("of an old version: %v", err)
	}
	if err := d.Write(t.Context(), d.beta.Manager, func(tx *tenant.Tx) error {
		if _, err := promise.CustomerOf(t.Context(), tx, id); err == nil {
			t.Error("another company finds whose it is")
		}
		return promise.Assign(t.Context(), tx, d.id, id, 2, d.beta.CollectorID)
	}); err == nil || forbidden(err) {
		t.Errorf("another company's promise: %v, want %v", err, errs.NotFound)
	}
	d.over(t, grace)
	same(t, "follow-ups", d.reminders(t), []string{
		"2026-03-26 acme manager active: Promise broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026."})
	if err := assign(d.acme.Manager, d.acme.CollectorID); !conflict(err, "not open any more") {
		t.Errorf("once it is decided: %v", err)
	}
	if last := d.notes(t)[1]; last != "The promise of EUR 100.00, made on Mon 16 Mar 2026, is followed up by acme manager, no longer by acme collector." {
		t.Errorf("the journal says %q", last)
	}
}
