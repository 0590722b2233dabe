package customer_test

import (
	"context"
	"errors"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// stage fills load_customers: the customer C-1 moves, N-1 and N-2 are new, U-1
// is left alone.
func stage(ctx context.Context, tx *tenant.Tx) error {
	if err := customer.StageCustomers(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO load_customers (line, outcome, customer_id, seen_version, number, name, kind, city)
		SELECT 2, 'changed', c.id, c.version, c.number, c.name, c.kind, 'Bergen' FROM customers c WHERE c.number = 'C-1'
		UNION ALL VALUES (3, 'new', NULL::bigint, NULL::integer, 'N-1', 'New One', 'consumer', 'Moss'), (4, 'unchanged', NULL, NULL, 'U-1', 'Left', 'business', ''),
			(5, 'new', NULL, NULL, 'N-2', 'New Two', 'business', '')`)
	return err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	if _, err := create(t, db, acme.Manager, customer.New{Number: "C-1", Name: "First", Kind: customer.Business, City: "Oslo"}); err != nil {
		t.Fatal(err)
	}
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		return errors.Join(stage(t.Context(), tx), customer.Load(t.Context(), tx, "a test"))
	})
	var customers, notes string
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT
				(SELECT string_agg(concat_ws(' ', c.number, c.name, c.kind, c.city, c.version, a.kind, a.number, t.currency), ', ' ORDER BY c.number)
				FROM customers c JOIN accounts a ON a.customer_id = c.id JOIN customer_totals t ON t.customer_id = c.id),
				(SELECT string_agg(concat_ws(' ', c.number, n.author, n.kind, n.text), ' / ' ORDER BY c.number) FROM notes n JOIN customers c ON c.id = n.customer_id WHERE n.text LIKE '% a test%')`).
			Scan(&customers, &notes)
	})
	if want := "C-1 First business Bergen 2 trade C-1 EUR, N-1 New One consumer Moss 1 trade N-1 EUR, N-2 New Two business  1 trade N-2 EUR"; customers != want {
		t.Errorf("customers %s, want %s", customers, want)
	}
	if want := "C-1 acme manager changed Changed by a test: city from “Oslo” to “Bergen”. / N-1 acme manager created Created by a test. / N-2 acme manager created Created by a test."; notes != want {
		t.Errorf("notes %s, want %s", notes, want)
	}
}

// What is no longer as it was looked at, or there already, is a conflict.
func TestLoadMoved(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	if _, err := create(t, db, acme.Manager, customer.New{Number: "C-1", Name: "First", Kind: customer.Business}); err != nil {
		t.Fatal(err)
	}
	for name, meanwhile := range map[string]string{
		"changed":      `UPDATE customers SET version = version + 1 WHERE number = 'C-1'`,
		"number taken": `UPDATE load_customers SET number = 'C-1' WHERE number = 'N-1'`,
	} {
		err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
			if err := stage(t.Context(), tx); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), meanwhile); err != nil {
				return err
			}
			return customer.Load(t.Context(), tx, "a test")
		})
		if !errors.As(err, new(errs.Conflict)) {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
}
