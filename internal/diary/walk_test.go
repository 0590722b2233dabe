package diary_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

func (d *desk) start(t *testing.T, who tenant.Who, member int64) (first int64, err error) {
	t.Helper()
	err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		first, err = diary.Start(t.Context(), tx, member)
		return err
	})
	return first, err
}

func (d *desk) next(t *testing.T, who tenant.Who, after int64) (next int64, err error) {
	t.Helper()
	err = d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		next, _, err = diary.Next(t.Context(), tx, after)
		return err
	})
	return next, err
}

func (d *desk) at(t *testing.T, who tenant.Who, customer int64) (s diary.Step) {
	t.Helper()
	err := d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		b := tx.Batch()
		diary.QueueAt(b, customer, &s)
		err = b.Send(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// walked goes on from the first to the last and returns the numbers on the way.
func (d *desk) walked(t *testing.T, who tenant.Who, from int64) string {
	t.Helper()
	names := map[int64]string{}
	for number, id := range d.ids {
		names[id] = number
	}
	var way []string
	for id, err := from, error(nil); len(way) < 20; {
		way = append(way, names[id])
		if id, err = d.next(t, who, id); errors.Is(err, diary.ErrWalked) {
			return strings.Join(way, ", ")
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(way, ", ") + " and so on"
}

// A walk keeps the order in which it began and leaves out what is done meanwhile.
func TestWalk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "later", "2026-03-16")
	d.due(t, "timed", "2026-03-16 09:00")
	d.due(t, "late", "2026-03-10")
	d.due(t, "other", "2026-03-17")
	if _, err := d.next(t, d.acme.Collector, d.ids["timed"]); !errors.Is(err, diary.ErrNoWalk) {
		t.Errorf("next without a walk: %v", err)
	}
	first, err := d.start(t, d.acme.Collector, d.acme.CollectorID)
	if err != nil || first != d.ids["timed"] {
		t.Fatalf("the first is %d (%v), want %d", first, err, d.ids["timed"])
	}
	if got := d.walked(t, d.acme.Collector, first); got != "timed, late, later" {
		t.Errorf("walked %s", got)
	}
	d.due(t, "new", "2026-03-01")
	d.exec(t, `UPDATE follow_ups SET due_on = '2026-03-16', due_at = NULL WHERE customer_id = $1`, d.ids["late"])
	if got := d.walked(t, d.acme.Collector, first); got != "timed, late, later" {
		t.Errorf("with something new and another order: %s", got)
	}
	for number, want := range map[string]diary.Step{"timed": {Nth: 1, Of: 3}, "late": {Nth: 2, Of: 3}, "later": {Nth: 3, Of: 3}, "other": {}, "new": {}} {
		if got := d.at(t, d.acme.Collector, d.ids[number]); got != want {
			t.Errorf("%s is %+v, want %+v", number, got, want)
		}
	}
	d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE customer_id = $1`, d.ids["late"])
	if got := d.walked(t, d.acme.Collector, first); got != "timed, later" {
		t.Errorf("with one done: %s", got)
	}
	if got, err := d.next(t, d.acme.Collector, d.ids["other"]); got != first || err != nil {
		t.Errorf("after one who is not in it: %d, %v", got, err)
	}
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'later'`)
	if got := d.walked(t, d.acme.Collector, first); got != "timed" {
		t.Errorf("with one archived: %s", got)
	}
	if s := d.at(t, d.acme.Manager, first); s != (diary.Step{}) {
		t.Errorf("the manager is at %+v of a walk of another's", s)
	}
}

// A new start replaces the walk; its end and the next day put it away.
func TestWalkEnds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.start(t, d.acme.Collector, d.acme.CollectorID); !conflict(err) {
		t.Errorf("a start with nothing to do: %v", err)
	}
	d.due(t, "a", "2026-03-16")
	d.due(t, "b", "2026-03-15")
	again := func() {
		t.Helper()
		if _, err := d.start(t, d.acme.Collector, d.acme.CollectorID); err != nil {
			t.Fatal(err)
		}
	}
	again()
	d.due(t, "c", "2026-03-14")
	again()
	if s := d.at(t, d.acme.Collector, d.ids["c"]); s != (diary.Step{Nth: 1, Of: 3}) {
		t.Errorf("after a new start c is %+v", s)
	}
	over := func(how string) {
		t.Helper()
		if s := d.at(t, d.acme.Collector, d.ids["c"]); s != (diary.Step{}) {
			t.Errorf("%s: c is %+v", how, s)
		}
		if _, err := d.next(t, d.acme.Collector, d.ids["c"]); !errors.Is(err, diary.ErrNoWalk) {
			t.Errorf("%s: next: %v", how, err)
		}
	}
	for range 2 { // ended twice
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return diary.End(t.Context(), tx) })
	}
	over("ended")
	again()
	d.Now = func() time.Time { return time.Date(2026, 3, 16, 23, 0, 0, 0, time.UTC) } // midnight in Oslo
	over("on the next day")
}

// A manager walks somebody's list, or nobody's, as long as one may see it.
func TestWalkAnothersDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "a", "2026-03-16 08:00")
	d.due(t, "b", "2026-03-16 09:00")
	d.due(t, "left", "2026-03-16 10:00")
	d.due(t, "left too", "2026-03-16 11:00")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1 WHERE due_at > '09:30'`, d.acme.AdminID)
	for member, want := range map[int64]string{d.acme.CollectorID: "a, b", d.acme.AdminID: "left, left too"} {
		first, err := d.start(t, d.acme.Manager, member)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.walked(t, d.acme.Manager, first); got != want {
			t.Errorf("the day of %d: walked %s, want %s", member, got, want)
		}
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
			_, whose, err := diary.Next(t.Context(), tx, 0)
			if whose != member {
				t.Errorf("the walk is through the day of %d, want %d", whose, member)
			}
			return err
		})
	}
	d.owner(t, `UPDATE members SET role = 'admin' WHERE id = $1`, d.acme.ManagerID)
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.AdminID)
	first, err := d.start(t, d.acme.Manager, diary.NoOwner)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.walked(t, d.acme.Manager, first); got != "left, left too" {
		t.Errorf("nobody's day: walked %s", got)
	}
	if _, err := d.start(t, d.acme.Manager, d.beta.CollectorID); !conflict(err) {
		t.Errorf("the day of another company's member: %v", err)
	}
	d.owner(t, `UPDATE members SET role = 'admin', active = true WHERE id = $1`, d.acme.AdminID)
	d.owner(t, `UPDATE members SET role = 'collector' WHERE id = $1`, d.acme.ManagerID)
	if _, err := d.next(t, d.acme.Manager, first); !forbidden(err) {
		t.Errorf("who is no manager any more goes on: %v", err)
	}
}
