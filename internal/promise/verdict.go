package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// holdSQL makes those who decide about a customer take turns; one who never promised
// anything is not held.
const holdSQL = `
	SELECT c.id
	FROM customers c
	WHERE c.tenant_id = @tenant AND c.id = ANY(@customers)
		AND EXISTS (SELECT FROM promises p WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id)
	ORDER BY c.id
	FOR NO KEY UPDATE`

// factsSQL reads the instalments that money can be taken for, and the money that came
// since the first of their promises, an account and currency after the other.
const factsSQL = `
	WITH pools AS (
		SELECT p.customer_id, p.account_id, p.currency, min(p.known_to) AS known_to
		FROM promises p
		WHERE p.tenant_id = @tenant AND p.customer_id = ANY(@customers)
		GROUP BY p.customer_id, p.account_id, p.currency
	)
	SELECT p.account_id, p.currency, i.id, p.customer_id, p.id AS promise_id, p.assignee_id, i.number, i.due_on, i.grace_on AS on_day,
		i.amount, p.tolerance, p.known_to, i.received, i.state, coalesce(i.follow_up_id, 0) AS follow_up_id
	FROM promises p
	JOIN instalments i ON i.tenant_id = @tenant AND i.promise_id = p.id AND i.state NOT IN ('replaced', 'withdrawn')
	WHERE p.tenant_id = @tenant AND p.customer_id = ANY(@customers)
	UNION ALL
	SELECT o.account_id, o.currency, m.id, o.customer_id, 0, 0, 0, NULL, m.value_on, m.amount, 0, 0, 0, '', 0
	FROM pools o
	JOIN payments m ON m.tenant_id = @tenant AND m.customer_id = o.customer_id AND m.account_id = o.account_id AND m.currency = o.currency
		AND m.id > o.known_to AND m.returned_on IS NULL
	ORDER BY 1, 2`

// verdicts judges the promises of the customers and returns what differs from what is
// known of them, in the order of the accounts, and who of them ever promised anything.
func verdicts(ctx context.Context, tx *tenant.Tx, customers []int64) (promisers []int64, list []verdict, err error) {
	j := judge{tx: tx, over: loadedTo(tx)}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers}
	b := tx.Batch()
	b.Queue("hold customers who promised", holdSQL, args, func(rows pgx.Rows) (err error) {
		promisers, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	b.Queue("read promises and the money for them", factsSQL, args, j.read)
	if err := b.Send(ctx); err != nil {
		return nil, nil, fmt.Errorf("decide promises: %w", err)
	}
	return promisers, j.list, nil
}

// judge goes through the pools one after the other.
type judge struct {
	tx   *tenant.Tx
	over day.Day
	list []verdict
}

func (j *judge) read(rows pgx.Rows) error {
	var (
		p        pool
		account  int64
		of       int64
		currency money.Currency
		c        claim
	)
	_, err := pgx.ForEachRow(rows, []any{&of, &currency, &c.ID, &c.CustomerID, &c.PromiseID, &c.AssigneeID, &c.Number, &c.DueOn, &c.GraceOn,
		&c.Minor, &c.Tolerance, &c.KnownTo, &c.Received, &c.State, &c.FollowUpID}, func() error {
		if of != account || currency != p.currency {
			j.judge(&p)
			account, p = of, pool{currency: currency}
		}
		if c.PromiseID == 0 {
			p.receipts = append(p.receipts, receipt{c.ID, c.GraceOn, c.Minor})
		} else {
			p.claims = append(p.claims, c)
		}
		return nil
	})
	j.judge(&p)
	return err
}

func (j *judge) judge(p *pool) {
	p.share(func(c claim, received int64, taken []Taken) {
		state := c.stands(received, j.over)
		if state == c.State && received == c.Received {
			return
		}
		j.list = append(j.list, verdict{
			Outcome: Outcome{CustomerID: c.CustomerID, PromiseID: c.PromiseID, ID: c.ID, From: c.State, State: state,
				Amount: money.New(c.Minor, p.currency), Received: received},
			claim: c,
			inputs: Inputs{Amount: c.Minor, Tolerance: c.Tolerance, DueOn: c.DueOn, GraceOn: c.GraceOn, KnownTo: c.KnownTo,
				LoadedTo: j.tx.Actor.Tenant.PaymentsLoadedTo, Payments: taken},
		})
	})
}
