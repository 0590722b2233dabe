package inbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Whose chooses entries by who works them.
type Whose string

// Whose entries; empty: all that the actor sees.
const (
	Mine       Whose = "mine"
	Unassigned Whose = "unassigned"
)

// Filter chooses entries.
type Filter struct {
	State      State // empty: open ones
	Kind       Kind  // empty: all
	Whose      Whose
	CustomerID int64 // 0: of all customers
	Before     int64 // only ids below it: the last one of the page before
	Limit      int   // 0: 50
}

// List reads a page of the entries that the actor sees, the newest first.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Entry, error) {
	args := who(tx)
	args["state"], args["kind"], args["whose"], args["customer"], args["before"], args["limit"] = string(f.State), string(f.Kind), string(f.Whose), f.CustomerID, f.Before, f.Limit
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE e.tenant_id = @tenant AND e.state = coalesce(nullif(@state, ''), 'open') AND `+visible+`
			AND (@kind = '' OR e.kind = @kind)
			AND (@whose <> 'mine' OR coalesce(a.id, o.id) = @me)
			AND (@whose <> 'unassigned' OR coalesce(a.id, o.id) IS NULL)
			AND (@customer::bigint = 0 OR e.customer_id = @customer)
			AND (@before::bigint = 0 OR e.id < @before)
		ORDER BY e.id DESC
		LIMIT coalesce(nullif(@limit::bigint, 0), 50)`, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return nil, fmt.Errorf("list the inbox: %w", err)
	}
	return list, nil
}

// QueueOf reads in a batch the newest open entries of a customer that the actor sees.
func QueueOf(b *tenant.Batch, customerID int64, into *[]Entry) {
	args := who(b.Tx)
	args["customer"] = customerID
	b.Seldom("list what waits in the inbox", tenant.Inbox, []int64{customerID}, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer AND e.state = 'open' AND `+visible+`
		ORDER BY e.id DESC
		LIMIT 3`, args, tenant.Into(into))
}

// Tally is how many entries are open.
type Tally struct {
	Kinds            map[Kind]int // of all that the actor sees
	Open             int
	Mine, Unassigned int
}

// Counts counts the open entries that the actor sees.
func Counts(ctx context.Context, tx *tenant.Tx) (t Tally, err error) {
	rows, _ := tx.Query(ctx, `
		SELECT e.kind, count(*), count(*) FILTER (WHERE coalesce(a.id, o.id) = @me), count(*) FILTER (WHERE coalesce(a.id, o.id) IS NULL)
		FROM `+whose+`
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND `+visible+`
		GROUP BY e.kind`, who(tx))
	t.Kinds = map[Kind]int{}
	var kind Kind
	var n, mine, unassigned int
	_, err = pgx.ForEachRow(rows, []any{&kind, &n, &mine, &unassigned}, func() error {
		t.Kinds[kind] = n
		t.Open, t.Mine, t.Unassigned = t.Open+n, t.Mine+mine, t.Unassigned+unassigned
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("count the inbox: %w", err)
	}
	return t, nil
}

// whose is source as far as it says whose an entry is.
const whose = `inbox_entries e
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = e.assignee_id AND a.active
	LEFT JOIN members o ON o.tenant_id = @tenant AND o.id = c.owner_id AND o.active`

// QueueWaiting counts in a batch what waits for the actor: the own open entries, those
// of whom the actor covers, and nobody's.
func QueueWaiting(b *tenant.Batch, into *int) {
	b.Queue("count what waits in the inbox", `
		SELECT count(*)
		FROM `+whose+`
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND (`+own+` OR `+nobodys+` OR @all AND coalesce(a.id, o.id) IS NULL)`,
		who(b.Tx), func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
			return err
		})
}
