package statementrun

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Plan is what a run would do.
type Plan struct {
	Choice    Choice // as it is understood
	Customers int    // who get a statement
	Sums      []Sum  // of these, one a currency, the company's own first
	LeftOut   []LeftOut
	Reasons   []Reason // of these
	Before    *Run     // the newest run as of the same day; nil: there is none

	list []candidate // all of them
}

// Sum is what stands on all statements in a currency, in minor units.
type Sum struct {
	Currency  money.Currency
	Customers int
	Open      int64 // owed
	Overdue   int64 // of it
	Credit    int64
}

// Read tells what a run would do, and who is left out and why. Each customer is looked
// at again when their turn comes.
func Read(ctx context.Context, tx *tenant.Tx, ch Choice) (p Plan, err error) {
	if !CanRun(tx.Actor) {
		return p, ErrRun
	}
	if err := ch.check(tx.Today()); err != nil {
		return p, err
	}
	if err := ch.found(ctx, tx); err != nil {
		return p, err
	}
	p.Choice = ch
	rows, _ := tx.Query(ctx, runSQL+` AND r.as_of = @as_of
		ORDER BY r.id DESC
		LIMIT 1`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": ch.AsOf})
	if err := tenant.First(&p.Before)(rows); err != nil {
		return p, fmt.Errorf("look for a statement run as of the day: %w", err)
	}
	if p.list, err = ch.candidates(ctx, tx); err != nil {
		return p, err
	}
	for part := range slices.Chunk(p.list, 1000) {
		if err := judge(ctx, tx, part); err != nil {
			return p, err
		}
	}
	for _, c := range p.list {
		if c.why != "" {
			p.LeftOut = append(p.LeftOut, LeftOut{c.ID, c.Number, c.Name, c.why})
			p.leave(c)
			continue
		}
		p.Customers++
		p.add(c)
	}
	order := func(a, b money.Currency) int {
		return cmp.Or(cmp.Compare(rank(a, tx), rank(b, tx)), cmp.Compare(a, b))
	}
	slices.SortFunc(p.Sums, func(a, b Sum) int { return order(a.Currency, b.Currency) })
	slices.SortFunc(p.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.Why, b.Why))
	})
	for _, r := range p.Reasons {
		slices.SortFunc(r.Open, func(a, b money.Amount) int { return order(a.Currency, b.Currency) })
	}
	return p, nil
}

func rank(c money.Currency, tx *tenant.Tx) int {
	if c == tx.Actor.Tenant.Currency {
		return 0
	}
	return 1
}

// leave counts whom nothing is made for, by the reason.
func (p *Plan) leave(c candidate) {
	i := slices.IndexFunc(p.Reasons, func(r Reason) bool { return r.Why == c.why })
	if i < 0 {
		i, p.Reasons = len(p.Reasons), append(p.Reasons, Reason{Why: c.why})
	}
	r := &p.Reasons[i]
	r.Customers++
	for _, s := range c.stands {
		j := slices.IndexFunc(r.Open, func(a money.Amount) bool { return a.Currency == s.Currency })
		switch {
		case j >= 0:
			r.Open[j].Minor += s.Open
		case s.Open > 0:
			r.Open = append(r.Open, money.New(s.Open, s.Currency))
		}
	}
}

func (p *Plan) add(c candidate) {
	for _, s := range c.stands {
		i := slices.IndexFunc(p.Sums, func(sum Sum) bool { return sum.Currency == s.Currency })
		if i < 0 {
			i, p.Sums = len(p.Sums), append(p.Sums, Sum{Currency: s.Currency})
		}
		sum := &p.Sums[i]
		sum.Customers, sum.Open, sum.Overdue, sum.Credit = sum.Customers+1, sum.Open+s.Open, sum.Overdue+s.Overdue, sum.Credit+s.Credit
	}
}

// judge says of each why no statement is made, in a fixed number of queries.
func judge(ctx context.Context, tx *tenant.Tx, list []candidate) error {
	ids, known := make([]int64, len(list)), make([]customer.Customer, len(list))
	for i, c := range list {
		ids[i], known[i] = c.ID, c.Customer
	}
	cares, may := map[int64]customer.Care{}, map[int64]contactrule.Rulings{}
	b := tx.Batch()
	customer.QueueCares(b, ids, &cares)
	contactrule.QueueKnown(b, known, &cares, &may)
	if err := b.Send(ctx); err != nil {
		return err
	}
	for i := range list {
		list[i].why = barred(list[i].Customer, may[list[i].ID])
	}
	return nil
}

// barred says why no statement may go to the customer by post; empty: one may.
func barred(c customer.Customer, may contactrule.Rulings) string {
	if !c.HasAddress() {
		return "No postal address of this customer is known. Give it under Edit."
	}
	if r := may.For(0, customer.Letter); r.Verdict != contactrule.Allowed {
		return r.Reason + "."
	}
	return ""
}
