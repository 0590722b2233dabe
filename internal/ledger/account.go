package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// The kinds of accounts.
const (
	Trade = "trade"
	Loan  = "loan"
)

// Account is what a customer owes under.
type Account struct {
	ID       int64
	Kind     string // Trade or Loan
	Number   string
	OpenedOn day.Day // zero: not known
}

const accountsSQL = `
	SELECT id, kind, number, opened_on
	FROM accounts
	WHERE tenant_id = @tenant AND customer_id = @customer
	ORDER BY kind, number, id`

// AccountsOf lists the accounts of a customer, loans first.
func AccountsOf(ctx context.Context, tx *tenant.Tx, customer int64) ([]Account, error) {
	rows, _ := tx.Query(ctx, accountsSQL, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer})
	accounts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Account])
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return accounts, nil
}

// Received is money that came in.
type Received struct {
	AccountID int64
	ValueOn   day.Day
	Currency  money.Currency
	Amount    int64 // minor units
}

// Standing is how a customer stands today, over all accounts.
type Standing struct {
	Figures     []Figure
	Ageing      []Ageing
	Accounts    []Account
	Disputed    int // open items in dispute or litigation
	LastPayment *Received
	NextDueOn   day.Day // the next day on which something falls due; zero: none
}

// StandingOf reads it in one round trip.
func StandingOf(ctx context.Context, tx *tenant.Tx, customer int64) (s Standing, err error) {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "customers": []int64{customer},
		"as_of": tx.Today(), "currency": tx.Actor.Tenant.Currency}
	b := &pgx.Batch{}
	queue(b, &s.Figures, figuresSQL, args)
	queue(b, &s.Accounts, accountsSQL, args)
	b.Queue(ageingOne, args).Query(func(rows pgx.Rows) (err error) {
		s.Ageing, err = collectAgeing(rows)
		return err
	})
	b.Queue(`
		SELECT count(*) FILTER (WHERE o.open_amount > 0 AND s.family IN ('dispute', 'litigation')), min(o.due_on) FILTER (WHERE o.open_amount > 0 AND o.due_on >= @as_of)
		FROM open_items(@as_of) o
		JOIN item_statuses s ON s.tenant_id = o.tenant_id AND s.id = o.status_id
		WHERE o.tenant_id = @tenant AND o.customer_id = @customer`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&s.Disputed, &s.NextDueOn)
	})
	var last []Received
	queue(b, &last, `
		SELECT account_id, value_on, currency, amount
		FROM payments
		WHERE tenant_id = @tenant AND customer_id = @customer AND returned_on IS NULL AND value_on <= @as_of
		ORDER BY value_on DESC, id DESC
		LIMIT 1`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return s, fmt.Errorf("standing: %w", err)
	}
	if len(last) > 0 {
		s.LastPayment = &last[0]
	}
	return s, nil
}

// queue adds a query to the batch whose rows go into the list.
func queue[T any](b *pgx.Batch, into *[]T, sql string, args pgx.NamedArgs) {
	b.Queue(sql, args).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	})
}

// Summary is how one account stands today.
type Summary struct {
	Account
	Lines       []SummaryLine // one a currency
	LastPayment *Received
}

// SummaryLine is one currency of an account. Amounts are minor units.
type SummaryLine struct {
	AccountID   int64
	Currency    money.Currency
	Open        int64 // owed, due or not
	Credit      int64 // unapplied payments and credit notes
	PastDue     int64
	OldestDueOn day.Day // of what is past due
	NextDueOn   day.Day // today or later
	NextDue     int64
	Instalments int // billed up to today
	Paid        int // of these, paid in full
}

// Balance is what is owed less what is credit.
func (l SummaryLine) Balance() int64 { return l.Open - l.Credit }

const summarySQL = `
	WITH lines AS (
		SELECT i.account_id, i.currency, i.kind, i.due_on,
			greatest(i.open_amount, 0) AS open, greatest(-i.open_amount, 0) AS credit,
			i.open_amount > 0 AND i.due_on < @today AS late,
			min(i.due_on) FILTER (WHERE i.open_amount > 0 AND i.due_on >= @today) OVER (PARTITION BY i.account_id, i.currency) AS next_on
		FROM items_as_of(@today) i
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
		UNION ALL
		SELECT c.account_id, c.currency, 'payment', NULL, 0, c.unapplied, false, NULL
		FROM open_credits(@today) c
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer)
	SELECT account_id, currency, sum(open)::bigint AS open, sum(credit)::bigint AS credit,
		coalesce(sum(open) FILTER (WHERE late), 0)::bigint AS past_due,
		min(due_on) FILTER (WHERE late) AS oldest_due_on,
		max(next_on) AS next_due_on,
		coalesce(sum(open) FILTER (WHERE due_on = next_on), 0)::bigint AS next_due,
		count(*) FILTER (WHERE kind = 'instalment') AS instalments,
		count(*) FILTER (WHERE kind = 'instalment' AND open = 0) AS paid
	FROM lines
	GROUP BY account_id, currency
	ORDER BY account_id, currency <> @currency, currency`

// SummariesOf reads how each account of a customer stands today, loans first, in
// one round trip.
func SummariesOf(ctx context.Context, tx *tenant.Tx, customer int64) ([]Summary, error) {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "today": tx.Today(), "currency": tx.Actor.Tenant.Currency}
	var (
		accounts []Account
		lines    []SummaryLine
		last     []Received
	)
	b := &pgx.Batch{}
	queue(b, &accounts, accountsSQL, args)
	queue(b, &lines, summarySQL, args)
	queue(b, &last, `
		SELECT DISTINCT ON (account_id) account_id, value_on, currency, amount
		FROM payments
		WHERE tenant_id = @tenant AND customer_id = @customer AND returned_on IS NULL AND value_on <= @today
		ORDER BY account_id, value_on DESC, id DESC`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("account summaries: %w", err)
	}
	all := make([]Summary, len(accounts))
	for i, a := range accounts {
		all[i].Account = a
		for _, l := range lines {
			if l.AccountID == a.ID {
				all[i].Lines = append(all[i].Lines, l)
			}
		}
		for j := range last {
			if last[j].AccountID == a.ID {
				all[i].LastPayment = &last[j]
			}
		}
	}
	return all, nil
}
