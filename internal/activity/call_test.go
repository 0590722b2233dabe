package activity_test

import (
	"errors"
	"sync"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// S5.31: the attempt is on record from the press on, with the accounts on which
// something is owed, and its outcome is asked for until it is given.
func TestPlace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var idle int64
	if err := o.owner.QueryRow(t.Context(), `INSERT INTO accounts (tenant_id, customer_id, kind, number) VALUES ($1, $2, 'trade', 'idle') RETURNING id`, o.ID, o.debtor).Scan(&idle); err != nil {
		t.Fatal(err)
	}
	id := o.place(t)
	is(t, "on record", o.ask(t, `SELECT concat_ws(' ', c.direction, c.number, c.contact_point_id = $2, c.member_id = $3, (SELECT string_agg(account_id::text, ',') FROM call_attempt_accounts))
		FROM call_attempts c WHERE c.id = $1`, id, o.anna, o.CollectorID), "out +4722410933 t t "+o.ask(t, `SELECT $1::bigint`, o.account))
	is(t, "rows", o.rows(t), "1 0 1 0")
	is(t, "journal", o.journal(t, "call"), "")
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		mine, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]activity.Call) { activity.QueueUnfinished(b, o.debtor, into) })
		n, nerr := activity.CountUnfinished(t.Context(), tx)
		if len(mine) != 1 || n != 1 || mine[0].ID != id || !mine[0].Open() || mine[0].With() != "Anna Holm, +47 22 41 09 33" || mine[0].Customer != "Customer C-1" {
			t.Errorf("unfinished %+v, %d", mine, n)
		}
		return errors.Join(err, nerr)
	})
	_, err := o.tryPlace(t, o.Collector, contactrule.Attempt{PointID: o.anna})
	var before activity.Unsaid
	if !errors.As(err, &before) || before.CallID != id {
		t.Errorf("a second call before the first has an outcome: %v", err)
	}
	refuses[errs.Conflict](t, err, "no outcome yet")
	if _, err := o.tryPlace(t, o.Collector, contactrule.Attempt{PointID: o.anna, Incoming: true, AccountIDs: []int64{idle}}); err != nil {
		t.Errorf("they call back meanwhile: %v", err)
	}
	if _, err := o.tryPlace(t, o.Manager, contactrule.Attempt{Number: "+47 21 49 40 00"}); err != nil {
		t.Errorf("somebody else calls: %v", err)
	}
	is(t, "about the account that was ticked", o.ask(t, `SELECT count(*) FROM call_attempt_accounts WHERE account_id = $1`, idle), "1")
}

// What bars a call is kept even where somebody presses: nothing is placed, the refusal
// is on record, and a manager's override is a note.
func TestPlaceIsHeldToTheRules(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.at(-1, 12, 0) // a Sunday
	_, err := o.tryPlace(t, o.Collector, contactrule.Attempt{PointID: o.anna})
	refuses[errs.Forbidden](t, err, "calls on Sundays are barred for businesses")
	_, err = o.tryPlace(t, o.Manager, contactrule.Attempt{PointID: o.anna})
	refuses[errs.Invalid](t, err, "override: Not before Mon 08:00")
	is(t, "rows", o.rows(t), "0 0 0 0")
	is(t, "refusals", o.ask(t, `SELECT count(*) FROM audit_events WHERE kind = 'contact.refused'`), "2")
	if _, err = o.tryPlace(t, o.Manager, contactrule.Attempt{PointID: o.anna, Override: "Their lorry stands at our gate"}); err != nil {
		t.Error(err)
	}
	is(t, "override", o.ask(t, `SELECT count(*) FROM notes WHERE kind = 'override' AND text LIKE '%Their lorry%'`), "1")
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		_, err := customer.PlaceStop(t.Context(), tx, o.debtor, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		return err
	})
	o.at(0, 9, 0)
	_, err = o.tryPlace(t, o.Admin, contactrule.Attempt{PointID: o.anna, Override: "All the same"})
	refuses[errs.Forbidden](t, err, "a stop is in force")
	for what, a := range map[string]contactrule.Attempt{"another customer": {CustomerID: 99_999, PointID: o.anna}, "another point": {PointID: 99_999}} {
		if _, err := o.tryPlace(t, o.Collector, a); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := o.tryPlace(t, o.beta.Admin, contactrule.Attempt{PointID: o.anna}); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
	_, err = o.tryPlace(t, o.System(), contactrule.Attempt{PointID: o.anna})
	refuses[errs.Forbidden](t, err, "Only people who work customers")
}

// The measure: one save keeps the call, the promise, the action of the agenda and
// that it is done, each once; a second save is answered with what was kept.
func TestConclude(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := o.open(t)
	id := o.place(t)
	pay := activity.Conclusion{DispositionID: o.outcome(t, "Spoke: will pay"), Text: "Pays when the goods note is here", Done: &activity.Done{},
		Promise: &promise.Plan{AccountID: o.account, Amount: money.New(131_157, "EUR"), AssigneeID: o.CollectorID, DueOn: day.New(2026, 3, 27)}}
	k := o.conclude(t, id, pay)
	if k.PromiseID == 0 || k.Done.EntryID != e.ID || k.Done.Why != "" || k.Done.Waits || !k.Done.Raised {
		t.Errorf("kept %+v", k)
	}
	is(t, "rows", o.rows(t), "1 1 0 1")
	is(t, "journal", o.journal(t, "call"), "call: Call to Anna Holm, +47 22 41 09 33. Spoke: will pay: Pays when the goods note is here")
	is(t, "actions", o.ask(t, `SELECT string_agg(concat_ws(' ', kind, call_attempt_id = $1, answered, text), ',') FROM agenda_actions`, id),
		"call t t Spoke: will pay: Pays when the goods note is here")
	is(t, "the action names what could be asked for before the promise", o.ask(t, `SELECT string_agg(i.number || ' ' || x.amount, ', ' ORDER BY i.number) FROM agenda_action_items x JOIN items i ON i.id = x.item_id`),
		"INV-1 123456, INV-2 7701")
	is(t, "entry", o.ask(t, `SELECT state FROM agenda_entries WHERE id = $1`, e.ID), "done")
	is(t, "reached", o.ask(t, `SELECT string_agg(number || ' ' || coalesce(reached_days::text, '-'), ', ' ORDER BY number) FROM items`), "INV-1 5, INV-2 5")
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		care, err := customer.CareOf(t.Context(), tx, o.debtor)
		c, ferr := activity.Find(t.Context(), tx, o.debtor, id)
		if care.LastContact == nil || c.Open() || c.Outcome != "Spoke: will pay: Pays when the goods note is here" || c.SavedBy != "acme collector" {
			t.Errorf("last contact %+v, call %+v", care.LastContact, c)
		}
		return errors.Join(err, ferr)
	})
	_, err := o.tryConclude(t, o.Manager, id, pay)
	refuses[errs.Conflict](t, err, "acme collector saved what came of this call on Mon 16 Mar, 10:30: “Spoke: will pay: Pays when the goods note is here”")
	is(t, "rows after a second save", o.rows(t), "1 1 0 1")
}

// Of two who say it at once, one does.
func TestConcludeAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.place(t)
	outcome := o.outcome(t, "No answer")
	var all sync.WaitGroup
	failed := make([]error, 4)
	for i := range failed {
		all.Go(func() {
			_, failed[i] = o.tryConclude(t, o.Collector, id, activity.Conclusion{DispositionID: outcome, Text: "Rang long"})
		})
	}
	all.Wait()
	saved := 0
	for _, err := range failed {
		if err == nil {
			saved++
		} else {
			refuses[errs.Conflict](t, err, "Nothing was saved a second time")
		}
	}
	if saved != 1 {
		t.Errorf("%d saved it", saved)
	}
	is(t, "rows", o.rows(t), "1 1 0 0")
}

// What is wrong with a part is said at that part, and nothing is kept.
func TestConcludeRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.place(t)
	good := day.New(2026, 3, 27)
	for want, c := range map[string]activity.Conclusion{
		"disposition: Choose what came of it.": {},
		"text: This looks like a payment card": {DispositionID: o.outcome(t, "No answer"), Text: "4111 1111 1111 1111"},
		"disposition: A promise is made by who was spoken to": {DispositionID: o.outcome(t, "No answer"),
			Promise: &promise.Plan{AccountID: o.account, Amount: money.New(1_000, "EUR"), AssigneeID: o.CollectorID, DueOn: good}},
		"promise-due_on: This day is past": {DispositionID: o.outcome(t, "Spoke: will pay"),
			Promise: &promise.Plan{AccountID: o.account, Amount: money.New(1_001, "EUR"), AssigneeID: o.CollectorID, DueOn: day.New(2026, 3, 15)}},
		"promise-amount: EUR 9,999.99 is promised": {DispositionID: o.outcome(t, "Spoke: will pay"),
			Promise: &promise.Plan{AccountID: o.account, Amount: money.New(999_999, "EUR"), AssigneeID: o.CollectorID, DueOn: good}},
		"text: Say what is disputed":               {DispositionID: o.outcome(t, "Spoke: disputes"), Text: " "},
		"call_back-on: Give the day and the hour":  {DispositionID: o.outcome(t, "Asked to be called back")},
		"call_back-at: This hour is past":          {DispositionID: o.outcome(t, "Asked to be called back"), CallBack: &activity.CallBack{On: day.New(2026, 3, 16), At: "09:00"}},
		"call_back-on: A wish to be called counts": {DispositionID: o.outcome(t, "Asked to be called back"), CallBack: &activity.CallBack{On: day.New(2026, 3, 24), At: "09:00"}},
		"disposition: A number goes out of use":    {DispositionID: o.outcome(t, "No answer"), Retire: true},
		"copies-items: Tick items":                 {DispositionID: o.outcome(t, "Asked for copies"), Copies: &activity.Copies{Items: []int64{99_999}}},
		"dispute-items: Tick items":                {DispositionID: o.outcome(t, "Spoke: disputes"), Text: "Wrong goods", Disputed: []int64{o.items[0], 99_999}},
		"follow_up-due_on: Give the day":           {DispositionID: o.outcome(t, "No answer"), Followup: &followup.Plan{AssigneeID: o.CollectorID}},
	} {
		_, err := o.tryConclude(t, o.Collector, id, c)
		refuses[errs.Invalid](t, err, want)
		if want[:14] == "promise-amount" && !errors.As(err, new(promise.TooMuch)) {
			t.Errorf("nobody is asked back: %v", err)
		}
	}
	is(t, "rows", o.rows(t), "1 0 1 0")
	if _, err := o.tryConclude(t, o.beta.Admin, id, activity.Conclusion{DispositionID: o.outcome(t, "No answer")}); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
	if _, err := o.tryConclude(t, o.Collector, 99_999, activity.Conclusion{DispositionID: o.outcome(t, "No answer")}); !errors.Is(err, errs.NotFound) {
		t.Errorf("no call: %v", err)
	}
}

// S5.9: whoever wants to be called back is called at that hour, which nothing then
// bars; copies and follow-ups stand on the list of who gets them.
func TestWhatFollows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.conclude(t, o.place(t), activity.Conclusion{DispositionID: o.outcome(t, "Asked to be called back"), Text: "In the lorry", CallBack: &activity.CallBack{On: day.New(2026, 3, 17), At: "18:30"}})
	is(t, "call back", o.ask(t, `SELECT concat_ws('|', f.due_on, f.due_at, f.text, f.assignee_id = $1, w.channel, w.until AT TIME ZONE 'Europe/Oslo')
		FROM follow_ups f JOIN contact_requests w ON w.follow_up_id = f.id`, o.CollectorID),
		"2026-03-17|18:30:00|Call back Anna Holm, +47 22 41 09 33, as asked for. In the lorry|t|call|2026-03-17 20:30:00")
	for _, c := range []struct {
		minute int
		barred bool
	}{{14, true}, {15, false}} { // a quarter of an hour before, at 18:15 in Oslo
		o.at(1, 17, c.minute)
		err := o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
			return contactrule.Check(t.Context(), tx, contactrule.Ask{CustomerID: o.debtor, PointID: o.anna, Channel: customer.Call})
		})
		if (err != nil) != c.barred {
			t.Errorf("at 18:%d: %v", c.minute, err)
		}
	}
	o.at(1, 17, 40) // 18:40 in Oslo, when businesses are not called
	second := o.place(t)
	is(t, "asked for", o.ask(t, `SELECT asked_for FROM call_attempts WHERE id = $1`, second), "true")
	o.conclude(t, second, activity.Conclusion{DispositionID: o.outcome(t, "Asked for copies"), Copies: &activity.Copies{Items: o.items[:]},
		Followup: &followup.Plan{AssigneeID: o.ManagerID, DueOn: day.New(2026, 3, 20)}})
	is(t, "follow-ups", o.ask(t, `SELECT string_agg(concat_ws('|', due_on, text, assignee_id = $1), '; ' ORDER BY id) FROM follow_ups WHERE due_at IS NULL`, o.ManagerID),
		"2026-03-17|Send copies of INV-1, INV-2, Anna Holm, +47 22 41 09 33.|f; 2026-03-20|Asked for copies|t")
	o.conclude(t, o.place(t), activity.Conclusion{DispositionID: o.outcome(t, "Spoke: disputes"), Text: "Wrong goods.", Disputed: []int64{o.items[1], o.items[1]}})
	is(t, "what the calls were about", o.ask(t, `SELECT string_agg(split_part(text, ' 33. ', 2), '; ' ORDER BY seq) FROM notes WHERE kind = 'call' AND text LIKE '%About%'`),
		"Asked for copies. About INV-1, INV-2.; Spoke: disputes: Wrong goods. About INV-2.")
}

// Done that cannot be said is not: the call is kept all the same, with the reason.
func TestDone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	k := o.conclude(t, o.place(t), activity.Conclusion{DispositionID: o.outcome(t, "Left message"), Done: &activity.Done{}})
	if k.Done.Raised || k.Done.NextOn != day.New(2026, 3, 18) || k.Done.Why != "" {
		t.Errorf("nobody was spoken to: %+v", k.Done)
	}
	is(t, "not raised", o.ask(t, `SELECT count(*) FROM items WHERE reached_days IS NOT NULL`), "0")

	m := newOffice(t)
	m.exec(t, `UPDATE customers SET reminder_mode = 'manual', next_reminder_on = '2026-03-16' WHERE id = $1`, m.debtor)
	e := m.open(t)
	m.do(t, m.Collector, func(tx *tenant.Tx) error {
		asks, on, err := activity.AsksBack(t.Context(), tx, e)
		if !asks || on != day.New(2026, 3, 30) {
			t.Errorf("asks back: %v, %s", asks, on)
		}
		return err
	})
	id := m.place(t)
	spoke := activity.Conclusion{DispositionID: m.outcome(t, "Spoke: cannot pay"), Done: &activity.Done{}}
	_, err := m.tryConclude(t, m.Collector, id, spoke)
	refuses[errs.Invalid](t, err, "next_on: Say when the customer is to come back")
	m.exec(t, `UPDATE agenda_entries SET why = 'last' WHERE id = $1`, e.ID)
	k = m.conclude(t, id, spoke)
	if k.Done.Why == "" || k.Done.EntryID != e.ID {
		t.Errorf("a manager decides: %+v", k.Done)
	}
	is(t, "the call is kept", m.rows(t), "1 1 0 0")
}
