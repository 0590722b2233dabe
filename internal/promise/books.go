package promise

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// books are what is owed on an account in one currency, and what was received.
type books struct {
	currency money.Currency
	Items    []Choice // the oldest first, those without a due date last
	Credit   int64    // not applied yet
	KnownTo  int64    // the newest payment
}

// line is what a promise takes of an item.
type line struct {
	ID     int64
	Number string
	Minor  int64
}

func booksOf(ctx context.Context, tx *tenant.Tx, customerID int64, p Plan) (books, error) {
	k := books{currency: p.Amount.Currency}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "account": p.AccountID, "currency": p.Amount.Currency, "today": tx.Today()}
	b := tx.Batch()
	b.Queue("read what is owed", `
		SELECT i.item_id AS id, i.number, i.due_on, i.open_amount AS open, i.in_question, i.held IN ('free', 'promised') AND i.due_on IS NOT NULL AS free,
			n.item_id IS NOT NULL AS promised, least(coalesce(n.still, 0), i.open_amount - i.in_question) AS still
		FROM open_items(@today) i
		LEFT JOIN promise_items n ON n.tenant_id = i.tenant_id AND n.item_id = i.item_id AND n.open AND NOT n.passed_on
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.account_id = @account AND i.currency = @currency AND i.open_amount > 0
		ORDER BY i.due_on, i.item_id`, args, tenant.Into(&k.Items))
	b.Queue("read what was received", `
		SELECT (
				SELECT coalesce(-sum(i.open_amount), 0)::bigint
				FROM open_items(@today) i
				WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.account_id = @account AND i.currency = @currency AND i.open_amount < 0) + (
				SELECT coalesce(sum(c.unapplied), 0)::bigint
				FROM open_credits(@today) c
				WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.account_id = @account AND c.currency = @currency), (
				SELECT coalesce(max(p.id), 0)
				FROM payments p
				WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.account_id = @account AND p.currency = @currency)`,
		args, func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&k.Credit, &k.KnownTo}, func() error { return nil })
			return err
		})
	err := b.Send(ctx)
	return k, err
}

// AllPromised says why nothing can be promised besides, and what to do instead.
const AllPromised = "All that is open here is in an open promise already, so that another one would hold nothing back. Replace the open promise by one of the whole amount."

// collectable is what may be chased and is not promised, net of credit.
func (k books) collectable() (minor int64) {
	for _, i := range k.Items {
		if i.Free {
			minor += i.chased()
		}
	}
	return max(minor-k.Credit, 0)
}

// choose spreads the amount over the items that were picked, or else over those that
// are not promised yet.
func (k books) choose(p Plan) ([]line, error) {
	list, err := k.picked(p.Items)
	if err != nil {
		return nil, err
	}
	if c := k.collectable(); p.Amount.Minor > c && !p.Confirmed {
		return nil, TooMuch{Promised: p.Amount, Collectable: money.New(c, k.currency), Beside: c == 0 && allPromised(k.Items)}
	}
	lines, rest := spread(list, p.Amount.Minor)
	held := money.New(p.Amount.Minor-rest, k.currency)
	switch {
	case rest == 0 || p.Confirmed:
		return lines, nil
	case len(p.Items) > 0:
		return nil, errs.Invalid{"items": fmt.Sprintf("%s is promised, and of the items that are ticked %s is open. Tick more of them, or lower the amount.", p.Amount, held)}
	}
	return nil, TooMuch{Promised: p.Amount, Collectable: held, Beside: true}
}

// spread sets an amount against items in their order, as money that pays them is. rest
// is what none of them takes.
func spread(list []Choice, minor int64) (lines []line, rest int64) {
	items, numbers := make([]ledger.Payable, len(list)), make(map[int64]string, len(list))
	for n, i := range list {
		items[n], numbers[i.ID] = ledger.Payable{ID: i.ID, Open: i.Open, InQuestion: i.InQuestion}, i.Number
	}
	for _, l := range ledger.Propose(items, minor) {
		lines, minor = append(lines, line{l.ItemID, numbers[l.ItemID], l.Minor}), minor-l.Minor
	}
	return lines, minor
}

// picked are the items of these ids, or with none all that can be promised.
func (k books) picked(ids []int64) ([]Choice, error) {
	if len(ids) == 0 {
		return left(k.Items), nil
	}
	list := slices.DeleteFunc(slices.Clone(k.Items), func(i Choice) bool { return !slices.Contains(ids, i.ID) })
	for _, i := range list {
		if i.Promised {
			return nil, errs.Invalid{"items": fmt.Sprintf("%s is in another open promise. Take its tick away, or replace that promise.", i.Number)}
		}
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(ids))); len(list) < len(distinct) {
		return nil, errs.Invalid{"items": "Only what is open on this account, in the currency of the promise, can be promised. Look at the items again."}
	}
	return list, nil
}
