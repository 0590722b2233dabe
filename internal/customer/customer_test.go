package customer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// newDB is a database whose totals are kept as the program keeps them.
func newDB(t testing.TB) *dbtest.Database {
	t.Helper()
	db := dbtest.New(t)
	db.BeforeCommit = ledger.Refresh
	return db
}

func write(t testing.TB, db *dbtest.Database, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, db *dbtest.Database, who tenant.Who, n customer.New) (id int64, err error) {
	t.Helper()
	err = db.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		id, err = customer.Create(t.Context(), tx, n)
		return err
	})
	return id, err
}

func TestCreateAndFind(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	id, err := create(t, db, acme.Manager, customer.New{Number: " 00428 ", Name: "Halden  Freight\nAS", Kind: customer.Business,
		Street: "Kaigata 4", PostalCode: "1767", City: "Halden", Country: "no", OwnerID: acme.CollectorID})
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		c, err := customer.Find(t.Context(), tx, id)
		if c.Number != "00428" || c.Name != "Halden Freight AS" || c.Kind != customer.Business || c.Owner != "acme collector" ||
			*c.OwnerID != acme.CollectorID || c.BranchID != nil || c.Address() != "Kaigata 4, 1767 Halden, NO" {
			t.Errorf("the customer is %+v", c)
		}
		notes, nerr := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) {
			note.QueueList(b, note.Filter{CustomerID: id, Limit: 9}, into)
		})
		if len(notes) != 1 || notes[0].Kind != "created" || notes[0].Text != "Created as business customer 00428, Halden Freight AS." ||
			notes[0].Author != "acme manager" {
			t.Errorf("the journal is %+v", notes)
		}
		var account, totals string
		aerr := tx.QueryRow(t.Context(), `
			SELECT a.kind || ' ' || a.number, t.currency || ' ' || t.overdue
			FROM accounts a
			JOIN customer_totals t USING (tenant_id, customer_id)
			WHERE a.customer_id = $1`, id).Scan(&account, &totals)
		if account != "trade 00428" || totals != "EUR 0" {
			t.Errorf("account %q, totals %q", account, totals)
		}
		return errors.Join(err, nerr, aerr)
	})
	for name, c := range map[string]struct {
		who tenant.Who
		id  int64
	}{"another tenant's": {beta.Admin, id}, "no such customer": {acme.Admin, id + 1}, "no id": {acme.Admin, 0}} {
		err := db.Read(t.Context(), c.who, func(tx *tenant.Tx) error {
			_, err := customer.Find(t.Context(), tx, c.id)
			return err
		})
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	good := customer.New{Number: "1", Name: "Vestby Kran AS", Kind: customer.Business}
	if _, err := create(t, db, acme.Manager, good); err != nil {
		t.Fatal(err)
	}
	if _, err := create(t, db, beta.Manager, good); err != nil {
		t.Errorf("another tenant cannot have the same number: %v", err)
	}
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		customerID, _ := dbtest.Customer(t, tx, "other")
		dbtest.Account(t, tx, customerID, "loan 7")
		return nil
	})
	for _, c := range []struct {
		name   string
		change func(*customer.New)
		field  string
	}{
		{"the same number", func(n *customer.New) { n.Number = "1" }, "number"},
		{"an account's number", func(n *customer.New) { n.Number = "loan 7" }, "number"},
		{"no number", func(n *customer.New) { n.Number = " " }, "number"},
		{"no name", func(n *customer.New) { n.Name = "" }, "name"},
		{"a long name", func(n *customer.New) { n.Name = strings.Repeat("ø", 201) }, "name"},
		{"a very long name", func(n *customer.New) { n.Name = strings.Repeat("x", 1_000_000) }, "name"},
		{"no kind", func(n *customer.New) { n.Kind = "" }, "kind"},
		{"another kind", func(n *customer.New) { n.Kind = "friend" }, "kind"},
		{"no country", func(n *customer.New) { n.Country = "Norway" }, "country"},
		{"a region", func(n *customer.New) { n.Country = "150" }, "country"},
		{"another tenant's member", func(n *customer.New) { n.OwnerID = beta.CollectorID }, "owner"},
	} {
		n := good
		n.Number = "2"
		c.change(&n)
		_, err := create(t, db, acme.Manager, n)
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[c.field] == "" || len(inv) != 1 {
			t.Errorf("%s: %v, want a message for %s", c.name, err, c.field)
		}
	}
	if _, err := create(t, db, acme.Collector, customer.New{Number: "2", Name: "x", Kind: customer.Business}); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v", err)
	}
	if _, err := create(t, db, acme.Admin, customer.New{Number: "2", Name: strings.Repeat("ø", 200), Kind: customer.Consumer}); err != nil {
		t.Errorf("a name of 200 characters: %v", err)
	}
}

func TestCreatedByTwoAtOnce(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	var (
		wait sync.WaitGroup
		got  [2]error
	)
	for i, who := range []tenant.Who{acme.Manager, acme.Admin} {
		wait.Go(func() {
			_, got[i] = create(t, db, who, customer.New{Number: "1", Name: "Vestby Kran AS", Kind: customer.Business})
		})
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !errors.As(errors.Join(got[:]...), new(errs.Invalid)) {
		t.Errorf("two at once: %v and %v, want one of them told of the other", got[0], got[1])
	}
}
