package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// What happens by itself, and when.
var periodic = []*river.PeriodicJob{
	// Every hour, and at each start: give each tenant its jobs of the day.
	river.NewPeriodicJob(river.PeriodicInterval(time.Hour), daily, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every night: throw away what has expired, and what nothing speaks of.
	river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), nightly, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every minute: bring further what a program that died was sending.
	river.NewPeriodicJob(river.PeriodicInterval(time.Minute), everyMinute, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every ten minutes: send what automatic levels have, where it may go out.
	river.NewPeriodicJob(river.PeriodicInterval(10*time.Minute), everyTenMinutes, &river.PeriodicJobOpts{RunOnStart: true}),
}

// FanOutArgs asks for each tenant's jobs of its day.
type FanOutArgs struct{}

// Kind names the job.
func (FanOutArgs) Kind() string { return "fan_out" }

// SweepArgs asks to throw away what has expired.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "sweep" }

// RefreshArgs asks to bring a tenant's totals to its day: once a day, because
// what is overdue changes with it.
type RefreshArgs struct {
	Tenant int64  `json:"tenant"`
	Day    string `json:"day"`
}

// Kind names the job.
func (RefreshArgs) Kind() string { return "refresh_totals" }

// TenantID is the tenant whose totals are refreshed.
func (a RefreshArgs) TenantID() int64 { return a.Tenant }

func daily() (river.JobArgs, *river.InsertOpts) {
	return FanOutArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
}

func nightly() (river.JobArgs, *river.InsertOpts) {
	return SweepArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
}

func everyMinute() (river.JobArgs, *river.InsertOpts) {
	return message.RecoverArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
}

func everyTenMinutes() (river.JobArgs, *river.InsertOpts) {
	return dunning.AutomaticArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
}

func refreshTotals(ctx context.Context, tx *tenant.Tx, _ RefreshArgs) error {
	return ledger.RefreshAll(ctx, tx)
}

type schedule struct {
	db    *tenant.DB
	blobs document.Store
}

// fanOut inserts a tenant's jobs, so that one tenant's failure is its own. The
// tenant's own day is in the arguments, which are unique: however often this runs,
// each tenant has one refresh and one dunning run a day.
func (s schedule) fanOut(ctx context.Context, _ *river.Job[FanOutArgs]) error {
	zones, err := s.db.Zones(ctx)
	if err != nil {
		return fmt.Errorf("fan out: %w", err)
	}
	now := time.Now()
	once := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
	var many []river.InsertManyParams
	var failed []error
	for id, zone := range zones {
		today := day.Of(now.In(zone)).String()
		many = append(many, river.InsertManyParams{Args: RefreshArgs{Tenant: id, Day: today}, InsertOpts: once})
		due, err := s.runDue(ctx, id)
		if err != nil {
			failed = append(failed, fmt.Errorf("tenant %d: %w", id, err))
		}
		if due {
			many = append(many, river.InsertManyParams{Args: dunning.RunArgs{Tenant: id, Day: today}, InsertOpts: once})
		}
	}
	if len(many) > 0 {
		_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, many)
	}
	return errors.Join(err, errors.Join(failed...))
}

// runDue asks whether the tenant's dunning run is due. A server that stands on
// another day than today does nothing by itself for companies that keep the real one.
func (s schedule) runDue(ctx context.Context, id int64) (due bool, err error) {
	err = s.db.Read(ctx, tenant.System(id), func(tx *tenant.Tx) (err error) {
		due, err = dunning.RunDue(ctx, tx)
		return err
	})
	if errors.As(err, new(errs.Forbidden)) {
		return false, nil
	}
	return due, err
}

// sweep deletes sessions, attempts, links and form answers that no rule asks
// for any more, and contents of documents that never came to be.
func (s schedule) sweep(ctx context.Context, _ *river.Job[SweepArgs]) error {
	for _, sql := range []string{
		`DELETE FROM sessions WHERE expiry < now()`,
		`DELETE FROM sign_in_attempts WHERE at < now() - interval '31 days'`,
		`DELETE FROM user_links WHERE expires_at < now() - interval '31 days'`,
		`DELETE FROM sign_ins WHERE started_at < now() - interval '400 days'`,
	} {
		if _, err := s.db.Pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	zones, err := s.db.Zones(ctx)
	if err != nil {
		return err
	}
	for id := range zones {
		if err := errors.Join(s.sweepForms(ctx, id), s.sweepBlobs(ctx, id)); err != nil {
			return fmt.Errorf("sweep tenant %d: %w", id, err)
		}
	}
	return nil
}

func (s schedule) sweepForms(ctx context.Context, id int64) error {
	return s.db.Write(ctx, tenant.System(id), func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM form_posts WHERE tenant_id = $1 AND at < now() - interval '7 days'`, id)
		return err
	})
}

// sweepBlobs leaves a day to what is on its way: its row comes after it.
func (s schedule) sweepBlobs(ctx context.Context, id int64) error {
	return s.db.Read(ctx, tenant.System(id), func(tx *tenant.Tx) error {
		_, err := document.Sweep(ctx, tx, s.blobs, time.Now().AddDate(0, 0, -1))
		return err
	})
}
