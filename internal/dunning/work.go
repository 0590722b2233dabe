package dunning

import (
	"context"

	"github.com/riverqueue/river"

	"dunwell/internal/turns"
)

// BatchArgs asks to work a batch.
type BatchArgs struct {
	Tenant int64 `json:"tenant"`
	Batch  int64 `json:"batch"`
}

// Kind names the job.
func (BatchArgs) Kind() string { return "work_batch" }

func (d *Desk) worker() turns.Worker {
	return turns.Worker{
		Tables:  turns.Tables{Lists: "batches", Things: "batch_entries", List: "batch_id", Thing: "entry_id", Made: "message_id"},
		DB:      d.Box.DB,
		Lease:   d.Lease,
		Enqueue: d.Box.Enqueue,
		Job:     func(tenant, batch int64) river.JobArgs { return BatchArgs{tenant, batch} },
		May:     CanBulk,
		Turn:    d.do,
		ByHand:  "Work this one in the agenda.",
	}
}

// Work is the body of the job that works a batch.
func (d *Desk) Work(ctx context.Context, a BatchArgs) error {
	return d.worker().Work(ctx, a.Tenant, a.Batch)
}

// Recover gives each batch that is not finished and whose job will not come a new one.
func (d *Desk) Recover(ctx context.Context) error { return d.worker().Recover(ctx) }
