package statementrun

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// lease is how long a run may make no progress before its job counts as dead.
const lease = 2 * time.Minute

// Recover gives each run that is not finished and whose job will not come a new one:
// it is gone, or the program that worked it died.
func (d *Desk) Recover(ctx context.Context) error {
	return d.Box.DB.WriteEach(ctx, "recover statement runs", func(tx *tenant.Tx) error { return d.requeue(ctx, tx) })
}

func (d *Desk) requeue(ctx context.Context, tx *tenant.Tx) error {
	wait := d.Lease
	if wait == 0 {
		wait = lease
	}
	rows, _ := tx.Query(ctx, `
		SELECT r.id
		FROM statement_runs r
		LEFT JOIN river_job j ON j.id = r.job_id
		WHERE r.tenant_id = @tenant AND r.finished_at IS NULL
			AND (j.id IS NULL OR j.state IN ('completed', 'cancelled', 'discarded')
				OR j.state = 'running' AND greatest(j.attempted_at, (
					SELECT max(c.at)
					FROM statement_run_customers c
					WHERE c.tenant_id = @tenant AND c.run_id = r.id)) < clock_timestamp() - @lease::interval)
		ORDER BY r.id
		FOR NO KEY UPDATE OF r SKIP LOCKED`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "lease": wait})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for statement runs without a job: %w", err)
	}
	for _, id := range ids {
		if err := d.enqueue(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
