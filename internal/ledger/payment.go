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
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Payment is money received on an account of a customer.
type Payment struct {
	CustomerID int64
	AccountID  int64
	Number     string // the bank's or the clerk's reference, unique in the tenant
	ValueOn    day.Day
	Amount     money.Amount
	// Lines say what it pays; what they leave is credit of the account.
	Lines []Line
}

// oldest is how many years ago money that is typed may have come; an import may bring
// what is older.
const oldest = 10

// Wrong is what a payment of that day is refused for whatever the ledger holds, by
// field; nil: nothing.
func (p Payment) Wrong(today day.Day) errs.Invalid {
	var inv errs.Invalid
	n := len([]rune(p.Number))
	inv.Check(n >= 1 && n <= 80, "number", "Give the payment's reference, at most 80 characters.")
	inv.Check(!strings.ContainsFunc(p.Number, tenant.Unreadable), "number", "This holds control characters or a line break, which nobody can look for. Type it anew.")
	inv.Check(!p.ValueOn.IsZero(), "value_on", "Say on which day the money came.")
	inv.Check(!p.ValueOn.After(today), "value_on", "Money that comes later cannot be recorded yet.")
	inv.Check(!p.ValueOn.Before(today.AddMonths(-12*oldest)), "value_on", "This is more than ten years ago. Look at the year again.")
	inv.Check(p.Amount.Minor > 0 && p.Amount.Minor <= money.Max, "amount", "Give an amount above zero.")
	for _, l := range p.Lines {
		l.check(&inv)
	}
	return inv
}

func (p Payment) validate(today day.Day) error {
	inv := p.Wrong(today)
	if inv == nil && sum(p.Lines) > p.Amount.Minor {
		inv.Check(false, "lines", fmt.Sprintf("The items take %s, more than the payment. Lower an amount, or record a larger payment.",
			money.New(sum(p.Lines), p.Amount.Currency)))
	}
	return inv.Err()
}

// Receipt says what became of a payment or of credit.
type Receipt struct {
	ID   int64 // the payment's; 0 where credit was applied
	Text string
}

// Record writes a payment with its applications and the note.
func Record(ctx context.Context, tx *tenant.Tx, p Payment) (Receipt, error) {
	if err := p.validate(tx.Today()); err != nil {
		return Receipt{}, err
	}
	if err := lockAccount(ctx, tx, p.CustomerID, p.AccountID); err != nil {
		return Receipt{}, err
	}
	paid, err := checkLines(ctx, tx, p.AccountID, p.Amount.Currency, p.Lines)
	if err != nil {
		return Receipt{}, err
	}
	id, err := insertPayment(ctx, tx, p)
	if err != nil {
		return Receipt{}, err
	}
	if err := apply(ctx, tx, payments, id, p.Lines); err != nil {
		return Receipt{}, err
	}
	tx.Touch(p.CustomerID)
	left := money.New(p.Amount.Minor-sum(p.Lines), p.Amount.Currency)
	r := Receipt{id, fmt.Sprintf("Payment %s of %s, value %s, %s.", p.Number, p.Amount, p.ValueOn.Long(), used(paid, left))}
	return r, journal(ctx, tx, note.New{CustomerID: p.CustomerID, Kind: "payment", Text: r.Text, Subject: "payment", SubjectID: id, Data: newMovement(paid, left)})
}

func insertPayment(ctx context.Context, tx *tenant.Tx, p Payment) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount, member_id)
		VALUES (@customer, @account, @number, @value, @currency, @amount, nullif(@member, 0))
		ON CONFLICT (tenant_id, number) DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"customer": p.CustomerID, "account": p.AccountID, "number": p.Number, "value": p.ValueOn,
			"currency": p.Amount.Currency, "amount": p.Amount.Minor, "member": tx.Actor.MemberID}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.Invalid{"number": fmt.Sprintf("Payment %s is recorded already. Give another reference if this is other money.", p.Number)}
	}
	if err != nil {
		return 0, fmt.Errorf("record payment: %w", err)
	}
	return id, nil
}

// Payable is an open item that money of its account and currency can pay.
type Payable struct {
	ID          int64
	Number      string
	Kind        string
	DueOn       day.Day // zero: it has none
	Open        int64   // minor units
	InQuestion  int64   // of Open what a dispute holds back, in litigation all
	InCase      bool    // which it leaves once it is paid
	Status      string
	Family      string
	Colour      string  // of its status
	PausedUntil day.Day // zero: not paused
}

// Payables lists what is owed on the account in the currency, the longest due
// first and what has no due date last, at most limit of it.
func Payables(ctx context.Context, tx *tenant.Tx, customer, account int64, c money.Currency, limit int) ([]Payable, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.number, i.kind, i.due_on, i.open_amount AS open, least(coalesce(o.in_question, 0), i.open_amount) AS in_question,
			EXISTS (SELECT FROM case_items q WHERE q.tenant_id = @tenant AND q.item_id = i.id AND q.open) AS in_case, s.name AS status, s.family, s.colour,
			CASE WHEN i.paused_until >= @today THEN i.paused_until END AS paused_until
		FROM items i
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
		LEFT JOIN open_items(@today) o ON o.tenant_id = @tenant AND o.customer_id = @customer AND o.item_id = i.id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.account_id = @account AND i.currency = @currency
			AND i.open_amount > 0
		ORDER BY i.due_on, i.id
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "account": account, "currency": c, "today": tx.Today(), "limit": limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Payable])
	if err != nil {
		return nil, fmt.Errorf("payable items: %w", err)
	}
	return list, nil
}

// Propose sets an amount in minor units against the items in their order, each as far
// as it goes: first what nobody disputes of each, and what is in question last. Who
// pays beside a dispute has not given it up.
func Propose(items []Payable, minor int64) (lines []Line) {
	parts := make([]int64, len(items))
	for _, disputed := range []bool{false, true} {
		for n, i := range items {
			most := i.Open - i.InQuestion
			if disputed {
				most = i.InQuestion
			}
			part := max(min(most, minor), 0)
			parts[n], minor = parts[n]+part, minor-part
		}
	}
	for n, i := range items {
		if parts[n] > 0 {
			lines = append(lines, Line{i.ID, parts[n]})
		}
	}
	return lines
}

// Choice is an account that money can be recorded on, and what is owed on it in
// the currency of what is due longest, the tenant's own where nothing is.
type Choice struct {
	ID     int64
	Number string
	Kind   string
	Owed   money.Amount
}

// Choices lists the customer's accounts, the one with the longest due item
// first.
func Choices(ctx context.Context, tx *tenant.Tx, customer int64) ([]Choice, error) {
	rows, _ := tx.Query(ctx, `
		SELECT a.id, a.number, a.kind, coalesce(i.open, 0), coalesce(i.currency, @own::char(3))
		FROM accounts a
		LEFT JOIN LATERAL (
			SELECT i.currency, min(i.due_on) AS due_on, sum(i.open_amount)::bigint AS open
			FROM items i
			WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.account_id = a.id AND i.open_amount > 0
			GROUP BY i.currency
			ORDER BY min(i.due_on), i.currency
			LIMIT 1) i ON true
		WHERE a.tenant_id = @tenant AND a.customer_id = @customer
		ORDER BY i.due_on, a.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "own": tx.Actor.Tenant.Currency})
	var list []Choice
	var c Choice
	_, err := pgx.ForEachRow(rows, []any{&c.ID, &c.Number, &c.Kind, &c.Owed.Minor, &c.Owed.Currency}, func() error {
		list = append(list, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accounts to pay on: %w", err)
	}
	return list, nil
}
