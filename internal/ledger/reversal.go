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
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// CanReverse tells who may undo an application or take a payment back.
func CanReverse(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// OnlyManagers refuses everybody else.
const OnlyManagers = errs.Forbidden("Only a manager can reverse money. Ask yours, and say why it is wrong.")

// Reversal is when and why money is taken back.
type Reversal struct {
	// On is the value date: the application's own day where it was a mistake, the
	// day the money went back where the bank took it.
	On     day.Day
	Reason string
}

func (v Reversal) validate(today day.Day) error {
	var inv errs.Invalid
	n := len([]rune(v.Reason))
	inv.Check(n >= 1 && n <= 500, "reason", "Say why, in at most 500 characters.")
	inv.Check(!note.HasCard(v.Reason), "reason", note.NoCard)
	inv.Check(!v.On.IsZero() && !v.On.After(today), "on", "Give a day that is not in the future.")
	return inv.Err()
}

// Reverse adds the opposite of an application of the customer: the item is owed
// again and the credit is there again, both from the reversal's day.
func Reverse(ctx context.Context, tx *tenant.Tx, customer, application int64, v Reversal) error {
	if !CanReverse(tx.Actor) {
		return OnlyManagers
	}
	a, err := FindApplication(ctx, tx, customer, application)
	if err != nil {
		return err
	}
	if err := v.validate(tx.Today()); err != nil {
		return err
	}
	if err := lockAccount(ctx, tx, customer, a.AccountID); err != nil {
		return err
	}
	n, err := reverse(ctx, tx, v, "id = @source", application)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.Conflict("This was reversed already.")
	}
	tx.Touch(customer)
	text := fmt.Sprintf("%s of %s was taken off item %s again, value %s: %s", money.New(a.Amount, a.Currency), a.Source(), a.Item, v.On.Long(), v.Reason)
	return journal(ctx, tx, note.New{CustomerID: customer, Kind: "reversal", Text: text, Subject: "item", SubjectID: a.ItemID,
		Data: map[string]int64{"application": application}})
}

// Return takes a payment of the customer back as of a day, as when the bank
// returns a cheque: everything it paid is owed again and it leaves no credit.
func Return(ctx context.Context, tx *tenant.Tx, customer, payment int64, v Reversal) error {
	if !CanReverse(tx.Actor) {
		return OnlyManagers
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": payment, "on": v.On}
	var account int64
	var p Payment
	var origin Origin
	err := tx.QueryRow(ctx, `
		SELECT account_id, number, origin, value_on, amount, currency
		FROM payments
		WHERE tenant_id = @tenant AND customer_id = @customer AND id = @id`, args).
		Scan(&account, &p.Number, &origin, &p.ValueOn, &p.Amount.Minor, &p.Amount.Currency)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("payment %d: %w", payment, errs.NotFound)
	}
	if err != nil {
		return fmt.Errorf("find payment: %w", err)
	}
	if err := v.validate(tx.Today()); err != nil {
		return err
	}
	if v.On.Before(p.ValueOn) {
		return errs.Invalid{"on": fmt.Sprintf("The payment came on %s; it cannot have gone back before.", p.ValueOn.Long())}
	}
	if err := lockAccount(ctx, tx, customer, account); err != nil {
		return err
	}
	n, err := reverse(ctx, tx, v, "payment_id = @source", payment)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE payments
		SET returned_on = @on
		WHERE tenant_id = @tenant AND id = @id AND returned_on IS NULL`, args)
	if err != nil {
		return fmt.Errorf("return payment: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Conflict("This payment was returned already.")
	}
	tx.Touch(customer)
	again := ""
	switch {
	case n == 1:
		again = " What it paid of one item is owed again."
	case n > 1:
		again = fmt.Sprintf(" What it paid of %d items is owed again.", n)
	}
	text := fmt.Sprintf("%s of %s was returned, value %s.%s Reason: %s", origin.Payment(p.Number), p.Amount, v.On.Long(), again, v.Reason)
	return journal(ctx, tx, note.New{CustomerID: customer, Kind: "reversal", Text: text, Subject: "payment", SubjectID: payment})
}

// reverse adds the opposite of each application that stands and meets the
// condition, and returns how many.
func reverse(ctx context.Context, tx *tenant.Tx, v Reversal, condition string, source int64) (int64, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO applications (account_id, currency, item_id, payment_id, credit_id, amount, value_on, reverses, reason, member_id)
		SELECT a.account_id, a.currency, a.item_id, a.payment_id, a.credit_id, -a.amount, @on, a.id, @reason, nullif(@member, 0)
		FROM applications a
		WHERE a.tenant_id = @tenant AND a.`+condition+` AND a.reverses IS NULL
			AND NOT EXISTS (SELECT 1 FROM applications r WHERE r.tenant_id = a.tenant_id AND r.reverses = a.id)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "source": source, "on": v.On, "reason": v.Reason, "member": tx.Actor.MemberID})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "applications_reversal" {
		return 0, errs.Invalid{"on": "A reversal cannot lie before the day the money was applied."}
	}
	if err != nil {
		return 0, fmt.Errorf("reverse: %w", err)
	}
	return tag.RowsAffected(), nil
}
