package promise_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(640_00))
	d.pay(t, "p", today, 15_00)
	later := d.plan(500_00)
	later.DueOn = friday.Add(7)
	second, err := d.replace(t, first, later)
	if err != nil {
		t.Fatal(err)
	}
	d.stands(t, first, promise.Replaced, 15_00)
	d.stands(t, second, promise.Open, 0) // what came before was for the old one
	old, now := d.find(t, first), d.find(t, second)
	if old.FollowedBy == nil || *old.FollowedBy != second || now.Replacements != 1 {
		t.Errorf("replaced by %v, and %d were replaced", old.FollowedBy, now.Replacements)
	}
	if last := old.Instalments[0].Decisions; len(last) != 1 || last[0].State != promise.Replaced || last[0].Inputs.FollowedBy != second || last[0].Person != "acme collector" {
		t.Errorf("decisions: %+v", last)
	}
	same(t, "items of the new one", d.items(t, second), []string{"A 500.00"})
	if last := d.notes(t)[1]; !strings.Contains(last, "It replaces the promise of EUR 640.00, made on Mon 16 Mar 2026.") {
		t.Errorf("the journal says %q", last)
	}
	d.over(t, grace.Add(7))
	d.stands(t, first, promise.Replaced, 15_00)
	d.stands(t, second, promise.Broken, 0)
}

func TestReplacedTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	for n := range 2 {
		p := d.plan(int64(101_00 + n))
		p.DueOn = friday.Add(n + 1)
		next, err := d.replace(t, id, p)
		if err != nil {
			t.Fatal(err)
		}
		id = next
	}
	if _, err := d.replace(t, id, d.plan(103_00)); !invalid(err, "") {
		t.Errorf("a third time: %v, want to be refused", err)
	}
	d.stands(t, id, promise.Open, 0)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		s, err := promise.SettingsOf(t.Context(), tx)
		s.Replacements = 3
		if err != nil {
			return err
		}
		return promise.SaveSettings(t.Context(), tx, s)
	})
	if _, err := d.replace(t, id, d.plan(103_00)); err != nil {
		t.Errorf("with three allowed: %v", err)
	}
}

// TestAfterItsDate: what is past its date is not replaced, nor is that counted.
func TestAfterItsDate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(100_00))
	d.stand(friday) // the day itself is not past
	same1, err := d.replace(t, first, d.plan(110_00))
	if err != nil {
		t.Fatal(err)
	}
	d.stands(t, first, promise.Replaced, 0)
	d.stand(friday.Add(1))
	late := d.plan(120_00)
	late.DueOn = friday.Add(10)
	second, err := d.replace(t, same1, late)
	if err != nil {
		t.Fatal(err)
	}
	d.stands(t, same1, promise.Open, 0) // the money may have come in time
	if n := d.find(t, second).Replacements; n != 0 {
		t.Errorf("%d were replaced, want none", n)
	}
	same(t, "items of the new one", d.items(t, second), []string{"A 120.00"})
	if held := d.held(t); len(held) != 1 || held[0].PromiseID != second || held[0].Minor != 120_00 {
		t.Errorf("held back: %+v, want the new one's alone", held)
	}
	if _, err := d.replace(t, same1, late); !conflict(err, "made after this one already") {
		t.Errorf("a second after the same: %v", err)
	}
	d.stand(grace)
	d.pay(t, "in time", grace, 60_00)
	d.over(t, grace)
	d.stands(t, same1, promise.PartKept, 60_00)
	d.stands(t, second, promise.Open, 0)
}

// TestReplacePart: of instalments, those are replaced that are not past their dates.
func TestReplacePart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.plan(300_00)
	p.Instalments = []promise.Part{{today, 50_00}, {friday, 120_00}, {friday.Add(7), 130_00}}
	first := d.made(t, p)
	d.stand(friday)
	if _, err := d.replace(t, first, d.plan(240_00)); err != nil {
		t.Fatal(err)
	}
	if got, want := d.states(t, first), []promise.State{promise.Open, promise.Replaced, promise.Replaced}; !slices.Equal(got, want) {
		t.Errorf("instalments are %v, want %v", got, want)
	}
	d.over(t, grace)
	if got := d.find(t, first); got.State != promise.Replaced || got.Instalments[0].State != promise.Broken {
		t.Errorf("in the end it is %s, its first instalment %s", got.State, got.Instalments[0].State)
	}
}

func TestReplaceRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	p := d.plan(90_00)
	p.Amount.Currency = "USD"
	if _, err := d.replace(t, id, p); !invalid(err, "amount") {
		t.Errorf("in another currency: %v", err)
	}
	p = d.plan(90_00)
	p.DueOn = today.Add(-3)
	if _, err := d.replace(t, id, p); !invalid(err, "due_on") {
		t.Errorf("to a day that is past: %v", err)
	}
	d.stands(t, id, promise.Open, 0)
	if _, err := d.replace(t, id, d.plan(941_00)); !invalid(err, "amount") { // its own amount does not count against it
		t.Errorf("more than can be collected: %v", err)
	}
	err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Replace(t.Context(), tx, d.id, id, 7, d.plan(90_00))
		return err
	})
	if !conflict(err, "changed meanwhile") {
		t.Errorf("with another version: %v", err)
	}
	err = d.Write(t.Context(), d.beta.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Replace(t.Context(), tx, d.foreign, id, 1, d.plan(90_00))
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("from another company: %v", err)
	}
	d.pay(t, "p", today, 100_00)
	if _, err := d.replace(t, id, d.plan(90_00)); !conflict(err, "it is kept") {
		t.Errorf("what is kept: %v", err)
	}
}

// TestReplacedTwiceAtOnce: two people replace the same promise at once.
func TestReplacedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	var wg sync.WaitGroup
	failed := make([]error, 2)
	for n := range failed {
		wg.Go(func() {
			failed[n] = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
				_, err := promise.Replace(t.Context(), tx, d.id, id, 1, d.plan(int64(80_00+n)))
				return err
			})
		})
	}
	wg.Wait()
	if failed[0] == nil {
		failed[0], failed[1] = failed[1], failed[0]
	}
	if failed[1] != nil || !conflict(failed[0], "not open any more") {
		t.Errorf("two at once: %v and %v", failed[0], failed[1])
	}
}

func (d *desk) withdraw(t *testing.T, who tenant.Who, id int64, reason string) error {
	t.Helper()
	version := d.find(t, id).Version
	return d.Write(t.Context(), who, func(tx *tenant.Tx) error {
		return promise.Withdraw(t.Context(), tx, d.id, id, promise.Withdrawal{Version: version, Reason: reason})
	})
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	if err := d.withdraw(t, d.acme.Collector, id, "  "); !invalid(err, "reason") {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.withdraw(t, d.acme.Collector, id, "It was  another customer."); err != nil {
		t.Fatal(err)
	}
	d.stands(t, id, promise.Withdrawn, 0)
	if got := d.find(t, id).Instalments[0].Decisions; len(got) != 1 || got[0].Inputs.Reason != "It was another customer." || got[0].State != promise.Withdrawn {
		t.Errorf("decisions: %+v", got)
	}
	same(t, "journal", d.notes(t)[1:], []string{"The promise of EUR 100.00, made on Mon 16 Mar 2026, was taken back: It was another customer."})
	if err := d.withdraw(t, d.acme.Manager, id, "Again."); !conflict(err, "it is withdrawn") {
		t.Errorf("twice: %v", err)
	}
	d.pay(t, "p", today, 100_00)
	d.over(t, grace)
	d.stands(t, id, promise.Withdrawn, 0)
	if held := d.held(t); len(held) != 0 {
		t.Errorf("held back: %+v", held)
	}
}

func TestWhoWithdraws(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.made(t, d.plan(100_00))
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		p := d.plan(7_00)
		p.DueOn = day.New(2026, 4, 1)
		_, err = promise.Make(t.Context(), tx, d.id, p)
		return err
	})
	other := id + 1
	if err := d.withdraw(t, d.acme.Collector, other, "Not mine."); !forbidden(err) {
		t.Errorf("what somebody else wrote down: %v", err)
	}
	d.stand(today.Add(1))
	if err := d.withdraw(t, d.acme.Collector, id, "Too late."); !forbidden(err) {
		t.Errorf("the day after: %v", err)
	}
	if err := d.withdraw(t, d.acme.Manager, id, "A manager may."); err != nil {
		t.Errorf("by a manager: %v", err)
	}
}
