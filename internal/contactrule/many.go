package contactrule

import (
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// QueueMany asks in a batch for the rulings of several customers, such as those of
// a page: as many questions as for one. Their cares are to be asked for before in
// the same batch.
func QueueMany(b *tenant.Batch, customers []int64, cares *map[int64]customer.Care, into *map[int64]Rulings) {
	var all []customer.Customer
	b.Queue("read whom the contact is with", `
		SELECT `+Whom+`
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id = ANY(@customers)`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers}, func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[customer.Customer])
		return err
	})
	queueMany(b, customers, &all, cares, into)
}

// Whom are the columns of a customer c that QueueKnown has to be given.
const Whom = `c.id, c.name, c.kind, c.country, c.region, c.time_zone, c.archived_at, c.merged_into`

// QueueKnown is QueueMany for customers who were read before, as far as Whom says.
func QueueKnown(b *tenant.Batch, customers []customer.Customer, cares *map[int64]customer.Care, into *map[int64]Rulings) {
	ids := make([]int64, len(customers))
	for i, c := range customers {
		ids[i] = c.ID
	}
	queueMany(b, ids, &customers, cares, into)
}

func queueMany(b *tenant.Batch, customers []int64, known *[]customer.Customer, cares *map[int64]customer.Care, into *map[int64]Rulings) {
	const ofAll = ` AND c.customer_id = ANY(@customers::bigint[] || ARRAY(SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = ANY(@customers)))`
	now := b.Tx.Now
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers, "now": now, "from": day.Of(now).Add(-2)}
	var all limits
	var calls []call
	var wishes []wish
	queueRules(b, args, &all)
	b.Seldom("list calls", tenant.Calls, customers, callsSQL+ofAll+orderCalls, args, tenant.Into(&calls))
	b.Seldom("list what the debtors asked for", tenant.Requests, customers, wishesSQL+` AND w.customer_id = ANY(@customers)
		ORDER BY w.until DESC`, args, tenant.Into(&wishes))
	b.Lastly(func() {
		callsOf, wishesOf := map[int64][]call{}, map[int64][]wish{}
		for _, c := range calls {
			callsOf[c.CustomerID] = append(callsOf[c.CustomerID], c)
		}
		for _, w := range wishes {
			wishesOf[w.CustomerID] = append(wishesOf[w.CustomerID], w)
		}
		*into = make(map[int64]Rulings, len(customers))
		for _, c := range *known {
			(*into)[c.ID] = Rulings{facts{now: now, home: b.Tx.Actor.Tenant.Zone, customer: c, care: (*cares)[c.ID], zones: map[int64][]*time.Location{},
				limits: limits{rules: all.rules, holidays: all.holidays, calls: callsOf[c.ID], wishes: wishesOf[c.ID]}}}
		}
	})
}
