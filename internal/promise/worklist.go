package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Row is an instalment in a list over customers. Amounts are minor units.
type Row struct {
	ID           int64 // of the instalment
	PromiseID    int64
	CustomerID   int64
	Customer     string
	Number       string // the customer's
	Account      string // its number
	Part, Parts  int    // the second of three
	DueOn        day.Day
	GraceOn      day.Day
	Currency     money.Currency
	Minor        int64
	Received     int64
	State        State
	Replacements int // of the promise, as all that follow
	Allowed      int
	Running      bool
	FollowedBy   *int64
	AuthorID     *int64
	MadeOn       day.Day
	Version      int
	AssigneeID   int64
	Assignee     string
	Working      bool // the assignee is an active member; else nobody has it
}

// Waiting tells that the last day for the money is over and payments are not loaded
// so far.
func (r Row) Waiting(today day.Day) bool { return r.State == Open && r.GraceOn.Before(today) }

// Promise is as much of the promise as tells who may do what with it.
func (r Row) Promise() Promise {
	return Promise{ID: r.PromiseID, CustomerID: r.CustomerID, State: r.State, Replacements: r.Replacements, Allowed: r.Allowed, Running: r.Running,
		FollowedBy: r.FollowedBy, AuthorID: r.AuthorID, MadeOn: r.MadeOn, AssigneeID: r.AssigneeID, Version: r.Version}
}

// Whose is whose promises are looked at.
type Whose string

// Mine are one member's; Team are everybody's, and Left those of members who do not
// work here any more: both are for managers.
const (
	Mine Whose = "mine"
	Team Whose = "team"
	Left Whose = "left"
)

// Filter chooses instalments in one state.
type Filter struct {
	State State
	// Waiting keeps it to those whose last day is over.
	Waiting bool
	Whose   Whose
	Member  int64 // of Mine; 0: who asks
	After   Key   // the last one of the page before
	Limit   int
}

// Key is where a page goes on.
type Key struct {
	DueOn day.Day
	ID    int64
}

// Key is the row's place in the list.
func (r Row) Key() Key { return Key{r.DueOn, r.ID} }

const notYours = errs.Forbidden("This is what somebody else follows up. Managers see everybody’s promises; your own are under Mine.")

// whose gives the condition for an instalment i, and refuses who may not look.
func (f *Filter) whose(a tenant.Actor) (string, error) {
	if f.Member == 0 {
		f.Member = a.MemberID
	}
	switch {
	case f.Whose == Mine && (f.Member == a.MemberID || CanSeeAll(a)):
		return `AND i.assignee_id = @member`, nil
	case !CanSeeAll(a):
		return "", notYours
	case f.Whose == Left:
		return `AND i.assignee_id IN (SELECT l.id FROM members l WHERE l.tenant_id = @tenant AND NOT l.active)`, nil
	}
	return "", nil
}

// List reads a page of instalments: open ones from the first date on, all others the
// newest date first. Archived customers are left out.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Row, error) {
	whose, err := f.whose(tx.Actor)
	if err != nil {
		return nil, err
	}
	direction, beyond := "DESC", "<"
	if f.State == Open {
		direction, beyond = "", ">"
	}
	rows, _ := tx.Query(ctx, fmt.Sprintf(`
		SELECT i.id, i.promise_id, i.customer_id, c.name AS customer, c.number, a.number AS account, i.number AS part,
			(SELECT count(*) FROM instalments n WHERE n.tenant_id = @tenant AND n.promise_id = i.promise_id) AS parts,
			i.due_on, i.grace_on, p.currency, i.amount AS minor, i.received, i.state, p.replacements, %[4]s, p.followed_by, p.author_id, p.made_on, p.version,
			i.assignee_id, u.name AS assignee, m.active AS working
		FROM instalments i
		JOIN promises p ON p.tenant_id = @tenant AND p.id = i.promise_id
		JOIN customers c ON c.tenant_id = @tenant AND c.id = i.customer_id AND c.archived_at IS NULL
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
		JOIN members m ON m.tenant_id = @tenant AND m.id = i.assignee_id
		JOIN users u ON u.id = m.user_id
		WHERE i.tenant_id = @tenant AND i.state = @state %[1]s
			AND (NOT @waiting OR i.grace_on < @today)
			AND (@id::bigint = 0 OR (i.due_on, i.id) %[3]s (@on::date, @id))
		ORDER BY i.due_on %[2]s, i.id %[2]s
		LIMIT @limit`, whose, direction, beyond, replacedSQL),
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "state": f.State, "waiting": f.Waiting, "today": tx.Today(), "member": f.Member, "on": f.After.DueOn, "id": f.After.ID, "limit": f.Limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("list promises: %w", err)
	}
	return list, nil
}

// Tally is what the instalments in one state come to in a currency.
type Tally struct {
	State    State
	Waiting  bool // of those that are open, the ones whose last day is over
	Currency money.Currency
	N        int
	Minor    int64
	Received int64
}

// Tallies count the instalments by state and currency, the company's own first.
func Tallies(ctx context.Context, tx *tenant.Tx, f Filter) ([]Tally, error) {
	whose, err := f.whose(tx.Actor)
	if err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, `
		SELECT i.state, i.state = 'open' AND i.grace_on < @today AS waiting, p.currency, count(*) AS n, sum(i.amount)::bigint AS minor, sum(i.received)::bigint AS received
		FROM instalments i
		JOIN promises p ON p.tenant_id = @tenant AND p.id = i.promise_id
		JOIN customers c ON c.tenant_id = @tenant AND c.id = i.customer_id AND c.archived_at IS NULL
		WHERE i.tenant_id = @tenant `+whose+`
		GROUP BY 1, 2, 3
		ORDER BY p.currency <> @own, p.currency, 1, 2`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": f.Member, "today": tx.Today(), "own": tx.Actor.Tenant.Currency})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Tally])
	if err != nil {
		return nil, fmt.Errorf("count promises: %w", err)
	}
	return list, nil
}
