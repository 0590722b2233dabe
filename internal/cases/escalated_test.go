package cases_test

import (
	"sync"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// escalated opens a case that nobody looks at on its day, and tells the manager of it on
// the day after, which the clock stands on then.
func (d *desk) escalated(t *testing.T) (id int64) {
	t.Helper()
	id = d.opened(t, d.tick(t, d.a)...)
	d.tell(t, friday.Add(1))
	return id
}

// tell tells managers what there is to be told on a day.
func (d *desk) tell(t *testing.T, on day.Day) {
	t.Helper()
	d.stand(on)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return cases.Escalate(t.Context(), tx) })
}

// told are the follow-ups that there are, each by how it ended.
func (d *desk) told(t *testing.T) []string {
	t.Helper()
	return d.texts(t, `SELECT coalesce(f.ended, 'active') || ': ' || f.outcome FROM follow_ups f ORDER BY f.id`)
}

// What a manager was told of a case ends by itself once something is done about it, and
// the follow-ups that people wrote stay.
func TestWhatAManagerWasToldEndsByItself(t *testing.T) {
	t.Parallel()
	put := func(f func(*desk, *cases.Edit)) func(*testing.T, *desk, int64) error {
		return func(t *testing.T, d *desk, id int64) error {
			return d.save(t, id, func(e *cases.Edit) { f(d, e) })
		}
	}
	for name, c := range map[string]struct {
		do   func(*testing.T, *desk, int64) error
		want string
	}{
		"closed": {func(t *testing.T, d *desk, id int64) error {
			resolved := map[int64]cases.Destination{d.a: {ToDunning: true}}
			return d.close(t, id, cases.Closing{Note: "Settled", Confirmed: true, Go: resolved})
		}, "done: The case was closed."},
		"put off": {put(func(_ *desk, e *cases.Edit) { e.NextOn = day.New(2026, 4, 1) }), "done: The case is to be looked at on Wed 1 Apr 2026."},
		"given":   {put(func(d *desk, e *cases.Edit) { e.OwnerID = d.acme.ManagerID }), "done: The case goes to acme manager."},
		"given with others": {func(t *testing.T, d *desk, id int64) error {
			return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
				_, _, err := cases.Reassign(t.Context(), tx, []int64{id}, d.acme.ManagerID)
				return err
			})
		}, "done: The case goes to acme manager."},
		"looked at": {put(func(_ *desk, e *cases.Edit) { e.Comment = "They will call." }), "done: The case was looked at."},
		"joined by an item": {func(t *testing.T, d *desk, id int64) error {
			_, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), Action: cases.AddTo, CaseID: id, Comment: "This one too."})
			return err
		}, "done: The case was looked at."},
		"nothing": {put(func(*desk, *cases.Edit) {}), "active: "},
		"refused": {func(t *testing.T, d *desk, id int64) error {
			if err := d.close(t, id, cases.Closing{Note: "Settled"}); !isInvalid(err) {
				t.Errorf("close it unconfirmed: %v", err)
			}
			return nil
		}, "active: "},
		"done meanwhile": {func(t *testing.T, d *desk, id int64) error {
			d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
				var one int64
				d.one(t, &one, `SELECT follow_up_id FROM cases WHERE id = $1`, id)
				return followup.Complete(t.Context(), tx, d.id, one, "I called Nele.")
			})
			return d.save(t, id, func(e *cases.Edit) { e.NextOn = day.New(2026, 4, 1) })
		}, "done: I called Nele."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
				_, err := followup.Schedule(t.Context(), tx, d.id, followup.Plan{AssigneeID: d.acme.ManagerID, DueOn: friday.Add(1), Text: "Case 1: ask Nele."})
				return err
			})
			id := d.escalated(t)
			same(t, "before", d.told(t), []string{"active: ", "active: "})
			if err := c.do(t, d, id); err != nil {
				t.Fatal(err)
			}
			same(t, "after", d.told(t), []string{"active: ", c.want})
		})
	}
}

// By its deadline a complaint is answered: a word in its history is no answer. A manager
// has one follow-up of a case, the one of the last date that passed.
func TestADeadlineThatPassedIsNotLookedAtAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday,
		Case: cases.Opening{Title: "Rude letter", OwnerID: d.acme.CollectorID, Complaint: true, DeadlineOn: friday.Add(4)}})
	if err != nil {
		t.Fatal(err)
	}
	save := func(f func(*cases.Edit)) {
		t.Helper()
		if err := d.save(t, done.CaseID, f); err != nil {
			t.Fatal(err)
		}
	}
	const before = "done: Another date of the case has passed: the newer follow-up says which."
	d.tell(t, friday.Add(1))
	d.tell(t, friday.Add(5))
	same(t, "by the second date", d.told(t), []string{before, "active: "})
	save(func(e *cases.Edit) { e.Comment, e.NextOn = "They wait.", friday.Add(9) })
	same(t, "after a word", d.told(t), []string{before, "active: "})
	d.tell(t, friday.Add(10))
	same(t, "by the third date", d.told(t), []string{before, before, "active: "})
	save(func(e *cases.Edit) { e.Comment = "Still nothing." })
	same(t, "after another word", d.told(t), []string{before, before, "active: "})
	save(func(e *cases.Edit) { e.DeadlineOn, e.NextOn = friday.Add(20), friday.Add(12) })
	same(t, "after another day was agreed", d.told(t), []string{before, before, "done: The case is to be answered by Thu 9 Apr 2026."})
}

// Two who end the same follow-up at once take turns: it ends once, with one line.
func TestTwoEndWhatAManagerWasTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.escalated(t)
	var one int64
	d.one(t, &one, `SELECT follow_up_id FROM cases WHERE id = $1`, id)
	edit := d.find(t, id).Edit()
	edit.Comment = "They will call."
	var wg sync.WaitGroup
	wg.Go(func() {
		err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
			_, err := cases.Save(t.Context(), tx, id, edit)
			return err
		})
		if err != nil {
			t.Errorf("the owner: %v", err)
		}
	})
	wg.Go(func() {
		err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return followup.Complete(t.Context(), tx, d.id, one, "") })
		if err != nil && !conflict(err, "was completed by acme collector") {
			t.Errorf("the manager: %v", err)
		}
	})
	wg.Wait()
	if got := d.texts(t, `SELECT text FROM notes WHERE kind = 'follow_up'`); len(got) != 1 {
		t.Errorf("the journal says %q", got)
	}
}
