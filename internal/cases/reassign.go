package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Reassign gives open cases to another owner, an active member,
// with a note for each. Those with customers whom that member does not see stay, and
// are counted.
func Reassign(ctx context.Context, tx *tenant.Tx, ids []int64, to int64) (moved, left int, err error) {
	if !tx.Actor.Is(tenant.Manager) {
		return 0, 0, errs.Forbidden("Only managers and administrators give away what somebody has to do. Ask one of yours.")
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "to": to}
	_, err = tx.Exec(ctx, `
		SELECT FROM customers c
		WHERE c.tenant_id = @tenant AND c.id IN (SELECT k.customer_id FROM cases k WHERE k.tenant_id = @tenant AND k.id = ANY(@ids))
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	if err != nil {
		return 0, 0, fmt.Errorf("hold the customers: %w", err)
	}
	rows, _ := tx.Query(ctx, `
		WITH asked AS (
			SELECT k.id, k.customer_id, wu.name AS was, ru.name AS now, `+member.Sees("l", "r", "c.branch_id")+` AS sees
			FROM cases k
			JOIN customers c ON c.tenant_id = @tenant AND c.id = k.customer_id
			JOIN tenants l ON l.id = @tenant
			JOIN members r ON r.tenant_id = @tenant AND r.id = @to AND r.active
			JOIN users ru ON ru.id = r.user_id
			JOIN members w ON w.tenant_id = @tenant AND w.id = k.owner_id
			JOIN users wu ON wu.id = w.user_id
			WHERE k.tenant_id = @tenant AND k.id = ANY(@ids) AND k.open AND k.owner_id <> @to
		), moved AS (
			UPDATE cases k
			SET owner_id = @to, version = k.version + 1
			FROM asked a
			WHERE k.tenant_id = @tenant AND k.id = a.id AND a.sees)
		SELECT a.id, a.customer_id, a.was, a.now, a.sees
		FROM asked a
		ORDER BY a.customer_id, a.id`, args)
	var id, customer int64
	var was, now string
	var sees bool
	var given []int64
	var notes []note.New
	_, err = pgx.ForEachRow(rows, []any{&id, &customer, &was, &now, &sees}, func() error {
		if !sees {
			left++
			return nil
		}
		moved++
		given = append(given, id)
		notes = append(notes, line(customer, id, fmt.Sprintf("The case goes from %s to %s.", was, now), data{Event: "changed"}))
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("reassign cases: %w", err)
	}
	if err := untell(ctx, tx, given, goesTo(now)); err != nil {
		return 0, 0, err
	}
	return moved, left, note.AddMany(ctx, tx, notes)
}
