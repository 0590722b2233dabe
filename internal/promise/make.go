package promise

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

const mayNotMake = errs.Forbidden("Only people who work customers write down promises. Ask one of them.")

// Make writes down a promise of the customer and returns its id. What can be
// collected is looked at with the account held; where the promise is more, it asks
// back with TooMuch.
func Make(ctx context.Context, tx *tenant.Tx, customerID int64, p Plan) (id int64, err error) {
	if !CanMake(tx.Actor) {
		return 0, mayNotMake
	}
	if err := holdAccount(ctx, tx, customerID, p.AccountID); err != nil {
		return 0, err
	}
	return write(ctx, tx, customerID, p, nil)
}

// write makes the promise, perhaps after another one, with everything held.
func write(ctx context.Context, tx *tenant.Tx, customerID int64, p Plan, after *earlier) (int64, error) {
	if err := p.check(tx.Today()); err != nil {
		return 0, err
	}
	if err := p.meanwhile(ctx, tx, customerID, after); err != nil {
		return 0, err
	}
	who, err := followup.Assignee(ctx, tx, customerID, p.AssigneeID)
	if err != nil {
		return 0, err
	}
	rules, err := SettingsOf(ctx, tx)
	if err != nil {
		return 0, err
	}
	owed, err := booksOf(ctx, tx, customerID, p)
	if err != nil {
		return 0, err
	}
	lines, err := owed.choose(p)
	if err != nil {
		return 0, err
	}
	m := making{Plan: p, customer: customerID, rules: rules, owed: owed, lines: lines, who: who, after: after}
	return m.save(ctx, tx)
}

// meanwhile asks whether it is another promise, where one of the same account and
// currency was made since this one was planned: two people may have heard the same.
func (p Plan) meanwhile(ctx context.Context, tx *tenant.Tx, customerID int64, after *earlier) error {
	if p.Newest == nil {
		return nil
	}
	var but, id int64
	if after != nil {
		but = after.ID
	}
	err := tx.QueryRow(ctx, `
		SELECT coalesce(max(p.id), 0)
		FROM promises p
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.id > @newest AND p.id <> @but
			AND p.account_id = @account AND p.currency = @currency AND p.state NOT IN ('replaced', 'withdrawn')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "newest": *p.Newest, "but": but, "account": p.AccountID, "currency": p.Amount.Currency}).Scan(&id)
	if err != nil {
		return fmt.Errorf("look for a promise made meanwhile: %w", err)
	}
	if id == 0 {
		return nil
	}
	made, err := Find(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	who := made.Author
	if made.AuthorID != nil && *made.AuthorID == tx.Actor.MemberID {
		who = "you"
	}
	return errs.Conflict(fmt.Sprintf("Since you opened this page %s wrote down a promise of %s by %s. Is this another one? "+
		"Then look at what is shown now, and save again. Nothing of yours was saved.", who, made.Amount(), made.DueOn().Long()))
}

// making is a promise that may be made as it is.
type making struct {
	Plan
	customer int64
	rules    Settings
	owed     books
	lines    []line
	who      string
	after    *earlier // nil: none
}

func (m making) save(ctx context.Context, tx *tenant.Tx) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO promises (customer_id, account_id, currency, amount, tolerance, collectable, known_to, assignee_id, text, replacements,
			author_id, made_on, made_at)
		VALUES (@customer, @account, @currency, @amount, @tolerance, @collectable, @known, @assignee, @text, @replacements,
			nullif(@author::bigint, 0), @today, @now)
		RETURNING id`,
		pgx.NamedArgs{"customer": m.customer, "account": m.AccountID, "currency": m.Amount.Currency, "amount": m.Amount.Minor,
			"tolerance": m.rules.Tolerance(m.Amount.Currency), "collectable": m.owed.collectable(), "known": m.owed.KnownTo,
			"assignee": m.AssigneeID, "text": m.Text, "replacements": m.after.count(), "author": tx.Actor.MemberID, "today": tx.Today(), "now": tx.Now}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("write down a promise: %w", err)
	}
	if err := m.saveInstalments(ctx, tx, id); err != nil {
		return 0, err
	}
	if err := m.saveItems(ctx, tx, id); err != nil {
		return 0, err
	}
	tx.Touch(m.customer)
	return id, journal(ctx, tx, m.customer, id, m.words(), nil)
}

// saveInstalments keeps the parts, each with its last day for the money.
func (m making) saveInstalments(ctx context.Context, tx *tenant.Tx, id int64) error {
	first, last := m.Instalments[0].DueOn, m.Instalments[len(m.Instalments)-1].DueOn
	off, err := tenant.DaysOffOf(ctx, tx, first, last.Add(120))
	if err != nil {
		return err
	}
	due, grace, amounts := make([]day.Day, len(m.Instalments)), make([]day.Day, len(m.Instalments)), make([]int64, len(m.Instalments))
	for n, i := range m.Instalments {
		due[n], grace[n], amounts[n] = i.DueOn, graceEnd(off, i.DueOn, m.rules.GraceDays), i.Minor
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO instalments (customer_id, promise_id, assignee_id, number, due_on, grace_on, amount)
		SELECT @customer, @promise, @assignee, n.number, n.due_on, n.grace_on, n.amount
		FROM unnest(@due::date[], @grace::date[], @amounts::bigint[]) WITH ORDINALITY AS n (due_on, grace_on, amount, number)
		ORDER BY n.number`,
		pgx.NamedArgs{"customer": m.customer, "promise": id, "assignee": m.AssigneeID, "due": due, "grace": grace, "amounts": amounts})
	if err != nil {
		return fmt.Errorf("write down instalments: %w", err)
	}
	return nil
}

// graceEnd is the nth day of work after a day, the day itself for none.
func graceEnd(off tenant.DaysOff, on day.Day, n int) day.Day {
	for ; n > 0; n-- {
		on = off.From(on.Add(1))
	}
	return on
}

func (m making) saveItems(ctx context.Context, tx *tenant.Tx, id int64) error {
	items, amounts := make([]int64, len(m.lines)), make([]int64, len(m.lines))
	for n, l := range m.lines {
		items[n], amounts[n] = l.ID, l.Minor
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO promise_items (promise_id, item_id, customer_id, account_id, currency, place, amount, still)
		SELECT @promise, n.item, @customer, @account, @currency, n.place, n.amount, n.amount
		FROM unnest(@items::bigint[], @amounts::bigint[]) WITH ORDINALITY AS n (item, amount, place)`,
		pgx.NamedArgs{"promise": id, "customer": m.customer, "account": m.AccountID, "currency": m.Amount.Currency, "items": items, "amounts": amounts})
	if err != nil {
		return fmt.Errorf("write down the items of a promise: %w", err)
	}
	return nil
}

// words is the line of the journal.
func (m making) words() string {
	var w strings.Builder
	fmt.Fprintf(&w, "Promise to pay %s", m.Amount)
	if len(m.Instalments) == 1 {
		fmt.Fprintf(&w, " by %s", m.Instalments[0].DueOn.Long())
	} else {
		fmt.Fprintf(&w, " in %d instalments: ", len(m.Instalments))
		w.WriteString(listed(m.Instalments, func(i Part) string { return money.New(i.Minor, m.Amount.Currency).String() + " by " + i.DueOn.Long() }))
	}
	fmt.Fprintf(&w, ", followed up by %s.", m.who)
	if len(m.lines) > 0 {
		w.WriteString(" It is about " + listed(m.lines, func(l line) string { return l.Number + " with " + money.New(l.Minor, m.Amount.Currency).String() }) + ".")
	}
	if c := money.New(m.owed.collectable(), m.Amount.Currency); m.Amount.Minor > c.Minor {
		fmt.Fprintf(&w, " It is more than the %s that could be collected then.", c)
	}
	if m.after != nil {
		w.WriteString(" " + m.after.words())
	}
	if m.Text != "" {
		w.WriteString(" " + m.Text)
	}
	return w.String()
}

// listed names the first of a list.
func listed[T any](list []T, name func(T) string) string {
	const named = 8
	parts := make([]string, 0, named+1)
	for _, one := range list[:min(len(list), named)] {
		parts = append(parts, name(one))
	}
	if more := len(list) - named; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}
