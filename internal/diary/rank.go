package diary

import "github.com/jackc/pgx/v5"

// place puts reasons in order: what has its hour today by that hour, on a day
// before all others; then what is late by its day; then what is due today at any
// time.
const place = `CASE
			WHEN r.due_on < @today THEN r.due_on::timestamp
			WHEN r.due_at IS NULL THEN 'infinity'
			ELSE DATE '0001-01-01' + r.due_at
		END`

// rankSQL counts the customers and reads a page of them in their rank. Names and
// amounts are looked up only of those whose place is one of the page's: they are
// what decides among them.
const rankSQL = `
	WITH entries AS MATERIALIZED (
		SELECT r.customer_id, min(` + place + `) AS place, min(r.due_on) AS due_on, bool_or(r.kind <> 'follow_up') AS review
		FROM ({reasons}) r
		GROUP BY r.customer_id
	), page AS (
		SELECT min(p.place) AS low, max(p.place) AS high
		FROM (SELECT e.place FROM entries e ORDER BY e.place OFFSET @from::bigint LIMIT @size::bigint) p
	), totals AS (
		SELECT count(*) AS total, count(*) FILTER (WHERE e.due_on < @today) AS late, count(*) FILTER (WHERE e.review) AS reviews,
			count(*) FILTER (WHERE e.place < (SELECT low FROM page)) AS before
		FROM entries e
	), ranked AS (
		SELECT n.before + row_number() OVER (
				ORDER BY e.place, o.to_collect DESC NULLS LAST, t.currency, t.to_collect DESC, c.name_key, c.id) AS rank,
			c.id, c.number, c.name, e.review
		FROM totals n
		CROSS JOIN page p
		JOIN entries e ON e.place BETWEEN p.low AND p.high
		JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
		LEFT JOIN customer_totals o ON o.tenant_id = @tenant AND o.currency = @own AND o.to_collect > 0
			AND o.customer_id = CASE WHEN e.place = 'infinity' THEN e.customer_id END
		LEFT JOIN LATERAL (
			SELECT t.currency, t.to_collect
			FROM customer_totals t
			WHERE e.place = 'infinity' AND o.customer_id IS NULL
				AND t.tenant_id = @tenant AND t.customer_id = e.customer_id AND t.currency <> @own AND t.to_collect > 0
			ORDER BY t.currency
			LIMIT 1) t ON true
	)
	SELECT n.total, n.late, n.reviews, k.rank, k.id, k.number, k.name, k.review
	FROM totals n
	LEFT JOIN ranked k ON k.rank > @from::bigint AND k.rank <= @from::bigint + @size::bigint
	ORDER BY k.rank`

// collect reads the ranked customers. Each row has the totals; where there is
// nobody on the page, one row has only these.
func (d *Day) collect(rows pgx.Rows) error {
	var rank *int
	var id *int64
	var number, name *string
	var review *bool
	_, err := pgx.ForEachRow(rows, []any{&d.Total, &d.Late, &d.Reviews, &rank, &id, &number, &name, &review}, func() error {
		if rank != nil {
			d.Entries = append(d.Entries, Entry{Rank: *rank, CustomerID: *id, Number: *number, Name: *name, review: *review})
		}
		return nil
	})
	return err
}

const timedSQL = `
	SELECT r.customer_id, c.name AS customer, r.kind, r.id, r.due_on, to_char(r.due_at, 'HH24:MI') AS due_at, left(r.text, 200) AS text
	FROM ({reasons}) r
	JOIN customers c ON c.tenant_id = @tenant AND c.id = r.customer_id
	WHERE r.due_on = @today AND r.due_at IS NOT NULL
	ORDER BY r.due_at, c.name_key, r.id
	LIMIT @most`

// planOnce has the database plan each of the day's queries once a connection and
// by the indexes. Left to itself it makes a new plan each time, which takes longer
// than the query, or reads whole tables: it thinks that for some day much is due.
const planOnce = `
	SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`
