package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// applyTail brings the entries to what the evaluation says. An entry that somebody
// holds just now is passed over: whoever changes it has it evaluated at the end.
const applyTail = `, stale AS (
	SELECT e.id, j.opens, j.policy_id, j.level_id, j.level, j.code, j.item_id, j.due_on, j.items, j.currency, j.to_collect, j.currencies
	FROM agenda_entries e
	LEFT JOIN judged j ON j.customer_id = e.customer_id AND j.opens
	WHERE e.tenant_id = @tenant AND e.state = 'open' {e.customer_id}
		AND (j.customer_id IS NULL OR ` + differs + `)
	FOR NO KEY UPDATE OF e SKIP LOCKED
), updated AS (
	UPDATE agenda_entries e
	SET as_of = @as_of, policy_id = s.policy_id, level_id = s.level_id, level_number = coalesce(s.level, 0), item_id = s.item_id, due_on = s.due_on,
		items = s.items, currency = s.currency, to_collect = s.to_collect, currencies = s.currencies, version = e.version + 1,
		why = CASE WHEN e.why IN ('broken_promise', 'reply', 'bounce', 'reversal') THEN e.why ELSE s.code END
	FROM stale s
	WHERE e.tenant_id = @tenant AND e.id = s.id AND s.opens
	RETURNING e.id
), withdrawn AS (
	UPDATE agenda_entries e
	SET state = 'withdrawn', as_of = @as_of, closed_at = @now, version = e.version + 1
	FROM stale s
	WHERE e.tenant_id = @tenant AND e.id = s.id AND s.opens IS NULL
	RETURNING e.id
), opened AS (
	INSERT INTO agenda_entries (tenant_id, customer_id, owner_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items,
		currency, to_collect, currencies)
	SELECT @tenant, j.customer_id, k.owner_id, @as_of, @as_of, j.policy_id, j.level_id, coalesce(j.level, 0), j.code, j.item_id, j.due_on, j.items,
		j.currency, j.to_collect, j.currencies
	FROM judged j
	JOIN customers k ON k.tenant_id = @tenant AND k.id = j.customer_id
	WHERE j.opens AND NOT EXISTS (
		SELECT FROM agenda_entries e
		WHERE e.tenant_id = @tenant AND e.customer_id = j.customer_id AND e.state = 'open')
	ORDER BY j.customer_id
	RETURNING id
)
SELECT (SELECT coalesce(sum(s.items), 0)::bigint FROM stacks s), (SELECT count(*) FROM opened), (SELECT count(*) FROM updated), (SELECT count(*) FROM withdrawn)`

var (
	applyAll  = evaluateAll + ofSome.ReplaceAllString(applyTail, "")
	applySome = evaluateSome + ofSome.ReplaceAllString(applyTail, "AND $1 = ANY(@customers)")
)

// apply evaluates these customers, or with nil all, and brings their entries to
// what comes out. The caller keeps others from doing the same at once.
func apply(ctx context.Context, tx *tenant.Tx, asOf day.Day, customers []int64) (r RunRecord, err error) {
	sql := applyAll
	if customers != nil {
		sql = applySome
	}
	args := evaluationArgs(tx, asOf, customers)
	args["now"] = tx.Now
	r.AsOf = asOf
	err = atScale(ctx, tx, customers, func() error {
		return tx.QueryRow(ctx, sql, args).Scan(&r.Items, &r.Opened, &r.Updated, &r.Withdrawn)
	})
	if err != nil {
		return RunRecord{}, fmt.Errorf("bring the agenda up to date: %w", err)
	}
	return r, nil
}

// manyCustomers is from where on a change of customers is treated as a run is.
const manyCustomers = 1000

func many(customers []int64) bool { return customers == nil || len(customers) > manyCustomers }

// atScale runs f as fits so many customers. The database does not know how many
// rows a part of the evaluation has; with many, it must not look through all of one
// part for each row of another.
func atScale(ctx context.Context, tx *tenant.Tx, customers []int64, f func() error) error {
	if !many(customers) {
		return f()
	}
	if _, err := tx.Exec(ctx, `SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)`); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SELECT set_config('enable_nestloop', 'on', true)`)
	return err
}

// keepOut makes whoever evaluates take turns: a run alone, changes of some customers
// beside each other, but of the same customer one after the other. What is read
// after it is what all others before have committed.
func keepOut(b *tenant.Batch, customers []int64) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers}
	done := func(rows pgx.Rows) error { rows.Close(); return rows.Err() }
	if many(customers) {
		b.Queue("wait for others who evaluate", `SELECT pg_advisory_xact_lock(hashtext('dunning'), @tenant::bigint::integer)`, args, done)
		return
	}
	b.Queue("hold customers", `
		SELECT c.id
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id = ANY(@customers)
		ORDER BY c.id
		FOR NO KEY UPDATE`, args, done)
	b.Queue("wait for a run", `SELECT pg_advisory_xact_lock_shared(hashtext('dunning'), @tenant::bigint::integer)`, args, done)
}

// books are what the evaluation goes by besides the ledger.
type books struct {
	On   bool    // dunning is switched on
	Last day.Day // of the last run; zero: there was none
}

func queueBooks(b *tenant.Batch, into *books) {
	b.Queue("read whether dunning is on", `
		SELECT t.dunning_on, (SELECT max(r.as_of) FROM dunning_runs r WHERE r.tenant_id = t.id)
		FROM tenants t
		WHERE t.id = @tenant`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[books])
		return err
	})
}

// day is the one that the agenda stands on: today, or the last run's where that
// was of a later one.
func (b books) day(tx *tenant.Tx) day.Day {
	if b.Last.After(tx.Today()) {
		return b.Last
	}
	return tx.Today()
}

// standsOn reads the day that the agenda stands on.
func standsOn(ctx context.Context, tx *tenant.Tx) (day.Day, error) {
	var k books
	b := tx.Batch()
	queueBooks(b, &k)
	err := b.Send(ctx)
	return k.day(tx), err
}
