package statement_test

import (
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// books is a company with one customer who owes on two accounts in three
// currencies. No two amounts are alike.
type books struct {
	*dbtest.Company
	db                        *dbtest.Database
	customer, account, second int64
}

func open(t testing.TB) *books {
	t.Helper()
	b := &books{db: dbtest.New(t)}
	b.Company = dbtest.Tenant(t, b.db, "acme")
	b.write(t, func(tx *tenant.Tx) error {
		b.customer, b.account = dbtest.Customer(t, tx, "C-1")
		b.second = dbtest.Account(t, tx, b.customer, "T-2")
		dbtest.Item(t, tx, b.account, "E-1", "2026-01-05", 100_001, "EUR")
		part := dbtest.Item(t, tx, b.account, "E-2", "2026-02-20", 200_002, "EUR")
		paid := dbtest.Item(t, tx, b.account, "E-3", "2026-02-01", 300_003, "EUR")
		dbtest.Item(t, tx, b.account, "E-4", "2026-04-10", 400_004, "EUR")
		dbtest.Item(t, tx, b.account, "E-5", "", 500_005, "EUR")
		dbtest.Item(t, tx, b.account, "E-6", "2026-03-01", -60_006, "EUR")
		dbtest.Item(t, tx, b.account, "J-1", "2025-11-30", 777_777, "JPY")
		dbtest.Item(t, tx, b.second, "K-1", "2026-03-15", 8_888_888, "KWD")
		dbtest.Item(t, tx, b.second, "E-7", "2026-03-16", 99_009, "EUR")
		dbtest.Item(t, tx, b.second, "E-8", "2026-06-30", 11_011, "EUR")
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: b.customer, AccountID: b.account, Number: "P-1", ValueOn: day.New(2026, 3, 2),
			Amount: money.New(351_234, "EUR"), Lines: []ledger.Line{{ItemID: part, Minor: 50_000}, {ItemID: paid, Minor: 300_003}}})
		return err
	})
	return b
}

func (b *books) write(t testing.TB, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := b.db.Write(t.Context(), b.Manager, f); err != nil {
		t.Fatal(err)
	}
}

// read reads a statement as who asks.
func (b *books) read(t testing.TB, who tenant.Who, o statement.Options) (s statement.Statement, err error) {
	t.Helper()
	err = b.db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		s, err = statement.Of(t.Context(), tx, b.customer, o)
		return err
	})
	return s, err
}

func (b *books) statement(t testing.TB, o statement.Options) statement.Statement {
	t.Helper()
	s, err := b.read(t, b.Collector, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ageing is the ledger's own reckoning, by currency.
func (b *books) ageing(t *testing.T, account int64, asOf day.Day) map[money.Currency]ledger.Ageing {
	t.Helper()
	by := map[money.Currency]ledger.Ageing{}
	err := b.db.Read(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		all, err := dbtest.Ask(t, tx, func(batch *tenant.Batch, into *[]ledger.Ageing) {
			ledger.QueueAgeing(batch, b.customer, account, asOf, into)
		})
		for _, a := range all {
			by[a.Currency] = a
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return by
}
