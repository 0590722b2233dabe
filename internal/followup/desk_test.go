package followup_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// desk is a company with a customer, and another company beside it. Its clock
// stands at 10:30 on Monday 16 March 2026, in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	id, other  int64 // customers of acme
	foreign    int64 // of beta
}

var today = day.New(2026, 3, 16)

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		d.id, _ = dbtest.Customer(t, tx, "C-1")
		d.other, _ = dbtest.Customer(t, tx, "C-2")
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

// call is a plan for the collector: at any time of the day on.
func (d *desk) call(on day.Day, text string) followup.Plan {
	return followup.Plan{AssigneeID: d.acme.CollectorID, DueOn: on, Text: text}
}

func (d *desk) schedule(t *testing.T, p followup.Plan) (id int64, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		id, err = followup.Schedule(t.Context(), tx, d.id, p)
		return err
	})
	return id, err
}

func (d *desk) planned(t *testing.T, p followup.Plan) int64 {
	t.Helper()
	id, err := d.schedule(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) find(t *testing.T, id int64) (f followup.Followup) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		f, err = followup.Find(t.Context(), tx, d.id, id)
		return err
	})
	return f
}

// notes are the lines of the customer's journal, the oldest first.
func (d *desk) notes(t *testing.T) []string {
	t.Helper()
	rows, _ := d.Owner(t).Query(t.Context(), `SELECT kind || ': ' || text FROM notes WHERE customer_id = $1 AND tenant_id = $2 ORDER BY seq`, d.id, d.acme.ID)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// wrote fails the test unless the journal's last line is that one.
func (d *desk) wrote(t *testing.T, line string) {
	t.Helper()
	if lines := d.notes(t); len(lines) == 0 || lines[len(lines)-1] != line {
		t.Errorf("the journal says %q, want %q last", lines, line)
	}
}

func (d *desk) stand(at time.Time) { d.Now = func() time.Time { return at } }

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
