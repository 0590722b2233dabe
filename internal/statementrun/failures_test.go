package statementrun_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
)

// failing is a store that refuses so many contents.
type failing struct {
	document.Store
	left atomic.Int64
}

func (f *failing) Put(ctx context.Context, key string, r io.Reader) error {
	if f.left.Add(-1) >= 0 {
		return errors.New("the disk is full")
	}
	return f.Store.Put(ctx, key, r)
}

// What fails waits for the next attempt while the others go on, and is tried so often
// only.
func TestFailures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	full := &failing{Store: d.Box.Store}
	d.Box.Store = full
	full.left.Store(2)
	a := d.begun(t, open)
	if err := d.Work(t.Context(), a); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("it says %v", err)
	}
	if r, _ := d.find(t, a.Run); r.Done != 1 || r.FinishedAt != nil {
		t.Errorf("run %+v", r)
	}
	if err := d.Work(t.Context(), a); err != nil {
		t.Error(err)
	}
	if r, _ := d.find(t, a.Run); r.Done != 3 || r.FinishedAt == nil {
		t.Errorf("run %+v", r)
	}
	is(t, "documents and lines", d.ask(t, `SELECT (SELECT count(*) FROM documents) || ' ' || (SELECT count(*) FROM notes WHERE kind = 'document')`), "3 3")

	full.left.Store(1 << 40)
	a = d.begun(t, statementrun.Choice{Whom: statementrun.Open, Tag: "vip"})
	for n := range 8 {
		if r, _ := d.find(t, a.Run); r.Left != 0 || r.FinishedAt != nil {
			t.Fatalf("given up after %d attempts: %+v", n, r)
		}
		if err := d.Work(t.Context(), a); err == nil {
			t.Error("nothing failed")
		}
	}
	r, left := d.find(t, a.Run)
	if r.Left != 1 || r.FinishedAt == nil || !strings.HasPrefix(left[0].Why, "It failed 8 times.") {
		t.Errorf("run %+v, left %+v", r, left)
	}
}

// What fails only as it is committed is one attempt, too, and the next one comes with the
// next turn of the job.
func TestWhatFailsAtTheCommit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, open)
	d.exec(t, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$`)
	d.exec(t, `CREATE CONSTRAINT TRIGGER no AFTER UPDATE ON statement_run_customers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION no()`)
	if err := d.Work(t.Context(), a); err == nil {
		t.Error("it did not fail")
	}
	if r, _ := d.find(t, a.Run); r.FinishedAt != nil || r.Done != 0 {
		t.Errorf("the run is %+v", r)
	}
	if got := d.ask(t, `SELECT string_agg(DISTINCT attempts::text, ' ') FROM statement_run_customers WHERE state = 'waiting'`); got != "1" {
		t.Errorf("the attempts are %s", got)
	}
	d.exec(t, `DROP TRIGGER no ON statement_run_customers`)
	if err := d.Work(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if r, _ := d.find(t, a.Run); r.FinishedAt == nil || r.Done == 0 {
		t.Errorf("then the run is %+v", r)
	}
}

// However many hands there are, each customer is tried once in each attempt of the job,
// the last one too where all before it fail.
func TestEachIsTriedOnceAnAttempt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.do(t, d.Manager, func(tx *tenant.Tx) error {
		for i := range 60 {
			_, account := dbtest.Customer(t, tx, fmt.Sprint("X-", i))
			dbtest.Item(t, tx, account, fmt.Sprint("XI-", i), "2026-02-20", 10_001+13*int64(i), "EUR")
		}
		_, err := tx.Exec(t.Context(), `UPDATE customers SET street = 'Storgata 1', city = 'Oslo' WHERE number LIKE 'X-%'`)
		return err
	})
	a := d.begun(t, open)
	d.exec(t, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$`)
	d.exec(t, `CREATE TRIGGER no BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION no()`)
	for n := range 3 {
		if err := d.Work(t.Context(), a); err == nil {
			t.Error("it did not fail")
		}
		is(t, "attempts", d.ask(t, `SELECT string_agg(DISTINCT state || ' ' || attempts, ', ') FROM statement_run_customers WHERE state = 'waiting'`), fmt.Sprint("waiting ", n+1))
	}
	is(t, "customers", d.ask(t, `SELECT count(*) FROM statement_run_customers WHERE state = 'waiting'`), "63")
}

// Where not even the refusal can be written, an attempt of the job ends all the same.
func TestNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, open)
	d.exec(t, `UPDATE members SET role = 'collector' WHERE id = $1`, d.ManagerID)
	d.exec(t, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$`)
	d.exec(t, `CREATE TRIGGER no BEFORE UPDATE ON statement_run_customers FOR EACH ROW EXECUTE FUNCTION no()`)
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	if err := d.Work(ctx, a); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "not now") {
		t.Errorf("it says %v", err)
	}
	is(t, "finished", d.ask(t, `SELECT count(finished_at) FROM statement_runs`), "0")
	is(t, "done", d.ask(t, `SELECT count(*) FROM statement_run_customers WHERE state = 'done'`), "0")
}

// A job in which one after the other fails is alive: it gets no second one beside it.
func TestFailingIsProgress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	full := &failing{Store: d.Box.Store}
	d.Box.Store = full
	full.left.Store(1 << 40)
	a := d.begun(t, open)
	if err := d.Work(t.Context(), a); err == nil {
		t.Fatal("it did not fail")
	}
	d.exec(t, `UPDATE statement_run_customers SET at = at - interval '10 minutes' WHERE at IS NOT NULL`)
	for age, again := range map[string]bool{"1 minute 50 seconds": false, "2 minutes 10 seconds": true} {
		d.exec(t, `UPDATE river_job SET state = 'running', attempted_at = now() - interval '10 minutes'`)
		d.exec(t, `UPDATE statement_run_customers SET tried_at = now() - $1::interval WHERE state = 'waiting'`, age)
		before := d.ask(t, `SELECT job_id FROM statement_runs`)
		if err := d.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.ask(t, `SELECT job_id FROM statement_runs`) != before; got != again {
			t.Errorf("%s after a failure: a new job %t, want %t", age, got, again)
		}
	}
}
