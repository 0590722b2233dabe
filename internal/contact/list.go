package contact

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Chain is a conversation over time: its contacts, the newest first.
type Chain struct{ Links []Contact }

// Head is the newest contact of the chain: open, or what it was closed with.
func (c Chain) Head() Contact { return c.Links[0] }

// Cut tells that the chain began before the oldest contact that was read.
func (c Chain) Cut() bool { return c.Links[len(c.Links)-1].ID != c.Head().FirstID }

// Shown is how many contacts of one chain a list shows; the page of one of them has
// more.
const Shown = 10

// Filter chooses chains of one customer. A chain is chosen where one of its contacts
// fits all that is asked for; its state is that of its head.
type Filter struct {
	CustomerID   int64
	DepartmentID int64 // 0: whichever
	GroupID      int64
	BranchID     int64
	ExecutiveID  int64 // who made a contact, or follows one up
	State        State // Open or Closed; empty: both
	Before       int64 // the head of the last chain of the page before; 0: from the first
	Limit        int
}

// Any tells that the filter leaves something out.
func (f Filter) Any() bool { return f.narrow() || f.State != "" }

func (f Filter) narrow() bool {
	return f.DepartmentID != 0 || f.GroupID != 0 || f.BranchID != 0 || f.ExecutiveID != 0
}

const chainsSQL = `
	WITH heads AS (
		SELECT h.id AS head, coalesce(h.first_id, h.id) AS first
		FROM contacts h
		WHERE h.tenant_id = @tenant AND h.customer_id = @customer AND h.next_id IS NULL
			AND (@before::bigint = 0 OR h.id < @before)
			AND (@state::text = '' OR coalesce(h.ended, 'open') = @state)
			AND (NOT @narrow OR EXISTS (
				SELECT
				FROM contacts l
				JOIN contact_types k ON k.tenant_id = @tenant AND k.id = l.type_id
				WHERE l.tenant_id = @tenant AND l.customer_id = @customer AND coalesce(l.first_id, l.id) = coalesce(h.first_id, h.id)
					AND (@department::bigint = 0 OR l.department_id = @department)
					AND (@group::bigint = 0 OR k.group_id = @group)
					AND (@branch::bigint = 0 OR l.branch_id = @branch)
					AND (@executive::bigint = 0 OR l.executive_id = @executive OR l.assignee_id = @executive)))
		ORDER BY h.id DESC
		LIMIT @limit
	)
	SELECT ` + columns + `
	FROM heads
	CROSS JOIN LATERAL (
		SELECT q.*
		FROM contacts q
		WHERE q.tenant_id = @tenant AND q.customer_id = @customer AND (q.id = heads.first OR q.first_id = heads.first)
		ORDER BY q.id DESC
		LIMIT @links) c` + names + `
	ORDER BY heads.head DESC, c.id DESC`

// QueueChains is Chains in a batch: one query, however many there are.
func QueueChains(b *tenant.Batch, f Filter, into *[]Chain) {
	b.Queue("list contacts", chainsSQL, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": f.CustomerID, "department": f.DepartmentID, "group": f.GroupID,
		"branch": f.BranchID, "executive": f.ExecutiveID, "state": f.State, "narrow": f.narrow(), "before": f.Before, "limit": f.Limit, "links": Shown},
		func(rows pgx.Rows) error {
			list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
			for _, c := range list {
				if n := len(*into); n > 0 && (*into)[n-1].Head().FirstID == c.FirstID {
					(*into)[n-1].Links = append((*into)[n-1].Links, c)
				} else {
					*into = append(*into, Chain{[]Contact{c}})
				}
			}
			return err
		})
}

// QueueChain reads the chain that begins with that contact, its newest hundred.
func QueueChain(b *tenant.Batch, customerID, first int64, into *Chain) {
	b.Queue("read a chain of contacts", `
		SELECT `+columns+`
		FROM contacts c`+names+`
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND (c.id = @first OR c.first_id = @first)
		ORDER BY c.id DESC
		LIMIT 100`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID, "first": first}, tenant.Into(&into.Links))
}
