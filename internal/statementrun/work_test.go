package statementrun_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/pdftest"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
)

var open = statementrun.Choice{Whom: statementrun.Open}

// Two work the same run at once, and once more: each customer has one statement, in
// their own language, and one line; they are printed by the numbers.
func TestRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, statementrun.Choice{Whom: statementrun.Open, AsOf: day.New(2026, 3, 15), Tag: "", BranchID: 0})
	r, left := d.find(t, a.Run)
	if r.Customers != 5 || r.Done != 0 || r.Left != 2 || r.FinishedAt != nil || r.Member != "acme manager" || r.AsOf != day.New(2026, 3, 15) {
		t.Errorf("the run begins as %+v", r)
	}
	is(t, "left out", whys(left), "C-20: "+noAddress+"\nC-40: "+stopped)
	refuses[errs.Conflict](t, d.print(t, r, io.Discard), "The statements are still being made.")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := d.Work(t.Context(), a); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if err := d.Work(t.Context(), a); err != nil {
		t.Error(err)
	}
	r, left = d.find(t, a.Run)
	if r.Customers != 5 || r.Done != 3 || r.Left != 2 || r.FinishedAt == nil || len(left) != 2 {
		t.Errorf("the run ends as %+v", r)
	}
	is(t, "documents", d.ask(t, `SELECT string_agg(c.number || ' ' || d.name, ', ' ORDER BY c.number) FROM documents d JOIN customers c ON c.id = d.customer_id WHERE d.subject = 'statement' AND d.subject_id = $1`, a.Run),
		"C-10 statement-C-10-2026-03-15.pdf, C-30 releve-C-30-2026-03-15.pdf, C-70 statement-C-70-2026-03-15.pdf")
	is(t, "lines", d.ask(t, `SELECT string_agg(c.number || ' ' || n.author || ': ' || n.text, ', ' ORDER BY c.number) FROM notes n JOIN customers c ON c.id = n.customer_id WHERE n.kind = 'document'`),
		strings.ReplaceAll("C-10 X, C-30 X, C-70 X", "X", "acme manager: Statement as of Sun 15 Mar 2026 made for print by acme manager."))
	is(t, "levels raised", d.ask(t, `SELECT count(*) FROM reminders`), "0")
	var pdf bytes.Buffer
	if err := d.print(t, r, &pdf); err != nil {
		t.Fatal(err)
	}
	pages := pdftest.Pages(t, pdf.Bytes())
	if len(pages) != 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, want := range [][2]string{{"Customer C-10", "200.02"}, {"Relevé de compte", "100,01"}, {"Customer C-70", "-70.07"}} {
		if !strings.Contains(pages[i], want[0]) || !strings.Contains(pages[i], want[1]) {
			t.Errorf("page %d has not %s:\n%s", i+1, want, pages[i])
		}
	}
	is(t, "record", d.ask(t, `SELECT string_agg(kind, ' ' ORDER BY id) FROM audit_events WHERE kind LIKE 'statement_run.%'`), "statement_run.started statement_run.printed")
}

func (d *desk) print(t *testing.T, r statementrun.Run, w io.Writer) error {
	t.Helper()
	return d.Read(t.Context(), d.Manager, func(tx *tenant.Tx) error { return d.Print(t.Context(), tx, r, w) })
}

// A statement that was made stays: it says what was sent.
func TestStatementStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.Work(t.Context(), d.begun(t, open)); err != nil {
		t.Fatal(err)
	}
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) error {
		list, err := document.List(t.Context(), tx, document.Filter{CustomerID: d.customers["C-10"], Limit: 10})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d documents, %v", len(list), err)
		}
		_, err = document.Remove(t.Context(), tx, d.customers["C-10"], list[0].ID)
		return err
	})
	refuses[errs.Conflict](t, err, "")
}

// What changed between the start and the turn is looked at again.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, statementrun.Choice{Whom: statementrun.Overdue})
	d.do(t, d.Manager, func(tx *tenant.Tx) error {
		var item int64
		if err := tx.QueryRow(t.Context(), `SELECT id FROM items WHERE number = 'I-30'`).Scan(&item); err != nil {
			return err
		}
		return errors.Join(d.pay(t, tx, "C-30", "2026-03-13", 10_001, item), customer.Archive(t.Context(), tx, d.customers["C-10"], "They moved away"))
	})
	if err := d.Work(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	r, left := d.find(t, a.Run)
	if r.Done != 0 || r.Left != 4 || r.FinishedAt == nil {
		t.Errorf("run %+v", r)
	}
	is(t, "left out", whys(left), "C-10: This customer is archived: only notes can be added. A manager can take the customer back, then go on.\nC-20: "+noAddress+
		"\nC-30: Nothing was open any more when its turn came.\nC-40: "+stopped)
	if err := d.print(t, r, io.Discard); !errors.Is(err, errs.NotFound) {
		t.Errorf("print of none: %v", err)
	}

	a = d.begun(t, open)
	d.exec(t, `UPDATE members SET role = 'collector' WHERE id = $1`, d.ManagerID)
	if err := d.Work(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	is(t, "who may no longer", d.ask(t, `SELECT string_agg(DISTINCT why, ' ') FROM statement_run_customers WHERE run_id = $1 AND customer_id = $2`, a.Run, d.customers["C-70"]),
		"acme manager, who started this, may no longer do it. Somebody else starts it again.")
	is(t, "documents", d.ask(t, `SELECT count(*) FROM documents`), "0")
}

// Of two who start at once the second is told; once the first is finished another
// may be started.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var both sync.WaitGroup
	runs, failed := make([]int64, 2), make([]error, 2)
	for i := range 2 {
		both.Go(func() { runs[i], failed[i] = d.start(t, open) })
	}
	both.Wait()
	refuses[errs.Conflict](t, errors.Join(failed...), "A statement run that acme manager started at ")
	if failed[0] != nil && failed[1] != nil {
		t.Fatalf("both are refused: %v", failed)
	}
	is(t, "runs", d.ask(t, `SELECT count(*) FROM statement_runs`), "1")
	if err := d.Work(t.Context(), statementrun.Args{Tenant: d.ID, Run: max(runs[0], runs[1])}); err != nil {
		t.Fatal(err)
	}
	second := d.begun(t, open)
	d.do(t, d.Manager, func(tx *tenant.Tx) error {
		list, err := statementrun.List(t.Context(), tx, 0, 1)
		if err != nil || len(list) != 1 || list[0].ID != second.Run {
			t.Errorf("the newest is %+v, %v", list, err)
		}
		if list, err = statementrun.List(t.Context(), tx, second.Run, 10); err != nil || len(list) != 1 || list[0].Done != 3 {
			t.Errorf("before it come %+v, %v", list, err)
		}
		return nil
	})
}

// stopping is a store that ends the work once it has taken a content.
type stopping struct {
	document.Store
	stop context.CancelFunc
}

func (s stopping) Put(ctx context.Context, key string, r io.Reader) error {
	defer s.stop()
	return s.Store.Put(ctx, key, r)
}

// Stopped in the middle and started again, nothing is lost, nothing is done twice, and
// no attempt is counted.
func TestStopped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, whole := d.begun(t, open), d.Box.Store
	ctx, stop := context.WithCancel(t.Context())
	d.Box.Store = stopping{whole, stop}
	if err := d.Work(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if r, _ := d.find(t, a.Run); r.Done == r.Customers-r.Left || r.FinishedAt != nil {
		t.Errorf("run %+v", r)
	}
	is(t, "attempts", d.ask(t, `SELECT sum(attempts) FROM statement_run_customers`), "0")
	d.Box.Store = whole
	if err := d.Work(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if r, _ := d.find(t, a.Run); r.Done != 3 || r.FinishedAt == nil {
		t.Errorf("run %+v", r)
	}
	is(t, "documents and lines", d.ask(t, `SELECT (SELECT count(*) FROM documents) || ' ' || (SELECT count(*) FROM notes WHERE kind = 'document')`), "3 3")
}

// A run whose job is gone gets a new one; one whose job waits keeps it.
func TestRecover(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, open)
	job := func() string { return d.ask(t, `SELECT job_id FROM statement_runs WHERE id = $1`, a.Run) }
	first := job()
	for _, gone := range []bool{false, true, false} {
		before := job()
		if gone {
			d.exec(t, `DELETE FROM river_job`)
		}
		if err := d.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if (job() != before) != gone {
			t.Errorf("gone %t: job %s, before %s", gone, job(), before)
		}
	}
	is(t, "jobs", d.ask(t, `SELECT count(*) FROM river_job WHERE kind = 'make_statements' AND args->>'run' = $1`, fmt.Sprint(a.Run)), "1")
	if job() == first {
		t.Error("no new job")
	}
	if err := d.Work(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	d.exec(t, `DELETE FROM river_job`)
	if err := d.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	is(t, "jobs of a run that is finished", d.ask(t, `SELECT count(*) FROM river_job`), "0")
}
