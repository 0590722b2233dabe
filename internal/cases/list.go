package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Filter chooses cases. Its zero value chooses all open ones.
type Filter struct {
	CustomerID int64
	Closed     bool
	OwnerID    int64 // 0: whoever's
	ResolverID int64
	Status     Status // empty: any open one
	Complaints bool   // only complaints
	Late       bool   // only those of which a date has passed
	Empty      bool   // only those that no item is left in
	After      Key    // to go on after a page
	Limit      int    // 0: no limit
}

// Key is where a page ends.
type Key struct {
	On day.Day
	ID int64
}

// Listed is a case in a list.
type Listed struct {
	Case
	Items   int // in it
	Figures []Figure
}

// Key is where a page that ends with the case is gone on from.
func (l Listed) Key() Key {
	if l.Open() {
		return Key{l.NextOn, l.ID}
	}
	return Key{l.ClosedOn, l.ID}
}

const where = `
		WHERE k.tenant_id = @tenant AND k.open = @open
			AND (@customer::bigint = 0 OR k.customer_id = @customer)
			AND (@owner::bigint = 0 OR k.owner_id = @owner)
			AND (@resolver::bigint = 0 OR k.resolver_id = @resolver)
			AND (@status::text = '' OR k.status = @status)
			AND (NOT @complaints OR k.complaint)
			AND (NOT @late OR least(k.next_on, k.deadline_on) < @today)
			AND (NOT @empty OR NOT EXISTS (SELECT FROM case_items q WHERE q.tenant_id = @tenant AND q.case_id = k.id AND q.open))`

func (f Filter) args(tx *tenant.Tx) pgx.NamedArgs {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "open": !f.Closed, "customer": f.CustomerID, "owner": f.OwnerID, "resolver": f.ResolverID,
		"status": f.Status, "complaints": f.Complaints, "late": f.Late, "empty": f.Empty, "today": tx.Today(), "own": tx.Actor.Tenant.Currency,
		"after_on": f.After.On, "after": f.After.ID, "limit": nil}
	if f.Limit > 0 {
		args["limit"] = f.Limit
	}
	return args
}

// List reads a page of cases, with what is in them now: open ones by the day on which
// somebody looks again, closed ones the newest first.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Listed, error) {
	order := ` AND (@after::bigint = 0 OR (k.next_on, k.id) > (@after_on::date, @after)) ORDER BY k.next_on, k.id LIMIT @limit`
	if f.Closed {
		order = ` AND (@after::bigint = 0 OR (k.closed_on, k.id) < (@after_on::date, @after)) ORDER BY k.closed_on DESC, k.id DESC LIMIT @limit`
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+where+order, f.args(tx))
	cases, err := pgx.CollectRows(rows, pgx.RowToStructByName[Case])
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	list := make([]Listed, len(cases))
	ids := make([]int64, len(cases))
	place := map[int64]int{}
	for n, c := range cases {
		list[n].Case, ids[n], place[c.ID] = c, c.ID, n
	}
	rows, _ = tx.Query(ctx, `
		SELECT q.case_id,`+figure+`
		FROM case_items q
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id
		WHERE q.tenant_id = @tenant AND q.case_id = ANY(@ids) AND q.open
		GROUP BY q.case_id, i.currency
		ORDER BY q.case_id, i.currency <> @own, i.currency`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "own": tx.Actor.Tenant.Currency})
	var id int64
	var fig Figure
	_, err = pgx.ForEachRow(rows, []any{&id, &fig.Currency, &fig.Items, &fig.Open, &fig.InQuestion}, func() error {
		at := &list[place[id]]
		at.Items += fig.Items
		at.Figures = append(at.Figures, fig)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up cases: %w", err)
	}
	return list, nil
}

const figure = ` i.currency, count(*) AS items, sum(greatest(i.open_amount, 0))::bigint AS open,
			sum(least(coalesce(q.amount, i.open_amount), greatest(i.open_amount, 0)))::bigint AS in_question`

// Total is all that a filter chooses, whatever the page.
type Total struct {
	Cases   int
	Figures []Figure // a currency each, the company's own first
}

// Totals adds up what the filter chooses.
func Totals(ctx context.Context, tx *tenant.Tx, f Filter) (t Total, err error) {
	b := tx.Batch()
	b.Queue("count cases", `SELECT count(*) FROM cases k`+where, f.args(tx), func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&t.Cases}, func() error { return nil })
		return err
	})
	b.Queue("add up cases", `
		SELECT`+figure+`
		FROM cases k
		JOIN case_items q ON q.tenant_id = @tenant AND q.case_id = k.id AND q.open
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id`+where+`
		GROUP BY i.currency
		ORDER BY i.currency <> @own, i.currency`, f.args(tx), tenant.Into(&t.Figures))
	return t, b.Send(ctx)
}

// Clock is how long a case has been open, and how much of that it was with whom.
type Clock struct {
	Days int // since it was opened, until it was closed or until today
	With map[Status]int
}

// ClockOf reckons it from the case and its history.
func ClockOf(c Case, history []Line, tx *tenant.Tx) Clock {
	end := tx.Today()
	if !c.Open() {
		end = c.ClosedOn
	}
	k := Clock{Days: end.Sub(c.OpenedOn), With: map[Status]int{}}
	until := end
	for _, l := range history { // the newest first
		if l.Status == "" || l.Status == Closed {
			continue
		}
		on := day.Of(l.At.In(tx.Actor.Tenant.Zone))
		k.With[l.Status] += max(until.Sub(on), 0)
		until = on
	}
	return k
}
