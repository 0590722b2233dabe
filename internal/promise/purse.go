package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Purse is what is owed on an account in one currency: what a promise can be about.
type Purse struct {
	AccountID int64
	Kind      string // of the account
	Account   string // its number
	Currency  money.Currency
	// ToCollect is past due, not held back and not promised yet, net of credit;
	// Collectable is with what is due later. Both are minor units.
	ToCollect, Collectable int64
	Items                  []Choice // the oldest first, those without a due date last
	Newest                 int64    // promise of the customer, on whatever account; 0: none

	due, free int64 // of ToCollect and Collectable what is of items in no other promise
}

// Choice is an item that can be promised.
type Choice struct {
	ID         int64
	Number     string
	DueOn      day.Day
	Open       int64
	InQuestion int64 // of Open what a dispute holds back, in litigation all
	Free       bool  // it may be chased, for all that is known besides promises
	Promised   bool  // it is in another open promise
	Still      int64 // of what is undisputed what is to come of that one
}

// chased is what may be chased of an item that is Free.
func (i Choice) chased() int64 { return i.Open - i.InQuestion - i.Still }

// Proposed is the amount that a promise begins with: what is to be collected now of
// items in no other promise, else all that can be of them.
func (p Purse) Proposed() money.Amount {
	if p.due > 0 {
		return money.New(p.due, p.Currency)
	}
	return money.New(p.free, p.Currency)
}

// AllPromised tells that there are items, and none that is left for another promise.
func (p Purse) AllPromised() bool { return allPromised(p.Items) }

func allPromised(items []Choice) bool { return len(items) > 0 && len(left(items)) == 0 }

// left are the items in no other promise, first what may be chased.
func left(items []Choice) []Choice {
	list := slices.DeleteFunc(slices.Clone(items), func(i Choice) bool { return i.Promised })
	slices.SortStableFunc(list, func(a, b Choice) int { return later(!a.Free, !b.Free) })
	return list
}

// Of is how the account is called.
func (p Purse) Of() string {
	if p.Kind == ledger.Loan {
		return "Loan " + p.Account
	}
	return "Account " + p.Account
}

// Name tells the purse from the customer's others.
func (p Purse) Name() string { return p.Of() + ", " + string(p.Currency) }

// Oldest are the items that a promise of the amount is about unless others are
// ticked: the oldest that are not promised yet, first what may be chased, and those
// last of which it would only take what is in question.
func (p Purse) Oldest(minor int64) (ids []int64) {
	lines, _ := spread(left(p.Items), minor)
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	return ids
}

// mostChoices is how many open items of a customer are offered, the oldest.
const mostChoices = 500

// Purses lists what the customer can make promises about: first where the most is to
// be collected, the company's own currency before the others. What the promise holds
// that is replaced, 0 for none, is free for the next one.
func Purses(ctx context.Context, tx *tenant.Tx, customerID, replaced int64) ([]Purse, error) {
	rows, _ := tx.Query(ctx, `
		WITH credits AS MATERIALIZED (
			SELECT x.account_id, x.currency, sum(x.amount)::bigint AS amount
			FROM (
				SELECT o.account_id, o.currency, -o.open_amount AS amount
				FROM open_items(@today) o
				WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.open_amount < 0
				UNION ALL
				SELECT c.account_id, c.currency, c.unapplied
				FROM open_credits(@today) c
				WHERE c.tenant_id = @tenant AND c.customer_id = @customer) x
			GROUP BY x.account_id, x.currency
		)
		SELECT a.id, a.kind, a.number, i.currency, i.item_id, i.number, i.due_on, i.open_amount, i.in_question,
			i.held IN ('free', 'promised') AND i.due_on IS NOT NULL AS free, n.item_id IS NOT NULL AS promised,
			least(coalesce(n.still, 0), i.open_amount - i.in_question), coalesce(i.due_on < @today, false) AS late, coalesce(k.amount, 0),
			(SELECT coalesce(max(m.id), 0) FROM promises m WHERE m.tenant_id = @tenant AND m.customer_id = @customer)
		FROM open_items(@today) i
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = i.account_id
		LEFT JOIN credits k ON k.account_id = i.account_id AND k.currency = i.currency
		LEFT JOIN promise_items n ON n.tenant_id = @tenant AND n.item_id = i.item_id AND n.open AND NOT n.passed_on AND n.promise_id <> @replaced
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.open_amount > 0
		ORDER BY i.currency <> @own, a.id, i.currency, i.due_on, i.item_id
		LIMIT @most`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "replaced": replaced, "today": tx.Today(), "own": tx.Actor.Tenant.Currency, "most": mostChoices})
	var (
		list    []Purse
		p       Purse
		i       Choice
		late    bool
		credit  int64
		credits []int64
	)
	_, err := pgx.ForEachRow(rows, []any{&p.AccountID, &p.Kind, &p.Account, &p.Currency, &i.ID, &i.Number, &i.DueOn, &i.Open, &i.InQuestion, &i.Free, &i.Promised, &i.Still, &late, &credit, &p.Newest}, func() error {
		if n := len(list); n == 0 || list[n-1].AccountID != p.AccountID || list[n-1].Currency != p.Currency {
			list, credits = append(list, p), append(credits, credit)
		}
		at := &list[len(list)-1]
		at.Items = append(at.Items, i)
		at.add(i, late)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what can be promised: %w", err)
	}
	for n := range list {
		for _, sum := range []*int64{&list[n].ToCollect, &list[n].Collectable, &list[n].due, &list[n].free} {
			*sum = max(*sum-credits[n], 0)
		}
	}
	slices.SortStableFunc(list, func(a, b Purse) int {
		own := tx.Actor.Tenant.Currency
		return cmp.Or(later(a.Currency != own, b.Currency != own), cmp.Compare(b.ToCollect, a.ToCollect))
	})
	return list, nil
}

// add adds what may be chased of an item; late: it is past due.
func (p *Purse) add(i Choice, late bool) {
	if !i.Free {
		return
	}
	minor := i.chased()
	p.Collectable += minor
	if late {
		p.ToCollect += minor
	}
	if i.Promised {
		return
	}
	p.free += minor
	if late {
		p.due += minor
	}
}

// later puts what it is true of after what it is not.
func later(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// ProposeDay is the day that a promise begins with: in a week, or the next day after
// it that is worked.
func ProposeDay(ctx context.Context, tx *tenant.Tx) (day.Day, error) {
	week := tx.Today().Add(7)
	off, err := tenant.DaysOffOf(ctx, tx, week, week.Add(30))
	return off.From(week), err
}
