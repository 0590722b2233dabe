package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// SetStatus gives an item another status and records the change with its reason.
func SetStatus(ctx context.Context, tx *tenant.Tx, item, status int64, reason string) error {
	var inv errs.Invalid
	n := len([]rune(reason))
	inv.Check(n >= 1 && n <= 500, "reason", "Say why, in at most 500 characters.")
	if err := inv.Err(); err != nil {
		return err
	}
	var customer, from int64
	var number, before, after string
	err := tx.QueryRow(ctx, `
		SELECT i.customer_id, i.number, i.status_id, was.name, becomes.name
		FROM items i
		JOIN item_statuses was ON was.tenant_id = i.tenant_id AND was.id = i.status_id
		JOIN item_statuses becomes ON becomes.tenant_id = i.tenant_id AND becomes.id = @status AND becomes.retired_at IS NULL
		WHERE i.tenant_id = @tenant AND i.id = @item
		FOR NO KEY UPDATE OF i`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "item": item, "status": status}).Scan(&customer, &number, &from, &before, &after)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find item: %w", err)
	}
	if from == status {
		return errs.Conflict(fmt.Sprintf("Item %s has the status %s already.", number, after))
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "item": item, "from": from, "to": status, "reason": reason, "member": tx.Actor.MemberID}
	if _, err := tx.Exec(ctx, `
		UPDATE items
		SET status_id = @to, version = version + 1
		WHERE tenant_id = @tenant AND id = @item`, args); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO item_status_changes (item_id, from_id, to_id, member_id, reason)
		VALUES (@item, @from, @to, nullif(@member, 0), @reason)`, args); err != nil {
		return fmt.Errorf("record status: %w", err)
	}
	tx.Touch(customer)
	return journal(ctx, tx, customer, "status", fmt.Sprintf("Item %s: %s becomes %s. %s", number, before, after, reason), "item", item)
}
