package customer

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Sort is an order of the customer list.
type Sort string

// The orders of the customer list.
const (
	ByOverdue Sort = "overdue" // the most overdue in the list's currency first
	ByOldest  Sort = "oldest"  // the longest overdue in the list's currency first
	ByName    Sort = "name"
	ByNumber  Sort = "number"
)

// Filter chooses customers for the list. Archived ones are never in it.
type Filter struct {
	Text    string // part of the name or number, in any case
	OwnerID *int64 // nil: all; 0: nobody works them
	Kind    Kind   // empty: both
	Overdue bool   // only who is overdue, in whatever currency
	Sort    Sort
	// Currency is the one that Overdue and Oldest go by. Everybody has figures in
	// the tenant's own; another one leaves out who never had any in it.
	Currency money.Currency
	After    Key
	Limit    int
}

// Key is where a page of the list ends, so that the next one goes on from there.
type Key struct {
	Value string // of what the list is sorted by; empty: from the start
	ID    int64
}

// Row is a customer in the list.
type Row struct {
	ID      int64
	Number  string
	Name    string
	Kind    Kind
	OwnerID *int64
	Key     Key
}

// order is how a Sort is written: what it goes by, which rows come after a key,
// and the key before all others. first and the key's value are of type of.
type order struct{ by, after, sort, of, first string }

var orders = map[Sort]order{
	ByOverdue: {by: "t.overdue", of: "bigint", first: strconv.Itoa(math.MaxInt64),
		after: "t.overdue <= @value::bigint AND (t.overdue < @value::bigint OR t.customer_id > @id)",
		sort:  "t.overdue DESC, t.customer_id"},
	ByOldest: {by: "coalesce(t.oldest_due_on, 'infinity')", of: "date", first: "-infinity",
		after: "(coalesce(t.oldest_due_on, 'infinity'), t.customer_id) > (@value::date, @id)",
		sort:  "coalesce(t.oldest_due_on, 'infinity'), t.customer_id"},
	ByName:   {by: "c.name_key", of: "text", after: "(c.name_key, c.id) > (@value::text, @id)", sort: "c.name_key, c.id"},
	ByNumber: {by: "c.number", of: "text", after: "(c.number, c.id) > (@value::text, @id)", sort: "c.number, c.id"},
}

// valid tells whether the key's value can be one of the order's, so that a
// damaged address is refused before the database sees it.
func (o order) valid(k Key) bool {
	switch {
	case k.Value == "" || k.Value == "infinity" && o.of == "date":
		return true
	case o.of == "bigint":
		_, err := strconv.ParseInt(k.Value, 10, 64)
		return err == nil
	case o.of == "date":
		_, err := day.Parse(k.Value)
		return err == nil
	}
	return true
}

// List reads one page of the customers that fit the filter.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Row, error) {
	o, known := orders[f.Sort]
	if !known || !o.valid(f.After) {
		return nil, errs.Invalid{"": "This address of the list is damaged. Start again from its first page."}
	}
	if f.After.Value == "" {
		f.After.Value = o.first
	}
	rows, _ := tx.Query(ctx, `
		SELECT c.id, c.number, c.name, c.kind, c.owner_id, `+o.by+`::text AS value
		FROM customer_totals t
		JOIN customers c ON c.tenant_id = @tenant AND c.id = t.customer_id
		WHERE t.tenant_id = @tenant AND t.currency = @currency
			AND c.archived_at IS NULL
			AND (@text = '' OR strpos(c.name_key, lower(@text)) > 0 OR strpos(lower(c.number), lower(@text)) > 0)
			AND (@owner::bigint IS NULL OR c.owner_id = @owner OR @owner = 0 AND c.owner_id IS NULL)
			AND (@kind = '' OR c.kind = @kind)
			AND (NOT @overdue OR EXISTS (
				SELECT 1 FROM customer_totals x
				WHERE x.tenant_id = @tenant AND x.customer_id = c.id AND x.overdue > 0))
			AND `+o.after+`
		ORDER BY `+o.sort+`
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "currency": f.Currency, "text": strings.TrimSpace(f.Text), "owner": f.OwnerID,
			"kind": f.Kind, "overdue": f.Overdue, "value": f.After.Value, "id": f.After.ID, "limit": f.Limit})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Row, err error) {
		err = row.Scan(&r.ID, &r.Number, &r.Name, &r.Kind, &r.OwnerID, &r.Key.Value)
		r.Key.ID = r.ID
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return list, nil
}

// Currencies lists the currencies in which anybody has figures, the tenant's own
// first. It jumps from one to the next along the index: there may be a million
// rows, and there are few currencies.
func Currencies(ctx context.Context, tx *tenant.Tx) ([]money.Currency, error) {
	rows, _ := tx.Query(ctx, `
		WITH RECURSIVE used AS (
			(SELECT t.currency FROM customer_totals t WHERE t.tenant_id = @tenant ORDER BY t.currency LIMIT 1)
			UNION ALL
			SELECT (SELECT t.currency FROM customer_totals t
				WHERE t.tenant_id = @tenant AND t.currency > u.currency
				ORDER BY t.currency LIMIT 1)
			FROM used u
			WHERE u.currency IS NOT NULL)
		SELECT currency FROM used WHERE currency IS NOT NULL AND currency <> @own`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "own": tx.Actor.Tenant.Currency})
	others, err := pgx.CollectRows(rows, pgx.RowTo[money.Currency])
	if err != nil {
		return nil, fmt.Errorf("list currencies: %w", err)
	}
	return append([]money.Currency{tx.Actor.Tenant.Currency}, others...), nil
}

// Owner is a member who works customers, or did.
type Owner struct {
	ID     int64
	Name   string
	Active bool
}

// Owners lists all members by name, for the list's owners and its filter: those
// who left may still own customers.
func Owners(ctx context.Context, tx *tenant.Tx) ([]Owner, error) {
	rows, _ := tx.Query(ctx, `
		SELECT m.id, u.name, m.active
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = $1
		ORDER BY lower(u.name), m.id`,
		tx.Actor.TenantID)
	owners, err := pgx.CollectRows(rows, pgx.RowToStructByName[Owner])
	if err != nil {
		return nil, fmt.Errorf("list owners: %w", err)
	}
	return owners, nil
}
