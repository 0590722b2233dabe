package followup_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

func (d *desk) complete(t *testing.T, id int64, outcome string) error {
	t.Helper()
	return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { return followup.Complete(t.Context(), tx, d.id, id, outcome) })
}

func (d *desk) remove(t *testing.T, ids ...int64) (n int, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) (err error) {
		gone, err := followup.Delete(t.Context(), tx, d.id, ids)
		n = len(gone)
		return err
	})
	return n, err
}

func (d *desk) restore(t *testing.T, ids ...int64) (n int, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		n, err = followup.Restore(t.Context(), tx, d.id, ids)
		return err
	})
	return n, err
}

func TestComplete(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, d.call(today, "Ask for a date"))
	for outcome, field := range map[string]string{strings.Repeat("å", 1001): "outcome", "4111111111111111": "outcome"} {
		if err := d.complete(t, id, outcome); !invalid(err, field) {
			t.Errorf("outcome %.20s: %v", outcome, err)
		}
	}
	if err := d.complete(t, id, " Pays on Friday. "); err != nil {
		t.Fatal(err)
	}
	d.wrote(t, "follow_up: Follow-up for Mon 16 Mar 2026, acme collector: done. Pays on Friday.")
	f := d.find(t, id)
	if f.State != followup.Done || f.EndedBy != "acme collector" || f.Outcome != "Pays on Friday." || !f.EndedAt.Equal(d.Now()) {
		t.Errorf("it became %+v", f)
	}
	if err := d.complete(t, id, ""); !conflict(err, "completed by acme collector on Mon 16 Mar, 10:30") {
		t.Errorf("completed twice: %v", err)
	}
	if _, err := d.remove(t, id); !conflict(err, "completed by acme collector") {
		t.Errorf("deleted when it is done: %v", err)
	}
	if err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
		return followup.Change(t.Context(), tx, d.id, id, f.Version, d.call(today, "x"))
	}); !conflict(err, "completed by") {
		t.Errorf("changed when it is done: %v", err)
	}
}

// S1.24.
func TestDeleteSeveral(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []int64
	for _, text := range []string{"one", "two", "three", "four"} {
		ids = append(ids, d.planned(t, d.call(today, text)))
	}
	if _, err := d.remove(t); !invalid(err, "follow_up") {
		t.Errorf("nothing ticked: %v", err)
	}
	if err := d.complete(t, ids[3], ""); err != nil {
		t.Fatal(err)
	}
	before := len(d.notes(t))
	if n, err := d.remove(t, ids...); n != 3 || err != nil {
		t.Errorf("deleted %d of three active ones, %v", n, err)
	}
	if n := len(d.notes(t)) - before; n != 3 {
		t.Errorf("%d lines were written, want 3", n)
	}
	if f := d.find(t, ids[0]); f.State != followup.Deleted || f.EndedBy != "acme manager" || f.Text != "one" {
		t.Errorf("the row became %+v", f)
	}
	if f := d.find(t, ids[3]); f.State != followup.Done {
		t.Errorf("the one that was done became %+v", f)
	}
	if _, err := d.remove(t, ids...); !conflict(err, "acme") {
		t.Errorf("deleted twice: %v", err)
	}
}

// Where one completes and another deletes at the same moment, one wins and the
// other is told.
func TestTwoEndIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, d.call(today, "Call"))
	before := len(d.notes(t))
	var wg sync.WaitGroup
	failed := make(chan error, 8)
	for range 4 {
		wg.Go(func() { failed <- d.complete(t, id, "") })
		wg.Go(func() {
			_, err := d.remove(t, id)
			failed <- err
		})
	}
	wg.Wait()
	close(failed)
	won := 0
	for err := range failed {
		if err == nil {
			won++
		} else if !conflict(err, "Nothing was changed") {
			t.Errorf("who came second is told: %v", err)
		}
	}
	if n := len(d.notes(t)) - before; won != 1 || n != 1 {
		t.Errorf("%d won and %d lines were written, want 1 and 1", won, n)
	}
}

// S1.24.
func TestRestore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, deleted, late := d.planned(t, d.call(today, "a")), d.planned(t, d.call(today, "b")), d.planned(t, d.call(today, "c"))
	ended := d.Now()
	if err := d.complete(t, done, "Paid"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.remove(t, deleted, late); err != nil {
		t.Fatal(err)
	}
	d.stand(ended.Add(time.Hour))
	if n, err := d.restore(t, done); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	was := d.find(t, done).Version
	if n, err := d.restore(t, done, deleted); n != 1 || err != nil { // the one that is active stays as it is
		t.Fatal(n, err)
	}
	if is := d.find(t, done).Version; is != was {
		t.Errorf("what was active became version %d of %d", is, was)
	}
	d.wrote(t, "follow_up: Follow-up for Mon 16 Mar 2026, acme collector: deleted by mistake, active again.")
	for _, id := range []int64{done, deleted} {
		if f := d.find(t, id); f.State != followup.Active || f.Outcome != "" || f.EndedAt != nil {
			t.Errorf("it became %+v", f)
		}
	}
	if _, err := d.restore(t, done, deleted); !conflict(err, "active again already") {
		t.Errorf("twice: %v", err)
	}
	d.stand(ended.Add(time.Hour + time.Second))
	for _, ids := range [][]int64{{late}, {done, late}} {
		if _, err := d.restore(t, ids...); !conflict(err, "more than an hour ago") {
			t.Errorf("after the hour: %v", err)
		}
	}
}
