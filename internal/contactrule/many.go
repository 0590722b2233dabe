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
	now := b.Tx.Now
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers, "now": now, "from": day.Of(now).Add(-2)}
	var rules []Rule
	all := make(map[int64]*facts, len(customers))
	b.Queue("read whom the contact is with", `
		SELECT c.id, c.name, c.kind, c.country, c.region, c.time_zone, c.archived_at
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id = ANY(@customers)`, args, func(rows pgx.Rows) error {
		var c customer.Customer
		_, err := pgx.ForEachRow(rows, []any{&c.ID, &c.Name, &c.Kind, &c.Country, &c.Region, &c.TimeZone, &c.ArchivedAt}, func() error {
			all[c.ID] = &facts{now: now, home: b.Tx.Actor.Tenant.Zone, customer: c, zones: map[int64][]*time.Location{}}
			return nil
		})
		return err
	})
	b.Queue("list contact rules", selectRules+` AND r.retired_at IS NULL
		ORDER BY r.id`, args, tenant.Into(&rules))
	b.Queue("list calls", callsSQL+` AND c.customer_id = ANY(@customers)`+orderCalls, args, each(func(c call) {
		if f := all[c.CustomerID]; f != nil {
			f.calls = append(f.calls, c)
		}
	}))
	b.Queue("list what the debtors asked for", wishesSQL+` AND w.customer_id = ANY(@customers)
		ORDER BY w.until DESC`, args, each(func(w wish) {
		if f := all[w.CustomerID]; f != nil {
			f.wishes = append(f.wishes, w)
		}
	}))
	queueHolidays(b, args, func(off map[day.Day]string) {
		*into = make(map[int64]Rulings, len(all))
		for id, f := range all {
			f.rules, f.holidays, f.care = rules, off, (*cares)[id]
			(*into)[id] = Rulings{*f}
		}
	})
}

// each calls f with every row.
func each[T any](f func(T)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
		for _, row := range list {
			f(row)
		}
		return err
	}
}
