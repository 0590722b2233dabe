package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// forgive takes the broken promise off the entries of customers whose money came in
// time after all, unless they have not kept another one that somebody still has to
// look at.
func forgive(ctx context.Context, tx *tenant.Tx, decided []promise.Outcome) error {
	customers := customersOf(decided, promise.Outcome.Recovered)
	if len(customers) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE agenda_entries e
		SET why = 'level', version = e.version + 1
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open' AND e.why = 'broken_promise'
			AND NOT EXISTS (
				SELECT FROM instalments i
				JOIN follow_ups f ON f.tenant_id = @tenant AND f.id = i.follow_up_id AND f.ended IS NULL
				WHERE i.tenant_id = @tenant AND i.customer_id = e.customer_id AND i.state IN ('broken', 'part_kept'))`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers})
	if err != nil {
		return fmt.Errorf("take a broken promise off entries: %w", err)
	}
	return nil
}

// press puts a promise that was not kept on the open entries of its customers, and
// brings those back that were put away.
func press(ctx context.Context, tx *tenant.Tx, decided []promise.Outcome) error {
	customers := customersOf(decided, promise.Outcome.Failed)
	if len(customers) == 0 {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		WITH broken AS (
			SELECT e.id, e.customer_id, e.later_on IS NOT NULL AS later
			FROM agenda_entries e
			WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open'
			FOR NO KEY UPDATE
		), pressed AS (
			UPDATE agenda_entries u
			SET why = 'broken_promise', later_on = NULL, later_at = NULL, later_by = NULL, later_reason = '', version = u.version + 1
			FROM broken b
			WHERE u.tenant_id = @tenant AND u.id = b.id
		)
		SELECT b.id, b.customer_id
		FROM broken b
		WHERE b.later
		ORDER BY b.customer_id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers})
	if err := sayAll(ctx, tx, rows, "Brought back before its day: a promise was not kept."); err != nil {
		return fmt.Errorf("put a broken promise on entries: %w", err)
	}
	return nil
}

func customersOf(decided []promise.Outcome, which func(promise.Outcome) bool) (ids []int64) {
	for _, o := range decided {
		if which(o) {
			ids = append(ids, o.CustomerID)
		}
	}
	return ids
}
