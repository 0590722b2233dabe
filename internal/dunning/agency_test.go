package dunning_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// agency is a company that duns by the policy it began with, with an outbox, a mail
// server in this process, and one debtor who is 24 and 11 days late. Its jobs are
// queued and nobody works them.
type agency struct {
	*dbtest.Database
	*dbtest.Company
	dunning.Desk
	sink    *smtptest.Server
	owner   *pgx.Conn // past row security
	debtor  int64
	account int64
	anna    int64    // the debtor's e-mail address
	phone   int64    // and telephone
	items   [2]int64 // INV-1 and INV-2
}

// books are what every agency begins with: made once, and copied for each test.
var books struct {
	sync.Mutex
	agency
	name string // of the database
	drop func() error
}

// newAgency opens a copy of the books.
func newAgency(t testing.TB) *agency {
	t.Helper()
	books.Lock()
	if books.name == "" {
		var err error
		books.name, books.drop, err = dbtest.Fill(func(db *dbtest.Database) error {
			books.agency = agency{Database: db, Company: dbtest.Tenant(t, db, "acme")}
			return db.Write(t.Context(), books.Admin, func(tx *tenant.Tx) error { return books.begin(t, tx) })
		})
		if err != nil {
			books.Unlock()
			t.Fatal(err)
		}
	}
	o := books.agency
	books.Unlock()
	o.Database, o.sink = dbtest.Copy(t, books.name), smtptest.New(t)
	o.owner = o.Database.Owner(t)
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := message.NewServer(o.sink.URL(), "Dunwell <mail@dunwell.example>", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(); _ = store.Close() })
	o.Box = &message.Outbox{Store: store, Server: server, URL: "https://dunwell.example", Lease: 2 * time.Second}
	if _, err := jobs.New(o.DB, o.Box, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return &o
}

// begin switches dunning on and makes the debtor with both items.
func (o *agency) begin(t testing.TB, tx *tenant.Tx) error {
	t.Helper()
	err := errors.Join(statement.SaveLetterhead(t.Context(), tx, statement.Letterhead{Sender: "Acme Finance AS", Bank: "IBAN NO93"}),
		message.SeedTemplates(t.Context(), tx), dunning.SwitchOn(t.Context(), tx, 6))
	if err != nil {
		return err
	}
	o.debtor, o.account, o.anna, o.phone = debtor(t, tx, "C-1")
	o.items[0] = dbtest.Item(t, tx, o.account, "INV-1", "2026-02-20", 123_456, "EUR")
	o.items[1] = dbtest.Item(t, tx, o.account, "INV-2", "2026-03-05", 7_701, "EUR")
	return nil
}

// debtor makes a customer who can be written to and called.
func debtor(t testing.TB, tx *tenant.Tx, number string) (id, account, mail, phone int64) {
	t.Helper()
	id, account = dbtest.Customer(t, tx, number)
	_, err := tx.Exec(t.Context(), `UPDATE customers SET street = 'Storgata 1', city = 'Oslo', country = 'NO' WHERE id = $1`, id)
	if err == nil {
		mail, err = customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: strings.ToLower(number) + "@debtor.example", Person: "Anna Holm", Role: customer.Debtor})
	}
	if err == nil {
		phone, err = customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Person: "Anna Holm", Role: customer.Debtor})
	}
	if err != nil {
		t.Fatal(err)
	}
	return id, account, mail, phone
}

func (o *agency) do(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := o.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// at moves the clock to an hour of a day that is so many days after Monday.
func (o *agency) at(days, hour, minute int) {
	now := time.Date(2026, 3, 16+days, hour, minute, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
}

// run makes the run of the day.
func (o *agency) run(t testing.TB) {
	t.Helper()
	o.do(t, o.System(), func(tx *tenant.Tx) error {
		_, err := dunning.Run(t.Context(), tx, tx.Today())
		return err
	})
}

// open is the debtor's open entry; its ID is 0 where there is none.
func (o *agency) open(t testing.TB) (e dunning.Entry) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		e, _, err = dunning.OpenEntry(t.Context(), tx, o.debtor)
		return err
	})
	return e
}

// entry reads one, open or not.
func (o *agency) entry(t testing.TB, id int64) (e dunning.Entry) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		e, err = dunning.FindEntry(t.Context(), tx, id)
		return err
	})
	return e
}

// mail sends the entry's e-mail as that member.
func (o *agency) mail(t testing.TB, who tenant.Who, entry int64, order dunning.Order) (id int64) {
	t.Helper()
	o.do(t, who, func(tx *tenant.Tx) (err error) {
		id, err = o.Mail(t.Context(), tx, entry, order)
		return err
	})
	return id
}

// print prints the entry's letter as the collector.
func (o *agency) print(t testing.TB, entry int64) (id int64) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		id, err = o.Print(t.Context(), tx, entry, dunning.Order{})
		return err
	})
	return id
}

// tryDone says as that member that the entry is done, as it is now.
func (o *agency) tryDone(t testing.TB, who tenant.Who, entry int64, c dunning.Completion) error {
	t.Helper()
	c.Version = o.entry(t, entry).Version
	return o.Write(t.Context(), who, func(tx *tenant.Tx) error { return dunning.Complete(t.Context(), tx, entry, c) })
}

func (o *agency) done(t testing.TB, entry int64, c dunning.Completion) {
	t.Helper()
	if err := o.tryDone(t, o.Collector, entry, c); err != nil {
		t.Fatal(err)
	}
}

// deliver does the jobs of all messages that wait.
func (o *agency) deliver(t testing.TB) {
	t.Helper()
	rows, _ := o.owner.Query(t.Context(), `SELECT reference FROM messages WHERE state = 'queued' ORDER BY id`)
	refs, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		if _, err := o.Box.Deliver(context.WithoutCancel(t.Context()), message.SendArgs{Tenant: o.ID, Reference: ref}); err != nil {
			t.Fatal(err)
		}
	}
}

// work does the jobs of all batches that are not finished.
func (o *agency) work(t testing.TB) {
	t.Helper()
	rows, _ := o.owner.Query(t.Context(), `SELECT id FROM batches WHERE finished_at IS NULL ORDER BY id`)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := o.Work(t.Context(), dunning.BatchArgs{Tenant: o.ID, Batch: id}); err != nil {
			t.Fatal(err)
		}
	}
}

// ask reads one value past row security.
func (o *agency) ask(t testing.TB, sql string, args ...any) string {
	t.Helper()
	var s *string
	if err := o.owner.QueryRow(t.Context(), `SELECT (`+sql+`)::text`, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if s == nil {
		return ""
	}
	return *s
}

func (o *agency) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := o.owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// reached is how far the items are: "INV-1 5, INV-2 -".
func (o *agency) reached(t testing.TB) string {
	t.Helper()
	return o.ask(t, `SELECT string_agg(number || ' ' || coalesce(reached_days::text, '-'), ', ' ORDER BY number) FROM items WHERE customer_id = $1`, o.debtor)
}

// said tells that a line of the debtor's journal has these words.
func (o *agency) said(t testing.TB, words string) {
	t.Helper()
	if all := o.ask(t, `SELECT string_agg(text, E'\n' ORDER BY seq) FROM notes WHERE customer_id = $1`, o.debtor); !strings.Contains(all, words) {
		t.Errorf("the journal does not say %q:\n%s", words, all)
	}
}

func is(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// refuses fails unless the error refuses in this way with these words.
func refuses[E error](t testing.TB, err error, words string) {
	t.Helper()
	if !errors.As(err, new(E)) || !strings.Contains(err.Error(), words) {
		t.Errorf("got %T %v, want %T with %q", err, err, *new(E), words)
	}
}
