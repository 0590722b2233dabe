package merge_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

// desk is a company that dunns from the tenth day, with two customers who may be one:
// keep, who owes 100.01, and gone, who owes 30.02; and another company beside it. Its
// clock stands at 10:30 on Monday 16 March 2026, in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	owner      *pgx.Conn // past row security
	keep, gone int64
	on, of     int64 // their accounts
	foreign    int64 // a customer of beta
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.Now = func() time.Time { return time.Date(2026, 3, 16, 9, 30, 0, 0, time.UTC) }
	d.owner = d.Owner(t)
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	if _, err := d.owner.Exec(t.Context(), `UPDATE tenants SET dunning_on = true WHERE id = $1`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		if _, err := tx.Exec(t.Context(), `
			WITH house AS (INSERT INTO policies (name, is_default) VALUES ('House', true) RETURNING id)
			INSERT INTO levels (policy_id, name, after_days) SELECT id, 'Friendly', 10 FROM house`); err != nil {
			return err
		}
		d.keep, d.on = dbtest.Customer(t, tx, "C-1")
		d.gone, d.of = dbtest.Customer(t, tx, "C-2")
		dbtest.Item(t, tx, d.on, "A", "2026-02-10", 100_01, "EUR")
		dbtest.Item(t, tx, d.of, "B", "2026-02-20", 30_02, "EUR")
		return nil
	})
	d.must(t, d.beta.Manager, func(tx *tenant.Tx) error {
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

func (d *desk) find(t *testing.T, id int64) (c customer.Customer) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		c, err = customer.Find(t.Context(), tx, id)
		return err
	})
	return c
}

// merge makes gone part of keep, as both are now.
func (d *desk) merge(t *testing.T, who tenant.Who) error {
	t.Helper()
	p := merge.Plan{From: d.gone, Into: d.keep, FromVersion: d.find(t, d.gone).Version, IntoVersion: d.find(t, d.keep).Version, Reason: "The same tax number."}
	return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return merge.Merge(t.Context(), tx, p) })
}

func (d *desk) merged(t *testing.T) {
	t.Helper()
	if err := d.merge(t, d.acme.Manager); err != nil {
		t.Fatal(err)
	}
}

// sql runs a statement past row security, with the ids of the desk by their names.
func (d *desk) sql(t *testing.T, statement string) {
	t.Helper()
	_, err := d.owner.Exec(t.Context(), statement, d.args())
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (d *desk) args() pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": d.acme.ID, "keep": d.keep, "gone": d.gone, "on": d.on, "of": d.of, "member": d.acme.CollectorID}
}

// says reads rows of one text each, past row security, joined by "; ".
func (d *desk) says(t *testing.T, statement string) string {
	t.Helper()
	rows, _ := d.owner.Query(t.Context(), statement, d.args())
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return strings.Join(list, "; ")
}

// is fails the test unless the statement says that.
func (d *desk) is(t *testing.T, what, statement, want string) {
	t.Helper()
	if got := d.says(t, statement); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func invalid(err error, field string) bool {
	var inv errs.Invalid
	return errors.As(err, &inv) && len(inv) == 1 && inv[field] != ""
}
