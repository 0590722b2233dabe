package template

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// style is how days and amounts are written.
type style struct {
	day   func(day.Day) string
	money func(money.Amount) string
}

func styleOf(l language.Language) style {
	if l.Code == "" {
		return style{func(d day.Day) string { return d.Format("2 Jan 2006") }, money.Amount.String}
	}
	return style{l.Day, l.Money}
}

// figures sets the single figures and the list of them.
func (v Values) figures(s ledger.Standing, main ledger.Figure, today day.Day) {
	for name, value := range v.row(main, today) {
		v.single[name] = value
	}
	for _, f := range s.Figures[:min(len(s.Figures), maxRows)] {
		v.lists["figures"] = append(v.lists["figures"], v.row(f, today))
	}
	if p := s.LastPayment; p != nil {
		v.set("last_payment.date", v.style.day(p.ValueOn))
		v.set("last_payment.amount", v.style.money(money.New(p.Amount, p.Currency)))
	}
}

// covered tells that credit covers all that could be asked for: nobody is asked for 0.00.
func covered(f ledger.Figure) bool { return f.ToCollect+f.Stopped == 0 }

// row writes a figure by the names that its fields have. What is listed less the
// credit is what is to collect, but where the customer is stopped.
func (v Values) row(f ledger.Figure, today day.Day) map[string]any {
	m := map[string]any{"currency": string(f.Currency), "oldest_days": 0}
	for name, minor := range map[string]int64{"overdue": f.Overdue, "to_collect": f.ToCollect, "open": f.Open} {
		m[name] = v.style.money(money.New(minor, f.Currency))
	}
	for name, minor := range map[string]int64{"listed": f.Overdue - f.Disputed - f.Paused - f.Promised, "credit": f.Used()} {
		if minor > 0 && !covered(f) {
			m[name] = v.style.money(money.New(minor, f.Currency))
		}
	}
	if !f.OldestDueOn.IsZero() {
		m["oldest_days"], m["oldest_due"] = today.Sub(f.OldestDueOn), v.style.day(f.OldestDueOn)
	}
	return m
}

// listed is an item that a text names.
type listed struct {
	Number, Account string
	IssuedOn, DueOn day.Day
	Currency        money.Currency
	Amount, Open    int64
	All             int // how many there are, listed or not
}

// paid is a payment that a text names.
type paid struct {
	Number   string
	ValueOn  day.Day
	Currency money.Currency
	Amount   int64
}

// load reads the lists in one round trip. Unless items are named, those are left out
// that credit covers.
func (v Values) load(ctx context.Context, tx *tenant.Tx, customerID int64, figures []ledger.Figure, items []int64) error {
	none := []money.Currency{}
	for _, f := range figures {
		if covered(f) {
			none = append(none, f.Currency)
		}
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "today": tx.Today(), "items": items, "covered": none, "most": maxRows}
	b := &pgx.Batch{}
	b.Queue(`
		SELECT i.number, a.number AS account, i.issued_on, i.due_on, i.currency, i.amount,
			i.open_amount - CASE WHEN coalesce(n.still, 0) + coalesce(q.amount, 0) < i.open_amount THEN coalesce(n.still, 0) + coalesce(q.amount, 0) ELSE 0 END AS open,
			count(*) OVER () AS all
		FROM items_as_of(@today) i
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = i.account_id
		LEFT JOIN promise_items n ON n.tenant_id = @tenant AND n.item_id = i.item_id AND n.open AND NOT n.passed_on
		LEFT JOIN case_items q ON q.tenant_id = @tenant AND q.item_id = i.item_id AND q.open
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
			AND CASE WHEN cardinality(@items::bigint[]) > 0 THEN i.item_id = ANY(@items)
			ELSE i.open_amount > 0 AND i.due_on < @today AND i.currency <> ALL(@covered::text[])
				AND i.item_id IN (SELECT o.item_id FROM open_items(@today) o WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.held IN ('free', 'stopped'))
			END
		ORDER BY i.due_on, i.number, i.item_id
		LIMIT @most`, args).Query(func(rows pgx.Rows) error { return v.items(rows, tx.Today()) })
	b.Queue(`
		SELECT CASE p.origin WHEN 'recorded' THEN p.number ELSE '' END AS number, p.value_on, p.currency, p.amount
		FROM payments p
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.returned_on IS NULL AND p.value_on <= @today AND p.origin <> 'carried'
		ORDER BY p.value_on DESC, p.id DESC
		LIMIT 10`, args).Query(v.payments)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("read what a text lists: %w", err)
	}
	return nil
}

func (v Values) items(rows pgx.Rows, today day.Day) error {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[listed])
	v.single["items_more"] = 0
	for _, i := range list {
		m := map[string]any{"number": i.Number, "account": i.Account, "issued": v.style.day(i.IssuedOn), "days": 0,
			"amount": v.style.money(money.New(i.Amount, i.Currency)), "open": v.style.money(money.New(i.Open, i.Currency))}
		if !i.DueOn.IsZero() {
			m["due"] = v.style.day(i.DueOn)
			m["days"] = max(today.Sub(i.DueOn), 0)
		}
		v.lists["items"] = append(v.lists["items"], m)
		v.single["items_more"] = i.All - len(list)
	}
	return err
}

func (v Values) payments(rows pgx.Rows) error {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[paid])
	for _, p := range list {
		v.lists["payments"] = append(v.lists["payments"], map[string]any{"number": p.Number, "date": v.style.day(p.ValueOn),
			"amount": v.style.money(money.New(p.Amount, p.Currency))})
	}
	return err
}
