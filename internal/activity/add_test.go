package activity_test

import (
	"errors"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func (o *office) add(t testing.TB, who tenant.Who, a activity.Activity) error {
	t.Helper()
	a.CustomerID = o.debtor
	return o.Write(t.Context(), who, func(tx *tenant.Tx) error { return activity.Add(t.Context(), tx, a) })
}

// S5.5 to S5.10, S5.27: what was said elsewhere is in the journal once, is an action of
// the open entry, and stands on the list of whom it is given to.
func TestAdd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	met := activity.Activity{Way: activity.InPerson, DispositionID: o.outcome(t, "Spoke: cannot pay"), Text: "Met at the fair",
		AssigneeID: o.ManagerID, DueOn: day.New(2026, 3, 19)}
	if err := o.add(t, o.Collector, met); err != nil {
		t.Fatal(err)
	}
	is(t, "journal", o.journal(t, "activity", "agenda", "call"), "activity: In person. Spoke: cannot pay: Met at the fair")
	is(t, "action", o.ask(t, `SELECT string_agg(kind || ' ' || text, ', ') FROM agenda_actions`), "manual Spoke: cannot pay: Met at the fair")
	is(t, "given", o.ask(t, `SELECT concat_ws(' ', assignee_id = $1, due_on) FROM follow_ups`, o.ManagerID), "t 2026-03-19")
	is(t, "no call", o.rows(t), "0 0 0 0")

	rang := activity.Activity{Way: activity.Telephone, DispositionID: o.outcome(t, "Spoke: will pay"), Attempt: contactrule.Attempt{PointID: o.anna, Incoming: true}}
	if err := o.add(t, o.Collector, rang); err != nil {
		t.Fatal(err)
	}
	is(t, "a call", o.rows(t), "1 1 0 0")
	is(t, "journal of it", o.journal(t, "call"), "call: Call from Anna Holm, +47 22 41 09 33. Spoke: will pay")
	is(t, "action of it", o.ask(t, `SELECT count(*) FROM agenda_actions WHERE kind = 'call' AND answered`), "1")
	if err := o.add(t, o.Collector, activity.Activity{Way: activity.Other, DispositionID: o.outcome(t, "No answer"), Text: "Wrote to them on the portal", AssigneeID: o.ManagerID}); err != nil {
		t.Fatal(err)
	}
	is(t, "without a day it is today's", o.ask(t, `SELECT max(id) || ' ' || max(due_on) FILTER (WHERE text LIKE 'No answer%') FROM follow_ups`), o.ask(t, `SELECT max(id) FROM follow_ups`)+" 2026-03-16")
	is(t, "nobody heard of it, so it is no action", o.ask(t, `SELECT count(*) FROM agenda_actions`), "2")
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		care, err := customer.CareOf(t.Context(), tx, o.debtor)
		if care.LastContact == nil || care.LastContact.Text != "No answer: Wrote to them on the portal" {
			t.Errorf("last contact %+v", care.LastContact)
		}
		return err
	})
}

func TestAddRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	spoke := o.outcome(t, "Spoke: disputes")
	for want, a := range map[string]activity.Activity{
		"disposition: Choose what came of it.":         {Way: activity.InPerson, Text: "words"},
		"way: Choose how":                              {Way: "letter", DispositionID: spoke, Text: "words"},
		"text: Write down what was said.":              {Way: activity.Other, DispositionID: spoke},
		"text: Say what is disputed, and why.":         {Way: activity.Telephone, DispositionID: spoke, Text: " ", Attempt: contactrule.Attempt{PointID: o.anna}},
		"disposition: They called, so somebody was":    {Way: activity.Telephone, DispositionID: o.outcome(t, "No answer"), Attempt: contactrule.Attempt{PointID: o.anna, Incoming: true}},
		"number: Choose a number that is on file":      {Way: activity.Telephone, DispositionID: spoke, Text: "words", Attempt: contactrule.Attempt{Number: "12"}},
		"follow_up-due_on: This day is past":           {Way: activity.InPerson, DispositionID: spoke, Text: "words", DueOn: day.New(2026, 3, 13)},
		"follow_up-assignee: This person does not wor": {Way: activity.InPerson, DispositionID: spoke, Text: "words", AssigneeID: 99_999},
	} {
		refuses[errs.Invalid](t, o.add(t, o.Collector, a), want)
	}
	if err := o.add(t, o.beta.Collector, activity.Activity{Way: activity.InPerson, DispositionID: spoke, Text: "words"}); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
	refuses[errs.Forbidden](t, o.add(t, o.System(), activity.Activity{Way: activity.InPerson, DispositionID: spoke, Text: "words"}), "Only people who work customers")
	o.at(-2, 12, 0) // a Saturday
	refuses[errs.Forbidden](t, o.add(t, o.Collector, activity.Activity{Way: activity.Telephone, DispositionID: spoke, Text: "words", Attempt: contactrule.Attempt{PointID: o.anna}}), "Saturdays")
	is(t, "rows", o.rows(t), "0 0 0 0")
}
