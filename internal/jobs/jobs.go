// Package jobs runs what nobody waits for: the River client, its workers and the
// schedule. The bodies live in the domains; nothing here knows a rule.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"dunwell/internal/activity"
	"dunwell/internal/cases"
	"dunwell/internal/dunning"
	"dunwell/internal/importer"
	"dunwell/internal/mailbox"
	"dunwell/internal/message"
	"dunwell/internal/promise"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
)

// Client enqueues jobs and, once started, works them.
type Client = river.Client[pgx.Tx]

// longest is the longest that a job may run; it keeps its own deadline.
const longest = time.Hour

// mailers is how many messages are handed to the mail server at once.
const mailers = 8

// readers is how many mailboxes are read at once.
const readers = 2

// callers is how many calls are handed to the telephone system at once.
const callers = 4

// New makes the client, to which the outbox gives its jobs from then on. Its
// workers run only after Start.
func New(db *tenant.DB, box *message.Outbox, log *slog.Logger) (*Client, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, scoped(db, refreshTotals))
	river.AddWorker(workers, scoped(db, promise.DecideOfHour))
	river.AddWorker(workers, scoped(db, cases.EscalateOfDay))
	river.AddWorker(workers, scoped(db, dunning.RunOfDay))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[importer.CheckArgs]) error {
		return importer.Check(ctx, db, job.Args)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[importer.ApplyArgs]) error {
		return importer.Apply(ctx, db, job.Args)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[message.SendArgs]) error {
		wait, err := box.Deliver(ctx, job.Args)
		if err == nil && wait > 0 {
			return river.JobSnooze(wait)
		}
		return err
	}))
	desk, board, printer := &dunning.Desk{Box: box}, &activity.Switchboard{Box: box}, &statementrun.Desk{Box: box}
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[activity.DialArgs]) error { return board.Work(ctx, job.Args) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[message.RecoverArgs]) error {
		return errors.Join(box.Recover(ctx), desk.Recover(ctx), board.Recover(ctx), printer.Recover(ctx))
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[dunning.BatchArgs]) error { return desk.Work(ctx, job.Args) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[statementrun.Args]) error { return printer.Work(ctx, job.Args) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[dunning.AutomaticArgs]) error { return desk.SendAutomatic(ctx) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[message.AskedArgs]) error { return box.SendAsked(ctx) }))
	post := &mailbox.Reader{DB: db, Store: box.Store, Secrets: box.Secrets}
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[mailbox.ReadArgs]) error {
		_, err := post.Read(ctx, job.Args.Tenant)
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[mailbox.PollArgs]) error {
		many, err := post.Poll(ctx)
		if len(many) > 0 {
			_, inserted := river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, many)
			err = errors.Join(err, inserted)
		}
		return err
	}))
	s := schedule{db: db, blobs: box.Store}
	river.AddWorker(workers, river.WorkFunc(s.fanOut))
	river.AddWorker(workers, river.WorkFunc(s.sweep))
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{
		Workers:              workers,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, message.Queue: {MaxWorkers: mailers}, activity.CallQueue: {MaxWorkers: callers}, mailbox.Queue: {MaxWorkers: readers}},
		PeriodicJobs:         periodic(db),
		JobTimeout:           longest,
		RescueStuckJobsAfter: longest + 2*time.Minute,
		FetchCooldown:        10 * time.Millisecond,
		Logger:               log,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	box.DB, box.Enqueue, box.AnswerLink = db, enqueue(client), cases.AnswerLink
	return client, nil
}

// enqueue inserts jobs for the outbox, which keeps their ids.
func enqueue(client *Client) func(context.Context, pgx.Tx, ...river.JobArgs) ([]int64, error) {
	return func(ctx context.Context, tx pgx.Tx, args ...river.JobArgs) ([]int64, error) {
		many := make([]river.InsertManyParams, len(args))
		for i, a := range args {
			many[i].Args = a
		}
		done, err := client.InsertManyTx(ctx, tx, many)
		if err != nil {
			return nil, err
		}
		ids := make([]int64, len(done))
		for i, d := range done {
			ids[i] = d.Job.ID
		}
		return ids, nil
	}
}

// tenantArgs are a job's arguments that name their tenant.
type tenantArgs interface {
	river.JobArgs
	TenantID() int64
}

// scopedWorker runs a body inside the job's tenant, as the program itself, and
// completes the job in the same transaction.
type scopedWorker[T tenantArgs] struct {
	river.WorkerDefaults[T]
	db   *tenant.DB
	body func(context.Context, *tenant.Tx, T) error
}

func scoped[T tenantArgs](db *tenant.DB, body func(context.Context, *tenant.Tx, T) error) river.Worker[T] {
	return &scopedWorker[T]{db: db, body: body}
}

// Work runs the body.
func (w *scopedWorker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return w.db.Write(ctx, tenant.System(job.Args.TenantID()), func(tx *tenant.Tx) error {
		if err := w.body(ctx, tx, job.Args); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx.Tx, job)
		return err
	})
}
