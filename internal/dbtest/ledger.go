package dbtest

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Customer makes a business customer with that number, called "Customer" and the
// number, and its trade account, and returns both ids.
func Customer(t testing.TB, tx *tenant.Tx, number string) (customer, account int64) {
	t.Helper()
	err := tx.QueryRow(t.Context(), `
		INSERT INTO customers (number, name, kind)
		VALUES ($1, 'Customer ' || $1, 'business')
		RETURNING id`, number).Scan(&customer)
	if err != nil {
		t.Fatal(err)
	}
	tx.Touch(customer)
	return customer, Account(t, tx, customer, number)
}

// Account makes one more trade account of the customer.
func Account(t testing.TB, tx *tenant.Tx, customer int64, number string) (account int64) {
	t.Helper()
	err := tx.QueryRow(t.Context(), `
		INSERT INTO accounts (customer_id, kind, number)
		VALUES ($1, 'trade', $2)
		RETURNING id`, customer, number).Scan(&account)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// Item makes an open item of the account, issued 30 days before it is due; due
// may be empty. A negative amount makes a credit note.
func Item(t testing.TB, tx *tenant.Tx, account int64, number, due string, amount int64, currency money.Currency) (item int64) {
	t.Helper()
	var customer int64
	err := tx.QueryRow(t.Context(), `
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT a.customer_id, a.id, CASE WHEN @amount::bigint < 0 THEN 'credit_note' ELSE 'invoice' END, @number,
			coalesce(nullif(@due, '')::date - 30, DATE '2025-01-01'), nullif(@due, '')::date, @currency, @amount,
			(SELECT id FROM item_statuses WHERE family = 'ongoing')
		FROM accounts a
		WHERE a.id = @account
		RETURNING id, customer_id`,
		pgx.NamedArgs{"account": account, "number": number, "due": due, "amount": amount, "currency": currency}).Scan(&item, &customer)
	if err != nil {
		t.Fatal(err)
	}
	tx.Touch(customer)
	return item
}
