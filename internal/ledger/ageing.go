package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// BucketNames are the ranges of days overdue, in order. What is due on the day
// itself or later, or has no due date, is current.
var BucketNames = [...]string{"current", "1-30", "31-60", "61-90", "over 90"}

// Bucket is what is owed in one range of days overdue.
type Bucket struct {
	Items  int
	Amount int64 // minor units
}

// Ageing is what is owed in one currency as of a day, by days overdue. Credits
// stand apart: unapplied payments and open credit notes, in minor units.
type Ageing struct {
	Currency money.Currency
	Credits  int64
	Buckets  [len(BucketNames)]Bucket
}

// Items counts the open items that are owed.
func (a Ageing) Items() (n int) {
	for _, b := range a.Buckets {
		n += b.Items
	}
	return n
}

// Open is the sum of all buckets in minor units.
func (a Ageing) Open() (sum int64) {
	for _, b := range a.Buckets {
		sum += b.Amount
	}
	return sum
}

// Overdue is the sum of the buckets past due in minor units.
func (a Ageing) Overdue() int64 { return a.Open() - a.Buckets[0].Amount }

const ageingSQL = `
	SELECT o.currency,
		CASE
			WHEN o.open_amount < 0 THEN -1
			WHEN o.due_on IS NULL OR o.due_on >= @as_of THEN 0
			WHEN @as_of - o.due_on <= 30 THEN 1
			WHEN @as_of - o.due_on <= 60 THEN 2
			WHEN @as_of - o.due_on <= 90 THEN 3
			ELSE 4
		END AS bucket,
		count(*) AS items,
		sum(abs(o.open_amount))::bigint AS amount
	FROM open_items(@as_of::date) o
	WHERE o.tenant_id = @tenant %[1]s
	GROUP BY 1, 2
	UNION ALL
	SELECT o.currency, -1, count(*), sum(o.unapplied)::bigint
	FROM open_credits(@as_of::date) o
	WHERE o.tenant_id = @tenant %[1]s
	GROUP BY 1
	ORDER BY 1, 2`

var (
	ageingAll = fmt.Sprintf(ageingSQL, "")
	ageingOne = fmt.Sprintf(ageingSQL, "AND o.customer_id = @customer")
	ageingAcc = fmt.Sprintf(ageingSQL, "AND o.customer_id = @customer AND (@account::bigint = 0 OR o.account_id = @account)")
)

// AgeingAsOf is the ageing of the whole tenant as of a day, past or to come, a
// row a currency in alphabetical order. Money counts by its value date.
func AgeingAsOf(ctx context.Context, tx *tenant.Tx, asOf day.Day) ([]Ageing, error) {
	return ageing(ctx, tx, ageingAll, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": asOf})
}

// AgeingOf is the ageing of one customer as of a day, of all accounts where the
// account is 0.
func AgeingOf(ctx context.Context, tx *tenant.Tx, customer, account int64, asOf day.Day) ([]Ageing, error) {
	return ageing(ctx, tx, ageingAcc, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": asOf, "customer": customer, "account": account})
}

func ageing(ctx context.Context, tx *tenant.Tx, sql string, args pgx.NamedArgs) ([]Ageing, error) {
	rows, _ := tx.Query(ctx, sql, args)
	all, err := collectAgeing(rows)
	if err != nil {
		return nil, fmt.Errorf("ageing: %w", err)
	}
	return all, nil
}

func collectAgeing(rows pgx.Rows) (all []Ageing, err error) {
	var (
		currency money.Currency
		bucket   int
		b        Bucket
	)
	_, err = pgx.ForEachRow(rows, []any{&currency, &bucket, &b.Items, &b.Amount}, func() error {
		if len(all) == 0 || all[len(all)-1].Currency != currency {
			all = append(all, Ageing{Currency: currency})
		}
		a := &all[len(all)-1]
		if bucket < 0 {
			a.Credits += b.Amount
		} else {
			a.Buckets[bucket] = b
		}
		return nil
	})
	return all, err
}
