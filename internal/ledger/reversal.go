package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// CanReverse tells who may undo an application or take a payment back.
func CanReverse(a tenant.Actor) bool { return a.Is(tenant.Manager) }

const onlyManagers = errs.Forbidden("Only a manager can reverse money. Ask yours, and say why it is wrong.")

// Reversal undoes one application.
type Reversal struct {
	ApplicationID int64
	// On is the value date: the application's own day where it was a mistake, the
	// day the money went back where the bank took it.
	On     day.Day
	Reason string
}

func (v Reversal) validate(today day.Day) error {
	var inv errs.Invalid
	n := len([]rune(v.Reason))
	inv.Check(n >= 1 && n <= 500, "reason", "Say why, in at most 500 characters.")
	inv.Check(!v.On.IsZero() && !v.On.After(today), "on", "Give a day that is not in the future.")
	return inv.Err()
}

// Reverse adds the application's opposite: the item is owed again and the
// credit is there again, both from the reversal's day.
func Reverse(ctx context.Context, tx *tenant.Tx, v Reversal) error {
	if !CanReverse(tx.Actor) {
		return onlyManagers
	}
	if err := v.validate(tx.Today()); err != nil {
		return err
	}
	var account, item, amount int64
	var currency money.Currency
	err := tx.QueryRow(ctx, `
		SELECT account_id, item_id, amount, currency FROM applications
		WHERE tenant_id = $1 AND id = $2 AND reverses IS NULL`, tx.Actor.TenantID, v.ApplicationID).Scan(&account, &item, &amount, &currency)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find application: %w", err)
	}
	customer, err := lockAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	if err := reverse(ctx, tx, v, "id = @source", v.ApplicationID); err != nil {
		return err
	}
	tx.Touch(customer)
	text := fmt.Sprintf("%s was taken off an item again: %s", money.New(amount, currency), v.Reason)
	return journal(ctx, tx, customer, "reversal", text, "item", item)
}

// Return takes a payment back as of a day, as when the bank returns a cheque:
// everything it paid is owed again and it leaves no credit.
func Return(ctx context.Context, tx *tenant.Tx, paymentID int64, on day.Day, reason string) error {
	if !CanReverse(tx.Actor) {
		return onlyManagers
	}
	v := Reversal{On: on, Reason: reason}
	if err := v.validate(tx.Today()); err != nil {
		return err
	}
	var account int64
	var p Payment
	err := tx.QueryRow(ctx, `
		SELECT account_id, number, value_on, amount, currency FROM payments
		WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, paymentID).Scan(&account, &p.Number, &p.ValueOn, &p.Amount.Minor, &p.Amount.Currency)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find payment: %w", err)
	}
	customer, err := lockAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	if err := reverse(ctx, tx, v, "payment_id = @source", paymentID); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE payments
		SET returned_on = @on
		WHERE tenant_id = @tenant AND id = @id AND returned_on IS NULL AND value_on <= @on`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": paymentID, "on": on})
	if err != nil {
		return fmt.Errorf("return payment: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Conflict("This payment was returned already, or came after that day.")
	}
	tx.Touch(customer)
	text := fmt.Sprintf("Payment %s of %s was returned on %s: %s", p.Number, p.Amount, on, reason)
	return journal(ctx, tx, customer, "reversal", text, "payment", paymentID)
}

// reverse adds the opposite of each application that stands and meets the
// condition.
func reverse(ctx context.Context, tx *tenant.Tx, v Reversal, condition string, source int64) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO applications (account_id, currency, item_id, payment_id, credit_id, amount, value_on, reverses, reason, member_id)
		SELECT a.account_id, a.currency, a.item_id, a.payment_id, a.credit_id, -a.amount, @on, a.id, @reason, nullif(@member, 0)
		FROM applications a
		WHERE a.tenant_id = @tenant AND a.`+condition+` AND a.reverses IS NULL
			AND NOT EXISTS (SELECT 1 FROM applications r WHERE r.tenant_id = a.tenant_id AND r.reverses = a.id)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "source": source, "on": v.On, "reason": v.Reason, "member": tx.Actor.MemberID})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "applications_reversal" {
		return errs.Invalid{"on": "A reversal cannot lie before the day the money was applied."}
	}
	if err != nil {
		return fmt.Errorf("reverse: %w", err)
	}
	if v.ApplicationID != 0 && tag.RowsAffected() == 0 {
		return errs.Conflict("This was reversed already.")
	}
	return nil
}
