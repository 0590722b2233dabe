package demo

import (
	"context"
	"fmt"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// rounds are days of the past on which customers were reminded, and how many: so
// each level has somebody today, and some were reminded last week.
var rounds = []struct{ ago, customers int }{{33, 16}, {22, 10}, {11, 4}, {5, 3}}

// byHand is how many come before the customer who is reminded on chosen days, of
// which one is today.
const byHand = 3

// reminded makes the company look as one that has dunned for a month: the runs of
// some days, what was done about them, and the run of today.
func (l *loader) reminded(ctx context.Context) error {
	now := l.tx.Now
	defer func() { l.tx.Now = now }()
	for _, round := range rounds {
		l.tx.Now = now.AddDate(0, 0, -round.ago)
		if err := l.remindOn(ctx, l.tx.Today(), round.customers); err != nil {
			return fmt.Errorf("the reminders of %s: %w", l.tx.Today(), err)
		}
		if round.ago == rounds[len(rounds)-1].ago {
			if err := l.chooseDay(ctx, day.Of(now.In(l.tx.Actor.Tenant.Zone))); err != nil {
				return err
			}
		}
	}
	l.tx.Now = now
	if err := l.coverByCredit(ctx); err != nil {
		return err
	}
	if _, err := dunning.RunOnly(ctx, l.tx, l.tx.Today()); err != nil {
		return err
	}
	return l.putAway(ctx)
}

// remindOn makes the run of that day and works the first of its entries, the
// highest level first.
func (l *loader) remindOn(ctx context.Context, on day.Day, customers int) error {
	if _, err := dunning.RunOnly(ctx, l.tx, on); err != nil {
		return err
	}
	entries, err := l.agenda(ctx, customers)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := dunning.Act(ctx, l.tx, e.ID, "Reminded by the earlier system."); err != nil {
			return err
		}
		if e, err = dunning.FindEntry(ctx, l.tx, e.ID); err != nil {
			return err
		}
		if err := dunning.Complete(ctx, l.tx, e.ID, dunning.Completion{Version: e.Version, NextOn: on.Add(14)}); err != nil {
			return err
		}
	}
	return nil
}

// agenda lists the first entries of all.
func (l *loader) agenda(ctx context.Context, most int) ([]dunning.Entry, error) {
	ids, err := dunning.Filter{Whose: dunning.Team, Sort: dunning.ByRank, Limit: most}.IDs(ctx, l.tx)
	if err != nil {
		return nil, err
	}
	return dunning.FindEntries(ctx, l.tx, ids)
}

// chooseDay has one customer come up on chosen days only, next on that day.
func (l *loader) chooseDay(ctx context.Context, on day.Day) error {
	n := 0
	for c := range Generate(l.options) {
		if n++; n <= byHand || c.Owner == "" {
			continue
		}
		id := l.idOf(c)
		r, err := dunning.RemindingOf(ctx, l.tx, id)
		if err != nil {
			return err
		}
		defer l.as(l.members[c.Owner], c.owner())()
		l.tx.Actor.Role = tenant.Collector
		return dunning.SetMode(ctx, l.tx, id, dunning.Mode{Version: r.Version, Manual: true, NextOn: on})
	}
	return nil
}

// coverByCredit has one customer pay more than is overdue, without saying what for.
func (l *loader) coverByCredit(ctx context.Context) error {
	entries, err := l.agenda(ctx, 1_000)
	if err != nil || len(entries) == 0 {
		return err
	}
	e := entries[len(entries)-1]
	lines, err := dunning.Lines(ctx, l.tx, e.CustomerID)
	if err != nil {
		return err
	}
	owed := map[int64]money.Amount{}
	for _, line := range lines {
		owed[line.AccountID] = money.New(owed[line.AccountID].Minor+line.Open, line.Currency)
	}
	for account, a := range owed {
		on := l.tx.Today().Add(-1)
		_, err := ledger.Record(ctx, l.tx, ledger.Payment{CustomerID: e.CustomerID, AccountID: account, Number: fmt.Sprintf("DEPOSIT-%d", account), ValueOn: on,
			Amount: money.New(a.Minor+10_000, a.Currency)})
		if err != nil {
			return err
		}
	}
	return nil
}

// putAway puts one entry away until next week.
func (l *loader) putAway(ctx context.Context) error {
	entries, err := l.agenda(ctx, 3)
	if err != nil || len(entries) < 3 {
		return err
	}
	e := entries[2]
	return dunning.Postpone(ctx, l.tx, e.ID, dunning.Postponement{Version: e.Version, Until: l.tx.Today().Add(7), Reason: "The bookkeeper is on leave this week."})
}
