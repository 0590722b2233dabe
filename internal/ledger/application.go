package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Application is money set against an item, or its reversal.
type Application struct {
	ID        int64
	ItemID    int64
	Item      string // the number of what was paid
	CreditID  int64  // the payment or credit note
	Credit    string // its number
	OfPayment bool
	Origin    Origin // of the payment
	AccountID int64
	Currency  money.Currency
	Amount    int64 // minor units, below zero for a reversal
	ValueOn   day.Day
	Reason    string // of a reversal
	Person    string // empty: the program itself
	Standing  bool   // not a reversal, and not reversed since
}

// Source names the money: the payment or the credit note.
func (a Application) Source() string {
	if a.OfPayment {
		return "payment" + strings.TrimPrefix(a.Origin.Payment(a.Credit), "Payment")
	}
	return "credit note " + a.Credit
}

// By names who applied it.
func (a Application) By() string {
	if a.Person == "" {
		return "Dunwell"
	}
	return a.Person
}

const applicationsSQL = `
	SELECT a.id, a.item_id, i.number AS item, coalesce(a.payment_id, a.credit_id) AS credit_id, coalesce(p.number, c.number) AS credit,
		a.payment_id IS NOT NULL AS of_payment, coalesce(p.origin, '') AS origin, a.account_id,
		a.currency, a.amount, a.value_on, a.reason, coalesce(u.name, '') AS person,
		a.reverses IS NULL AND NOT EXISTS (
			SELECT 1 FROM applications r WHERE r.tenant_id = @tenant AND r.reverses = a.id) AS standing
	FROM applications a
	JOIN items i ON i.tenant_id = @tenant AND i.id = a.item_id
	LEFT JOIN payments p ON p.tenant_id = @tenant AND p.id = a.payment_id
	LEFT JOIN items c ON c.tenant_id = @tenant AND c.id = a.credit_id
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = a.member_id
	LEFT JOIN users u ON u.id = m.user_id
	WHERE a.tenant_id = @tenant AND i.customer_id = @customer AND %s
	ORDER BY a.value_on, a.id`

var (
	applicationsToItem  = fmt.Sprintf(applicationsSQL, "(a.item_id = @id OR a.credit_id = @id) AND a.value_on <= @as_of")
	applicationsOfMoney = fmt.Sprintf(applicationsSQL, "a.payment_id = @id AND a.value_on <= @as_of")
	oneApplication      = fmt.Sprintf(applicationsSQL, "a.id = @id")
)

// ApplicationsOf lists what was set against the item, or what the payment or
// credit note was set against, by value date up to the day.
func ApplicationsOf(ctx context.Context, tx *tenant.Tx, customer int64, source Source, id int64, asOf day.Day) ([]Application, error) {
	sql := applicationsToItem
	if source == OfPayment {
		sql = applicationsOfMoney
	}
	rows, _ := tx.Query(ctx, sql, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id, "as_of": asOf})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Application])
	if err != nil {
		return nil, fmt.Errorf("applications: %w", err)
	}
	return list, nil
}

// FindApplication reads one of the customer's applications.
func FindApplication(ctx context.Context, tx *tenant.Tx, customer, id int64) (Application, error) {
	rows, _ := tx.Query(ctx, oneApplication, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id})
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Application])
	if errors.Is(err, pgx.ErrNoRows) {
		return Application{}, fmt.Errorf("application %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Application{}, fmt.Errorf("find application: %w", err)
	}
	return a, nil
}
