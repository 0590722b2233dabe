package dunning_test

import (
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// outcome is the disposition of that name.
func (o *agency) outcome(t testing.TB, name string) (id int64) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), `SELECT id FROM dispositions WHERE name = $1`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *agency) call(t testing.TB, who tenant.Who, entry int64, c dunning.Call) error {
	t.Helper()
	return o.Write(t.Context(), who, func(tx *tenant.Tx) error { return dunning.LogCall(t.Context(), tx, entry, c) })
}

// A call that nobody answered counts, but raises no level unless somebody says so;
// the customer comes back on the day that the outcome proposes.
func TestUnansweredCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		anyway  bool
		next    day.Day
		reached string
		back    int // how many days later
	}{
		"as it is":     {false, day.New(2026, 3, 18), "INV-1 -, INV-2 -", 2},
		"all the same": {true, day.Day{}, "INV-1 5, INV-2 5", 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			e := o.open(t)
			if err := o.call(t, o.Collector, e.ID, dunning.Call{DispositionID: o.outcome(t, "Left message"), PointID: o.phone}); err != nil {
				t.Fatal(err)
			}
			var next dunning.Next
			o.do(t, o.Collector, func(tx *tenant.Tx) error {
				actions, err := dunning.Actions(t.Context(), tx, e.ID)
				if err != nil || !dunning.Unraised(actions) {
					t.Errorf("actions %+v, %v", actions, err)
				}
				next, err = dunning.NextOf(t.Context(), tx, e, actions, false)
				return err
			})
			if !next.Asked || !next.Rests || next.On != day.New(2026, 3, 18) { // two working days, as the outcome says
				t.Errorf("next %+v", next)
			}
			o.done(t, e.ID, dunning.Completion{RaiseAnyway: c.anyway, NextOn: c.next})
			is(t, "reached", o.reached(t), c.reached)
			for days := 0; days <= c.back; days++ {
				o.at(days, 10, 0)
				o.run(t)
				if got := o.open(t); (got.ID != 0) != (days == c.back) {
					t.Errorf("%d days later: %+v", days, got)
				}
			}
		})
	}
}

// A call is on record for the contact rules, is held to them, and one with the
// debtor raises the level.
func TestCall(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE customers SET kind = 'consumer' WHERE id = $1`, o.debtor)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return contactrule.Seed(t.Context(), tx) })
	e := o.open(t)
	for want, c := range map[string]dunning.Call{
		"disposition: Choose what came of it.":    {PointID: o.phone},
		"number: Choose a number that is on file": {DispositionID: o.outcome(t, "No answer"), Number: "12"},
		"number: Choose “Another number” under":   {DispositionID: o.outcome(t, "No answer"), PointID: o.phone, Number: "+47 22 41 09 34"},
		"point: Choose a telephone number.":       {DispositionID: o.outcome(t, "No answer"), PointID: o.anna},
		"text: Say what is disputed, and why.":    {DispositionID: o.outcome(t, "Spoke: disputes"), PointID: o.phone, Text: " "},
		"text: This looks like a payment card":    {DispositionID: o.outcome(t, "No answer"), PointID: o.phone, Text: "4111 1111 1111 1111"},
	} {
		refuses[errs.Invalid](t, o.call(t, o.Collector, e.ID, c), want)
	}
	spoke := dunning.Call{DispositionID: o.outcome(t, "Spoke: will pay"), PointID: o.phone, Text: "Pays on Friday"}
	if err := o.call(t, o.Collector, e.ID, spoke); err != nil {
		t.Fatal(err)
	}
	is(t, "on record", o.ask(t, `SELECT concat_ws(' ', c.direction, c.number, x.account_id = $1, v.conversation, v.data->>'name')
		FROM call_attempts c JOIN call_attempt_accounts x ON x.call_attempt_id = c.id JOIN call_events v ON v.call_attempt_id = c.id`, o.account), "out +4722410933 t t Spoke: will pay")
	o.said(t, "Call, level 1 (First reminder). Spoke: will pay: Pays on Friday")
	refuses[errs.Forbidden](t, o.call(t, o.Collector, e.ID, spoke), "no calls to consumers for 7 days after a conversation")
	refuses[errs.Forbidden](t, o.call(t, o.Collector, e.ID, dunning.Call{DispositionID: spoke.DispositionID, Number: "+47 21 49 40 00"}), "Only a manager does it")
	spoke.Override = "They asked us to"
	if err := o.call(t, o.Manager, e.ID, spoke); err != nil {
		t.Error(err)
	}
	in := dunning.Call{DispositionID: o.outcome(t, "Asked for copies"), Number: "+47 22 41 09 33", Incoming: true}
	nobody := in
	nobody.DispositionID = o.outcome(t, "No answer")
	refuses[errs.Invalid](t, o.call(t, o.Collector, e.ID, nobody), "disposition: They called, so somebody was there.")
	if err := o.call(t, o.Collector, e.ID, in); err != nil {
		t.Error(err)
	}
	is(t, "by the number", o.ask(t, `SELECT contact_point_id FROM call_attempts WHERE direction = 'in'`), o.ask(t, `SELECT $1::bigint`, o.phone))
	is(t, "actions", o.ask(t, `SELECT count(*) || ' ' || count(DISTINCT call_attempt_id) FROM agenda_actions`), "3 3")
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}

// S2.4, S2.11, S2.15: what the level has to be done by hand is what was done, unless
// somebody says it otherwise.
func TestManualAction(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	act := func(text string) error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, e.ID, text) })
	}
	refuses[errs.Invalid](t, act(" "), "text: Say what was done.")
	o.exec(t, `INSERT INTO level_actions (tenant_id, level_id, position, kind, text) VALUES ($1, $2, 9, 'manual', 'Stop deliveries')`, o.ID, e.LevelID)
	if err := act(""); err != nil {
		t.Fatal(err)
	}
	o.said(t, "Manual action, level 1 (First reminder): Stop deliveries")
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}
