package promise

import (
	"context"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// stillSQL reckons what of each item is still to come: of what is open of the promise,
// as much as its newer items leave, and no more than is owed on the item.
const stillSQL = `
	WITH rest AS (
		SELECT i.promise_id, sum(i.amount - i.received) AS amount
		FROM instalments i
		WHERE i.tenant_id = @tenant AND i.customer_id = ANY(@customers) AND i.state = 'open'
		GROUP BY i.promise_id
	), claims AS (
		SELECT n.promise_id, n.item_id, o.part, coalesce(r.amount, 0) - coalesce(sum(o.part) FILTER (WHERE NOT n.passed_on) OVER newer, 0) AS rest
		FROM promise_items n
		CROSS JOIN LATERAL (
			SELECT greatest(least(n.amount, i.open_amount), 0) AS part
			FROM items i
			WHERE i.tenant_id = @tenant AND i.id = n.item_id) o
		LEFT JOIN rest r ON r.promise_id = n.promise_id
		WHERE n.tenant_id = @tenant AND n.customer_id = ANY(@customers) AND n.open
		WINDOW newer AS (PARTITION BY n.promise_id ORDER BY n.place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
	)
	UPDATE promise_items n
	SET still = greatest(least(c.part, c.rest), 0)
	FROM claims c
	WHERE n.tenant_id = @tenant AND n.promise_id = c.promise_id AND n.item_id = c.item_id AND n.still <> greatest(least(c.part, c.rest), 0)`

// letSQL and holdAccountSQL find the one promise of each account that holds all of
// it: the first that is open and that no other was made after, of a consumer.
const (
	firstSQL = `
		FROM promises f
		JOIN customers c ON c.tenant_id = @tenant AND c.id = f.customer_id AND c.kind = 'consumer'
		WHERE f.tenant_id = @tenant AND f.account_id = p.account_id AND f.open AND f.followed_by IS NULL`
	letSQL = `
	UPDATE promises p
	SET holds_account = false
	WHERE p.tenant_id = @tenant AND p.customer_id = ANY(@customers) AND p.holds_account AND p.id IS DISTINCT FROM (SELECT min(f.id)` + firstSQL + `)`
	holdAccountSQL = `
	UPDATE promises p
	SET holds_account = true
	WHERE p.tenant_id = @tenant AND p.customer_id = ANY(@customers) AND p.open AND NOT p.holds_account AND p.id = (SELECT min(f.id)` + firstSQL + `)`
)

// holdBack says of the customers' items and accounts what their promises hold back:
// whatever asks what may be chased goes by that.
func holdBack(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers}
	done := func(rows pgx.Rows) error { rows.Close(); return rows.Err() }
	b := tx.Batch()
	b.Queue("reckon what is still promised", stillSQL, args, done)
	b.Queue("let accounts go", letSQL, args, done)
	b.Queue("hold accounts", holdAccountSQL, args, done)
	return b.Send(ctx)
}
