package diary

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// News is what came in for a member since the last working day began.
type News struct {
	Since    day.Day
	Payers   int            // customers of the member's who paid
	Received []money.Amount // from them, a currency each, the company's own first
	// Partial tells that more came in for the company than was looked at: only the
	// latest count.
	Partial bool
	Given   int // follow-ups that others planned for the member and that are not done yet
}

// paymentsLooked is how many payments Since looks at: a company that has just
// loaded its books has a million new ones.
const paymentsLooked = 20_000

const receivedSQL = `
	WITH latest AS MATERIALIZED (
		SELECT p.customer_id, p.currency, p.amount
		FROM payments p
		WHERE p.tenant_id = @tenant AND p.created_at >= @begin AND p.returned_on IS NULL AND p.origin NOT IN ('carried', 'settled_before')
		ORDER BY p.created_at DESC
		LIMIT @looked
	)
	SELECT l.currency, coalesce(sum(l.amount), 0)::bigint, count(DISTINCT l.customer_id), (SELECT count(*) = @looked FROM latest)
	FROM latest l
	JOIN customers c ON c.tenant_id = @tenant AND c.id = l.customer_id AND {is coalesce(c.owner_id, 0) of c.id}
	GROUP BY GROUPING SETS ((l.currency), ())
	ORDER BY l.currency <> @own, l.currency` // the row of all currencies last

const givenSQL = `
	SELECT count(*)
	FROM follow_ups f
	WHERE f.tenant_id = @tenant AND {is f.assignee_id of f.customer_id} AND f.ended IS NULL AND f.author_id <> f.assignee_id AND f.created_at >= @begin`

// Since reads the member's news in one round trip.
func Since(ctx context.Context, tx *tenant.Tx, member int64) (News, error) {
	n := News{Since: tx.Actor.Tenant.LastWorkingDay}
	if err := May(ctx, tx, member); err != nil {
		return n, err
	}
	args := arguments(tx, member)
	args["begin"], args["looked"] = n.Since.Time(tx.Actor.Tenant.Zone), paymentsLooked
	b := &pgx.Batch{}
	b.Queue(queries(member).received, args).Query(n.collect)
	b.Queue(queries(member).given, args).QueryRow(func(row pgx.Row) error { return row.Scan(&n.Given) })
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return n, fmt.Errorf("read what came in: %w", err)
	}
	return n, nil
}

// collect reads what was received: a row a currency, and one over all of them.
func (n *News) collect(rows pgx.Rows) error {
	var currency *money.Currency
	var minor int64
	var payers int
	_, err := pgx.ForEachRow(rows, []any{&currency, &minor, &payers, &n.Partial}, func() error {
		if currency == nil {
			n.Payers = payers
			return nil
		}
		n.Received = append(n.Received, money.New(minor, *currency))
		return nil
	})
	return err
}
