package turns

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Recover gives each list that is not finished and whose job will not come a new one:
// it is gone, or the program that worked it died.
func (w Worker) Recover(ctx context.Context) error {
	return w.DB.WriteEach(ctx, "recover "+w.Lists, func(tx *tenant.Tx) error { return w.beginAgain(ctx, tx) })
}

func (w Worker) beginAgain(ctx context.Context, tx *tenant.Tx) error {
	wait := w.Lease
	if wait == 0 {
		wait = lease
	}
	rows, _ := tx.Query(ctx, w.sql(`
		SELECT l.id
		FROM {lists} l
		LEFT JOIN river_job j ON j.id = l.job_id
		WHERE l.tenant_id = @tenant AND l.finished_at IS NULL
			AND (j.id IS NULL OR j.state IN ('completed', 'cancelled', 'discarded')
				OR j.state = 'running' AND greatest(j.attempted_at, (
					SELECT greatest(max(t.at), max(t.tried_at))
					FROM {things} t
					WHERE t.tenant_id = @tenant AND t.{list} = l.id)) < clock_timestamp() - @lease::interval)
		ORDER BY l.id
		FOR NO KEY UPDATE OF l SKIP LOCKED`), pgx.NamedArgs{"tenant": tx.Actor.TenantID, "lease": wait})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look for %s without a job: %w", w.Lists, err)
	}
	for _, id := range ids {
		if err := w.Begin(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}
