package handover

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// Kind is a sort of work that has somebody's name on it.
type Kind string

// The kinds of work. Agenda entries go with the owner of the customer.
const (
	Customers Kind = "customers"
	Agenda    Kind = "agenda"
	FollowUps Kind = "follow_ups"
	Contacts  Kind = "contacts"
	Promises  Kind = "promises"
	Cases     Kind = "cases"
	Inbox     Kind = "inbox"
	Calls     Kind = "calls"    // of which nobody has said yet what came of them
	Statuses  Kind = "statuses" // whose cases the member gets
	Actions   Kind = "actions"  // of a dunning level, done by the member
	Covers    Kind = "covers"   // absences of others
)

// Kinds lists the kinds in the order in which they are shown.
var Kinds = []Kind{Customers, Agenda, FollowUps, Contacts, Promises, Cases, Inbox, Calls, Statuses, Actions, Covers}

// Counts is how much there is of each kind.
type Counts map[Kind]int

// Total is how much there is of all kinds.
func (c Counts) Total() (n int) {
	for _, of := range c {
		n += of
	}
	return n
}

// Held is what somebody has that is open.
type Held struct {
	Counts
	// Archived is how much of it is with archived customers, or is such a customer. No
	// list has that, but it is somebody’s once the customer is taken back.
	Archived int
}

// source is where a kind of work stands: rows x of the table, with the member's
// column, that fit open.
type source struct {
	kind                    Kind
	table, member, customer string // customer: empty where it is about none
	open                    string
	set                     string // what else is written when it changes hands
}

const nextVersion = `, version = x.version + 1`

// sources are all columns that say who is to do something. That none is missing is
// held by a test that goes through the columns that name a member.
var sources = []source{
	{Customers, "customers", "owner_id", "id", "true", nextVersion},
	{FollowUps, "follow_ups", "assignee_id", "customer_id", "x.ended IS NULL", nextVersion},
	{Contacts, "contacts", "assignee_id", "customer_id", "x.ended IS NULL", nextVersion + `, attempts = 0`},
	{Promises, "promises", "assignee_id", "customer_id", "x.open", nextVersion},
	{Cases, "cases", "owner_id", "customer_id", "x.open", nextVersion},
	{Inbox, "inbox_entries", "assignee_id", "customer_id", "x.state = 'open' AND x.customer_id IS NOT NULL", nextVersion},
	{Calls, "open_calls", "member_id", "customer_id", "true", ""},
}

// agenda is kept with the customer's owner by the database itself.
var agenda = source{Agenda, "agenda_entries", "owner_id", "customer_id", "x.state = 'open'", ""}

// loose is work that is about no customer: the chosen people take it in turns. Where
// there are none it is nobody's, which is to say everybody's, but an absence needs a
// cover.
var loose = []looseSource{
	{source{Inbox, "inbox_entries", "assignee_id", "", "x.state = 'open' AND x.customer_id IS NULL", nextVersion}, ``, inTurn},
	{source{Statuses, "item_statuses", "case_owner_id", "", "x.retired_at IS NULL", nextVersion}, ``, inTurn},
	{source{Actions, "level_actions", "member_id", "", levelInUse, ""}, ``, inTurn},
	{source{Covers, "absences", "cover_id", "", "x.until_on >= @today", nextVersion}, `, x.member_id, x.from_on, x.until_on`, present},
}

const levelInUse = `EXISTS (
	SELECT FROM levels l
	WHERE l.tenant_id = @tenant AND l.id = x.level_id AND l.retired_at IS NULL)`

type looseSource struct {
	source
	columns string // that turn needs
	turn    string // the receiver of what has a place; -1: nobody, 0: it stays
}

const inTurn = `coalesce((@turns::bigint[])[1 + (x.place - 1) % greatest(cardinality(@turns::bigint[]), 1)], -1)`

// present is the next who is not away at that time too, and sees all that the one who
// is away sees.
const present = `coalesce((
	SELECT r.id
	FROM unnest(@turns::bigint[]) WITH ORDINALITY r (id, place)
	JOIN tenants t ON t.id = @tenant
	JOIN members c ON c.tenant_id = @tenant AND c.id = r.id
	JOIN members m ON m.tenant_id = @tenant AND m.id = x.member_id
	WHERE r.id <> x.member_id AND ` + member.SeesAsMuch + ` AND NOT EXISTS (
		SELECT FROM absences a
		WHERE a.tenant_id = @tenant AND a.member_id = r.id AND a.until_on >= x.from_on AND a.from_on <= x.until_on)
	ORDER BY (r.place - x.place + 1000000) % cardinality(@turns::bigint[])
	LIMIT 1), 0)`

// placed are the rows of the source, each with its place in the row, as x.
func (s looseSource) placed() string {
	return `(SELECT x.id, row_number() OVER (ORDER BY x.id) AS place` + s.columns + s.held() + `) x`
}

// held names the rows of the source that belong to the members @from, as x.
func (s source) held() string {
	return ` FROM ` + s.table + ` x WHERE x.tenant_id = @tenant AND x.` + s.member + ` = ANY(@from) AND ` + s.open
}

func (s source) count() string {
	archived := `0`
	if s.customer != "" {
		archived = `count(*) FILTER (WHERE EXISTS (
			SELECT FROM customers a
			WHERE a.tenant_id = @tenant AND a.id = x.` + s.customer + ` AND a.archived_at IS NOT NULL))`
	}
	return `SELECT '` + string(s.kind) + `', count(*), ` + archived + s.held()
}

// customers reads the customers of what is held, each as often as it occurs.
func customers() string {
	var parts []string
	for _, s := range sources {
		parts = append(parts, `SELECT x.`+s.customer+s.held())
	}
	return strings.Join(parts, `
		UNION ALL `)
}

// Holds counts what the member has that is open, or what all who have left have.
func Holds(ctx context.Context, tx *tenant.Tx, member int64) (Held, error) {
	people, err := People(ctx, tx)
	if err != nil {
		return Held{}, err
	}
	return holds(ctx, tx, from(people, member))
}

func holds(ctx context.Context, tx *tenant.Tx, from []int64) (Held, error) {
	var parts []string
	for _, s := range append([]source{agenda}, sources...) {
		parts = append(parts, s.count())
	}
	for _, s := range loose {
		parts = append(parts, s.count())
	}
	return count(ctx, tx, parts, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": from, "today": tx.Today()})
}

// Unseen counts what is open with customers whom the member does not see whose it is: of
// one member, or with 0 of all. What of it is to be done stands under No owner.
func Unseen(ctx context.Context, tx *tenant.Tx, of int64) (Counts, error) {
	if !CanHandOver(tx.Actor) {
		return nil, ErrHanding
	}
	var parts []string
	for _, s := range sources {
		parts = append(parts, `
		SELECT '`+string(s.kind)+`', count(*), 0
		FROM tenants t
		JOIN members m ON m.tenant_id = @tenant AND m.active AND @of::bigint IN (m.id, 0)
		JOIN `+s.table+` x ON x.tenant_id = @tenant AND x.`+s.member+` = m.id AND `+s.open+`
		JOIN customers c ON c.tenant_id = @tenant AND c.id = x.`+s.customer+` AND c.archived_at IS NULL
		WHERE t.id = @tenant AND NOT `+member.Sees("t", "m", "c.branch_id"))
	}
	held, err := count(ctx, tx, parts, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "of": of})
	return held.Counts, err
}

// count asks for all parts at once, each of a kind, a number, and how much of it is with
// archived customers.
func count(ctx context.Context, tx *tenant.Tx, parts []string, args pgx.NamedArgs) (Held, error) {
	rows, _ := tx.Query(ctx, strings.Join(parts, ` UNION ALL `), args)
	held, kind, n, archived := Held{Counts: Counts{}}, Kind(""), 0, 0
	_, err := pgx.ForEachRow(rows, []any{&kind, &n, &archived}, func() error {
		if n > 0 {
			held.Counts[kind] += n
		}
		held.Archived += archived
		return nil
	})
	if err != nil {
		return Held{}, fmt.Errorf("count what is held: %w", err)
	}
	return held, nil
}
