package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// CanRun tells who may make a run, and look ahead at one.
func CanRun(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// RunRecord is what is kept of a run.
type RunRecord struct {
	AsOf      day.Day
	At        time.Time
	Items     int // open ones with a due date, which were looked at
	Opened    int
	Updated   int
	Withdrawn int
	TookMS    int
	Member    string // empty: the night's
}

// Run evaluates all customers as of a day, brings the agenda to what came out, and
// reads that. The same day again changes nothing; a day before the last run's is
// refused.
func Run(ctx context.Context, tx *tenant.Tx, asOf day.Day) (Result, error) {
	began, err := mayRun(ctx, tx, asOf)
	if err != nil {
		return Result{}, err
	}
	res, err := look(ctx, tx, asOf)
	if err != nil {
		return Result{}, err
	}
	_, err = run(ctx, tx, asOf, began)
	return res, err
}

// RunOnly is Run without reading what came out: for the night and for a button.
func RunOnly(ctx context.Context, tx *tenant.Tx, asOf day.Day) (RunRecord, error) {
	began, err := mayRun(ctx, tx, asOf)
	if err != nil {
		return RunRecord{}, err
	}
	return run(ctx, tx, asOf, began)
}

// mayRun refuses a run that may not be made, and else waits until nobody else
// evaluates. It gives the moment at which the run began.
func mayRun(ctx context.Context, tx *tenant.Tx, asOf day.Day) (began time.Time, err error) {
	if !CanRun(tx.Actor) {
		return began, errs.Forbidden("Only managers and administrators make a run. Ask one of yours.")
	}
	var k books
	b := tx.Batch()
	keepOut(b, nil)
	queueBooks(b, &k)
	b.Queue("begin a run", `SELECT clock_timestamp()`, pgx.NamedArgs{}, func(rows pgx.Rows) (err error) {
		began, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
		return err
	})
	if err := b.Send(ctx); err != nil {
		return began, err
	}
	if err := k.refuse(asOf); err != nil {
		return began, err
	}
	if today := tx.Today(); asOf.After(today) && !tx.Actor.Tenant.Trial {
		return began, errs.Invalid{"as_of": fmt.Sprintf("It is %s, and no run could be made before %s any more. Give today, or look ahead with a preview.", today.Long(), asOf.Long())}
	}
	return began, nil
}

func (k books) refuse(asOf day.Day) error {
	switch {
	case !k.On:
		return errs.Conflict("Dunning is switched off for this company. An administrator switches it on under Admin, Dunning; then it can run.")
	case asOf.Before(k.Last):
		return errs.Invalid{"as_of": turnsBack(k.Last, asOf)}
	}
	return nil
}

func turnsBack(last, asOf day.Day) string {
	return fmt.Sprintf("The last run was as of %s, and a run as of %s would turn it back. The next can be made as of that day or a later one.", last.Long(), asOf.Long())
}

// Ahead says in a sentence that the last run was as of a day after this one, as where
// the time zone was moved, so that none can be made as of it. Empty: it can.
func (a Agenda) Ahead(on day.Day) string {
	if a.Run.At.IsZero() || !on.Before(a.Run.AsOf) {
		return ""
	}
	return turnsBack(a.Run.AsOf, on)
}

// run makes the run and keeps its record.
func run(ctx context.Context, tx *tenant.Tx, asOf day.Day, began time.Time) (RunRecord, error) {
	r, err := apply(ctx, tx, asOf, nil)
	if err == nil {
		err = heed(ctx, tx, nil)
	}
	if err != nil {
		return RunRecord{}, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO dunning_runs (as_of, items_examined, opened, updated, withdrawn, took_ms, member_id)
		VALUES (@as_of, @items, @opened, @updated, @withdrawn, extract(epoch FROM clock_timestamp() - @began::timestamptz) * 1000, nullif(@member::bigint, 0))
		RETURNING at, took_ms`,
		pgx.NamedArgs{"as_of": asOf, "items": r.Items, "opened": r.Opened, "updated": r.Updated, "withdrawn": r.Withdrawn,
			"began": began, "member": tx.Actor.MemberID}).Scan(&r.At, &r.TookMS)
	if err != nil {
		return RunRecord{}, fmt.Errorf("keep the record of a run: %w", err)
	}
	if !tx.Actor.System() {
		r.Member = tx.Actor.Name
	}
	return r, nil
}
