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
	Disputed    int // open items in dispute, in litigation or in a case
	LastPayment *Received
	NextDueOn   day.Day // the next day on which something falls due; zero: none
}

// StandingOf reads it in one round trip.
func StandingOf(ctx context.Context, tx *tenant.Tx, customer int64) (s Standing, err error) {
	b := tx.Batch()
	QueueStanding(b, customer, &s)
	err = b.Send(ctx)
	return s, err
}

// QueueStanding is StandingOf in a batch.
func QueueStanding(b *tenant.Batch, customer int64, into *Standing) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer, "as_of": b.Tx.Today(), "currency": b.Tx.Actor.Tenant.Currency}
	b.Queue("standing", figuresOne, args, into.read)
	b.Queue("accounts", paidAccountsSQL, args, func(rows pgx.Rows) error {
		list, err := tenant.Collect(rows, pgx.RowToAddrOfStructByName[paidAccount])
		for _, a := range list {
			into.Accounts = append(into.Accounts, a.Account)
			if a.ValueOn != nil {
				into.LastPayment = &Received{a.ID, *a.ValueOn, *a.Currency, *a.Amount}
			}
		}
		return err
	})
}

// paidAccount is an account with the customer's last payment where that came to it.
type paidAccount struct {
	Account
	ValueOn  *day.Day
	Currency *money.Currency
	Amount   *int64
}

const paidAccountsSQL = `
	SELECT a.id, a.kind, a.number, a.opened_on, p.value_on, p.currency, p.amount
	FROM accounts a
	LEFT JOIN (
		SELECT account_id, value_on, currency, amount
		FROM payments
		WHERE tenant_id = @tenant AND customer_id = @customer AND returned_on IS NULL AND value_on <= @as_of AND origin <> 'carried'
		ORDER BY value_on DESC, id DESC
		LIMIT 1) p ON p.account_id = a.id
	WHERE a.tenant_id = @tenant AND a.customer_id = @customer
	ORDER BY a.kind, a.number, a.id`

// read reads the totals of the customer.
func (s *Standing) read(rows pgx.Rows) error {
	type total struct {
		Figure
		NextDueOn     day.Day
		DisputedItems int
		AgedItems     []int
		AgedAmounts   []int64
	}
	totals, err := pgx.CollectRows(rows, pgx.RowToStructByName[total])
	for _, t := range totals {
		a := Ageing{Currency: t.Currency, Credits: t.Credit}
		for i := range a.Buckets {
			a.Buckets[i] = Bucket{t.AgedItems[i], t.AgedAmounts[i]}
		}
		s.Figures, s.Ageing, s.Disputed = append(s.Figures, t.Figure), append(s.Ageing, a), s.Disputed+t.DisputedItems
		if s.NextDueOn.IsZero() || !t.NextDueOn.IsZero() && t.NextDueOn.Before(s.NextDueOn) {
			s.NextDueOn = t.NextDueOn
		}
	}
	return err
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

// QueueSummaries asks in a batch how each of the customer's accounts stands today.
// The accounts may be asked for before in the same batch.
func QueueSummaries(b *tenant.Batch, customer int64, accounts *[]Account, into *[]Summary) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer, "today": b.Tx.Today(), "currency": b.Tx.Actor.Tenant.Currency}
	var (
		lines []SummaryLine
		last  []Received
	)
	b.Queue("account lines", summarySQL, args, tenant.Into(&lines))
	b.Queue("last payments", `
		SELECT DISTINCT ON (account_id) account_id, value_on, currency, amount
		FROM payments
		WHERE tenant_id = @tenant AND customer_id = @customer AND returned_on IS NULL AND value_on <= @today AND origin <> 'carried'
		ORDER BY account_id, value_on DESC, id DESC`, args, func(rows pgx.Rows) error {
		err := tenant.Into(&last)(rows)
		*into = summaries(*accounts, lines, last)
		return err
	})
}

// summaries gives each account its lines and its last payment.
func summaries(accounts []Account, lines []SummaryLine, last []Received) []Summary {
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
	return all
}
