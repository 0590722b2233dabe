package diary

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Kind is what a reason is about: the noun of what is to be looked at.
type Kind string

// The kinds of reasons.
const (
	FollowUp Kind = "follow_up" // due, and not done
	Contact  Kind = "contact"   // open, to be followed up or closed
	Stop     Kind = "stop"      // to be reviewed
	OptOut   Kind = "contact_point"
	Watch    Kind = "watch"           // the flag's last day
	Call     Kind = "call"            // placed or taken, and nobody has said what came of it
	CallBack Kind = "contact_request" // the debtor asked for a call, and nobody tried yet
	Promise  Kind = "promise"         // money was promised for today or tomorrow
	Case     Kind = "case"            // to be looked at
	Reply    Kind = "inbox_entry"     // the debtor wrote, and nobody has answered yet
)

// Reason is one thing that a member has to do about a customer today. Its day and
// hour are the tenant's wall clock.
type Reason struct {
	Kind  Kind
	ID    int64 // of the follow-up, the stop, the contact point, the call, the promise or the inbox's entry; 0 for a watch flag
	DueOn day.Day
	DueAt string // HH:MM; empty: any time
	Text  string // what is to be done, or of what kind the stop is, or for whom; its beginning
}

// Lateness is how many days something is past its day; 0 on the day itself.
func (r Reason) Lateness(today day.Day) int { return max(today.Sub(r.DueOn), 0) }

// branch is a query for the reasons of one kind, over the package whose work it is,
// of the columns customer_id, id, due_on, due_at and text.
type branch struct {
	kind Kind
	sql  string
}

// branches are the reasons there are. Whatever else comes to be done by a day (a
// reply) is one more of them, and stands in the list, in its
// rank, in the hours and in the walk, and is counted, by that alone.
//
// {is ... of ...} is the test of whose day it is, of a member's id or 0 for none, and a
// customer's. Each branch leaves archived customers out; the branch limit is the
// database's.
var branches = []branch{
	{FollowUp, `
		SELECT f.customer_id, f.id, f.due_on, f.due_at, f.text
		FROM follow_ups f
		WHERE f.tenant_id = @tenant AND {is f.assignee_id of f.customer_id} AND NOT f.archived AND f.ended IS NULL AND f.due_on <= @today`},

	{Contact, `
		SELECT k.customer_id, k.id, k.due_on, k.due_at,
			coalesce((SELECT t.name FROM contact_types t WHERE t.tenant_id = @tenant AND t.id = k.next_type_id), k.type_name) || ': ' || k.description
		FROM contacts k
		WHERE k.tenant_id = @tenant AND {is k.assignee_id of k.customer_id} AND NOT k.archived AND k.ended IS NULL AND k.due_on <= @today`},

	{Stop, `
		SELECT s.customer_id, s.id, s.review_on, NULL::time(0), s.kind
		FROM stops s
		WHERE s.tenant_id = @tenant AND s.lifted_at IS NULL AND s.review_on <= @today AND {is ` + ownerOf(`s.customer_id`) + ` of s.customer_id}`},

	{OptOut, `
		SELECT p.customer_id, p.id, p.review_on, NULL::time(0), p.value
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND p.retired_at IS NULL AND p.review_on <= @today AND {is ` + ownerOf(`p.customer_id`) + ` of p.customer_id}`},

	{Watch, `
		SELECT c.id, 0::bigint, c.watch_until, NULL::time(0), c.watch_reason
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.watch_until <= @today AND c.archived_at IS NULL AND {is coalesce(c.owner_id, 0) of c.id}`},

	{Call, `
		SELECT o.customer_id, o.call_attempt_id, (o.at AT TIME ZONE @zone)::date, date_trunc('minute', o.at AT TIME ZONE @zone)::time(0), ''
		FROM open_calls o
		WHERE o.tenant_id = @tenant AND {is o.member_id of o.customer_id}
			AND ` + kept(`o.customer_id`)},

	{CallBack, `
		SELECT w.customer_id, w.contact_point_id, @today::date, NULL::time(0), p.value
		FROM contact_requests w
		JOIN contact_points p ON p.tenant_id = @tenant AND p.id = w.contact_point_id AND p.retired_at IS NULL
		WHERE w.tenant_id = @tenant AND w.channel = 'call' AND w.follow_up_id IS NULL AND w.until > @now AND {is ` + ownerOf(`w.customer_id`) + ` of w.customer_id}
			AND NOT EXISTS (
				SELECT FROM call_attempts c
				WHERE c.tenant_id = @tenant AND c.customer_id = w.customer_id AND c.at >= w.at AND c.contact_point_id = w.contact_point_id)`},

	// One that was not kept is a follow-up of its assignee.
	{Promise, `
		SELECT i.customer_id, i.promise_id, i.due_on, NULL::time(0),
			(i.amount - i.received) || ' ' || (SELECT p.currency FROM promises p WHERE p.tenant_id = @tenant AND p.id = i.promise_id)
		FROM instalments i
		WHERE i.tenant_id = @tenant AND {is i.assignee_id of i.customer_id} AND NOT i.archived AND i.state = 'open' AND i.due_on BETWEEN @today::date AND @today::date + 1`},

	// The assignee's, where one was named, else the owner's.
	{Reply, `
		SELECT e.customer_id, e.id, (e.at AT TIME ZONE @zone)::date, NULL::time(0),
			(SELECT left(coalesce(nullif(r.body, ''), r.subject), 200) FROM received r WHERE r.tenant_id = @tenant AND r.id = e.received_id)
		FROM inbox_entries e
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND e.kind = 'reply'
			AND {is ` + ownerOf(`e.customer_id`, `e.assignee_id`) + ` of e.customer_id}`},

	{Case, `
		SELECT k.customer_id, k.id, least(k.next_on, k.deadline_on), NULL::time(0), k.title
		FROM cases k
		WHERE k.tenant_id = @tenant AND {is k.owner_id of k.customer_id} AND NOT k.archived AND k.open AND (k.next_on <= @today OR k.deadline_on <= @today)`},
}

// reviews are Stop, OptOut and Watch where it is enough to know whose there are any: a
// customer's row has the first day of all.
var reviews = branch{Watch, `
		SELECT c.id, 0::bigint, least(c.watch_until, c.review_on), NULL::time(0), ''
		FROM customers c
		WHERE c.tenant_id = @tenant AND least(c.watch_until, c.review_on) <= @today AND c.archived_at IS NULL AND {is coalesce(c.owner_id, 0) of c.id}`}

// ranked are the branches for the ranking.
var ranked = append(slices.DeleteFunc(slices.Clone(branches), func(b branch) bool { return b.kind.reviews() }), reviews)

// kept tells that a customer is not archived, by one look-up: OFFSET 0 keeps the
// database from reading all archived ones of the company instead.
func kept(customer string) string {
	return `NOT EXISTS (
				SELECT FROM customers a
				WHERE a.tenant_id = @tenant AND a.id = ` + customer + ` AND a.archived_at IS NOT NULL
				OFFSET 0)`
}

// reviews tells that a kind of reason is a decision to be looked at again.
func (k Kind) reviews() bool { return k == Stop || k == OptOut || k == Watch }

// many tells that a member may have thousands of a kind: its branch is read from an
// index of the member's, by day and hour.
func (k Kind) many() bool { return k == FollowUp || k == Contact }

// ownerOf looks up who owns a customer, 0 where nobody does, unless somebody is named
// before the owner; an archived one has no row. It is not a join: what is due is little,
// and a plan made for whatever day would read all customers for it.
func ownerOf(customer string, named ...string) string {
	return `(SELECT coalesce(` + strings.Join(append(named, "o.owner_id", "0"), ", ") + `) FROM customers o WHERE o.archived_at IS NULL AND o.tenant_id = @tenant AND o.id = ` + customer + `)`
}

// set are the queries about one kind of owner. followUps are the reasons of customers
// who have no others.
type set struct{ places, near, reasons, followUps, timed, next, today, received, given string }

var (
	ofMember = over(isMember)
	ofNobody = over(isNobody)
)

// isMember and isNobody are what {is ${1} of ${2}} stands for.
var (
	isMember = `${1} = @member`
	isNobody = member.OfNobody(`${1}`, `${2}`)
)

var isOf = regexp.MustCompile(`\{is (.+?) of (.+?)\}`)

// whose puts the test of whose it is into a query.
func whose(sql, is string) string { return isOf.ReplaceAllString(sql, is) }

func queries(member int64) set {
	if member == NoOwner {
		return ofNobody
	}
	return ofMember
}

func over(is string) set {
	some := func(sql func(Kind) string, branches []branch) string {
		parts := make([]string, len(branches))
		for i, b := range branches {
			parts[i] = strings.NewReplacer("{kind}", "'"+string(b.kind)+"'::text", "{branch}", b.sql).Replace(sql(b.kind))
		}
		return whose(strings.Join(parts, "\n\tUNION ALL"), is)
	}
	reasons := func(Kind) string { return reasonSQL }
	each := some(reasons, branches)
	of := func(sql string) string { return strings.ReplaceAll(sql, "{reasons}", each) }
	return set{
		places: some(func(Kind) string { return placesSQL }, ranked) + "\n\tORDER BY place",
		near: some(func(k Kind) string {
			if k.many() {
				return nearSQL
			}
			return placesSQL
		}, ranked) + "\n\tORDER BY place",
		reasons:   of(reasonsSQL),
		followUps: strings.ReplaceAll(reasonsSQL, "{reasons}", some(reasons, branches[:1])),
		timed:     of(timedSQL), next: of(nextSQL), today: of(todaySQL),
		received: whose(receivedSQL, is), given: whose(givenSQL, is),
	}
}

// reasonSQL reads the reasons of a branch.
const reasonSQL = `
	SELECT b.customer_id, {kind} AS kind, b.id, b.due_on, b.due_at, b.text
	FROM ({branch}) b (customer_id, id, due_on, due_at, text)`

// reasonsSQL reads why customers stand in the list. What is no follow-up is looked
// for only with those of whom the ranking found some. What has its hour today comes
// first, and more of it.
const reasonsSQL = `
	SELECT o.customer_id, o.kind, o.id, o.due_on, coalesce(to_char(o.due_at, 'HH24:MI'), ''), left(o.text, 200), o.total
	FROM (
		SELECT r.customer_id, r.kind, r.id, r.due_on, r.due_at, r.text,
			row_number() OVER (PARTITION BY r.customer_id ORDER BY ` + place + `, r.due_at, r.kind, r.id) AS nth,
			count(*) OVER (PARTITION BY r.customer_id) AS total
		FROM ({reasons}) r
		WHERE r.customer_id = ANY(CASE r.kind WHEN 'follow_up' THEN @shown::bigint[] ELSE @others::bigint[] END)) o
	WHERE o.nth <= @most OR o.nth <= @hours AND o.due_on = @today AND o.due_at IS NOT NULL
	ORDER BY o.customer_id, o.nth`

// eachReason calls f with every reason, whose it is, and how many that customer has.
func eachReason(rows pgx.Rows, f func(customer int64, r Reason, total int)) error {
	var r Reason
	var of int64
	var total int
	_, err := pgx.ForEachRow(rows, []any{&of, &r.Kind, &r.ID, &r.DueOn, &r.DueAt, &r.Text, &total}, func() error {
		if r.Kind == Promise {
			r.Text = amountOf(r.Text)
		}
		f(of, r, total)
		return nil
	})
	return err
}

// amountOf writes an amount as people read it, of which the database has the minor
// units and the currency.
func amountOf(text string) string {
	minor, currency, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(minor, 10, 64)
	if err != nil {
		return text
	}
	return money.New(n, money.Currency(currency)).String()
}

// Reasons lists why a customer stands in the member's day, in their order: the
// first hundred.
func Reasons(ctx context.Context, tx *tenant.Tx, member, customer int64) (list []Reason, err error) {
	if err := May(ctx, tx, member); err != nil {
		return nil, err
	}
	args := arguments(tx, member)
	one := []int64{customer}
	args["shown"], args["others"], args["most"], args["hours"] = one, one, 100, 0
	rows, _ := tx.Query(ctx, queries(member).reasons, args)
	err = eachReason(rows, func(_ int64, r Reason, _ int) { list = append(list, r) })
	if err != nil {
		return nil, fmt.Errorf("read the reasons: %w", err)
	}
	return list, nil
}
