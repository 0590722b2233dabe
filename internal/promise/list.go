package promise

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Listed is how many promises of a customer are listed, the newest.
const Listed = 100

// QueueOf asks in a batch for the customer's promises, the newest first, with their
// instalments, items and decisions.
func QueueOf(b *tenant.Batch, customerID int64, into *[]Promise) {
	queue(b, customerID, 0, Listed, into)
}

// these are the promises that are read: the one of an id, or the newest.
const these = `
		SELECT p.id
		FROM promises p
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND (@id::bigint = 0 OR p.id = @id)
		ORDER BY p.id DESC
		LIMIT @limit`

// queue reads promises of a customer, whole.
func queue(b *tenant.Batch, customerID, id int64, limit int, into *[]Promise) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID, "id": id, "limit": limit, "today": b.Tx.Today()}
	var parts []Instalment
	var items []Item
	b.Queue("read promises", promisesSQL+`AND p.id IN (`+these+`)
	ORDER BY p.id DESC`, args, tenant.Into(into))
	b.Queue("read instalments", `
		SELECT i.id, i.promise_id, i.number, i.due_on, i.grace_on, i.amount AS minor, i.received, i.state, i.follow_up_id
		FROM instalments i
		WHERE i.tenant_id = @tenant AND i.promise_id IN (`+these+`)
		ORDER BY i.promise_id, i.number`, args, tenant.Into(&parts))
	b.Queue("read promised items", `
		SELECT n.promise_id, n.item_id, i.number, i.due_on, n.amount AS minor, greatest(i.open_amount, 0) AS open, n.passed_on
		FROM promise_items n
		JOIN items i ON i.tenant_id = @tenant AND i.id = n.item_id
		WHERE n.tenant_id = @tenant AND n.promise_id IN (`+these+`)
		ORDER BY n.promise_id, n.place`, args, tenant.Into(&items))
	b.Queue("read decisions", `
		SELECT d.instalment_id, d.from_state, d.state, d.received, d.inputs, coalesce(u.name, '') AS person, d.on_day, d.at
		FROM promise_decisions d
		JOIN instalments i ON i.tenant_id = @tenant AND i.id = d.instalment_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = d.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE d.tenant_id = @tenant AND i.promise_id IN (`+these+`)
		ORDER BY d.id`, args, func(rows pgx.Rows) error {
		var decisions []Decision
		err := tenant.Into(&decisions)(rows)
		assemble(*into, parts, items, decisions)
		return err
	})
}

// assemble puts what was read where it belongs.
func assemble(list []Promise, parts []Instalment, items []Item, decisions []Decision) {
	of := make(map[int64]*Promise, len(list))
	for n := range list {
		of[list[n].ID] = &list[n]
	}
	at := make(map[int64]int, len(parts))
	for n, i := range parts {
		at[i.ID] = n
	}
	for _, d := range decisions {
		i := &parts[at[d.InstalmentID]]
		i.Decisions = append(i.Decisions, d)
	}
	for _, i := range parts {
		of[i.PromiseID].Instalments = append(of[i.PromiseID].Instalments, i)
	}
	for _, i := range items {
		of[i.PromiseID].Items = append(of[i.PromiseID].Items, i)
	}
}
