package contact_test

import (
	"strings"
	"testing"
	"time"

	"dunwell/internal/contact"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

func TestChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("First words"))
	change := func(version int, p contact.Plan) error {
		return d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error { return contact.Change(t.Context(), tx, d.id, id, version, p) })
	}
	if err := change(1, d.plan("First words")); err != nil || d.find(t, id).Version != 1 {
		t.Errorf("what is the same changed it: %v", err)
	}
	p := d.plan("Better words")
	p.TypeID, p.DepartmentID, p.OriginID, p.StrengthID, p.VehicleID = d.visit, 0, 0, 0, 0
	p.Next = contact.Next{AssigneeID: d.acme.CollectorID}
	if err := change(1, p); err != nil {
		t.Fatal(err)
	}
	d.wrote(t, "contact_change: Contact CALL Payment call changed: code VISIT Visit instead of CALL Payment call; no department instead of Workshop; "+
		"no origin instead of E-mail; no strength instead of High; no vehicle instead of Volvo, AB 12345; follow-up no date instead of Wed 18 Mar 2026, 14:15; "+
		"follow-up by acme collector instead of acme manager; no follow-up as instead of CHECK Payment check; another description; it said: First words.")
	if err := change(1, d.plan("Too late")); !conflict(err, "Somebody else changed this contact") {
		t.Errorf("from the version before: %v", err)
	}
	// what was planned in the past stays as long as nobody touches it
	d.stand(time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC))
	next := d.plan("After the day")
	if err := change(2, next); !invalid(err, "due_on") {
		t.Errorf("a day that is past by now: %v", err)
	}
}

// A type that is changed or retired afterwards leaves alone what it said.
func TestOldContactsKeepWhatTheirTypeSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("Before the change"))
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		c, err := contact.FindType(t.Context(), tx, d.call)
		if err != nil {
			return err
		}
		c.Name, c.Action, c.Code = "Telephone", "Nothing", "TEL"
		if err := contact.ChangeType(t.Context(), tx, d.call, c.Version, c.Terms); err != nil {
			return err
		}
		return contact.RetireType(t.Context(), tx, d.call)
	})
	p := d.plan("After the change")
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return contact.Change(t.Context(), tx, d.id, id, 1, p) })
	if c := d.find(t, id); c.Type() != "CALL Payment call" || c.Action != "Call again where no day of payment was agreed." {
		t.Errorf("it says %s, %s", c.Type(), c.Action)
	}
	if c := d.find(t, d.find(t, id).ID); c.Description != "After the change" {
		t.Errorf("it reads %q", c.Description)
	}
}

// A failed attempt is logged and moves the contact to the next working day at its
// hour, unless it is for later; after five in a row somebody decides.
func TestFail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `INSERT INTO holidays (tenant_id, day, name) VALUES ($1, '2026-03-16', 'Off')`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	due := d.plan("Call back")
	due.Next.On = today
	id := d.added(t, due)
	fail := func(version int, text string) (c contact.Contact, err error) {
		err = d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) (err error) {
			c, err = contact.Fail(t.Context(), tx, d.id, id, version, text)
			return err
		})
		return c, err
	}
	c, err := fail(1, "Engaged")
	if err != nil || c.When() != "Tue 17 Mar 2026, 14:15" || c.Attempts != 1 {
		t.Errorf("over the weekend and a holiday it is due %s after %d attempts: %v", c.When(), c.Attempts, err)
	}
	d.wrote(t, "contact: Failed attempt 1 of 5 to follow up CALL Payment call; again on Tue 17 Mar 2026, 14:15. Engaged")
	if _, err = fail(1, ""); !conflict(err, "Somebody else changed") {
		t.Errorf("pressed twice: %v", err)
	}
	if _, err = fail(2, strings.Repeat("x", 2001)); !invalid(err, "attempt") {
		t.Errorf("a long story: %v", err)
	}
	for n := 2; n <= contact.MaxAttempts; n++ {
		if c, err = fail(n, ""); err != nil || c.Exhausted() != (n == contact.MaxAttempts) {
			t.Errorf("attempt %d: exhausted %v, %v", n, c.Exhausted(), err)
		}
	}
	if _, err = fail(6, ""); !conflict(err, "5 attempts in a row have failed. Decide") {
		t.Errorf("the sixth: %v", err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return contact.Reschedule(t.Context(), tx, d.id, id, 6, today.Add(20), "") })
	if c = d.find(t, id); c.Attempts != 0 || c.When() != "Thu 2 Apr 2026" {
		t.Errorf("after a decision %d attempts, due %s", c.Attempts, c.When())
	}
	if c, err = fail(7, ""); err != nil || c.Attempts != 1 || c.When() != "Thu 2 Apr 2026" {
		t.Errorf("what is for later is due %s after %d attempts: %v", c.When(), c.Attempts, err)
	}
}

// Reschedule changes the day alone, and takes it away too.
func TestReschedule(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("Move me"))
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return contact.Reschedule(t.Context(), tx, d.id, id, 1, today.Add(6), "09:05")
	})
	d.wrote(t, "contact_change: Contact CALL Payment call changed: follow-up Thu 19 Mar 2026, 09:05 instead of Wed 18 Mar 2026, 14:15.")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return contact.Reschedule(t.Context(), tx, d.id, id, 2, day.Day{}, "") })
	if c := d.find(t, id); !c.DueOn.IsZero() || c.NextType() != "CHECK Payment check" || c.Vehicle == "" {
		t.Errorf("without a day it is %+v", c)
	}
	if late := d.find(t, id).DaysLate(today.Add(30)); late != 0 {
		t.Errorf("without a day it is %d days late", late)
	}
}

// S3.44: a manager gives contacts to somebody else, one or many.
func TestReassign(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, two, done := d.added(t, d.plan("One")), d.added(t, d.plan("Two")), d.added(t, d.plan("Done"))
	if err := d.closing(t, done, 1, "Paid"); err != nil {
		t.Fatal(err)
	}
	ids := []int64{one, two, done, 99_999}
	give := func(who tenant.Who, to int64) (h contact.Handed, err error) {
		err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
			h, err = contact.Reassign(t.Context(), tx, ids, to)
			return err
		})
		return h, err
	}
	if _, err := give(d.acme.Collector, d.acme.AdminID); !refused(err) {
		t.Errorf("a collector gave work away: %v", err)
	}
	if _, err := give(d.acme.Manager, d.beta.AdminID); !invalid(err, "assignee") {
		t.Errorf("given to another company: %v", err)
	}
	if h, err := give(d.beta.Manager, d.beta.AdminID); err != nil || h.Moved != 0 {
		t.Errorf("another company moved %+v, %v", h, err)
	}
	if h, err := give(d.acme.Manager, d.acme.AdminID); err != nil || h != (contact.Handed{To: "acme admin", Moved: 2}) {
		t.Errorf("moved %+v, %v", h, err)
	}
	d.wrote(t, "contact_change: Contact CALL Payment call of acme manager given to acme admin.")
	if c := d.find(t, done); c.AssigneeID != d.acme.ManagerID {
		t.Errorf("what was closed went to %s", c.Assignee)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	if h, err := give(d.acme.Manager, d.acme.CollectorID); err != nil || h != (contact.Handed{To: "acme collector", Left: 2}) {
		t.Errorf("to somebody who does not see the customer: %+v, %v", h, err)
	}
}

// A contact of a type that is a conversation is an action of the customer's entry.
func TestAConversationCountsInTheAgenda(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.Owner(t)
	var account, entry int64
	if err := owner.QueryRow(t.Context(), `SELECT id FROM accounts WHERE tenant_id = $1 AND customer_id = $2`, d.acme.ID, d.id).Scan(&account); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		item := dbtest.Item(t, tx, account, "INV-7", "2026-02-01", 76_500, "EUR")
		return tx.QueryRow(t.Context(), `
			WITH policy AS (INSERT INTO policies (name, is_default) VALUES ('Standard', true) RETURNING id)
			INSERT INTO agenda_entries (customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies)
			SELECT $1, $3, $3, id, 'chosen_day', $2, '2026-02-01', 1, 'EUR', 76500, 1 FROM policy
			RETURNING id`, d.id, item, today).Scan(&entry)
	})
	said := func() (n int) {
		if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM agenda_actions WHERE tenant_id = $1 AND entry_id = $2`, d.acme.ID, entry).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	p := d.plan("Nobody was spoken to")
	p.TypeID = d.check
	d.added(t, p)
	if said() != 0 {
		t.Error("a check counts as a conversation")
	}
	d.added(t, d.plan("Pays next week"))
	d.added(t, d.plan(strings.Repeat("ø", 2000))) // with its type before it, longer than an action
	if n := said(); n != 2 {
		t.Errorf("%d actions, want 2", n)
	}
}
