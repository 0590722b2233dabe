package promise_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// paid is money that comes: recorded and value-dated on that day.
type paid struct {
	on    day.Day
	minor int64
}

// TestDecided is the table of a promise of 100.00 by friday, with money that comes
// after it was made, looked at after a night.
func TestDecided(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		tolerance int64
		money     []paid
		night     day.Day // the night after it
		state     promise.State
		received  int64
	}{
		{"nothing came", 0, nil, grace, promise.Broken, 0},
		{"one cent came", 0, []paid{{friday, 1}}, grace, promise.PartKept, 1},
		{"one cent short", 0, []paid{{friday, 99_99}}, grace, promise.PartKept, 99_99},
		{"exactly", 0, []paid{{friday, 100_00}}, grace, promise.Kept, 100_00},
		{"one cent over", 0, []paid{{friday, 100_01}}, grace, promise.Kept, 100_00},
		{"in two parts", 0, []paid{{today, 40_00}, {grace, 60_00}}, grace, promise.Kept, 100_00},
		{"on the last day of grace", 0, []paid{{grace, 100_00}}, grace, promise.Kept, 100_00},
		{"a day after grace", 0, []paid{{grace.Add(1), 100_00}}, grace.Add(1), promise.Broken, 0},
		{"in part after grace", 0, []paid{{grace, 30_00}, {grace.Add(1), 70_00}}, grace.Add(1), promise.PartKept, 30_00},
		{"the night before grace ends", 0, []paid{{friday, 20_00}}, grace.Add(-1), promise.Open, 20_00},
		{"short within tolerance", 50, []paid{{friday, 99_50}}, grace, promise.Kept, 99_50},
		{"short beyond tolerance", 50, []paid{{friday, 99_49}}, grace, promise.PartKept, 99_49},
		{"nothing, with a tolerance above it", 200_00, nil, grace, promise.Broken, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			if c.tolerance > 0 {
				d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
					s, err := promise.SettingsOf(t.Context(), tx)
					if err != nil {
						return err
					}
					s.Tolerances = []money.Amount{money.New(c.tolerance, "EUR"), money.New(7, "USD")}
					return promise.SaveSettings(t.Context(), tx, s)
				})
			}
			id := d.made(t, d.plan(100_00))
			for n, p := range c.money {
				d.stand(p.on)
				d.pay(t, string(rune('p'+n)), p.on, p.minor)
			}
			d.over(t, c.night)
			d.stands(t, id, c.state, c.received)
			if again := d.over(t, c.night); len(again) != 0 {
				t.Errorf("decided again without a reason: %v", again)
			}
		})
	}
}

func TestNotBrokenBeforePaymentsAreLoaded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.stand(grace.Add(3))
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return promise.DecideAll(t.Context(), tx) }) // they never were
	d.stands(t, id, promise.Open, 0)
	if p := d.find(t, id); !p.Instalments[0].Waiting(grace.Add(1)) || p.Instalments[0].Waiting(grace) {
		t.Error("it waits for payments from the day after grace on")
	}
	d.night(t, midnight(grace.Add(1)).Add(-time.Minute)) // the last minute of grace is missing
	d.stands(t, id, promise.Open, 0)
	if list := d.night(t, midnight(grace.Add(1))); len(list) != 1 || !list[0].Failed() || list[0].ID != d.find(t, id).Instalments[0].ID {
		t.Errorf("decided %v, want that it was not kept", list)
	}
	d.stands(t, id, promise.Broken, 0)
	same(t, "follow-ups", d.reminders(t), []string{
		"2026-03-28 acme collector active: Promise broken: of the EUR 100.00 due Fri 20 Mar 2026 nothing came by Wed 25 Mar 2026."})
}

// TestDecidedAtOnce: of several that decide the same at once, as the night and a
// payment may, one does, and the assignee is reminded once.
func TestDecidedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		came int64
		as   promise.State
	}{"broken": {0, promise.Broken}, "kept in part": {40_00, promise.PartKept}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.BeforeCommit = func(ctx context.Context, tx *tenant.Tx, customers []int64) error {
				if _, err := promise.Decide(ctx, tx, customers); err != nil {
					return err
				}
				return ledger.Refresh(ctx, tx, customers)
			}
			id := d.made(t, d.plan(100_00))
			if c.came > 0 {
				d.pay(t, "p", today, c.came)
			}
			d.stand(grace.Add(1))
			d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
				return tenant.SetPaymentsLoadedTo(t.Context(), tx, midnight(grace.Add(1)))
			})
			var all sync.WaitGroup
			failed := make([]error, 6)
			for n := range failed {
				all.Go(func() {
					failed[n] = d.Write(t.Context(), d.acme.System(), func(tx *tenant.Tx) error {
						if n%2 == 0 {
							return promise.DecideAll(t.Context(), tx)
						}
						tx.Touch(d.id)
						return nil
					})
				})
			}
			all.Wait()
			if err := errors.Join(failed...); err != nil {
				t.Fatal(err)
			}
			d.stands(t, id, c.as, c.came)
			if got := d.reminders(t); len(got) != 1 || !strings.Contains(got[0], "2026-03-26 acme collector active: Promise "+name) {
				t.Errorf("follow-ups: %q, want one", got)
			}
			if n, lines := len(d.find(t, id).Instalments[0].Decisions), len(d.notes(t)); n != 1 || lines != 2 {
				t.Errorf("%d decisions and %d lines of the journal, want 1 and 2", n, lines)
			}
		})
	}
}

// TestLoadedAhead: on a day that is moved, payments are loaded further than today.
func TestLoadedAhead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.stand(grace.Add(5))
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return tenant.SetPaymentsLoadedTo(t.Context(), tx, midnight(grace.Add(2)))
	})
	d.stand(grace)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { tx.Touch(d.id); return nil })
	d.stands(t, id, promise.Open, 0)
}

func TestKeptAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.pay(t, "p", today, 120_00, ledger.Line{ItemID: d.b, Minor: 15_00}) // applied to what was not promised, and not applied
	d.stands(t, id, promise.Kept, 100_00)
	p := d.find(t, id)
	decisions := p.Instalments[0].Decisions
	if len(decisions) != 1 {
		t.Fatalf("%d decisions, want one", len(decisions))
	}
	got := decisions[0]
	in := got.Inputs
	if got.FromState != promise.Open || got.State != promise.Kept || got.Received != 100_00 || got.Person != "acme collector" || got.OnDay != today ||
		in.Amount != 100_00 || in.DueOn != friday || in.GraceOn != grace || len(in.Payments) != 1 || in.Payments[0].Minor != 100_00 || in.Payments[0].ValueOn != today {
		t.Errorf("the decision is kept as %+v", got)
	}
	same(t, "journal", d.notes(t), []string{
		"Promise to pay EUR 100.00 by Fri 20 Mar 2026, followed up by acme collector. It is about A with EUR 100.00.",
		"Promise kept: EUR 100.00 due Fri 20 Mar 2026."})
	if list := d.over(t, grace); len(list) != 0 || len(d.reminders(t)) != 0 {
		t.Errorf("decided again: %v, %v", list, d.reminders(t))
	}
}

// TestMoneyThatWasThere: what was in the ledger before does not keep a promise,
// whether it is applied or not, and applying it later makes no difference.
func TestMoneyThatWasThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.pay(t, "before", today, 70_00)
	id := d.made(t, d.plan(80_00))
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.ApplyPayment(t.Context(), tx, d.id, before, []ledger.Line{{ItemID: d.a, Minor: 65_00}})
		return err
	})
	d.stands(t, id, promise.Open, 0)
	d.pay(t, "after", today.Add(-20), 30_00) // backdated, and not known then
	d.stands(t, id, promise.Open, 30_00)
	d.over(t, grace)
	d.stands(t, id, promise.PartKept, 30_00)
}

func TestTwoPromisesOnePayment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	later := d.plan(100_00)
	later.DueOn = friday.Add(7)
	second := d.made(t, later)
	first := d.made(t, d.plan(60_00)) // made after it, due before
	d.pay(t, "p", today, 75_00)
	d.stands(t, first, promise.Kept, 60_00)
	d.stands(t, second, promise.Open, 15_00)
	d.over(t, grace.Add(7))
	d.stands(t, second, promise.PartKept, 15_00)
}

// TestMoneyBetweenPromises: the first takes what only it can take.
func TestMoneyBetweenPromises(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(50_00))
	d.pay(t, "between", today, 30_00)
	second := d.made(t, d.plan(40_00))
	d.pay(t, "after", today, 60_00)
	d.stands(t, first, promise.Kept, 50_00)
	d.stands(t, second, promise.Kept, 40_00)
}

// TestMoneyBeforeTheSecond: what the first leaves of money that was there when the
// second was made does not keep the second.
func TestMoneyBeforeTheSecond(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(50_00))
	d.pay(t, "between", today, 85_00)
	second := d.made(t, d.plan(40_00))
	d.stands(t, first, promise.Kept, 50_00)
	d.stands(t, second, promise.Open, 0)
	d.pay(t, "after", today, 12_00)
	d.stands(t, second, promise.Open, 12_00)
}

func TestOtherAccountAndCurrency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	dollars := d.plan(100_00)
	dollars.Amount.Currency, dollars.Confirmed = "USD", true
	inDollars := d.made(t, dollars)
	id := d.made(t, d.plan(70_00))
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		other := dbtest.Account(t, tx, d.id, "C-1-2")
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: other, Number: "other", ValueOn: today, Amount: money.New(500_00, "EUR")})
		return err
	})
	d.pay(t, "p", today, 20_00)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: d.on, Number: "dollars", ValueOn: today, Amount: money.New(99_00, "USD")})
		return err
	})
	d.over(t, grace)
	d.stands(t, id, promise.PartKept, 20_00)
	d.stands(t, inDollars, promise.PartKept, 99_00)
}

func TestInstalments(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.plan(300_00)
	p.DueOn = day.Day{}
	p.Instalments = []promise.Part{{friday, 110_00}, {friday.Add(7), 95_00}, {friday.Add(14), 95_00}}
	id := d.made(t, p)
	d.pay(t, "p", today, 130_00)
	if got := d.find(t, id); got.State != promise.Open || got.Instalments[0].State != promise.Kept || got.Instalments[1].Received != 20_00 || got.DueOn() != friday.Add(7) {
		t.Errorf("after the first payment: %+v", got)
	}
	d.over(t, grace.Add(7))
	if got := d.find(t, id); got.State != promise.Open || got.Instalments[1].State != promise.PartKept || got.DueOn() != friday.Add(14) {
		t.Errorf("after the second date: %+v", got)
	}
	d.pay(t, "q", grace.Add(8), 95_00)
	if got := d.find(t, id); got.State != promise.PartKept || got.Instalments[2].State != promise.Kept {
		t.Errorf("at the end: %+v", got)
	}
	if n := len(d.reminders(t)); n != 1 {
		t.Errorf("%d follow-ups, want one for the second instalment", n)
	}
}

// TestGraceAndHolidays: grace is days of work, and what was agreed stays.
func TestGraceAndHolidays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tenant.AddHolidays(t.Context(), tx, []tenant.Holiday{{Day: day.New(2026, 3, 24), Name: "Town day"}})
		return err
	})
	id := d.made(t, d.plan(100_00))
	if got := d.find(t, id).Instalments[0].GraceOn; got != grace.Add(1) {
		t.Errorf("grace ends %s, want the day after %s for the holiday", got, grace)
	}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		s, err := promise.SettingsOf(t.Context(), tx)
		s.GraceDays = 0
		if err != nil {
			return err
		}
		return promise.SaveSettings(t.Context(), tx, s)
	})
	none := d.made(t, d.plan(50_00))
	if got := d.find(t, none).Instalments[0].GraceOn; got != friday {
		t.Errorf("without grace it ends %s, want %s", got, friday)
	}
	if got := d.find(t, id).Instalments[0].GraceOn; got != grace.Add(1) {
		t.Errorf("what was agreed was changed to %s", got)
	}
}
