package promise_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// desk is a company with a customer who owes 600.00 (A, the oldest), 250.00 (B) and
// 90.00 (C), and another company beside it. Its clock stands at 10:30 on Monday 16
// March 2026, in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	id, on     int64             // the customer, and the account
	a, b, c    int64             // items
	foreign    int64             // a customer of beta
	decided    []promise.Outcome // by the program itself, at last
}

var (
	today  = day.New(2026, 3, 16)
	friday = day.New(2026, 3, 20)
	// grace is the third day of work after friday.
	grace = day.New(2026, 3, 25)
)

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.BeforeCommit = func(ctx context.Context, tx *tenant.Tx, customers []int64) error {
		decided, err := promise.Decide(ctx, tx, customers)
		if err != nil {
			return err
		}
		if tx.Actor.System() {
			d.decided = decided
		}
		return ledger.Refresh(ctx, tx, customers)
	}
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		d.id, d.on = dbtest.Customer(t, tx, "C-1")
		d.a = dbtest.Item(t, tx, d.on, "A", "2026-01-10", 600_00, "EUR")
		d.b = dbtest.Item(t, tx, d.on, "B", "2026-02-10", 250_00, "EUR")
		d.c = dbtest.Item(t, tx, d.on, "C", "2026-04-10", 90_00, "EUR")
		return nil
	})
	d.must(t, d.beta.Collector, func(tx *tenant.Tx) error {
		d.foreign, _ = dbtest.Customer(t, tx, "C-1")
		return nil
	})
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// plan promises an amount in EUR by friday.
func (d *desk) plan(minor int64) promise.Plan {
	return promise.Plan{AccountID: d.on, Amount: money.New(minor, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: friday}
}

func (d *desk) make(t *testing.T, p promise.Plan) (id int64, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		id, err = promise.Make(t.Context(), tx, d.id, p)
		return err
	})
	return id, err
}

func (d *desk) made(t *testing.T, p promise.Plan) int64 {
	t.Helper()
	id, err := d.make(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) replace(t *testing.T, id int64, p promise.Plan) (next int64, err error) {
	t.Helper()
	version := d.find(t, id).Version
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		next, err = promise.Replace(t.Context(), tx, d.id, id, version, p)
		return err
	})
	return next, err
}

func (d *desk) find(t *testing.T, id int64) (p promise.Promise) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		p, err = promise.Find(t.Context(), tx, d.id, id)
		return err
	})
	return p
}

// pay records money on the account, value-dated on, with the lines that it pays.
func (d *desk) pay(t *testing.T, number string, on day.Day, minor int64, lines ...ledger.Line) (id int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: d.on, Number: number, ValueOn: on,
			Amount: money.New(minor, "EUR"), Lines: lines})
		id = r.ID
		return err
	})
	return id
}

// question opens a case about an item with that much of it in question, 0 the whole.
func (d *desk) question(t *testing.T, item, minor int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Open(t.Context(), tx, d.id, cases.Opening{Title: "Price", OwnerID: d.acme.CollectorID, NextOn: friday},
			[]cases.Ticked{{ID: item, Version: 1, Asked: minor}})
		return err
	})
}

// giveBack returns a payment, as a bank does.
func (d *desk) giveBack(t *testing.T, payment int64, on day.Day) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, d.id, payment, ledger.Reversal{On: on, Reason: "No money."})
	})
}

// stand moves the clock to 10:30 of a day.
func (d *desk) stand(on day.Day) {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	at := on.Time(zone).Add(10*time.Hour + 30*time.Minute)
	d.Now = func() time.Time { return at }
}

// night loads payments up to a moment of the clock's day and decides.
func (d *desk) night(t *testing.T, loaded time.Time) []promise.Outcome {
	t.Helper()
	d.decided = nil
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return tenant.SetPaymentsLoadedTo(t.Context(), tx, loaded) })
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return promise.DecideAll(t.Context(), tx) })
	return d.decided
}

// over is the night after a day, all of whose payments are loaded.
func (d *desk) over(t *testing.T, on day.Day) []promise.Outcome {
	t.Helper()
	d.stand(on.Add(1))
	return d.night(t, midnight(on.Add(1)))
}

func midnight(on day.Day) time.Time {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	return on.Time(zone)
}

// states are those of the instalments of a promise.
func (d *desk) states(t *testing.T, id int64) (list []promise.State) {
	t.Helper()
	for _, i := range d.find(t, id).Instalments {
		list = append(list, i.State)
	}
	return list
}

// stands fails the test unless the promise and its only instalment are in the state,
// with that much received.
func (d *desk) stands(t *testing.T, id int64, as promise.State, received int64) {
	t.Helper()
	p := d.find(t, id)
	if i := p.Instalments[0]; p.State != as || i.State != as || i.Received != received {
		t.Errorf("the promise is %s, its instalment %s with %d received; want %s with %d", p.State, i.State, i.Received, as, received)
	}
}

// notes are the lines of the customer's journal about promises, the oldest first.
func (d *desk) notes(t *testing.T) []string {
	t.Helper()
	rows, _ := d.Owner(t).Query(t.Context(), `SELECT text FROM notes WHERE customer_id = $1 AND kind = 'promise' ORDER BY seq`, d.id)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// reminders are the follow-ups of the customer with how they ended.
func (d *desk) reminders(t *testing.T) []string {
	t.Helper()
	rows, _ := d.Owner(t).Query(t.Context(), `
		SELECT f.due_on || ' ' || u.name || ' ' || coalesce(f.ended, 'active') || ': ' || f.text
		FROM follow_ups f
		JOIN members m ON m.id = f.assignee_id
		JOIN users u ON u.id = m.user_id
		WHERE f.customer_id = $1
		ORDER BY f.id`, d.id)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func invalid(err error, fields ...string) bool {
	var inv errs.Invalid
	if !errors.As(err, &inv) || len(inv) != len(fields) {
		return false
	}
	return !slices.ContainsFunc(fields, func(f string) bool { return inv[f] == "" })
}

func conflict(err error, words string) bool {
	var c errs.Conflict
	return errors.As(err, &c) && strings.Contains(string(c), words)
}

func forbidden(err error) bool {
	var f errs.Forbidden
	return errors.As(err, &f)
}
