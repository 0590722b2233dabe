package dunning

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// BatchArgs asks to work a batch.
type BatchArgs struct {
	Tenant int64 `json:"tenant"`
	Batch  int64 `json:"batch"`
}

// Kind names the job.
func (BatchArgs) Kind() string { return "work_batch" }

// hands is how many entries of a batch are worked at once.
const hands = 4

// Work is the body of the job that works a batch. Each entry is worked and marked in
// one transaction of its own: killed at any moment and started again, or done twice
// at once, it loses nothing and does nothing twice.
func (d *Desk) Work(ctx context.Context, a BatchArgs) error {
	var all sync.WaitGroup
	failed := make([]error, hands)
	for i := range hands {
		all.Go(func() { failed[i] = d.workAll(ctx, a) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE batches
			SET finished_at = clock_timestamp()
			WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
				AND NOT EXISTS (SELECT FROM batch_entries e WHERE e.tenant_id = $1 AND e.batch_id = $2 AND e.state = 'waiting')`, a.Tenant, a.Batch)
		if err != nil {
			return fmt.Errorf("finish a batch: %w", err)
		}
		return nil
	})
}

// workAll works what waits, one entry after the other. What is refused is left with
// its reason; what fails waits for the next attempt, and the others go on.
func (d *Desk) workAll(ctx context.Context, a BatchArgs) error {
	var failed []error
	skip := []int64{}
	for {
		entry, err := d.workNext(ctx, a, skip)
		switch why, refused := errs.Refusal(err); {
		case refused:
			err = d.leave(ctx, a, entry, why)
		case err == nil && entry == 0:
			return errors.Join(failed...)
		}
		if ctx.Err() != nil || err != nil && entry == 0 {
			return errors.Join(append(failed, err)...)
		}
		if err != nil {
			failed, skip = append(failed, fmt.Errorf("entry %d: %w", entry, err)), append(skip, entry)
		}
	}
}

// workNext works the next entry that nobody else has; 0: there is none.
func (d *Desk) workNext(ctx context.Context, a BatchArgs, skip []int64) (entry int64, err error) {
	err = d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		t, err := takeTurn(ctx, tx, a.Batch, skip)
		if err != nil || t.Entry == 0 {
			return err
		}
		entry = t.Entry
		id, err := d.do(ctx, tx, t)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE batch_entries
			SET state = 'done', message_id = nullif(@message::bigint, 0), at = clock_timestamp()
			WHERE tenant_id = @tenant AND batch_id = @batch AND entry_id = @entry`,
			pgx.NamedArgs{"tenant": a.Tenant, "batch": a.Batch, "entry": entry, "message": id})
		if err != nil {
			return fmt.Errorf("mark an entry of a batch: %w", err)
		}
		return nil
	})
	return entry, err
}

// leave marks an entry with which nothing is done.
func (d *Desk) leave(ctx context.Context, a BatchArgs, entry int64, why string) error {
	return d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE batch_entries
			SET state = 'left', why = left(@why, 1000), at = clock_timestamp()
			WHERE tenant_id = @tenant AND batch_id = @batch AND entry_id = @entry AND state = 'waiting'`,
			pgx.NamedArgs{"tenant": a.Tenant, "batch": a.Batch, "entry": entry, "why": why})
		if err != nil {
			return fmt.Errorf("leave an entry of a batch: %w", err)
		}
		return nil
	})
}
