package contactrule_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// desk is a company with the first rules and a consumer in Norway.
type desk struct {
	*dbtest.Database
	acme, beta           *dbtest.Company
	id, first, second    int64 // the customer and its accounts
	phone, email, lawyer int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db := dbtest.New(t)
	d := &desk{Database: db, acme: dbtest.Tenant(t, db, "acme"), beta: dbtest.Tenant(t, db, "beta")}
	ctx := t.Context()
	must(t, in(t, db, d.acme.Manager, func(tx *tenant.Tx) error {
		must(t, contactrule.Seed(ctx, tx))
		d.id, d.first = dbtest.Customer(t, tx, "L-1")
		d.second = dbtest.Account(t, tx, d.id, "L-2")
		d.exec(t, tx, `UPDATE customers SET kind = 'consumer', country = 'NO' WHERE id = @customer`)
		d.phone = d.add(t, tx, customer.Point{Kind: customer.Phone, Value: "+4790611204", Role: customer.Borrower})
		d.email = d.add(t, tx, customer.Point{Kind: customer.Email, Value: "anna@berg.example", Role: customer.Borrower})
		d.lawyer = d.add(t, tx, customer.Point{Kind: customer.Phone, Value: "+4722410944", Person: "Adv. Lie", Role: customer.Representative})
		return nil
	}))
	return d
}

func (d *desk) add(t *testing.T, tx *tenant.Tx, p customer.Point) int64 {
	t.Helper()
	id, err := customer.AddPoint(t.Context(), tx, d.id, p)
	must(t, err)
	return id
}

func (d *desk) exec(t *testing.T, tx *tenant.Tx, sql string) {
	t.Helper()
	_, err := tx.Exec(t.Context(), sql, pgx.NamedArgs{"customer": d.id, "phone": d.phone, "first": d.first})
	must(t, err)
}

// write runs f as the manager.
func (d *desk) write(t *testing.T, f func(tx *tenant.Tx)) {
	t.Helper()
	must(t, in(t, d.Database, d.acme.Manager, func(tx *tenant.Tx) error { f(tx); return nil }))
}

// calls puts calls to the phone on record, at those moments in UTC.
func (d *desk) calls(t *testing.T, account int64, conversation bool, moments ...string) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) {
		_, err := tx.Exec(t.Context(), `
			WITH calls AS (
				INSERT INTO call_attempts (customer_id, contact_point_id, direction, number, at)
				SELECT @customer, @phone, 'out', '+4790611204', (m || ' UTC')::timestamptz FROM unnest(@moments::text[]) m
				RETURNING id
			), about AS (
				INSERT INTO call_attempt_accounts (customer_id, call_attempt_id, account_id)
				SELECT @customer, id, @account::bigint FROM calls WHERE @account::bigint <> 0
			)
			INSERT INTO call_events (customer_id, call_attempt_id, kind, conversation)
			SELECT @customer, id, kind, kind = 'spoke' AND @conversation FROM calls, unnest('{rang,spoke}'::text[]) kind`,
			pgx.NamedArgs{"customer": d.id, "phone": d.phone, "moments": moments, "account": account, "conversation": conversation})
		must(t, err)
	})
}

// of reads what counts at a moment in UTC.
func (d *desk) of(t *testing.T, at string) (r contactrule.Rulings) {
	t.Helper()
	d.at(t, at)
	must(t, d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		r, err = contactrule.Of(t.Context(), tx, d.id)
		return err
	}))
	return r
}

func (d *desk) at(t *testing.T, text string) {
	t.Helper()
	now, err := time.Parse("2006-01-02 15:04", text)
	must(t, err)
	d.Now = func() time.Time { return now }
}
