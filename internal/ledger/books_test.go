package ledger_test

import (
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// books is a company with one customer: two items in EUR, one in JPY, a second
// account, on 2026-03-16.
type books struct {
	*dbtest.Database
	*dbtest.Company
	customer, account, other int64
	older, newer, yen, away  int64
}

func open(t *testing.T) *books {
	t.Helper()
	b := &books{Database: dbtest.New(t)}
	b.Company = dbtest.Tenant(t, b.Database, "acme")
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		b.customer, b.account = dbtest.Customer(t, tx, "C-1")
		b.other = dbtest.Account(t, tx, b.customer, "C-1b")
		b.older = dbtest.Item(t, tx, b.account, "INV-1", "2026-02-10", 10_001, "EUR")
		b.newer = dbtest.Item(t, tx, b.account, "INV-2", "2026-03-16", 20_003, "EUR")
		b.yen = dbtest.Item(t, tx, b.account, "INV-3", "2026-03-01", 7_000, "JPY")
		b.away = dbtest.Item(t, tx, b.other, "INV-4", "2026-03-02", 3_005, "EUR")
		return nil
	})
	return b
}

func (b *books) do(t testing.TB, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := b.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (b *books) pay(t testing.TB, number, on string, minor int64, lines ...ledger.Line) (id int64) {
	t.Helper()
	b.do(t, b.Collector, func(tx *tenant.Tx) (err error) {
		r, err := ledger.Record(t.Context(), tx, payment(b.customer, b.account, number, on, minor, lines...))
		id = r.ID
		return err
	})
	return id
}

func payment(customer, account int64, number, on string, minor int64, lines ...ledger.Line) ledger.Payment {
	d, _ := day.Parse(on)
	return ledger.Payment{CustomerID: customer, AccountID: account, Number: number, ValueOn: d, Amount: money.New(minor, "EUR"), Lines: lines}
}

func (b *books) openAmount(t testing.TB, item int64) (open int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT open_amount FROM items WHERE tenant_id = $1 AND id = $2`, b.ID, item).Scan(&open)
	})
	return open
}
