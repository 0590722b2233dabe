package ledger_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// stageItems fills load_items: INV-1 grows, is disputed and paid in part, NEW-1
// is new, OLD-1 is left alone.
func (b *books) stageItems(ctx context.Context, tx *tenant.Tx) error {
	if err := ledger.StageItems(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO load_items (line, outcome, number, customer_id, account_id, item_id, seen_version, seen_applied,
			kind, issued_on, due_on, currency, amount, from_status_id, status_id, pay, pay_on, pay_number)
		SELECT 2, 'changed', i.number, i.customer_id, i.account_id, i.id, i.version, i.applied,
			i.kind, i.issued_on, i.due_on, i.currency, 12000, i.status_id, d.id, 4000, '2026-02-20'::date, 'PAY-1'
		FROM items i, item_statuses d
		WHERE i.id = @older AND d.family = 'dispute'
		UNION ALL
		SELECT 3, v.outcome, v.number, i.customer_id, i.account_id, NULL, NULL, 0,
			'invoice', '2026-03-10', NULL, 'EUR', v.amount, i.status_id, i.status_id, v.pay, '2026-03-01', v.pay_number
		FROM items i, (VALUES ('new', 'NEW-1', 5000, 5000, 'PAY-2'), ('unchanged', 'OLD-1', 6000, 0, NULL), ('refused', 'BAD-1', 7000, 7000, 'PAY-3'))
			AS v (outcome, number, amount, pay, pay_number)
		WHERE i.id = @older`, pgx.NamedArgs{"older": b.older})
	return err
}

func TestLoadItems(t *testing.T) {
	t.Parallel()
	b := open(t)
	var touched []int64
	b.BeforeCommit = func(_ context.Context, _ *tenant.Tx, customers []int64) error {
		touched = customers
		return nil
	}
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		return errors.Join(b.stageItems(t.Context(), tx), ledger.LoadItems(t.Context(), tx))
	})
	if len(touched) != 1 || touched[0] != b.customer {
		t.Errorf("touched %v, want the customer %d", touched, b.customer)
	}
	var items, payments, changes string
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT
				(SELECT string_agg(concat_ws(' ', i.number, i.amount, i.open_amount, i.version, i.last_value_on), ', ' ORDER BY i.number) FROM items i WHERE i.currency = 'EUR' AND i.number < 'O' AND i.account_id = @account),
				(SELECT string_agg(concat_ws(' ', p.number, p.value_on, p.amount, p.unapplied, p.member_id), ', ' ORDER BY p.number) FROM payments p),
				(SELECT string_agg(concat_ws(' ', i.number, s.family, h.member_id, h.reason), ', ') FROM item_status_changes h JOIN items i ON i.id = h.item_id JOIN item_statuses s ON s.id = h.to_id)`,
			pgx.NamedArgs{"account": b.account}).Scan(&items, &payments, &changes)
	})
	manager := strconv.FormatInt(b.ManagerID, 10)
	for _, c := range []struct{ what, got, want string }{
		{"items", items, "INV-1 12000 8000 2 2026-02-20, INV-2 20003 20003 1, NEW-1 5000 0 1 2026-03-10"},
		{"payments", payments, "PAY-1 2026-02-20 4000 0 " + manager + ", PAY-2 2026-03-01 5000 0 " + manager},
		{"changes", changes, "INV-1 dispute " + manager + " " + ledger.ImportedDispute},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
}

// What is no longer as it was looked at, or there already, is a conflict.
func TestLoadItemsMoved(t *testing.T) {
	t.Parallel()
	b := open(t)
	for name, meanwhile := range map[string]string{
		"changed":      `UPDATE items SET version = version + 1 WHERE number = 'INV-1'`,
		"paid":         `UPDATE load_items SET seen_applied = 1 WHERE number = 'INV-1'`,
		"number taken": `UPDATE load_items SET number = 'INV-2' WHERE number = 'NEW-1'`,
	} {
		err := b.Write(t.Context(), b.Manager, func(tx *tenant.Tx) error {
			if err := b.stageItems(t.Context(), tx); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), meanwhile); err != nil {
				return err
			}
			return ledger.LoadItems(t.Context(), tx)
		})
		if !errors.As(err, new(errs.Conflict)) {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
	if got := b.openAmount(t, b.older); got != 10_001 {
		t.Errorf("%d is open, want nothing changed", got)
	}
}

func (b *books) stagePayments(ctx context.Context, tx *tenant.Tx) error {
	if err := ledger.StagePayments(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO load_payments (line, outcome, number, customer_id, account_id, value_on, currency, amount, item_id, seen_applied, apply, apply_on)
		SELECT 2, v.outcome, v.number, i.customer_id, i.account_id, '2026-03-02', i.currency, v.amount, i.id, i.applied, v.apply, '2026-03-03'
		FROM items i, (VALUES ('new', 'P-1', 3000, 2500), ('new', 'P-2', 400, 0), ('unchanged', 'P-3', 50, 50)) AS v (outcome, number, amount, apply)
		WHERE i.id = @older`, pgx.NamedArgs{"older": b.older})
	return err
}

func TestLoadPayments(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		return errors.Join(b.stagePayments(t.Context(), tx), ledger.LoadPayments(t.Context(), tx))
	})
	var got string
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', number, value_on, unapplied, last_value_on), ', ' ORDER BY number) FROM payments`).Scan(&got)
	})
	if want := "P-1 2026-03-02 500 2026-03-03, P-2 2026-03-02 400"; got != want || b.openAmount(t, b.older) != 7_501 {
		t.Errorf("payments %s, %d open; want %s, 7501", got, b.openAmount(t, b.older), want)
	}
	err := b.Write(t.Context(), b.Manager, func(tx *tenant.Tx) error {
		if err := b.stagePayments(t.Context(), tx); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `UPDATE load_payments SET number = number || 'b', seen_applied = 0`); err != nil {
			return err
		}
		return ledger.LoadPayments(t.Context(), tx)
	})
	if !errors.As(err, new(errs.Conflict)) {
		t.Errorf("the item was paid meanwhile: %v, want a conflict", err)
	}
}
