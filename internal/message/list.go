package message

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// CanWork tells who sees the outbox and decides about what stands in it.
func CanWork(a tenant.Actor) bool { return a.Is(tenant.Manager) }

const onlyManagers = errs.Forbidden("Only managers and administrators work the outbox. What was sent to a customer stands in its notes.")

// Filter chooses messages of the outbox.
type Filter struct {
	State  State // empty: all that somebody has to look at, or that waits
	Before int64 // only ids below it: the last one of the page before
	Limit  int
}

// List reads a page of the outbox, the newest first.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Message, error) {
	if !CanWork(tx.Actor) {
		return nil, onlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.channel <> 'letter'
			AND CASE WHEN @state = '' THEN m.state NOT IN ('sent', 'delivered', 'discarded') ELSE m.state = @state END
			AND (@before::bigint = 0 OR m.id < @before)
		ORDER BY m.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "state": string(f.State), "before": f.Before, "limit": f.Limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Message])
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	return list, nil
}

// Counts tells how many messages are in each state but Sent and Delivered.
func Counts(ctx context.Context, tx *tenant.Tx) (map[State]int, error) {
	if !CanWork(tx.Actor) {
		return nil, onlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT state, count(*)
		FROM messages
		WHERE tenant_id = $1 AND state NOT IN ('sent', 'delivered')
		GROUP BY state`, tx.Actor.TenantID)
	counts := map[State]int{}
	var state State
	var n int
	_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the outbox: %w", err)
	}
	return counts, nil
}
