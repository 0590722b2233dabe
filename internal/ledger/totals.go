package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// refreshSQL brings customer_totals to what the ledger says today. Credit pays
// for what is overdue on its own account and currency only, so the netting is
// done an account at a time. What is held stands under the one reason that
// open_items gives. The marks are filled by refresh.
var refreshSQL = `
	WITH lines AS (
		SELECT o.customer_id, o.account_id, o.currency, o.due_on,
			greatest(o.open_amount, 0) AS debt,
			greatest(-o.open_amount, 0) AS credit,
			o.open_amount > 0 AND o.due_on < @today AS late,
			` + strings.ReplaceAll(bucketSQL, "@as_of", "@today") + ` AS bucket,
			o.held, o.in_question, o.promised
		FROM open_items(@today) o
		WHERE o.tenant_id = @tenant %[1]s
		UNION ALL
		SELECT o.customer_id, o.account_id, o.currency, NULL, 0, o.unapplied, false, -1, 'free', 0, 0
		FROM open_credits(@today) o
		WHERE o.tenant_id = @tenant %[1]s
	), by_account AS (
		SELECT customer_id, currency,
			count(*) FILTER (WHERE debt > 0) AS items,
			sum(debt) AS open_amount,
			coalesce(sum(debt) FILTER (WHERE late), 0) AS overdue,
			coalesce(sum(CASE held WHEN 'disputed' THEN debt ELSE in_question END) FILTER (WHERE late AND held IN ('disputed', 'promised', 'free')), 0) AS disputed,
			coalesce(sum(debt) FILTER (WHERE late AND held = 'paused'), 0) AS paused,
			coalesce(sum(debt) FILTER (WHERE late AND held = 'stopped'), 0) AS stopped,
			coalesce(sum(promised) FILTER (WHERE late AND held IN ('promised', 'free')), 0) AS promised,
			sum(credit) AS credit,
			greatest(coalesce(sum(debt - in_question - promised) FILTER (WHERE late AND held = 'free'), 0) - sum(credit), 0) AS to_collect,
			min(due_on) FILTER (WHERE late) AS oldest_due_on,
			min(due_on) FILTER (WHERE debt > 0 AND NOT late) AS next_due_on,
			count(*) FILTER (WHERE debt > 0 AND in_question > 0) AS disputed_items,
			ARRAY[` + eachBucket("count(*) FILTER (WHERE bucket = %[1]d)") + `] AS aged_items,
			ARRAY[` + eachBucket("coalesce(sum(debt) FILTER (WHERE bucket = %[1]d), 0)") + `] AS aged_amounts
		FROM lines
		GROUP BY customer_id, account_id, currency
	), everybody AS (
		SELECT * FROM by_account
		UNION ALL
		SELECT o.id, @currency::char(3), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, '{0,0,0,0,0}', '{0,0,0,0,0}'
		FROM customers o
		WHERE o.tenant_id = @tenant %[2]s
		UNION ALL
		SELECT o.customer_id, o.currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, '{0,0,0,0,0}', '{0,0,0,0,0}'
		FROM customer_totals o
		WHERE o.tenant_id = @tenant %[1]s
	)
	INSERT INTO customer_totals AS t (customer_id, currency, items, open_amount, overdue, held, disputed, paused, stopped, promised, credit, to_collect, oldest_due_on,
		next_due_on, disputed_items, aged_items, aged_amounts)
	SELECT customer_id, currency, sum(items), sum(open_amount), sum(overdue), sum(disputed + paused + stopped + promised),
		sum(disputed), sum(paused), sum(stopped), sum(promised), sum(credit), sum(to_collect), min(oldest_due_on),
		min(next_due_on), sum(disputed_items), ARRAY[` + eachBucket("sum(aged_items[%[2]d])") + `]::integer[], ARRAY[` + eachBucket("sum(aged_amounts[%[2]d])") + `]::bigint[]
	FROM everybody
	GROUP BY customer_id, currency
	ORDER BY customer_id, currency
	ON CONFLICT (tenant_id, customer_id, currency) DO UPDATE
	SET items = excluded.items, open_amount = excluded.open_amount, overdue = excluded.overdue, held = excluded.held,
		disputed = excluded.disputed, paused = excluded.paused, stopped = excluded.stopped, promised = excluded.promised,
		credit = excluded.credit, to_collect = excluded.to_collect, oldest_due_on = excluded.oldest_due_on, next_due_on = excluded.next_due_on,
		disputed_items = excluded.disputed_items, aged_items = excluded.aged_items, aged_amounts = excluded.aged_amounts
	WHERE (t.items, t.open_amount, t.overdue, t.disputed, t.paused, t.stopped, t.promised, t.credit, t.to_collect, t.oldest_due_on,
			t.next_due_on, t.disputed_items, t.aged_items, t.aged_amounts)
		IS DISTINCT FROM (excluded.items, excluded.open_amount, excluded.overdue, excluded.disputed, excluded.paused, excluded.stopped,
			excluded.promised, excluded.credit, excluded.to_collect, excluded.oldest_due_on,
			excluded.next_due_on, excluded.disputed_items, excluded.aged_items, excluded.aged_amounts)`

// eachBucket writes an expression for each of BucketNames: its place counted from 0
// is the first argument, that in an array of the database the second.
func eachBucket(expression string) string {
	all := make([]string, len(BucketNames))
	for i := range all {
		all[i] = fmt.Sprintf(expression, i, i+1)
	}
	return strings.Join(all, ", ")
}

// sweepSQL removes what is zero in a currency that is not the tenant's own.
const sweepSQL = `
	DELETE FROM customer_totals o
	WHERE o.tenant_id = @tenant AND o.currency <> @currency AND o.items = 0 AND o.credit = 0 %[1]s`

var (
	refreshSome = []string{
		fmt.Sprintf(refreshSQL, "AND o.customer_id = ANY(@customers)", "AND o.id = ANY(@customers)"),
		fmt.Sprintf(sweepSQL, "AND o.customer_id = ANY(@customers)"),
	}
	refreshAll = []string{fmt.Sprintf(refreshSQL, "", ""), fmt.Sprintf(sweepSQL, "")}
)

// Refresh brings the totals of these customers up to date. It is the hook before
// commit: whoever changes a balance calls tx.Touch instead.
func Refresh(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	return refresh(ctx, tx, refreshSome, customers)
}

// RefreshAll brings all totals of the tenant up to date: every night, because
// what is overdue changes with the day.
func RefreshAll(ctx context.Context, tx *tenant.Tx) error {
	return refresh(ctx, tx, refreshAll, nil)
}

func refresh(ctx context.Context, tx *tenant.Tx, statements []string, customers []int64) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(),
		"currency": tx.Actor.Tenant.Currency, "customers": customers}
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("refresh totals: %w", err)
		}
	}
	return nil
}

// Figure is what one customer owes in one currency today, in minor units.
// Overdue less Held less Used is ToCollect, and Held is Disputed, Paused, Stopped
// and Promised.
type Figure struct {
	CustomerID  int64
	Currency    money.Currency
	Items       int     // open ones that are owed
	Open        int64   // owed in all, due or not
	Overdue     int64   // of it, due before today
	Held        int64   // of the overdue, what may not be chased now
	Disputed    int64   // of the held, what is disputed, in litigation or in a case
	Paused      int64   // of the rest, what is paused
	Stopped     int64   // of the rest, all where the customer is stopped or archived
	Promised    int64   // of the rest, what is promised, or all of a consumer's account with a promise
	Credit      int64   // unapplied payments and credit notes
	ToCollect   int64   // overdue less held less credit, an account at a time
	OldestDueOn day.Day // of the overdue items; zero where nothing is overdue
}

// Used is what credit takes off the overdue: no more of it than there is on the
// account that it belongs to.
func (f Figure) Used() int64 { return f.Overdue - f.Held - f.ToCollect }

const figuresSQL = `
	SELECT customer_id, currency, items, open_amount AS open, overdue, held, disputed, paused, stopped, promised, credit, to_collect, oldest_due_on%s
	FROM customer_totals
	WHERE tenant_id = @tenant AND customer_id = %s AND (items <> 0 OR credit <> 0)
	ORDER BY customer_id, currency <> @currency, currency`

// Asked for one customer with an equals sign, the database keeps its plan; with a
// list of one it would make a new one each time.
var (
	figuresMany = fmt.Sprintf(figuresSQL, "", "ANY(@customers)")
	figuresOne  = fmt.Sprintf(figuresSQL, ", next_due_on, disputed_items, aged_items, aged_amounts", "@customer")
)

// Figures reads the totals of these customers, in the order of their currencies
// with the tenant's own first. A figure that is all zero is left out.
func Figures(ctx context.Context, tx *tenant.Tx, customers []int64) (by map[int64][]Figure, err error) {
	b := tx.Batch()
	QueueFigures(b, customers, &by)
	err = b.Send(ctx)
	return by, err
}

// QueueFigures is Figures in a batch.
func QueueFigures(b *tenant.Batch, customers []int64, into *map[int64][]Figure) {
	b.Queue("figures", figuresMany,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": customers, "currency": b.Tx.Actor.Tenant.Currency}, func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Figure])
			*into = make(map[int64][]Figure, len(customers))
			for _, f := range all {
				(*into)[f.CustomerID] = append((*into)[f.CustomerID], f)
			}
			return err
		})
}
