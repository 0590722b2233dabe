package diary

import (
	"strings"

	"dunwell/internal/day"
)

// Kind is what a reason is about: the noun of what is to be looked at.
type Kind string

// The kinds of reasons.
const (
	FollowUp Kind = "follow_up" // due, and not done
	Stop     Kind = "stop"      // to be reviewed
	OptOut   Kind = "contact_point"
	Watch    Kind = "watch" // the flag's last day
)

// Reason is one thing that a member has to do about a customer today. Its day and
// hour are the tenant's wall clock.
type Reason struct {
	Kind  Kind
	ID    int64 // of the follow-up, the stop or the contact point; 0 for a watch flag
	DueOn day.Day
	DueAt string // HH:MM; empty: any time
	Text  string // what is to be done, or of what kind the stop is, or for whom; its beginning
}

// branches are the reasons there are: each a query over the package whose work it
// is, of the columns customer_id, kind, id, due_on, due_at and text. Whatever else
// comes to be done by a day (a promise, a reply, a case) is one more of them, and
// stands in the list, in its rank, in the hours and in the walk by that alone.
//
// {is} is the test of whose day it is, of a member's id or 0 for none. Each branch
// leaves archived customers out; the branch limit is the database's.
var branches = []string{
	`SELECT f.customer_id, 'follow_up'::text AS kind, f.id, f.due_on, f.due_at, f.text
	FROM follow_ups f
	WHERE f.tenant_id = @tenant AND f.assignee_id {is} AND f.ended IS NULL AND f.due_on <= @today
		AND NOT EXISTS (
			SELECT FROM customers a
			WHERE a.tenant_id = @tenant AND a.id = f.customer_id AND a.archived_at IS NOT NULL)`,

	`SELECT s.customer_id, 'stop'::text, s.id, s.review_on, NULL::time(0), s.kind
	FROM stops s
	WHERE s.tenant_id = @tenant AND s.lifted_at IS NULL AND s.review_on <= @today AND (` + ownerOf + `s.customer_id) {is}`,

	`SELECT p.customer_id, 'contact_point'::text, p.id, p.review_on, NULL::time(0), p.value
	FROM contact_points p
	WHERE p.tenant_id = @tenant AND p.retired_at IS NULL AND p.review_on <= @today AND (` + ownerOf + `p.customer_id) {is}`,

	`SELECT c.id, 'watch'::text, 0::bigint, c.watch_until, NULL::time(0), c.watch_reason
	FROM customers c
	WHERE c.tenant_id = @tenant AND c.watch_until <= @today AND c.archived_at IS NULL AND coalesce(c.owner_id, 0) {is}`,
}

// ownerOf looks up who owns a customer, 0 where nobody does; an archived one has no
// row. It is not a join: what is due is little, and a plan made for whatever day
// would read all customers for it.
const ownerOf = `SELECT coalesce(o.owner_id, 0) FROM customers o WHERE o.archived_at IS NULL AND o.tenant_id = @tenant AND o.id = `

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

// reasonsSQL reads why customers stand in the list. What is no follow-up is looked
// for only with those of whom rankSQL found some.
const reasonsSQL = `
	SELECT o.customer_id, o.kind, o.id, o.due_on, coalesce(to_char(o.due_at, 'HH24:MI'), ''), left(o.text, 200), o.total
	FROM (
		SELECT r.customer_id, r.kind, r.id, r.due_on, r.due_at, r.text,
			row_number() OVER (PARTITION BY r.customer_id ORDER BY ` + place + `, r.due_at, r.kind, r.id) AS nth,
			count(*) OVER (PARTITION BY r.customer_id) AS total
		FROM ({reasons}) r
		WHERE r.customer_id = ANY(CASE r.kind WHEN 'follow_up' THEN @shown::bigint[] ELSE @reviewed::bigint[] END)) o
	WHERE o.nth <= @most
	ORDER BY o.customer_id, o.nth`

const timedSQL = `
	SELECT r.customer_id, c.name AS customer, r.kind, r.id, r.due_on, to_char(r.due_at, 'HH24:MI') AS due_at, left(r.text, 200) AS text
	FROM ({reasons}) r
	JOIN customers c ON c.tenant_id = @tenant AND c.id = r.customer_id
	WHERE r.due_on = @today AND r.due_at IS NOT NULL
	ORDER BY r.due_at, c.name_key, r.id
	LIMIT @most`

// nextSQL finds the first of some customers, in their order, who still has a
// reason.
const nextSQL = `
	SELECT w.id
	FROM unnest(@rest::bigint[]) WITH ORDINALITY w (id, nth)
	WHERE EXISTS (SELECT FROM ({reasons}) r WHERE r.customer_id = w.id)
	ORDER BY w.nth
	LIMIT 1`

// set are the queries about one kind of owner.
type set struct{ rank, reasons, timed, next, received, given string }

var (
	ofMember = over(`= @member`)
	ofNobody = over(`= ANY(ARRAY(SELECT 0::bigint UNION ALL SELECT m.id FROM members m WHERE m.tenant_id = @tenant AND NOT m.active))`)
)

func queries(member int64) set {
	if member == NoOwner {
		return ofNobody
	}
	return ofMember
}

func over(is string) set {
	all := strings.Join(branches, "\n\tUNION ALL\n\t")
	in := func(sql string) string {
		return strings.NewReplacer("{reasons}", strings.ReplaceAll(all, "{is}", is), "{is}", is).Replace(sql)
	}
	return set{rank: in(rankSQL), reasons: in(reasonsSQL), timed: in(timedSQL), next: in(nextSQL), received: in(receivedSQL), given: in(givenSQL)}
}
