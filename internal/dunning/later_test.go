package dunning_test

import (
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// postpone puts an entry away as it is now.
func (o *agency) postpone(t testing.TB, entry int64, until day.Day, reason string) error {
	t.Helper()
	version := o.entry(t, entry).Version
	return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		return dunning.Postpone(t.Context(), tx, entry, dunning.Postponement{Version: version, Until: until, Reason: reason})
	})
}

// S2.22, S2.23: an entry can be put away before anything was done, it comes back on
// the day, and Undo brings it back at once.
func TestLater(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	for want, p := range map[string]struct {
		until  day.Day
		reason string
	}{
		"until: Give a day.":                         {day.Day{}, "x"},
		"until: Give a day to come":                  {day.New(2026, 3, 16), "x"},
		"until: Give a day up to Tue 16 Mar 2027":    {day.New(2027, 3, 17), "x"},
		"reason: Say why it can wait.":               {day.New(2026, 3, 17), " "},
		"reason: This holds 500 characters at most.": {day.New(2026, 3, 17), strings.Repeat("x", 501)},
		"reason: This looks like a payment card":     {day.New(2026, 3, 17), "Card 4111 1111 1111 1111"},
	} {
		refuses[errs.Invalid](t, o.postpone(t, e.ID, p.until, p.reason), want)
	}
	if err := o.postpone(t, e.ID, day.New(2026, 3, 18), "They pay on Tuesday"); err != nil {
		t.Fatal(err)
	}
	o.run(t)
	if got := o.open(t); got.LaterOn != day.New(2026, 3, 18) || got.LaterReason != "They pay on Tuesday" || got.ID != e.ID {
		t.Errorf("put away: %+v", got)
	}
	o.said(t, "Done later, level 1 (First reminder), on Wed 18 Mar 2026: They pay on Tuesday")
	refuses[errs.Conflict](t, o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error {
		return dunning.BringBack(t.Context(), tx, e.ID, e.Version)
	}), "It was put away until Wed 18 Mar 2026.")
	version := o.open(t).Version
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return dunning.BringBack(t.Context(), tx, e.ID, version) })
	if got := o.open(t); !got.LaterOn.IsZero() || got.LaterReason != "" {
		t.Errorf("brought back: %+v", got)
	}
	version = o.open(t).Version
	refuses[errs.Conflict](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		return dunning.BringBack(t.Context(), tx, e.ID, version)
	}), "This entry is not put away.")
}

// A message that does not arrive ends a "later" that was said before, once.
func TestLaterEndsWhereTheMessageCameBack(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	id := o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.deliver(t)
	if err := o.postpone(t, e.ID, day.New(2026, 4, 1), "We wait"); err != nil {
		t.Fatal(err)
	}
	touch := func() { o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil }) }
	touch()
	if o.open(t).LaterOn.IsZero() {
		t.Fatal("it came back by itself")
	}
	o.exec(t, `UPDATE messages SET state = 'bounced', state_at = clock_timestamp() WHERE id = $1`, id)
	touch()
	if got := o.open(t); !got.LaterOn.IsZero() || got.Why != dunning.WhyBounce {
		t.Errorf("after it bounced: %+v", got)
	}
	o.said(t, "Brought back before its day")
	if err := o.postpone(t, e.ID, day.New(2026, 4, 2), "We call the switchboard then"); err != nil {
		t.Fatal(err)
	}
	touch()
	if got := o.open(t); got.LaterOn != day.New(2026, 4, 2) {
		t.Errorf("put away again: %+v", got)
	}
}

// S2.8 and the days to put off until: the next worked day comes first.
func TestDates(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	text := func(list []followup.Quick) (s string) {
		for _, q := range list {
			s += q.Label + " " + q.On.String() + "; "
		}
		return s
	}
	later := func() (s string) {
		o.do(t, o.Collector, func(tx *tenant.Tx) error {
			list, err := dunning.LaterDates(t.Context(), tx)
			s = text(list)
			return err
		})
		return s
	}
	is(t, "on a Monday", later(), "Tomorrow 2026-03-17; One week 2026-03-23; Two weeks 2026-03-30; One month 2026-04-16; Two months 2026-05-16; ")
	o.at(4, 9, 0)
	is(t, "on a Friday", later(), "Next working day 2026-03-23; Tomorrow 2026-03-21; One week 2026-03-27; Two weeks 2026-04-03; One month 2026-04-20; Two months 2026-05-20; ")
	is(t, "of the popup", text(dunning.ModeDates(day.New(2026, 1, 31))), "One week 2026-02-07; Two weeks 2026-02-14; One month 2026-02-28; Two months 2026-03-31; ")
}

// S2.5 to S2.10: in manual mode the customer comes on the chosen day, not when a
// level is reached, and Done asks for the next one.
func TestManualMode(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	set := func(m dunning.Mode) error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
			r, err := dunning.RemindingOf(t.Context(), tx, o.debtor)
			if err != nil {
				return err
			}
			if m.Version == 0 {
				m.Version = r.Version
			}
			return dunning.SetMode(t.Context(), tx, o.debtor, m)
		})
	}
	refuses[errs.Invalid](t, set(dunning.Mode{Manual: true}), "next_on: Give a day.")
	refuses[errs.Conflict](t, set(dunning.Mode{Manual: true, Version: -1}), "Reminders are automatic.")
	if err := set(dunning.Mode{Manual: true, NextOn: day.New(2026, 3, 23)}); err != nil {
		t.Fatal(err)
	}
	o.said(t, "Reminders are manual, next on Mon 23 Mar 2026; they were automatic.")
	if got := o.entry(t, e.ID); got.State != dunning.Withdrawn {
		t.Errorf("the entry is %s", got.State)
	}
	o.at(6, 9, 0)
	o.run(t)
	if got := o.open(t); got.ID != 0 {
		t.Errorf("before its day: %+v", got)
	}
	o.at(7, 9, 0)
	o.run(t)
	next := o.open(t)
	if next.Why != dunning.WhyChosenDay {
		t.Fatalf("on its day: %+v", next)
	}
	o.print(t, next.ID)
	refuses[errs.Invalid](t, o.tryDone(t, o.Collector, next.ID, dunning.Completion{}), "next_on: Say when the customer is to come back")
	refuses[errs.Invalid](t, o.tryDone(t, o.Collector, next.ID, dunning.Completion{NextOn: day.New(2026, 3, 23)}), "next_on: Give a day to come")
	o.done(t, next.ID, dunning.Completion{NextOn: day.New(2026, 5, 4)})
	var r dunning.Reminding
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		r, err = dunning.RemindingOf(t.Context(), tx, o.debtor)
		return err
	})
	if !r.Manual || r.NextOn != day.New(2026, 5, 4) || r.By != "acme collector" {
		t.Errorf("reminding %+v", r)
	}
	if err := set(dunning.Mode{}); err != nil {
		t.Fatal(err)
	}
	is(t, "day of automatic mode", o.ask(t, `SELECT next_reminder_on FROM customers WHERE id = $1`, o.debtor), "")
}

// A pause of the customer holds all of it back up to and including its day.
func TestPauseOfACustomer(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	pause := func(until day.Day, reason string) error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
			r, err := dunning.RemindingOf(t.Context(), tx, o.debtor)
			if err != nil {
				return err
			}
			return dunning.PauseCustomer(t.Context(), tx, o.debtor, dunning.Pause{Version: r.Version, Until: until, Reason: reason})
		})
	}
	refuses[errs.Invalid](t, pause(day.New(2026, 3, 15), "x"), "until: This day has passed.")
	refuses[errs.Invalid](t, pause(day.New(2026, 3, 20), ""), "reason: Say why nobody is to remind this customer.")
	if err := pause(day.New(2026, 3, 20), "They move house"); err != nil {
		t.Fatal(err)
	}
	if got := o.open(t); got.ID != 0 {
		t.Errorf("paused and open: %+v", got)
	}
	is(t, "to collect", o.ask(t, `SELECT paused || ' ' || to_collect FROM customer_totals WHERE customer_id = $1`, o.debtor), "131157 0")
	for _, c := range []struct {
		days int
		open bool
	}{{4, false}, {5, true}} {
		o.at(c.days, 9, 0)
		o.run(t)
		if got := o.open(t); (got.ID != 0) != c.open {
			t.Errorf("%d days later: %+v", c.days, got)
		}
	}
	end := func() error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
			r, err := dunning.RemindingOf(t.Context(), tx, o.debtor)
			if err != nil {
				return err
			}
			return dunning.EndPause(t.Context(), tx, o.debtor, r.Version)
		})
	}
	refuses[errs.Conflict](t, end(), "The reminders of this customer are not paused.")
	if err := pause(day.New(2026, 4, 20), "On holiday"); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if got := o.open(t); got.ID == 0 {
		t.Error("the pause ended and nobody is to be reminded")
	}
	o.said(t, "The pause of all reminders, which was to last until Mon 20 Apr 2026, was ended.")
}
