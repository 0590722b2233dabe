package contact_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// desk is a company with two customers, whose clock stands at 10:30 on Friday 13
// March 2026, in Oslo, and another company beside it. The company has the lists that
// a new one begins with, and a branch and a department each for the collector.
type desk struct {
	*dbtest.Database
	acme, beta            *dbtest.Company
	id, other             int64 // customers of acme
	foreign               int64 // of beta
	vehicle, otherLorry   int64 // of the two customers
	branch, department    int64
	call, check, visit    int64 // types
	origin, strength      int64
	foreignType, foreign2 int64 // a type and a department of beta
}

// today is a Friday, so that the next working day is three days away.
var today = day.New(2026, 3, 13)

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	d.stand(time.Date(2026, 3, 13, 9, 30, 0, 0, time.UTC))
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		d.id, _ = dbtest.Customer(t, tx, "C-1")
		d.other, _ = dbtest.Customer(t, tx, "C-2")
		d.vehicle, err = customer.AddVehicle(t.Context(), tx, d.id, customer.Vehicle{Registration: "AB 12345", Make: "Volvo"})
		if err != nil {
			return err
		}
		d.otherLorry, err = customer.AddVehicle(t.Context(), tx, d.other, customer.Vehicle{Registration: "ZZ 99999"})
		if err != nil {
			return err
		}
		return contact.Seed(t.Context(), tx)
	})
	d.must(t, d.beta.Admin, func(tx *tenant.Tx) error {
		d.foreign, _ = dbtest.Customer(t, tx, "C-1")
		return contact.Seed(t.Context(), tx)
	})
	owner := d.Owner(t)
	err := owner.QueryRow(t.Context(), `
		WITH b AS (INSERT INTO branches (tenant_id, name) VALUES ($1, 'Bergen') RETURNING id),
			d AS (INSERT INTO departments (tenant_id, name) VALUES ($1, 'Workshop') RETURNING id),
			f AS (INSERT INTO departments (tenant_id, name) VALUES ($2, 'Workshop') RETURNING id),
			m AS (UPDATE members SET branch_id = (SELECT id FROM b), department_id = (SELECT id FROM d) WHERE id = $3)
		SELECT (SELECT id FROM b), (SELECT id FROM d), (SELECT id FROM f),
			(SELECT id FROM contact_types WHERE tenant_id = $1 AND code = 'CALL'), (SELECT id FROM contact_types WHERE tenant_id = $1 AND code = 'CHECK'),
			(SELECT id FROM contact_types WHERE tenant_id = $1 AND code = 'VISIT'), (SELECT id FROM contact_types WHERE tenant_id = $2 AND code = 'CALL'),
			(SELECT id FROM contact_origins WHERE tenant_id = $1 AND name = 'E-mail'), (SELECT id FROM contact_strengths WHERE tenant_id = $1 AND name = 'High')`,
		d.acme.ID, d.beta.ID, d.acme.CollectorID).Scan(&d.branch, &d.department, &d.foreign2, &d.call, &d.check, &d.visit, &d.foreignType, &d.origin, &d.strength)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// plan is a whole contact of the collector's, to be followed up by the manager.
func (d *desk) plan(text string) contact.Plan {
	return contact.Plan{DepartmentID: d.department, TypeID: d.call, Description: text, ExecutiveID: d.acme.CollectorID, OriginID: d.origin, StrengthID: d.strength,
		VehicleID: d.vehicle, Next: contact.Next{AssigneeID: d.acme.ManagerID, On: today.Add(5), At: "14:15", TypeID: d.check}}
}

func (d *desk) add(t *testing.T, p contact.Plan) (id int64, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		id, err = contact.Add(t.Context(), tx, d.id, p)
		return err
	})
	return id, err
}

func (d *desk) added(t *testing.T, p contact.Plan) int64 {
	t.Helper()
	id, err := d.add(t, p)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) find(t *testing.T, id int64) (c contact.Contact) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		c, err = contact.Find(t.Context(), tx, d.id, id)
		return err
	})
	return c
}

// followed follows a contact up as the manager.
func (d *desk) followed(t *testing.T, id int64, p contact.Plan) (next int64) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		next, err = contact.FollowUp(t.Context(), tx, d.id, id, d.find(t, id).Version, p)
		return err
	})
	return next
}

// closing closes a contact as the manager.
func (d *desk) closing(t *testing.T, id int64, version int, text string) error {
	t.Helper()
	return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return contact.Close(t.Context(), tx, d.id, id, version, text) })
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

// contacts counts those there are.
func (d *desk) contacts(t *testing.T) (n int) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM contacts`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
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

func refused(err error) bool { return errors.As(err, new(errs.Forbidden)) }
