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
// stand apart: unapplied payments and open credit notes.
type Ageing struct {
	Currency money.Currency
	// Credits are in minor units and not below zero, on the screen, in the CSV file and as
	// JSON alike: no sum of the ranges has them in it, and Balance takes them off.
	Credits int64
	Buckets [len(BucketNames)]Bucket
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

// Balance is what is owed less the credits, in minor units.
func (a Ageing) Balance() int64 { return a.Open() - a.Credits }

// Add counts a posting of the same currency in, as the queries of the ageing do.
func (a *Ageing) Add(p Posting, asOf day.Day) {
	if p.Open <= 0 {
		a.Credits -= p.Open
		return
	}
	b := &a.Buckets[bucketOf(p.DaysLate(asOf))]
	b.Items++
	b.Amount += p.Open
}

func bucketOf(daysLate int) int {
	switch {
	case daysLate <= 0:
		return 0
	case daysLate > 90:
		return len(BucketNames) - 1
	}
	return (daysLate + 29) / 30
}

// bucketSQL is the place of an open item o in Buckets, -1 for a credit.
const bucketSQL = `CASE
			WHEN o.open_amount < 0 THEN -1
			WHEN o.due_on IS NULL OR o.due_on >= @as_of THEN 0
			WHEN @as_of - o.due_on <= 30 THEN 1
			WHEN @as_of - o.due_on <= 60 THEN 2
			WHEN @as_of - o.due_on <= 90 THEN 3
			ELSE 4
		END`

const ageingSQL = `
	SELECT o.currency, ` + bucketSQL + ` AS bucket, count(*) AS items, sum(abs(o.open_amount))::bigint AS amount
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
	ageingAcc = fmt.Sprintf(ageingSQL, "AND o.customer_id = @customer AND (@account::bigint = 0 OR o.account_id = @account)")
)

// AgeingAsOf is the ageing of the whole tenant as of a day, past or to come, a
// row a currency in alphabetical order. Money counts by its value date.
func AgeingAsOf(ctx context.Context, tx *tenant.Tx, asOf day.Day) (all []Ageing, err error) {
	b := tx.Batch()
	queueAgeing(b, ageingAll, pgx.NamedArgs{"as_of": asOf}, &all)
	err = b.Send(ctx)
	return all, err
}

// DisputedAsOf is what of the open items of a day is in dispute, in litigation or in a
// case now, in minor units of each currency that has any.
func DisputedAsOf(ctx context.Context, tx *tenant.Tx, asOf day.Day) (map[money.Currency]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT o.currency, sum(o.in_question)::bigint
		FROM open_items(@as_of::date) o
		WHERE o.tenant_id = @tenant
		GROUP BY o.currency
		HAVING sum(o.in_question) > 0`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": asOf})
	all := map[money.Currency]int64{}
	var c money.Currency
	var minor int64
	_, err := pgx.ForEachRow(rows, []any{&c, &minor}, func() error { all[c] = minor; return nil })
	if err != nil {
		return nil, fmt.Errorf("add up what is disputed: %w", err)
	}
	return all, nil
}

// QueueAgeing asks in a batch for the ageing of one customer as of a day, of all
// accounts where the account is 0.
func QueueAgeing(b *tenant.Batch, customer, account int64, asOf day.Day, into *[]Ageing) {
	queueAgeing(b, ageingAcc, pgx.NamedArgs{"as_of": asOf, "customer": customer, "account": account}, into)
}

func queueAgeing(b *tenant.Batch, sql string, args pgx.NamedArgs, into *[]Ageing) {
	args["tenant"] = b.Tx.Actor.TenantID
	b.Queue("ageing", sql, args, func(rows pgx.Rows) error {
		var (
			currency money.Currency
			bucket   int
			of       Bucket
		)
		_, err := pgx.ForEachRow(rows, []any{&currency, &bucket, &of.Items, &of.Amount}, func() error {
			*into = addBucket(*into, currency, bucket, of)
			return nil
		})
		return err
	})
}

// addBucket adds a row of the ageing, which come by currency.
func addBucket(all []Ageing, c money.Currency, bucket int, b Bucket) []Ageing {
	if len(all) == 0 || all[len(all)-1].Currency != c {
		all = append(all, Ageing{Currency: c})
	}
	a := &all[len(all)-1]
	if bucket < 0 {
		a.Credits += b.Amount
	} else {
		a.Buckets[bucket] = b
	}
	return all
}
