package statementrun

import (
	"context"

	"github.com/riverqueue/river"

	"dunwell/internal/turns"
)

// Args asks to make the statements of a run.
type Args struct {
	Tenant int64 `json:"tenant"`
	Run    int64 `json:"run"`
}

// Kind names the job.
func (Args) Kind() string { return "make_statements" }

func (d *Desk) worker() turns.Worker {
	return turns.Worker{
		Tables:  turns.Tables{Lists: "statement_runs", Things: "statement_run_customers", List: "run_id", Thing: "customer_id", Made: "document_id"},
		DB:      d.Box.DB,
		Lease:   d.Lease,
		Enqueue: d.Box.Enqueue,
		Job:     func(tenant, run int64) river.JobArgs { return Args{tenant, run} },
		May:     CanRun,
		Turn:    d.make,
		ByHand:  "Make this one on the customer's page.",
	}
}

// Work is the body of the job.
func (d *Desk) Work(ctx context.Context, a Args) error { return d.worker().Work(ctx, a.Tenant, a.Run) }

// Recover gives each run that is not finished and whose job will not come a new one.
func (d *Desk) Recover(ctx context.Context) error { return d.worker().Recover(ctx) }
