package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// LatelyShown is how many batches Lately lists.
const LatelyShown = 30

// Lately lists the batches that were started last, by people and by the program, the
// newest first: those with entries that the actor may see.
func Lately(ctx context.Context, tx *tenant.Tx) ([]Batch, error) {
	if !CanBulk(tx.Actor) {
		return nil, ErrBulk
	}
	return readBatches(ctx, tx, `b.id IN (
		SELECT n.id
		FROM batches n
		WHERE n.tenant_id = @tenant AND EXISTS (SELECT FROM batch_entries e WHERE e.tenant_id = @tenant AND e.batch_id = n.id)
		ORDER BY n.id DESC
		LIMIT @most)`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "most": LatelyShown})
}

// readBatches reads those of the batches b that are asked for, the newest first.
func readBatches(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Batch, error) {
	args["today"] = tx.Today()
	rows, _ := tx.Query(ctx, `
		SELECT b.id, b.kind, b.until, b.reason, coalesce(u.name, '') AS member, b.at, count(*) AS entries, count(*) FILTER (WHERE e.state = 'done') AS done,
			count(*) FILTER (WHERE e.state = 'left') AS left, count(*) FILTER (WHERE m.channel = 'letter') AS letters, count(*) FILTER (WHERE m.state = 'held') AS held,
			count(*) FILTER (WHERE m.state IN ('failed', 'bounced', 'discarded')) AS unsent, count(*) FILTER (WHERE m.state = 'unknown') AS unknown,
			(SELECT count(*) FROM `+stillAway+`) AS away, b.finished_at
		FROM batches b
		JOIN batch_entries e ON e.tenant_id = @tenant AND e.batch_id = b.id
		LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = e.message_id
		LEFT JOIN members w ON w.tenant_id = @tenant AND w.id = b.member_id
		LEFT JOIN users u ON u.id = w.user_id
		WHERE b.tenant_id = @tenant AND `+which+`
		GROUP BY b.tenant_id, b.id, u.name
		ORDER BY b.id DESC`, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Batch])
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return list, nil
}

// ByThemselves is what automatic levels did on a day.
type ByThemselves struct {
	Batches int
	Last    int64 // the newest of them
	Written int   // customers who were written to, as far as anybody knows
	Said    int   // of whom it was only said that they are done: they were reminded by hand
	Left    int   // with whom nothing was done: the batch says why
	Waiting int   // whose turn comes yet
	Unsent  int   // whose message failed, came back or was discarded
	Unknown int   // of whose message nobody knows whether it was sent
}

// queueByThemselves asks what automatic levels did today, for who works many at once.
func queueByThemselves(b *tenant.Batch, into *ByThemselves) {
	if !CanBulk(b.Tx.Actor) {
		return
	}
	b.Queue("find what automatic levels did", `
		SELECT count(DISTINCT b.id) AS batches, coalesce(max(b.id), 0) AS last,
			count(*) FILTER (WHERE m.state NOT IN ('failed', 'bounced', 'discarded', 'unknown')) AS written,
			count(*) FILTER (WHERE m.state IN ('failed', 'bounced', 'discarded')) AS unsent, count(*) FILTER (WHERE m.state = 'unknown') AS unknown,
			count(*) FILTER (WHERE e.state = 'done' AND e.message_id IS NULL) AS said,
			count(*) FILTER (WHERE e.state = 'left') AS left, count(*) FILTER (WHERE e.state = 'waiting') AS waiting
		FROM batches b
		JOIN batch_entries e ON e.tenant_id = @tenant AND e.batch_id = b.id
		LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = e.message_id
		WHERE b.tenant_id = @tenant AND b.member_id IS NULL AND b.on_day = @today`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "today": b.Tx.Today()}, func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ByThemselves])
			return err
		})
}
