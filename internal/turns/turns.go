// Package turns has a job work a list of things one after the other: what somebody
// begins with many at once. Each thing is worked, in the name of whoever began it, and
// marked in one transaction of its own. Killed at any moment and started again, or
// worked twice at once, a list loses nothing and does nothing twice.
package turns

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

const (
	// hands is how many things of a list are worked at once.
	hands = 4
	// mostAttempts is how often one is tried that fails for no reason that can be told.
	// With the pauses of a job between them that takes more than an hour.
	mostAttempts = 8
	// mostTold is of how many failures a hand's error tells.
	mostTold = 10
	// lease is how long a list may make no progress before its job counts as dead.
	lease = 2 * time.Minute
)

// Tables says where the lists stand and where their things do.
type Tables struct {
	Lists  string // with id, member_id, job_id and finished_at
	Things string // with state, why, attempts, tried_at and at
	List   string // the column of a thing that names its list
	Thing  string // the column that names what is worked
	Made   string // the column for what was made of it
}

// Worker works lists.
type Worker struct {
	Tables
	DB *tenant.DB
	// Lease is shorter than the package's in tests; zero means that one.
	Lease   time.Duration
	Enqueue func(context.Context, pgx.Tx, ...river.JobArgs) ([]int64, error)
	// Job is the job that is to call Work.
	Job func(tenant, list int64) river.JobArgs
	// May tells who may have begun the list when a thing's turn comes.
	May func(tenant.Actor) bool
	// Turn works a thing and returns the id of what it made, 0 for nothing. The actor is
	// whoever began the list. What it refuses is left with the reason.
	Turn func(ctx context.Context, tx *tenant.Tx, list, thing int64) (made int64, err error)
	// ByHand is a sentence on how to do by hand what failed too often.
	ByHand string
}

// sql is a text with the names of the tables in their places.
func (t Tables) sql(text string) string {
	return strings.NewReplacer("{lists}", t.Lists, "{things}", t.Things, "{list}", t.List, "{thing}", t.Thing, "{made}", t.Made).Replace(text)
}

// Begin gives the list a job.
func (w Worker) Begin(ctx context.Context, tx *tenant.Tx, list int64) error {
	jobs, err := w.Enqueue(ctx, tx.Tx, w.Job(tx.Actor.TenantID, list))
	if err == nil {
		_, err = tx.Exec(ctx, w.sql(`UPDATE {lists} SET job_id = $3 WHERE tenant_id = $1 AND id = $2`), tx.Actor.TenantID, list, jobs[0])
	}
	if err != nil {
		return fmt.Errorf("queue %s: %w", w.Lists, err)
	}
	return nil
}

// Work is the body of the job.
func (w Worker) Work(ctx context.Context, tenantID, list int64) error {
	var all sync.WaitGroup
	failed := make([]error, hands)
	p := pass{Worker: w, tenant: tenantID, list: list}
	for i := range hands {
		all.Go(func() { failed[i] = p.work(ctx) })
	}
	all.Wait()
	return errors.Join(errors.Join(failed...), p.finish(ctx))
}

// pass is one go through a list.
type pass struct {
	Worker
	tenant int64
	list   int64
	mu     sync.Mutex
	last   int64 // thing that was taken: none is taken twice
}

// work works what waits, one after the other. What is refused is left with its reason;
// what fails waits for the next attempt, and the others go on.
func (p *pass) work(ctx context.Context) error {
	var failed []error
	for {
		thing, err := p.next(ctx)
		switch why, refused := errs.Refusal(err); {
		case err == nil && thing == 0:
			return errors.Join(failed...)
		case refused && thing != 0:
			err = p.leave(ctx, thing, why)
		case err != nil && thing != 0 && ctx.Err() == nil:
			err = errors.Join(fmt.Errorf("%s %d: %w", p.Thing, thing, err), p.failed(ctx, thing))
		}
		if ctx.Err() != nil || err != nil && thing == 0 {
			return errors.Join(append(failed, err)...)
		}
		if err != nil && len(failed) < mostTold { // the others are counted with each thing
			failed = append(failed, err)
		}
	}
}

// next works the next thing that nobody else has; 0: there is none.
func (p *pass) next(ctx context.Context) (thing int64, err error) {
	err = p.write(ctx, func(tx *tenant.Tx) error {
		var s starter
		var err error
		if thing, s, err = p.take(ctx, tx); err != nil || thing == 0 {
			return err
		}
		made, err := p.turn(ctx, tx, thing, s)
		if err != nil {
			return err
		}
		return p.mark(ctx, tx, thing, `state = 'done', {made} = nullif(@made::bigint, 0), at = clock_timestamp()`, pgx.NamedArgs{"made": made})
	})
	return thing, err
}

// starter is who began a list: a member, or the program.
type starter struct {
	tenant.Actor
	active bool
}

// take holds the next thing that waits, that nobody else holds and that was not taken
// in this pass. The hands take one after the other: a thing whose turn fails is let go of
// by the database before its hand knows.
func (p *pass) take(ctx context.Context, tx *tenant.Tx) (thing int64, s starter, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Actor = tx.Actor
	err = tx.QueryRow(ctx, p.sql(`
		SELECT t.{thing}, coalesce(m.id, 0), coalesce(m.user_id, 0), coalesce(u.name, ''), coalesce(m.role, ''), coalesce(m.active, true)
		FROM {things} t
		JOIN {lists} l ON l.tenant_id = @tenant AND l.id = t.{list}
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = l.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE t.tenant_id = @tenant AND t.{list} = @list AND t.state = 'waiting' AND t.{thing} > @last
		ORDER BY t.{thing}
		LIMIT 1
		FOR NO KEY UPDATE OF t SKIP LOCKED`), pgx.NamedArgs{"tenant": p.tenant, "list": p.list, "last": p.last}).
		Scan(&thing, &s.MemberID, &s.UserID, &s.Name, &s.Role, &s.active)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, s, nil
	}
	if err != nil {
		return 0, s, fmt.Errorf("take the next of %s: %w", p.Things, err)
	}
	p.last = thing
	return thing, s, nil
}

// turn works a thing in the name of whoever began the list.
func (p *pass) turn(ctx context.Context, tx *tenant.Tx, thing int64, s starter) (int64, error) {
	if s.MemberID != 0 {
		tx.Actor = s.Actor
		if !s.active || !p.May(tx.Actor) {
			return 0, errs.Forbidden(s.Name + ", who started this, may no longer do it. Somebody else starts it again.")
		}
	}
	return p.Turn(ctx, tx, p.list, thing)
}

// leave marks a thing with which nothing is done.
func (p *pass) leave(ctx context.Context, thing int64, why string) error {
	return p.write(ctx, func(tx *tenant.Tx) error {
		return p.mark(ctx, tx, thing, `state = 'left', why = left(@why, 1000), at = clock_timestamp()`, pgx.NamedArgs{"why": why})
	})
}

// failed counts an attempt that failed; the last one leaves the thing out, so that one
// of them does not hold up the list for ever.
func (p *pass) failed(ctx context.Context, thing int64) error {
	return p.write(ctx, func(tx *tenant.Tx) error {
		return p.mark(ctx, tx, thing, `attempts = attempts + 1, tried_at = clock_timestamp(),
			state = CASE WHEN attempts + 1 < @most THEN state ELSE 'left' END,
			why = CASE WHEN attempts + 1 < @most THEN why ELSE @why END,
			at = CASE WHEN attempts + 1 < @most THEN at ELSE clock_timestamp() END`,
			pgx.NamedArgs{"most": mostAttempts, "why": fmt.Sprintf("It failed %d times. Your administrator finds in the log why. %s", mostAttempts, p.ByHand)})
	})
}

// mark says of a thing that waits what came of it.
func (p *pass) mark(ctx context.Context, tx *tenant.Tx, thing int64, set string, args pgx.NamedArgs) error {
	args["tenant"], args["list"], args["thing"] = p.tenant, p.list, thing
	_, err := tx.Exec(ctx, p.sql(`UPDATE {things} SET `+set+` WHERE tenant_id = @tenant AND {list} = @list AND {thing} = @thing AND state = 'waiting'`), args)
	if err != nil {
		return fmt.Errorf("mark one of %s: %w", p.Things, err)
	}
	return nil
}

// finish ends the list where nothing waits any more.
func (p *pass) finish(ctx context.Context) error {
	return p.write(ctx, func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, p.sql(`
			UPDATE {lists}
			SET finished_at = clock_timestamp()
			WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
				AND NOT EXISTS (SELECT FROM {things} t WHERE t.tenant_id = $1 AND t.{list} = $2 AND t.state = 'waiting')`), p.tenant, p.list)
		if err != nil {
			return fmt.Errorf("finish %s: %w", p.Lists, err)
		}
		return nil
	})
}

func (p *pass) write(ctx context.Context, f func(tx *tenant.Tx) error) error {
	return p.DB.Write(ctx, tenant.System(p.tenant), f)
}
