package diary_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/contact"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// oneOfEach puts a task of every kind into the collector's day.
func (d *desk) oneOfEach(t *testing.T) map[diary.Kind]diary.Task {
	t.Helper()
	d.due(t, "F", "2026-03-16 09:00")
	d.contact(t, "C", d.acme.CollectorID, "2026-03-16")
	d.agenda(t, "A", 1, "")
	d.owes(t, "P", "EUR 90000")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Open(t.Context(), tx, d.customer(t, "K"), cases.Opening{Title: "Wrong price", OwnerID: d.acme.CollectorID, NextOn: today, Complaint: true, DeadlineOn: today.Add(3)}, nil)
		if err != nil {
			return err
		}
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT min(id) FROM accounts WHERE customer_id = $1`, d.customer(t, "P")).Scan(&account); err != nil {
			return err
		}
		_, err = promise.Make(t.Context(), tx, d.customer(t, "P"), promise.Plan{AccountID: account, Amount: money.New(123_45, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: today, Confirmed: true})
		return err
	})
	tasks := map[diary.Kind]diary.Task{}
	for _, list := range d.sheet(t, week).Cells {
		for _, k := range list.Tasks {
			tasks[k.Kind] = k
		}
	}
	return tasks
}

// A task that somebody ended is found yet, and refused in the words of the package whose
// work it is, to whoever may see its customer.
func TestEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tasks := d.oneOfEach(t)
	over := func(who tenant.Who, kind diary.Kind) (k diary.Task, err error) {
		err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
			if k, err = diary.Find(t.Context(), tx, tasks[kind].Key()); err != nil {
				return err
			}
			return diary.Over(t.Context(), tx, k)
		})
		return k, err
	}
	end := map[diary.Kind]func(*tenant.Tx, diary.Task) error{
		diary.FollowUp: func(tx *tenant.Tx, k diary.Task) error {
			return followup.Complete(t.Context(), tx, k.CustomerID, k.ID, "")
		},
		diary.Contact: func(tx *tenant.Tx, k diary.Task) error {
			return contact.Close(t.Context(), tx, k.CustomerID, k.ID, k.Version, "Paid")
		},
		diary.Promise: func(tx *tenant.Tx, k diary.Task) error {
			p, err := promise.Find(t.Context(), tx, k.CustomerID, k.ID)
			return errors.Join(err, promise.Withdraw(t.Context(), tx, k.CustomerID, k.ID, promise.Withdrawal{Version: p.Version, Reason: "A slip"}))
		},
		diary.Case: func(tx *tenant.Tx, k diary.Task) error {
			return cases.Close(t.Context(), tx, k.ID, cases.Closing{Version: k.Version, Confirmed: true, Note: "Credited"})
		},
		diary.Agenda: func(tx *tenant.Tx, k diary.Task) error {
			_, err := tx.Exec(t.Context(), `UPDATE agenda_entries SET state = 'done', closed_at = $2, closed_by = $3, version = version + 1 WHERE id = $1`, k.ID, tx.Now, tx.Actor.MemberID)
			return err
		},
	}
	for kind, says := range map[diary.Kind]string{
		diary.FollowUp: "This follow-up was completed by acme manager on Mon 16 Mar, 10:30.",
		diary.Contact:  "This contact was closed by acme manager on Mon 16 Mar, 10:30.",
		diary.Promise:  "This promise is not open any more: it is withdrawn.",
		diary.Case:     "This case was closed on Mon 16 Mar 2026 by acme manager.",
		diary.Agenda:   "acme manager said on Mon 16 Mar, 10:30 that this is done",
	} {
		if k, err := over(d.acme.Collector, kind); err != nil || k.Ended {
			t.Errorf("%s before: %+v, %v", kind, k, err)
		}
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return end[kind](tx, tasks[kind]) })
		var second errs.Conflict
		if k, err := over(d.acme.Collector, kind); !k.Ended || k.Key() != tasks[kind].Key() || !errors.As(err, &second) || !strings.HasPrefix(string(second), says) {
			t.Errorf("%s: %+v, %v", kind, k, err)
		}
		if _, err := over(d.beta.Manager, kind); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s of another company: %v", kind, err)
		}
	}
	if s := d.sheet(t, week); len(s.Cells) != 0 || s.Overdue.Total != 0 {
		t.Errorf("the diary shows %+v", s.Cells)
	}
	d.exec(t, `INSERT INTO branches (name) VALUES ('North'), ('South')`)
	d.owner(t, `UPDATE tenants SET branch_limited = true`)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches WHERE name = 'South')`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE id = $1`, d.acme.CollectorID)
	for kind := range tasks {
		if _, err := over(d.acme.Collector, kind); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s of another branch: %v", kind, err)
		}
	}
}

// Of a promise that goes on the instalment has ended.
func TestEndedInstalment(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	promised := d.oneOfEach(t)[diary.Promise]
	d.exec(t, `INSERT INTO instalments (customer_id, promise_id, assignee_id, number, due_on, grace_on, amount) SELECT customer_id, promise_id, assignee_id, 2, due_on + 30, grace_on + 30, 678 FROM instalments`)
	d.exec(t, `UPDATE instalments SET state = 'kept', received = amount WHERE number = 1`)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		k, err := diary.Find(t.Context(), tx, promised.Key())
		if err != nil {
			return err
		}
		if err := diary.Over(t.Context(), tx, k); !conflict(err) || !strings.HasPrefix(err.Error(), "This instalment is not open any more: it is kept.") {
			t.Errorf("the first is %+v, %v", k, err)
		}
		return nil
	})
}
