package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// After is a case that opens by itself once a customer's last level is done, because
// the policy says so. Its items may be chased, and stand in no case.
type After struct {
	CustomerID int64
	OwnerID    int64
	Title      string
	NextOn     day.Day
	Items      []int64
	Numbers    []string // of the items
}

// OpenAfter opens the cases, of customers who are held, one a customer at most: for
// many at once, after a run of the agenda.
func OpenAfter(ctx context.Context, tx *tenant.Tx, list []After) error {
	if len(list) == 0 {
		return nil
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "now": tx.Now, "today": tx.Today(), "list": list}
	rows, _ := tx.Query(ctx, `
		INSERT INTO cases (customer_id, title, status, owner_id, next_on, opened_on, opened_at)
		SELECT n."CustomerID", left(n."Title", 120), 'in_work', n."OwnerID", n."NextOn", @today, @now
		FROM jsonb_to_recordset(@list::jsonb) AS n ("CustomerID" bigint, "Title" text, "OwnerID" bigint, "NextOn" date)
		ORDER BY n."CustomerID"
		RETURNING customer_id, id`, args)
	ids := map[int64]int64{}
	var customer, id int64
	_, err := pgx.ForEachRow(rows, []any{&customer, &id}, func() error { ids[customer] = id; return nil })
	if err != nil {
		return fmt.Errorf("open cases after the last level: %w", err)
	}
	args["cases"], args["customers"] = values(ids), sorted(ids)
	_, err = tx.Exec(ctx, `
		INSERT INTO case_items (case_id, customer_id, account_id, currency, item_id, joined_at)
		SELECT c.id, i.customer_id, i.account_id, i.currency, i.id, @now
		FROM jsonb_to_recordset(@list::jsonb) AS n ("CustomerID" bigint, "Items" bigint[])
		JOIN unnest(@customers::bigint[], @cases::bigint[]) AS c (customer, id) ON c.customer = n."CustomerID"
		JOIN items i ON i.tenant_id = @tenant AND i.customer_id = n."CustomerID" AND i.id = ANY(n."Items")
		ORDER BY i.id`, args)
	if err != nil {
		return fmt.Errorf("put items into cases after the last level: %w", err)
	}
	lines := make([]note.New, len(list))
	for n, a := range list {
		tx.Touch(a.CustomerID)
		lines[n] = line(a.CustomerID, ids[a.CustomerID], fmt.Sprintf("Case opened because the last level was done: %s. To be looked at on %s. Out of dunning: %s.",
			a.Title, a.NextOn.Long(), listed(a.Numbers, func(s string) string { return s })), data{Event: "opened", Status: InWork})
	}
	return note.AddMany(ctx, tx, lines)
}

// values are those of a map in the order of its keys.
func values(m map[int64]int64) (list []int64) {
	for _, key := range sorted(m) {
		list = append(list, m[key])
	}
	return list
}
