package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/ledger"
	"dunwell/internal/mailbox"
	"dunwell/internal/message"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// periodic is what happens by itself, and when.
func periodic(db *tenant.DB) []*river.PeriodicJob {
	return append([]*river.PeriodicJob{
		// Every hour, and at each start: give each tenant its jobs of the day.
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), daily(db), &river.PeriodicJobOpts{RunOnStart: true}),
	}, onAnyDay...)
}

// onAnyDay is what does not go by the server's day.
var onAnyDay = []*river.PeriodicJob{
	// Every night: throw away what has expired, and what nothing speaks of.
	river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), nightly, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every minute: bring further what a program that died was sending.
	river.NewPeriodicJob(river.PeriodicInterval(time.Minute), everyMinute, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every minute: read the mailboxes.
	river.NewPeriodicJob(river.PeriodicInterval(time.Minute), readMail, &river.PeriodicJobOpts{RunOnStart: true}),
	// Every ten minutes: send what automatic levels have, where it may go out.
	river.NewPeriodicJob(river.PeriodicInterval(dunning.AutomaticEvery), everyTenMinutes, &river.PeriodicJobOpts{RunOnStart: true}),
}

// FanOutArgs asks for each tenant's jobs of its day.
type FanOutArgs struct {
	TrialDay string `json:"trial_day,omitempty"` // on which the server stands instead of today
}

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

func daily(db *tenant.DB) river.PeriodicJobConstructor {
	return func() (river.JobArgs, *river.InsertOpts) {
		args := FanOutArgs{}
		if !db.TrialDay.IsZero() {
			args.TrialDay = db.TrialDay.String()
		}
		return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: time.Minute}}
	}
}

func nightly() (river.JobArgs, *river.InsertOpts) {
	return SweepArgs{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
}

func everyMinute() (river.JobArgs, *river.InsertOpts) {
	return message.RecoverArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
}

func readMail() (river.JobArgs, *river.InsertOpts) {
	return mailbox.PollArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
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
// each tenant has one refresh, one look at its cases and one dunning run a day, and decides promises in
// every hour in which some can be.
func (s schedule) fanOut(ctx context.Context, _ *river.Job[FanOutArgs]) error {
	zones, err := s.db.Zones(ctx)
	if err != nil {
		return fmt.Errorf("fan out: %w", err)
	}
	once := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
	var many []river.InsertManyParams
	var failed []error
	for id := range zones {
		c, err := s.choresOf(ctx, id)
		if err != nil {
			failed = append(failed, fmt.Errorf("tenant %d: %w", id, err))
		}
		if !c.today.IsZero() {
			many = append(many, river.InsertManyParams{Args: RefreshArgs{Tenant: id, Day: c.today.String()}, InsertOpts: once},
				river.InsertManyParams{Args: cases.EscalateArgs{Tenant: id, Day: c.today.String()}, InsertOpts: once})
		}
		if c.decide {
			many = append(many, river.InsertManyParams{Args: promise.DecideArgs{Tenant: id, Hour: c.hour}, InsertOpts: once})
		}
		if c.run {
			many = append(many, river.InsertManyParams{Args: dunning.RunArgs{Tenant: id, Day: c.today.String()}, InsertOpts: once})
		}
	}
	if len(many) > 0 {
		_, err = river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, many)
	}
	return errors.Join(err, errors.Join(failed...))
}

// chores are what a tenant is to have done now.
type chores struct {
	today  day.Day // on which it stands; zero: nothing is to be done
	hour   string  // of that day
	decide bool    // promises can be decided
	run    bool    // its dunning run is due
}

// choresOf asks what is to be done. A server that stands on another day than today
// does nothing by itself for companies that keep the real one: they have no day.
func (s schedule) choresOf(ctx context.Context, id int64) (c chores, err error) {
	err = s.db.Read(ctx, tenant.System(id), func(tx *tenant.Tx) (err error) {
		c.today, c.hour = tx.Today(), tx.Now.In(tx.Actor.Tenant.Zone).Format("2006-01-02 15")
		if c.decide, err = promise.Ripe(ctx, tx); err != nil {
			return err
		}
		c.run, err = dunning.RunDue(ctx, tx)
		return err
	})
	if errors.As(err, new(errs.Forbidden)) {
		return chores{}, nil
	}
	return c, err
}

// sweep deletes sessions, attempts, links, form answers and refused rows that no rule
// asks for any more, and contents of documents that never came to be.
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
		if err := errors.Join(s.sweepForms(ctx, id), s.sweepRows(ctx, id), s.sweepBlobs(ctx, id)); err != nil {
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

func (s schedule) sweepRows(ctx context.Context, id int64) error {
	return s.db.Write(ctx, tenant.System(id), func(tx *tenant.Tx) error {
		return importer.ForgetRows(ctx, tx, time.Now().AddDate(0, 0, -importer.RowsKept))
	})
}

// sweepBlobs leaves a day to what is on its way: its row comes after it.
func (s schedule) sweepBlobs(ctx context.Context, id int64) error {
	return s.db.Read(ctx, tenant.System(id), func(tx *tenant.Tx) error {
		_, err := document.Sweep(ctx, tx, s.blobs, time.Now().AddDate(0, 0, -1))
		return err
	})
}
