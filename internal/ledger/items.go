package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Item is an open item as of a day, for lists. Amounts are minor units.
type Item struct {
	ID       int64
	Kind     string
	Number   string
	Account  string // its account's number
	IssuedOn day.Day
	DueOn    day.Day // zero: it has none
	Currency money.Currency
	Amount   int64
	Open     int64 // as of the day
	Status   string
	Family   string
}

// DaysLate is how many days the item is overdue; 0 or less where it is not, or
// where nothing of it is owed.
func (i Item) DaysLate(asOf day.Day) int {
	if i.DueOn.IsZero() || i.Open <= 0 {
		return 0
	}
	return asOf.Sub(i.DueOn)
}

// ItemFilter chooses items of one customer.
type ItemFilter struct {
	CustomerID int64
	AsOf       day.Day
	All        bool    // settled ones too
	After      ItemKey // the last row of the page before; zero: from the start
	Limit      int
}

// ItemKey is where a page of items ends.
type ItemKey struct {
	DueOn day.Day // zero: among those without a due date, which come last
	ID    int64
}

// ItemsOf lists a customer's items that were issued by the day, the longest due
// first, those without a due date last.
func ItemsOf(ctx context.Context, tx *tenant.Tx, f ItemFilter) ([]Item, error) {
	from := "open_items"
	if f.All {
		from = "items_as_of"
	}
	rows, _ := tx.Query(ctx, `
		SELECT i.item_id AS id, i.kind, i.number, a.number AS account, i.issued_on, i.due_on, i.currency, i.amount,
			i.open_amount AS open, s.name AS status, s.family
		FROM `+from+`(@as_of) i
		JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
		JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
			AND (@after = 0 OR CASE
				WHEN @due::date IS NULL THEN i.due_on IS NULL AND i.item_id > @after
				ELSE i.due_on IS NULL OR (i.due_on, i.item_id) > (@due, @after) END)
		ORDER BY i.due_on, i.item_id
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": f.CustomerID, "as_of": f.AsOf,
			"due": f.After.DueOn, "after": f.After.ID, "limit": f.Limit})
	items, err := pgx.CollectRows(rows, pgx.RowToStructByName[Item])
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	return items, nil
}
