package diary

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Person is a member whose day can be looked at; the first one of People is
// NoOwner, without a name.
type Person struct {
	ID   int64
	Name string
	Due  int // follow-ups and contacts that are late or for today, DueCounted at most
}

// DueCounted is how far what is due of a Person is counted.
const DueCounted = 1_000

// dueSQL counts what is late or for today.
const dueSQL = `least(@counted, (
			SELECT count(*)
			FROM (
				SELECT
				FROM follow_ups f
				WHERE f.tenant_id = @tenant AND {is f.assignee_id of f.customer_id} AND NOT f.archived AND f.ended IS NULL AND f.due_on <= @today
				LIMIT @counted) d) + (
			SELECT count(*)
			FROM (
				SELECT
				FROM contacts k
				WHERE k.tenant_id = @tenant AND {is k.assignee_id of k.customer_id} AND NOT k.archived AND k.ended IS NULL AND k.due_on <= @today
				LIMIT @counted) d)) AS due`

// People lists NoOwner and then the active members by name, for managers.
func People(ctx context.Context, tx *tenant.Tx) ([]Person, error) {
	if !tx.Actor.Is(tenant.Manager) {
		return nil, errs.Forbidden("Only managers and administrators see what everybody has to do.")
	}
	rows, _ := tx.Query(ctx, `
		SELECT 0::bigint AS id, '' AS name, `+whose(dueSQL, isNobody)+`
		UNION ALL
		(SELECT m.id, u.name, `+whose(dueSQL, `${1} = m.id`)+`
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant AND m.active
		ORDER BY lower(u.name), m.id)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "counted": DueCounted})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return nil, fmt.Errorf("list whose day it can be: %w", err)
	}
	return list, nil
}
