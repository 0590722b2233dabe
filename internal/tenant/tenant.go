// Package tenant is the only door to data: it knows who acts, and begins each
// transaction inside that person's tenant. It holds no business rule.
package tenant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
)

// Role is what a member may do, from least to most.
type Role string

// The roles, as stored.
const (
	Collector Role = "collector"
	Manager   Role = "manager"
	Admin     Role = "admin"
)

// Roles lists all roles from least to most.
var Roles = []Role{Collector, Manager, Admin}

// AtLeast tells whether the role includes what r may do.
func (have Role) AtLeast(r Role) bool { return slices.Index(Roles, have) >= slices.Index(Roles, r) }

// Actor is who acts, in which tenant, as read in the transaction itself: a role
// taken away is gone with the next request.
type Actor struct {
	TenantID int64
	MemberID int64 // 0: the program itself
	UserID   int64
	Name     string
	Email    string
	Role     Role
	BranchID *int64
	// Limited tells that the actor sees the customers of that branch only, and without
	// one none.
	Limited  bool
	SignInID int64
	// Unseen tells that the last request written down is over a minute old.
	Unseen bool

	Tenant Tenant
}

// System tells that the program itself acts: a job or a command.
func (a Actor) System() bool { return a.MemberID == 0 }

// Is tells whether the actor has the role or a higher one. The program itself
// may do everything.
func (a Actor) Is(r Role) bool { return a.System() || a.Role.AtLeast(r) }

// Tenant is the company that the actor works in.
type Tenant struct {
	Slug, Name       string
	Currency         money.Currency
	Zone             *time.Location
	Language         string
	PaymentsLoadedTo *time.Time
	Trial            bool
	Duns             bool // dunning is switched on
	// LastWorkingDay is the last one before the transaction's own day.
	LastWorkingDay day.Day

	recent []day.Day // holidays before the day
}

// Who asks for a transaction: a signed-in person (SignInID and UserID set by
// the session), or the program itself.
type Who struct {
	TenantID int64
	SignInID int64 // 0: the program itself
}

// System is the program itself in the tenant.
func System(tenantID int64) Who { return Who{TenantID: tenantID} }

// ErrNotMember is returned where the session has ended or its person is no
// longer an active member of the tenant.
var ErrNotMember = errors.New("not a member")

// LiveSignIn is the condition that a row s of sign_ins still lets its person in:
// not ended, begun less than 12 hours ago, last seen less than 2 hours ago. It
// goes by the database's clock, which no --today moves.
const LiveSignIn = `s.ended_at IS NULL AND s.started_at > now() - interval '12 hours' AND s.last_seen_at > now() - interval '2 hours'`

// DB begins transactions. Set its fields before the first one.
type DB struct {
	Pool *pgxpool.Pool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// BeforeCommit runs in each writing transaction that touched a customer,
	// after its last statement and before the commit, with the customers' ids in
	// order.
	BeforeCommit func(ctx context.Context, tx *Tx, customers []int64) error
	// TrialDay, unless zero, stands in for today's date, keeping the hour. Only
	// trial tenants can be entered then: real books have one calendar.
	TrialDay day.Day
	Log      *slog.Logger

	recorder recorder

	mu          sync.Mutex
	limitedPool *pgxpool.Pool
}

// Tx is a transaction inside one tenant. Work functions take it and never begin
// or end one.
type Tx struct {
	pgx.Tx
	Actor Actor
	// Now is the moment of the whole transaction.
	Now time.Time

	touched map[int64]struct{}
	later   []Event
	// misplaced tells that the connection sees all branches and the person does not.
	misplaced bool
}

// Today is the tenant's day in the tenant's time zone.
func (tx *Tx) Today() day.Day { return day.Of(tx.Now.In(tx.Actor.Tenant.Zone)) }

// Touch says that a balance or a hold of these customers changed: before the
// commit their figures are brought up to date.
func (tx *Tx) Touch(customers ...int64) {
	for _, id := range customers {
		tx.touched[id] = struct{}{}
	}
}

// Read runs f in a read-only transaction.
func (db *DB) Read(ctx context.Context, who Who, f func(*Tx) error) error {
	return db.run(ctx, who, pgx.ReadOnly, f)
}

// Write runs f in a transaction and commits it where f returns nil.
func (db *DB) Write(ctx context.Context, who Who, f func(*Tx) error) error {
	return db.run(ctx, who, pgx.ReadWrite, f)
}

func (db *DB) run(ctx context.Context, who Who, mode pgx.TxAccessMode, f func(*Tx) error) error {
	tx := &Tx{Now: db.now(), touched: map[int64]struct{}{}}
	err := db.transact(ctx, db.Pool, tx, who, mode, f)
	if tx.misplaced {
		var pool *pgxpool.Pool
		if pool, err = db.limited(); err != nil {
			return err
		}
		err = db.transact(ctx, pool, tx, who, mode, f)
	}
	if len(tx.later) > 0 {
		if lerr := db.record(context.WithoutCancel(ctx), tx.Actor, tx.later); lerr != nil {
			db.log().Error("record events", "err", lerr, "tenant", who.TenantID)
		}
	}
	return err
}

// transact begins the transaction, names the tenant and reads who acts in one
// round trip. A misplaced one does nothing.
func (db *DB) transact(ctx context.Context, pool *pgxpool.Pool, tx *Tx, who Who, mode pgx.TxAccessMode, f func(*Tx) error) error {
	b := &pgx.Batch{}
	b.BeginTx(pgx.TxOptions{AccessMode: mode})
	tx.enter(b, who, db.TrialDay)
	results := pool.SendBatch(ctx, b)
	tx.Tx = results.Tx()
	defer tx.Rollback(ctx) //nolint:errcheck // after the commit there is nothing to roll back
	if err := results.Close(); err != nil || tx.misplaced {
		return err
	}
	if err := db.work(ctx, tx, f); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// work runs f and then the hook.
func (db *DB) work(ctx context.Context, tx *Tx, f func(*Tx) error) error {
	if err := tx.shift(db.TrialDay); err != nil {
		return err
	}
	tx.Actor.Tenant.LastWorkingDay = workingDayBefore(tx.Today(), tx.Actor.Tenant.recent)
	if err := f(tx); err != nil {
		return err
	}
	if len(tx.touched) == 0 || db.BeforeCommit == nil {
		return nil
	}
	return db.BeforeCommit(ctx, tx, slices.Sorted(maps.Keys(tx.touched)))
}

func (db *DB) now() time.Time {
	if db.Now != nil {
		return db.Now()
	}
	return time.Now()
}

func (db *DB) log() *slog.Logger {
	if db.Log != nil {
		return db.Log
	}
	return slog.Default()
}

// settings are what is read of the tenant t.
const settings = `t.slug, t.name, t.currency, t.time_zone, t.language, t.payments_loaded_to, t.trial, t.dunning_on,
	ARRAY(SELECT h.day FROM holidays h WHERE h.tenant_id = t.id AND h.day BETWEEN @on::date - 30 AND @on::date + 1)`

const enterSystem = `SELECT ` + settings + `, set_config('app.branches', 'all', true) FROM tenants t WHERE t.id = @tenant`

const enterPerson = `
	SELECT ` + settings + `,
		set_config('app.branches', CASE WHEN t.branch_limited AND m.role = 'collector' THEN coalesce(m.branch_id, 0)::text ELSE 'all' END, true),
		t.branch_limited AND m.role = 'collector' AND everywhere(),
		m.id, m.user_id, m.role, m.branch_id, u.name, u.email, s.last_seen_at < now() - interval '1 minute'
	FROM tenants t
	JOIN sign_ins s ON s.id = @signin AND ` + LiveSignIn + `
	JOIN users u ON u.id = s.user_id AND u.session_epoch = s.session_epoch
	JOIN members m ON m.tenant_id = t.id AND m.user_id = u.id AND m.active
	WHERE t.id = @tenant`

// enter names the tenant to the database and asks who acts in it. The trial day,
// if any, is the one that the transaction will be moved to. The policies on
// customers go by app.branches: all, or the one branch that a limited collector
// sees, 0 for one who has none.
func (tx *Tx) enter(b *pgx.Batch, who Who, trial day.Day) {
	b.Queue(`SELECT set_config('app.tenant_id', $1::bigint::text, true)`, who.TenantID)
	var zone, branches string
	a := &tx.Actor
	a.TenantID, a.SignInID = who.TenantID, who.SignInID
	dest := []any{&a.Tenant.Slug, &a.Tenant.Name, &a.Tenant.Currency, &zone, &a.Tenant.Language, &a.Tenant.PaymentsLoadedTo, &a.Tenant.Trial, &a.Tenant.Duns, &a.Tenant.recent, &branches}
	sql, stranger := enterPerson, ErrNotMember
	if who.SignInID == 0 {
		a.Name = "Dunwell"
		sql, stranger = enterSystem, fmt.Errorf("tenant %d: %w", who.TenantID, errs.NotFound)
	} else {
		dest = append(dest, &tx.misplaced, &a.MemberID, &a.UserID, &a.Role, &a.BranchID, &a.Name, &a.Email, &a.Unseen)
	}
	on := trial
	if on.IsZero() {
		on = day.Of(tx.Now)
	}
	b.Queue(sql, named{"tenant": who.TenantID, "signin": who.SignInID, "on": on}).QueryRow(func(row pgx.Row) error {
		err := row.Scan(dest...)
		if errors.Is(err, pgx.ErrNoRows) {
			return stranger
		}
		if err == nil {
			a.Limited = branches != "all"
			a.Tenant.Zone, err = location(zone)
		}
		if err != nil {
			return fmt.Errorf("enter tenant: %w", err)
		}
		return nil
	})
}

// locations are the time zones that were read from their files before.
var locations sync.Map

func location(name string) (*time.Location, error) {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		locations.Store(name, zone)
	}
	return zone, err
}

// shift moves the transaction to another day at the same hour.
func (tx *Tx) shift(to day.Day) error {
	if to.IsZero() {
		return nil
	}
	if !tx.Actor.Tenant.Trial {
		return errs.Forbidden("This server was started with another day than today, which is for trial companies only. Start it without --today.")
	}
	local := tx.Now.In(tx.Actor.Tenant.Zone)
	y, m, d := to.Date()
	tx.Now = time.Date(y, m, d, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), tx.Actor.Tenant.Zone)
	return nil
}

// BySlug finds a tenant for a command.
func (db *DB) BySlug(ctx context.Context, slug string) (int64, error) {
	var id int64
	err := db.Pool.QueryRow(ctx, `SELECT id FROM all_tenants() WHERE slug = $1`, slug).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("tenant %q: %w", slug, errs.NotFound)
	}
	return id, err
}
