package message

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// RecoverArgs asks to bring further what a program that died left behind.
type RecoverArgs struct{}

// Kind names the job.
func (RecoverArgs) Kind() string { return "recover_messages" }

// Recover goes through all companies: what was being sent when its worker died
// becomes Unknown, and what was queued and has no living job gets one. One
// company's failure is its own.
func (o *Outbox) Recover(ctx context.Context) error {
	return o.DB.WriteEach(ctx, "recover messages", func(tx *tenant.Tx) error {
		if err := o.declareLost(ctx, tx); err != nil {
			return err
		}
		return o.queueAgain(ctx, tx)
	})
}

// declareLost makes Unknown what nobody brought further within the lease.
func (o *Outbox) declareLost(ctx context.Context, tx *tenant.Tx) error {
	rows, _ := tx.Query(ctx, `
		SELECT m.id, coalesce(m.customer_id, 0), m.channel, m.subject, m.body, m.person, m.address
		FROM messages m
		WHERE m.tenant_id = @tenant AND m.state = 'sending' AND m.state_at < clock_timestamp() - @lease::interval
		ORDER BY m.customer_id, m.id
		FOR NO KEY UPDATE SKIP LOCKED`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "lease": o.lease()})
	var m Message
	var ids []int64
	var lines []note.New
	_, err := pgx.ForEachRow(rows, []any{&m.ID, &m.CustomerID, &m.Channel, &m.Subject, &m.Body, &m.Person, &m.Address}, func() error {
		ids = append(ids, m.ID)
		if m.CustomerID != 0 {
			lines = append(lines, m.line("may or may not have been sent", lostWhy))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for lost messages: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := (move{IDs: ids, To: Unknown, Detail: lostWhy, Error: lostWhy}).apply(ctx, tx); err != nil {
		return err
	}
	return note.AddMany(ctx, tx, lines)
}

// queueAgain gives a job to each queued message whose own will not come: it is
// gone, or its worker died.
func (o *Outbox) queueAgain(ctx context.Context, tx *tenant.Tx) error {
	rows, _ := tx.Query(ctx, `
		SELECT m.reference
		FROM messages m
		LEFT JOIN river_job j ON j.id = m.job_id
		WHERE m.tenant_id = $1 AND m.state = 'queued' AND m.due_at < clock_timestamp()
			AND (j.id IS NULL OR j.state IN ('completed', 'cancelled', 'discarded') OR j.state = 'running' AND j.attempted_at < clock_timestamp() - $2::interval)
		ORDER BY m.id
		LIMIT 10000
		FOR NO KEY UPDATE OF m SKIP LOCKED`, tx.Actor.TenantID, o.lease())
	refs, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("look for messages without a job: %w", err)
	}
	return o.requeue(ctx, tx, refs)
}

// requeue gives each of these messages a new job.
func (o *Outbox) requeue(ctx context.Context, tx *tenant.Tx, refs []uuid.UUID) error {
	if len(refs) == 0 {
		return nil
	}
	jobs, err := o.toQueue(ctx, tx, refs...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE messages m
		SET job_id = n.job
		FROM unnest($2::uuid[], $3::bigint[]) AS n (reference, job)
		WHERE m.tenant_id = $1 AND m.reference = n.reference`, tx.Actor.TenantID, refs, jobs)
	if err != nil {
		return fmt.Errorf("give messages a job: %w", err)
	}
	return nil
}
