package inbox_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

// desk is a company with two debtors: one of the collector's, one of nobody's.
type desk struct {
	*dbtest.Database
	*dbtest.Company
	owner         *pgx.Conn // past row security
	mine, nobodys int64
	anna          int64 // my debtor's address
	phone         int64 // and number
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.Company, d.owner = dbtest.Tenant(t, d.Database, "acme"), d.Owner(t)
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		var account int64
		d.mine, account = dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV-1", "2026-02-01", 123_456, "EUR")
		d.nobodys, _ = dbtest.Customer(t, tx, "C-2")
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $1 WHERE id = $2`, d.CollectorID, d.mine); err != nil {
			return err
		}
		if d.anna, err = customer.AddPoint(t.Context(), tx, d.mine, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna Holm", Role: customer.Debtor}); err != nil {
			return err
		}
		d.phone, err = customer.AddPoint(t.Context(), tx, d.mine, customer.Point{Kind: customer.Phone, Value: "+4790012345", Role: customer.Debtor})
		return err
	})
	return d
}

func (d *desk) write(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// take takes a message in as the program does.
func (d *desk) take(t testing.TB, in inbox.In) (e inbox.Entry) {
	t.Helper()
	d.write(t, d.System(), func(tx *tenant.Tx) (err error) {
		var fresh bool
		if e, fresh, err = inbox.Take(t.Context(), tx, in); err == nil && !fresh {
			t.Errorf("%s was taken in before", in.ProviderID)
		}
		return err
	})
	return e
}

// reply is what my debtor writes by e-mail.
func (d *desk) reply(id string) inbox.In {
	return inbox.In{Channel: customer.Mail, ProviderID: id, Kind: inbox.Reply, From: "anna@debtor.example", Person: "Anna Holm", To: "post@acme.example",
		Subject: "Re: INV-1", Body: "I paid it yesterday.", CustomerID: d.mine, PointID: d.anna}
}

// try does something as somebody and gives the refusal.
func (d *desk) try(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), who, f)
}

// find reads an entry as an administrator.
func (d *desk) find(t testing.TB, id int64) (e inbox.Entry) {
	t.Helper()
	err := d.Read(t.Context(), d.Admin, func(tx *tenant.Tx) (err error) {
		e, err = inbox.Find(t.Context(), tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// journal is the kind and text of the customer's newest note.
func (d *desk) journal(t testing.TB, customerID int64) (kind, text string) {
	t.Helper()
	err := d.owner.QueryRow(t.Context(), `SELECT kind, text FROM notes WHERE customer_id = $1 ORDER BY seq DESC LIMIT 1`, customerID).Scan(&kind, &text)
	if err != nil {
		t.Fatal(err)
	}
	return kind, text
}

// message writes a message to my debtor past the outbox.
func (d *desk) message(t testing.TB, channel customer.Channel, state, body string) (id int64) {
	t.Helper()
	err := d.owner.QueryRow(t.Context(), `
		INSERT INTO messages (tenant_id, customer_id, contact_point_id, channel, state, address, person, language, subject, body, author_id, sent_at, segments)
		VALUES ($1, $2, $3, $4, $5, 'anna@debtor.example', 'Anna Holm', 'en', 'INV-1', $6, $7, '2026-03-15 08:00+00', CASE $4 WHEN 'sms' THEN 1 END)
		RETURNING id`, d.ID, d.mine, d.anna, channel, state, body, d.CollectorID).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
