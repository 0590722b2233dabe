package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// lease is how long a batch may make no progress before its job counts as dead.
const lease = 2 * time.Minute

// Recover gives each batch that is not finished and whose job will not come a new
// one: it is gone, or the program that worked it died.
func (d *Desk) Recover(ctx context.Context) error {
	return d.Box.DB.WriteEach(ctx, "recover batches", func(tx *tenant.Tx) error { return d.requeue(ctx, tx) })
}

func (d *Desk) requeue(ctx context.Context, tx *tenant.Tx) error {
	wait := d.Lease
	if wait == 0 {
		wait = lease
	}
	rows, _ := tx.Query(ctx, `
		SELECT b.id
		FROM batches b
		LEFT JOIN river_job j ON j.id = b.job_id
		WHERE b.tenant_id = @tenant AND b.finished_at IS NULL
			AND (j.id IS NULL OR j.state IN ('completed', 'cancelled', 'discarded')
				OR j.state = 'running' AND greatest(j.attempted_at, (
					SELECT max(e.at)
					FROM batch_entries e
					WHERE e.tenant_id = @tenant AND e.batch_id = b.id)) < clock_timestamp() - @lease::interval)
		ORDER BY b.id
		FOR NO KEY UPDATE OF b SKIP LOCKED`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "lease": wait})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for batches without a job: %w", err)
	}
	for _, id := range ids {
		if err := d.enqueue(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
