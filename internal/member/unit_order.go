package member

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Move moves one a place up in the list, or down.
func (u Units) Move(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	if err := mayManage(tx.Actor); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext($1), $2::bigint::integer)`, u.table, tx.Actor.TenantID); err != nil {
		return fmt.Errorf("hold the list: %w", err)
	}
	all, err := u.List(ctx, tx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(one Unit) bool { return one.ID == id })
	if at < 0 {
		return fmt.Errorf("%s %d: %w", u.noun, id, errs.NotFound)
	}
	if all[at].Retired {
		return errs.Conflict("This " + u.noun + " is retired, so that it has no place in the list. Take it back first.")
	}
	order := tenant.OrderOf(slices.DeleteFunc(all, func(one Unit) bool { return one.Retired }), func(one Unit) int64 { return one.ID })
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, u.table); err != nil {
		return err
	}
	return tx.Audit(ctx, tenant.Event{Kind: u.noun + ".moved", Subject: u.noun, SubjectID: id,
		Data: tenant.Change{Before: map[string]any{"place": from}, After: map[string]any{"place": to}}})
}

// Uses is how often a unit is used besides by its people.
type Uses struct{ Customers, Contacts int }

// Uses counts how often each of them is used, for those who set them up.
func (u Units) Uses(ctx context.Context, tx *tenant.Tx) (map[int64]Uses, error) {
	if !CanRead(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see how the company is set up.")
	}
	customers := `0`
	if u == Branches {
		customers = `(SELECT count(*) FROM customers c WHERE c.tenant_id = @tenant AND c.branch_id = t.id)`
	}
	rows, _ := tx.Query(ctx, `
		SELECT t.id, `+customers+`, coalesce(k.n, 0)
		FROM `+u.table+` t
		LEFT JOIN (
			SELECT c.`+u.noun+`_id AS id, count(*) AS n
			FROM contacts c
			WHERE c.tenant_id = @tenant
			GROUP BY 1) k ON k.id = t.id
		WHERE t.tenant_id = @tenant`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	uses := map[int64]Uses{}
	var id int64
	var n Uses
	_, err := pgx.ForEachRow(rows, []any{&id, &n.Customers, &n.Contacts}, func() error {
		uses[id] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count how often they are used: %w", err)
	}
	return uses, nil
}
