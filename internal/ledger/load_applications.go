package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// StageApplications makes the temporary table load_applications, a row an amount
// that a payment, or else a credit note, sets against an item. It names them by
// their numbers.
func StageApplications(ctx context.Context, tx *tenant.Tx) error {
	return stage(ctx, tx, `
		CREATE TEMPORARY TABLE load_applications (
			item_number text NOT NULL,
			payment_number text,
			credit_number text,
			amount bigint NOT NULL,
			value_on date NOT NULL
		) ON COMMIT DROP`)
}

// LoadApplications writes all that load_applications holds. It is for books that
// are loaded whole into a ledger of their own; imports and people go by
// LoadPayments and ApplyPayment, which look at what is open first.
func LoadApplications(ctx context.Context, tx *tenant.Tx) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": tx.Actor.MemberID}
	tag, err := tx.Exec(ctx, `
		INSERT INTO applications (account_id, currency, item_id, payment_id, credit_id, amount, value_on, member_id)
		SELECT i.account_id, i.currency, i.id, p.id, k.id, l.amount, l.value_on, nullif(@member, 0)
		FROM load_applications l
		JOIN items i ON i.tenant_id = @tenant AND i.number = l.item_number
		LEFT JOIN payments p ON p.tenant_id = @tenant AND p.number = l.payment_number
		LEFT JOIN items k ON k.tenant_id = @tenant AND k.number = l.credit_number
		ORDER BY i.id`, args)
	if err != nil {
		return loading(err)
	}
	var asked int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM load_applications`).Scan(&asked); err != nil {
		return fmt.Errorf("count applications: %w", err)
	}
	if tag.RowsAffected() != asked {
		return fmt.Errorf("%d of %d applications name an item that is not there: %w", asked-tag.RowsAffected(), asked, errs.NotFound)
	}
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT i.customer_id
		FROM load_applications l
		JOIN items i ON i.tenant_id = @tenant AND i.number = l.item_number`, args)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("touch: %w", err)
	}
	tx.Touch(ids...)
	return nil
}
