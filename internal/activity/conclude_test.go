package activity_test

import (
	"errors"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// A number that is somebody else's is called by nobody again, once that is said.
func TestAWrongNumberGoesOutOfUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	wrong := o.outcome(t, "Wrong number")
	retired := func() string {
		return o.ask(t, `SELECT retired_at IS NOT NULL FROM contact_points WHERE id = $1`, o.anna)
	}
	o.conclude(t, o.place(t), activity.Conclusion{DispositionID: wrong})
	is(t, "kept where nobody says so", retired(), "false")
	o.conclude(t, o.place(t), activity.Conclusion{DispositionID: wrong, Retire: true, Text: "A bakery"})
	is(t, "out of use", retired(), "true")
	said := func() string {
		return o.ask(t, `SELECT string_agg(text, ' ') FROM notes WHERE text LIKE 'No longer in use%'`)
	}
	is(t, "journal", said(), "No longer in use: phone +47 22 41 09 33, Anna Holm, debtor.")
	_, err := o.tryPlace(t, o.Collector, contactrule.Attempt{PointID: o.anna})
	refuses[errs.Forbidden](t, err, "this is no longer in use")

	var id int64
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		id, err = activity.Place(t.Context(), tx, contactrule.Attempt{CustomerID: o.debtor, Number: "+47 21 49 40 00"})
		return err
	})
	o.conclude(t, id, activity.Conclusion{DispositionID: wrong, Retire: true})
	is(t, "journal after a number that is nobody's", said(), "No longer in use: phone +47 22 41 09 33, Anna Holm, debtor.")
}

// Follow-ups that are done with a call end with it, whoever's they are; one that
// somebody ended meanwhile is no hindrance, another customer's is nobody's.
func TestFollowupsAreDoneWithACall(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	plan := func(customer int64, who tenant.Who, text string) (id int64) {
		o.do(t, who, func(tx *tenant.Tx) (err error) {
			id, err = followup.Schedule(t.Context(), tx, customer, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: tx.Today(), Text: text})
			return err
		})
		return id
	}
	var other int64
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		other, _ = dbtest.Customer(t, tx, "C-2")
		return nil
	})
	mine, managers, ended := plan(o.debtor, o.Collector, "a"), plan(o.debtor, o.Manager, "b"), plan(o.debtor, o.Collector, "d")
	plan(o.debtor, o.Collector, "c")
	theirs := plan(other, o.Collector, "e")
	o.do(t, o.Manager, func(tx *tenant.Tx) error { return followup.Complete(t.Context(), tx, o.debtor, ended, "before") })
	active := func() string {
		return o.ask(t, `SELECT coalesce(string_agg(text, ' ' ORDER BY text), '-') FROM follow_ups WHERE ended IS NULL`)
	}
	id, outcome := o.place(t), o.outcome(t, "Left message")
	if _, err := o.tryConclude(t, o.Collector, id, activity.Conclusion{DispositionID: outcome, Ticked: []int64{mine, theirs}}); !errors.Is(err, errs.NotFound) {
		t.Errorf("another customer's: %v", err)
	}
	is(t, "none is ended by what was refused", active(), "a b c e")
	o.conclude(t, id, activity.Conclusion{DispositionID: outcome, Ticked: []int64{mine, managers, ended}})
	is(t, "active", active(), "c e")
	again := plan(o.debtor, o.Collector, "f")
	late := o.place(t)
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, o.debtor)
		return err
	})
	_, err := o.tryConclude(t, o.Collector, late, activity.Conclusion{DispositionID: outcome, Ticked: []int64{again}})
	refuses[errs.Conflict](t, err, "archived")
	is(t, "nothing is said to be done that is not", active(), "c e f")
	is(t, "as somebody else ended it", o.ask(t, `SELECT outcome FROM follow_ups WHERE id = $1`, ended), "before")
	is(t, "journal", o.ask(t, `SELECT string_agg(text, ' ' ORDER BY id) FROM notes WHERE text LIKE '%: done.'`),
		"Follow-up for Mon 16 Mar 2026, acme collector: done. Follow-up for Mon 16 Mar 2026, acme manager: done.")
}
