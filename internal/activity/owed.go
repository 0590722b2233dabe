package activity

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Owed is what may be asked for today on an account, in one currency.
type Owed struct {
	AccountID int64
	Kind      string // of the account
	Number    string
	Currency  money.Currency
	Minor     int64 // past due, net of credit; 0: nothing is yet
}

// Amount is what may be asked for.
func (o Owed) Amount() money.Amount { return money.New(o.Minor, o.Currency) }

// Account is how the account is called.
func (o Owed) Account() string {
	if o.Kind == ledger.Loan {
		return "Loan " + o.Number
	}
	return "Account " + o.Number
}

// OwedBy lists the accounts on which something may be promised, each with its
// currencies; first the one with the most to ask for in the company's own.
func OwedBy(ctx context.Context, tx *tenant.Tx, customerID int64) ([]Owed, error) {
	rows, _ := tx.Query(ctx, `
		SELECT a.id AS account_id, a.kind, a.number, k.currency,
			greatest(coalesce(sum(k.collectable) FILTER (WHERE k.due_on < @today), 0) - coalesce((
				SELECT sum(-i.open_amount)
				FROM open_items(@today) i
				WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.account_id = a.id AND i.currency = k.currency AND i.open_amount < 0), 0) - coalesce((
				SELECT sum(c.unapplied)
				FROM open_credits(@today) c
				WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.account_id = a.id AND c.currency = k.currency), 0), 0)::bigint AS minor
		FROM collectable(@today) k
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = k.account_id
		WHERE k.tenant_id = @tenant AND k.customer_id = @customer
		GROUP BY a.id, a.kind, a.number, k.currency
		ORDER BY k.currency <> @own, minor DESC, a.number, k.currency
		LIMIT 50`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "today": tx.Today(), "own": tx.Actor.Tenant.Currency})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Owed])
	if err != nil {
		return nil, fmt.Errorf("list what may be promised: %w", err)
	}
	return list, nil
}
