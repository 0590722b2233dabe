package message_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// books are a company with a debtor, an outbox, and a mail server in this
// process.
type books struct {
	*dbtest.Database
	*dbtest.Company
	box    *message.Outbox
	sink   *smtptest.Server
	owner  *pgx.Conn          // past row security
	asked  []message.SendArgs // what was queued, in order
	debtor int64
	anna   int64 // the debtor's address
}

func newBooks(t testing.TB) *books {
	t.Helper()
	b := &books{Database: dbtest.New(t), sink: smtptest.New(t)}
	b.Company, b.owner = dbtest.Tenant(t, b.Database, "acme"), b.Owner(t)
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := message.NewServer(b.sink.URL(), "Dunwell <mail@dunwell.example>", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(); _ = store.Close() })
	b.box = &message.Outbox{DB: b.DB, Store: store, Server: server, URL: "https://dunwell.example", Lease: 2 * time.Second,
		Enqueue: func(_ context.Context, _ pgx.Tx, args ...river.JobArgs) (ids []int64, err error) {
			for _, a := range args {
				b.asked = append(b.asked, a.(message.SendArgs))
				ids = append(ids, int64(len(b.asked)))
			}
			return ids, nil
		}}
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		var account int64
		b.debtor, account = dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV-1", "2026-02-01", 123_456, "EUR")
		dbtest.Item(t, tx, account, "INV-2", "2026-03-01", 7_701, "EUR")
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET street = 'Rue 1', postal_code = '75001', city = 'Paris', country = 'FR' WHERE id = $1`, b.debtor); err != nil {
			return err
		}
		if b.anna, err = customer.AddPoint(t.Context(), tx, b.debtor, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna Holm", Role: customer.Debtor}); err != nil {
			return err
		}
		return statement.SaveLetterhead(t.Context(), tx, statement.Letterhead{Sender: "Acme Finance AS", Address: "Storgata 1\n0155 Oslo",
			Bank: "IBAN NO93", Phone: "+47 22 41 09 33", ReplyTo: "post@acme.example", Footer: "Org 999"})
	})
	return b
}

func (b *books) write(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := b.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (b *books) read(t testing.TB, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := b.Read(t.Context(), b.Admin, f); err != nil {
		t.Fatal(err)
	}
}

// mail is an e-mail to Anna.
func (b *books) mail(subject string) message.New {
	return message.New{CustomerID: b.debtor, Channel: customer.Mail, PointID: b.anna, Subject: subject, Body: "Hello Anna,\n\nplease call us."}
}

// send keeps a message as that member and returns its id.
func (b *books) send(t testing.TB, who tenant.Who, n message.New) (id int64) {
	t.Helper()
	b.write(t, who, func(tx *tenant.Tx) (err error) {
		id, err = b.box.Send(t.Context(), tx, n)
		return err
	})
	return id
}

// refused is the error with which a message is not taken.
func (b *books) refused(t testing.TB, who tenant.Who, n message.New) error {
	t.Helper()
	err := b.Write(t.Context(), who, func(tx *tenant.Tx) error {
		_, err := b.box.Send(t.Context(), tx, n)
		return err
	})
	if err == nil {
		t.Fatalf("%+v was taken", n)
	}
	return err
}

// deliver does the last job that was asked for.
func (b *books) deliver(t testing.TB) time.Duration {
	t.Helper()
	wait, err := b.box.Deliver(t.Context(), b.asked[len(b.asked)-1])
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// find reads a message of the debtor.
func (b *books) find(t testing.TB, id int64) (d message.Detail) {
	t.Helper()
	b.read(t, func(tx *tenant.Tx) (err error) {
		d, err = message.Find(t.Context(), tx, b.debtor, id)
		return err
	})
	return d
}

// is fails the test unless the message stands so, with words in its last event.
func (b *books) is(t testing.TB, id int64, state message.State, says string) message.Detail {
	t.Helper()
	d := b.find(t, id)
	last := d.Events[len(d.Events)-1]
	if d.State != state || last.State != state || !strings.Contains(last.Detail, says) {
		t.Errorf("message %d is %s, %q (last event %s, %q); want %s, %q", id, d.State, d.Error, last.State, last.Detail, state, says)
	}
	return d
}

// journal has the kinds and texts of the debtor's notes, the newest first.
func (b *books) journal(t testing.TB) []string {
	t.Helper()
	rows, _ := b.owner.Query(t.Context(), `SELECT kind || ': ' || text FROM notes WHERE customer_id = $1 ORDER BY seq DESC`, b.debtor)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// exec does what no screen does, as the database's owner.
func (b *books) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// invalid is the message beside the field.
func invalid(err error, field string) string {
	inv, ok := err.(errs.Invalid) //nolint:errorlint // nothing wraps it here
	if !ok {
		return fmt.Sprint("not a field's message: ", err)
	}
	return inv[field]
}
