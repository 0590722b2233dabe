package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Payment is money received on an account.
type Payment struct {
	AccountID int64
	Number    string // the bank's or the clerk's reference, unique in the tenant
	ValueOn   day.Day
	Amount    money.Amount
	// Lines say what it pays; what they leave is credit of the account.
	Lines []Line
}

// Line sets an amount in minor units against an item.
type Line struct {
	ItemID int64
	Minor  int64
}

func (p Payment) validate(today day.Day) error {
	var inv errs.Invalid
	n := len([]rune(p.Number))
	inv.Check(n >= 1 && n <= 80, "number", "Give the payment's reference, at most 80 characters.")
	inv.Check(!p.ValueOn.IsZero(), "value_on", "Say on which day the money came.")
	inv.Check(!p.ValueOn.After(today), "value_on", "Money that comes later cannot be recorded yet.")
	inv.Check(p.Amount.Minor > 0 && p.Amount.Minor <= money.Max, "amount", "Give an amount above zero.")
	var sum int64
	for _, l := range p.Lines {
		inv.Check(l.Minor > 0, "lines", "Give an amount above zero for each item, or leave the item out.")
		sum += min(l.Minor, money.Max)
	}
	inv.Check(sum <= p.Amount.Minor, "lines", "The items take more than the payment. Lower an amount, or record a larger payment.")
	return inv.Err()
}

// Record writes a payment with its applications and the note, and returns its id.
func Record(ctx context.Context, tx *tenant.Tx, p Payment) (int64, error) {
	if err := p.validate(tx.Today()); err != nil {
		return 0, err
	}
	customer, err := lockAccount(ctx, tx, p.AccountID)
	if err != nil {
		return 0, err
	}
	var id int64
	err = tx.QueryRow(ctx, `
		INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount, member_id)
		VALUES (@customer, @account, @number, @value, @currency, @amount, nullif(@member, 0))
		ON CONFLICT (tenant_id, number) DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"customer": customer, "account": p.AccountID, "number": p.Number, "value": p.ValueOn,
			"currency": p.Amount.Currency, "amount": p.Amount.Minor, "member": tx.Actor.MemberID}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.Invalid{"number": fmt.Sprintf("Payment %s is recorded already. Give another reference if this is other money.", p.Number)}
	}
	if err != nil {
		return 0, fmt.Errorf("record payment: %w", err)
	}
	for _, l := range p.Lines {
		if err := apply(ctx, tx, "payments", id, p.AccountID, l); err != nil {
			return 0, err
		}
	}
	tx.Touch(customer)
	text := fmt.Sprintf("Payment %s of %s, value %s.", p.Number, p.Amount, p.ValueOn)
	return id, journal(ctx, tx, customer, "payment", text, "payment", id)
}

// ApplyPayment sets credit of a payment against an item of the same account and
// currency.
func ApplyPayment(ctx context.Context, tx *tenant.Tx, paymentID int64, l Line) error {
	return applyCredit(ctx, tx, "payments", paymentID, l)
}

// ApplyCreditNote sets a credit note against an item of the same account and
// currency.
func ApplyCreditNote(ctx context.Context, tx *tenant.Tx, creditID int64, l Line) error {
	return applyCredit(ctx, tx, "items", creditID, l)
}

func applyCredit(ctx context.Context, tx *tenant.Tx, source string, id int64, l Line) error {
	if l.Minor <= 0 {
		return errs.Invalid{"amount": "Give an amount above zero."}
	}
	var account int64
	var number string
	var currency money.Currency
	err := tx.QueryRow(ctx, `SELECT account_id, number, currency FROM `+source+` WHERE tenant_id = $1 AND id = $2`,
		tx.Actor.TenantID, id).Scan(&account, &number, &currency)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find credit: %w", err)
	}
	customer, err := lockAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	if err := apply(ctx, tx, source, id, account, l); err != nil {
		return err
	}
	tx.Touch(customer)
	text := fmt.Sprintf("%s of credit %s was set against an item.", money.New(l.Minor, currency), number)
	return journal(ctx, tx, customer, "application", text, "item", l.ItemID)
}

// lockAccount makes those who move money of one account take turns.
func lockAccount(ctx context.Context, tx *tenant.Tx, account int64) (customer int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT customer_id FROM accounts
		WHERE tenant_id = $1 AND id = $2
		FOR NO KEY UPDATE`, tx.Actor.TenantID, account).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("lock account: %w", err)
	}
	return customer, nil
}

// apply adds one application. Its value date is the money's, but never before
// the item was issued: until then the money was credit.
func apply(ctx context.Context, tx *tenant.Tx, source string, sourceID, account int64, l Line) error {
	column, date := "payment_id", "value_on"
	if source == "items" {
		column, date = "credit_id", "issued_on"
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO applications (account_id, currency, item_id, `+column+`, amount, value_on, member_id)
		SELECT i.account_id, i.currency, i.id, s.id, @amount, greatest(s.`+date+`, i.issued_on), nullif(@member, 0)
		FROM items i
		JOIN `+source+` s ON s.tenant_id = i.tenant_id AND s.id = @source AND s.account_id = i.account_id AND s.currency = i.currency
		WHERE i.tenant_id = @tenant AND i.account_id = @account AND i.id = @item AND i.amount > 0`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "account": account, "item": l.ItemID, "source": sourceID,
			"amount": l.Minor, "member": tx.Actor.MemberID})
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.ConstraintName {
		case "items_not_overapplied", "payments_not_overapplied", "payments_returned_unapplied":
			return errs.Invalid{"lines": "This is more than is open. Reload to see what is left, and give at most that."}
		}
	}
	if err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Invalid{"lines": "Credit pays only what is owed on its own account and in its own currency. Choose an item of that account."}
	}
	return nil
}

func journal(ctx context.Context, tx *tenant.Tx, customer int64, kind, text, subject string, id int64) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: customer, Kind: kind, Text: strings.TrimSpace(text), Subject: subject, SubjectID: id})
	return err
}
