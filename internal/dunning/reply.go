package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// heed puts an unanswered reply on the open entries of its customers, or with nil of
// all: nothing goes out by itself then. It brings those back that were put away
// before the customer wrote.
func heed(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	rows, _ := tx.Query(ctx, `
		WITH wrote AS (
			SELECT i.customer_id, max(r.taken_at) AS at
			FROM inbox_entries i
			JOIN received r ON r.tenant_id = @tenant AND r.id = i.received_id
			WHERE i.tenant_id = @tenant AND i.state = 'open' AND i.kind = 'reply' AND (@customers::bigint[] IS NULL OR i.customer_id = ANY(@customers))
			GROUP BY i.customer_id
		), waiting AS (
			SELECT e.id, e.customer_id, e.later_at IS NOT NULL AND w.at > e.later_at AS back
			FROM wrote w
			JOIN agenda_entries e ON e.tenant_id = @tenant AND e.customer_id = w.customer_id AND e.state = 'open'
			WHERE e.why NOT IN ('broken_promise', 'reply', 'bounce', 'reversal') OR e.later_at IS NOT NULL AND w.at > e.later_at
			FOR NO KEY UPDATE OF e
		), marked AS (
			UPDATE agenda_entries u
			SET why = CASE WHEN u.why IN ('broken_promise', 'bounce', 'reversal') THEN u.why ELSE 'reply' END,
				later_on = CASE WHEN NOT w.back THEN u.later_on END, later_at = CASE WHEN NOT w.back THEN u.later_at END,
				later_by = CASE WHEN NOT w.back THEN u.later_by END, later_reason = CASE WHEN w.back THEN '' ELSE u.later_reason END,
				version = u.version + 1
			FROM waiting w
			WHERE u.tenant_id = @tenant AND u.id = w.id
		)
		SELECT w.id, w.customer_id
		FROM waiting w
		WHERE w.back
		ORDER BY w.customer_id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers})
	if err := sayAll(ctx, tx, rows, "Brought back before its day: the customer wrote."); err != nil {
		return fmt.Errorf("put replies on entries: %w", err)
	}
	return nil
}

// unheed takes the reply off the entries of customers whose every message was
// answered or handled. The evaluation says why they are open then.
func unheed(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE agenda_entries e
		SET why = 'level', version = e.version + 1
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open' AND e.why = 'reply'
			AND NOT EXISTS (
				SELECT FROM inbox_entries i
				WHERE i.tenant_id = @tenant AND i.customer_id = e.customer_id AND i.state = 'open' AND i.kind = 'reply')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers})
	if err != nil {
		return fmt.Errorf("take replies off entries: %w", err)
	}
	return nil
}
