package mailbox_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/imaptest"
	"dunwell/internal/inbox"
	"dunwell/internal/mailbox"
	"dunwell/internal/provider"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// desk is a company with a mailbox and a debtor to whom a message was sent.
type desk struct {
	*dbtest.Database
	*dbtest.Company
	reader *mailbox.Reader
	owner  *pgx.Conn // past row security
	server *imaptest.Server
	key    string
	blobs  string
	debtor int64
	anna   int64 // the debtor's address
	sent   int64 // a message to it
	ref    string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t), server: imaptest.New(t), key: secret.NewKey(), blobs: t.TempDir()}
	d.Company, d.owner = dbtest.Tenant(t, d.Database, "acme"), d.Owner(t)
	store, err := document.OpenFolder(d.blobs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	box, err := secret.Parse(d.key)
	if err != nil {
		t.Fatal(err)
	}
	d.reader = &mailbox.Reader{DB: d.DB, Store: store, Secrets: box}
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		d.debtor, _ = dbtest.Customer(t, tx, "C-1")
		d.anna, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna Holm", Role: customer.Debtor})
		if err != nil {
			return err
		}
		return provider.SaveMailbox(t.Context(), tx, box, provider.TypedMailbox{Password: imaptest.Password, Mailbox: provider.Mailbox{
			Host: "127.0.0.1", Port: d.server.Port, Security: provider.Plain, Username: imaptest.User, Folder: "INBOX"}})
	})
	d.sent, d.ref = d.message(t, "anna@debtor.example", d.anna)
	return d
}

// message writes a sent message past the outbox.
func (d *desk) message(t testing.TB, address string, point int64) (id int64, ref string) {
	t.Helper()
	err := d.owner.QueryRow(t.Context(), `
		INSERT INTO messages (tenant_id, customer_id, contact_point_id, channel, state, address, language, subject, body, sent_at)
		VALUES ($1, $2, nullif($3::bigint, 0), 'email', 'sent', $4, 'en', 'Your invoices', 'Please pay.', now())
		RETURNING id, reference::text`, d.ID, d.debtor, point, address).Scan(&id, &ref)
	if err != nil {
		t.Fatal(err)
	}
	return id, ref
}

func (d *desk) write(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// read reads the mailbox to its end.
func (d *desk) read(t testing.TB, want int) {
	t.Helper()
	n, err := d.reader.Read(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("%d messages were taken in, want %d", n, want)
	}
}

// newest is the newest entry of the inbox, open or handled.
func (d *desk) newest(t testing.TB) (e inbox.Entry) {
	t.Helper()
	var id int64
	if err := d.owner.QueryRow(t.Context(), `SELECT max(id) FROM inbox_entries`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		e, err = inbox.Find(t.Context(), tx, id)
		return err
	})
	return e
}

// ask reads one value past row security.
func (d *desk) ask(t testing.TB, sql string, args ...any) (value string) {
	t.Helper()
	if err := d.owner.QueryRow(t.Context(), `SELECT coalesce((`+sql+`)::text, '')`, args...).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// files reads what came with an entry: name and content.
func (d *desk) files(t testing.TB, e inbox.Entry) (all []string) {
	t.Helper()
	err := d.Read(t.Context(), d.Admin, func(tx *tenant.Tx) error {
		docs, err := inbox.Files(t.Context(), tx, e)
		if err != nil {
			return err
		}
		for _, f := range docs {
			r, err := d.reader.Store.Get(context.Background(), f.BlobKey)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(io.LimitReader(r, 40))
			if _ = r.Close(); err != nil {
				return err
			}
			all = append(all, fmt.Sprintf("%s of %d: %s", f.Name, f.CustomerID, content))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
