package ledger

import "fmt"

// What was open of a customer as of a day is read in one of two ways. As stored is
// much the cheaper: it is right for today, unless money was moved with a value date
// after today. Rows of which that is so say later, and then what was open has to
// be reckoned from the applications. Both have the same columns.
const (
	storedItems = `
		SELECT i.id, i.account_id, i.issued_on, i.due_on, i.currency, i.open_amount, i.status_id, (i.last_value_on > @as_of) IS TRUE AS later
		FROM items i
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.issued_on <= @as_of
			AND (i.open_amount <> 0 OR i.last_value_on > @as_of)`
	storedCredits = `
		SELECT p.id, p.account_id, p.value_on, p.currency, p.unapplied, false AS returned,
			(p.last_value_on > @as_of OR p.returned_on > @as_of) IS TRUE AS later
		FROM payments p
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.value_on <= @as_of
			AND (p.unapplied <> 0 OR p.last_value_on > @as_of OR p.returned_on > @as_of)`

	// %s is open_items, or items_as_of for the settled ones too
	reckonedItems = `
		SELECT i.item_id AS id, i.account_id, i.issued_on, i.due_on, i.currency, i.open_amount, i.status_id, false AS later
		FROM %s(@as_of) i
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer`
	// %s is empty, or LEFT for the payments used up too
	reckonedCredits = `
		SELECT p.id, p.account_id, p.value_on, p.currency, coalesce(c.unapplied, 0) AS unapplied,
			(p.returned_on <= @as_of) IS TRUE AS returned, false AS later
		FROM payments p
		%s JOIN open_credits(@as_of) c ON c.tenant_id = p.tenant_id AND c.customer_id = p.customer_id AND c.payment_id = p.id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.value_on <= @as_of`
)

var (
	openItems   = fmt.Sprintf(reckonedItems, "open_items")
	allItems    = fmt.Sprintf(reckonedItems, "items_as_of")
	openCredits = fmt.Sprintf(reckonedCredits, "")
	allCredits  = fmt.Sprintf(reckonedCredits, "LEFT")
)
