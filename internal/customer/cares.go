package customer

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// QueueCares asks in a batch for the care of several customers, such as those of a
// page, without their last contact.
func QueueCares(b *tenant.Batch, customers []int64, into *map[int64]Care) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers}
	*into = make(map[int64]Care, len(customers))
	var points []ContactPoint
	var stops []Stop
	queuePoints(b, customers, `= ANY(@customers)`, ` AND p.retired_at IS NULL`, args, &points)
	b.Lastly(func() {
		for _, p := range points {
			care := (*into)[p.CustomerID]
			care.Points = append(care.Points, p)
			(*into)[p.CustomerID] = care
		}
	})
	b.Seldom("list forbidden times", tenant.Times, customers, `
		SELECT t.customer_id, t.contact_point_id, t.kind, t.weekdays, to_char(t.from_time, 'HH24:MI'), to_char(t.to_time, 'HH24:MI')
		FROM contact_times t
		WHERE t.tenant_id = @tenant AND t.customer_id = ANY(@customers) AND t.kind = 'forbidden'
		ORDER BY t.customer_id, t.weekdays, t.from_time, t.id`, args, func(rows pgx.Rows) error {
		var of int64
		var t ContactTime
		_, err := pgx.ForEachRow(rows, []any{&of, &t.PointID, &t.Kind, &t.Weekdays, &t.From, &t.To}, func() error {
			care := (*into)[of]
			care.Times = append(care.Times, t)
			(*into)[of] = care
			return nil
		})
		return err
	})
	b.Seldom("list stops", tenant.Stops, customers, stopsSQL+` AND s.customer_id = ANY(@customers) AND s.lifted_at IS NULL
		ORDER BY s.placed_at, s.id`, args, func(rows pgx.Rows) error {
		err := tenant.Into(&stops)(rows)
		for _, s := range stops {
			care := (*into)[s.CustomerID]
			care.Stops = append(care.Stops, s)
			(*into)[s.CustomerID] = care
		}
		return err
	})
}
