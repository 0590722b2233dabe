// Package statementrun makes the statements of many customers at once, for print:
// whom a run is for, the job that makes them, and the one file that they are printed
// from. How a statement looks is statement's. It asks for no money and raises no level.
package statementrun

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Desk does what needs the store and jobs.
type Desk struct {
	Box *message.Outbox
	// Lease is shorter than the package's in tests; zero means that one.
	Lease time.Duration
}

// CanRun tells who makes statements for many customers.
func CanRun(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrRun refuses who may not.
const ErrRun = errs.Forbidden("Only managers and administrators make statements for many customers at once. Make one on the customer's page, or ask one of them.")

// Run is a run that was started, and how far it has come.
type Run struct {
	ID         int64
	AsOf       day.Day
	Whom       Whom
	Tag        string
	Owner      string // only whose customers; empty: everybody's
	Branch     string // only of it; empty: of all
	Member     string // who started it
	At         time.Time
	FinishedAt *time.Time
	Customers  int
	Done       int // of them, who got one
	Left       int // of them, who got none
}

// LeftOut is a customer who gets no statement, and why.
type LeftOut struct {
	CustomerID int64
	Number     string
	Name       string
	Why        string
}

// Reason is why customers get no statement, how many they are, and what they owe as of
// the run's day, a currency each, the company's own first.
type Reason struct {
	Why       string
	Customers int
	Open      []money.Amount
}

const runSQL = `
	SELECT r.id, r.as_of, r.whom, r.tag, coalesce(ou.name, '') AS owner, coalesce(b.name, '') AS branch, mu.name AS member, r.at, r.finished_at,
		n.customers, n.done, n.left
	FROM statement_runs r
	JOIN members m ON m.tenant_id = @tenant AND m.id = r.member_id
	JOIN users mu ON mu.id = m.user_id
	LEFT JOIN members o ON o.tenant_id = @tenant AND o.id = r.owner_id
	LEFT JOIN users ou ON ou.id = o.user_id
	LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = r.branch_id
	CROSS JOIN LATERAL (
		SELECT count(*) AS customers, count(*) FILTER (WHERE c.state = 'done') AS done, count(*) FILTER (WHERE c.state = 'left') AS left
		FROM statement_run_customers c
		WHERE c.tenant_id = @tenant AND c.run_id = r.id) n
	WHERE r.tenant_id = @tenant`

// Find reads a run, with the first of those whom it left out in the order of their
// numbers.
func Find(ctx context.Context, tx *tenant.Tx, id int64, shown int) (r Run, left []LeftOut, err error) {
	if !CanRun(tx.Actor) {
		return r, nil, ErrRun
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "run": id, "limit": shown}
	rows, _ := tx.Query(ctx, runSQL+` AND r.id = @run`, args)
	r, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Run])
	if errors.Is(err, pgx.ErrNoRows) {
		return r, nil, fmt.Errorf("statement run %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return r, nil, fmt.Errorf("find a statement run: %w", err)
	}
	rows, _ = tx.Query(ctx, `
		SELECT s.customer_id, c.number, c.name, s.why
		FROM statement_run_customers s
		JOIN customers c ON c.tenant_id = @tenant AND c.id = s.customer_id
		WHERE s.tenant_id = @tenant AND s.run_id = @run AND s.state = 'left'
		ORDER BY c.number, c.id
		LIMIT @limit`, args)
	if left, err = pgx.CollectRows(rows, pgx.RowToStructByName[LeftOut]); err != nil {
		return r, nil, fmt.Errorf("read whom a statement run left out: %w", err)
	}
	return r, left, nil
}

// Reasons reads why a run left customers out, most of them first. What they owe is what
// is known of the run's day by now.
func Reasons(ctx context.Context, tx *tenant.Tx, r Run) (list []Reason, err error) {
	if !CanRun(tx.Actor) {
		return nil, ErrRun
	}
	rows, _ := tx.Query(ctx, `
		WITH gone AS MATERIALIZED (
			SELECT s.customer_id, s.why
			FROM statement_run_customers s
			WHERE s.tenant_id = @tenant AND s.run_id = @run AND s.state = 'left'
		), owed AS (
			SELECT g.why, o.currency, sum(o.open_amount)::bigint AS open
			FROM gone g
			JOIN open_items(@as_of) o ON o.tenant_id = @tenant AND o.customer_id = g.customer_id
			WHERE o.open_amount > 0
			GROUP BY g.why, o.currency
		)
		SELECT n.why, n.customers, o.currency, coalesce(o.open, 0)
		FROM (SELECT why, count(*) AS customers FROM gone GROUP BY why) n
		LEFT JOIN owed o ON o.why = n.why
		ORDER BY n.customers DESC, n.why, o.currency <> @own, o.currency`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "run": r.ID, "as_of": r.AsOf, "own": tx.Actor.Tenant.Currency})
	var why string
	var customers int
	var currency *money.Currency
	var open int64
	_, err = pgx.ForEachRow(rows, []any{&why, &customers, &currency, &open}, func() error {
		if n := len(list); n == 0 || list[n-1].Why != why {
			list = append(list, Reason{Why: why, Customers: customers})
		}
		if currency != nil {
			last := &list[len(list)-1]
			last.Open = append(last.Open, money.New(open, *currency))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read why a statement run left customers out: %w", err)
	}
	return list, nil
}

// List reads runs, the newest first; before is the id of the last one of the page
// before, 0 for the first page.
func List(ctx context.Context, tx *tenant.Tx, before int64, limit int) ([]Run, error) {
	if !CanRun(tx.Actor) {
		return nil, ErrRun
	}
	rows, _ := tx.Query(ctx, runSQL+` AND (@before::bigint = 0 OR r.id < @before)
		ORDER BY r.id DESC
		LIMIT @limit`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "before": before, "limit": limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Run])
	if err != nil {
		return nil, fmt.Errorf("list statement runs: %w", err)
	}
	return list, nil
}
