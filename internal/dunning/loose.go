package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// LooseEnd is a customer who owes something overdue and whom no run brings up.
type LooseEnd struct {
	CustomerID int64
	Number     string
	Name       string
	Owner      string // empty: nobody who works here
	Why        string // of NoNextStep: why nothing comes next
	Figures    []ledger.Figure
}

// LooseShown is how many customers such a list has at most; the rest comes up as
// these are worked.
const LooseShown = 200

// cashSQL chooses the customers w whose credit covers, in some currency, all that
// could be collected: nobody is reminded, and the credit is to be applied.
const cashSQL = `
	FROM (
		SELECT DISTINCT t.customer_id
		FROM customer_totals t
		WHERE t.tenant_id = @tenant AND t.to_collect = 0 AND t.overdue > t.held) w
	JOIN customers c ON c.tenant_id = @tenant AND c.id = w.customer_id AND c.archived_at IS NULL`

// strandedSQL chooses the customers w of whom something is to be collected and for
// whom nobody is there who sees them, or nothing comes next: neither an entry nor a
// follow-up nor a day; and those with something that is never due. Who owes less than
// the minimum of the policy is none of them.
var strandedSQL = `
	FROM (
		SELECT x.customer_id, min(x.why) AS why
		FROM (
			SELECT n.id AS customer_id, n.why
			FROM (
				SELECT o.id, 'Nobody works this customer.' AS why
				FROM customers o
				WHERE o.tenant_id = @tenant AND o.owner_id IS NULL
				UNION ALL
				SELECT o.id, 'Who works this customer has left.'
				FROM members m
				JOIN customers o ON o.tenant_id = @tenant AND o.owner_id = m.id
				WHERE m.tenant_id = @tenant AND NOT m.active
				UNION ALL
				SELECT o.id, 'Its owner, ' || u.name || coalesce(', sees the customers of ' || b.name || ' only.', ', is of no branch and sees no customers.')
				FROM tenants t
				JOIN members m ON m.tenant_id = @tenant AND m.active
				JOIN users u ON u.id = m.user_id
				JOIN customers o ON o.tenant_id = @tenant AND o.owner_id = m.id
				LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = m.branch_id
				WHERE t.id = @tenant AND NOT ` + member.Sees("t", "m", "o.branch_id") + `
				UNION ALL
				SELECT o.id, 'Reminders are manual, and no day is chosen.'
				FROM customers o
				WHERE o.tenant_id = @tenant AND o.reminder_mode = 'manual' AND o.next_reminder_on IS NULL AND ` + idleSQL + `
				UNION ALL
				SELECT o.id, 'The policy ' || p.name || ' has no levels, and no follow-up is planned.'
				FROM policies p
				JOIN customer_policies x ON x.tenant_id = @tenant AND x.policy_id = p.id
				JOIN customers o ON o.tenant_id = @tenant AND o.id = x.customer_id
				WHERE p.tenant_id = @tenant AND NOT EXISTS (
						SELECT FROM levels l WHERE l.tenant_id = @tenant AND l.policy_id = p.id AND l.retired_at IS NULL)
					AND ` + idleSQL + `) n
			WHERE EXISTS (SELECT FROM customer_totals t WHERE t.tenant_id = @tenant AND t.customer_id = n.id AND t.to_collect > 0)
			UNION ALL
			SELECT i.customer_id, 'An item has no due date, so nobody is ever reminded of it.'
			FROM items i
			WHERE i.tenant_id = @tenant AND i.due_on IS NULL AND i.open_amount > 0) x
		GROUP BY x.customer_id) w
	JOIN customers c ON c.tenant_id = @tenant AND c.id = w.customer_id AND c.archived_at IS NULL`

// idleSQL tells that nothing is planned with the customer o.
const idleSQL = `NOT EXISTS (SELECT FROM agenda_entries e WHERE e.tenant_id = @tenant AND e.customer_id = o.id AND e.state = 'open')
				AND NOT EXISTS (SELECT FROM follow_ups f WHERE f.tenant_id = @tenant AND f.customer_id = o.id AND f.ended IS NULL)`

// CashToApply lists the customers whose credit covers all that could be collected in
// some currency, by name: one’s own with Mine, for managers all with Team.
func CashToApply(ctx context.Context, tx *tenant.Tx, of Whose) ([]LooseEnd, error) {
	f := Filter{Whose: of}
	if !f.CanSee(tx.Actor) {
		return nil, ErrOthersAgenda
	}
	return looseEnds(ctx, tx, `''`, cashSQL+mineOnly(of), f.args(tx))
}

// NoNextStep lists the customers of whom something is to be collected and whom
// nobody works who sees them, or for whom nothing comes next, by name.
func NoNextStep(ctx context.Context, tx *tenant.Tx) ([]LooseEnd, error) {
	if !tx.Actor.Is(tenant.Manager) {
		return nil, errs.Forbidden("Only managers and administrators see whom nobody works. Your own customers stand in your agenda.")
	}
	return looseEnds(ctx, tx, `w.why`, strandedSQL, Filter{}.args(tx))
}

func mineOnly(of Whose) string {
	if of == Mine {
		return ` AND c.owner_id = @owner`
	}
	return ""
}

func looseEnds(ctx context.Context, tx *tenant.Tx, why, from string, args pgx.NamedArgs) (list []LooseEnd, err error) {
	args["limit"] = LooseShown
	b := tx.Batch()
	b.Queue("list loose ends", `
		SELECT c.id AS customer_id, c.number, c.name, CASE WHEN m.active THEN u.name ELSE '' END, `+why+from+`
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = c.owner_id
		LEFT JOIN users u ON u.id = m.user_id
		ORDER BY c.name_key, c.id
		LIMIT @limit`, args, func(rows pgx.Rows) error {
		var l LooseEnd
		var owner *string
		_, err := pgx.ForEachRow(rows, []any{&l.CustomerID, &l.Number, &l.Name, &owner, &l.Why}, func() error {
			l.Owner = ""
			if owner != nil {
				l.Owner = *owner
			}
			list = append(list, l)
			return nil
		})
		return err
	})
	if err := b.Send(ctx); err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]int64, len(list))
	for i, l := range list {
		ids[i] = l.CustomerID
	}
	figures, err := ledger.Figures(ctx, tx, ids)
	for i := range list {
		list[i].Figures = figures[list[i].CustomerID]
	}
	return list, err
}

// CountLoose counts both lists, each no further than CountedTo; what the actor may
// not see is zero.
func CountLoose(ctx context.Context, tx *tenant.Tx, of Whose) (cash, stranded Count, err error) {
	f := Filter{Whose: of}
	if !f.CanSee(tx.Actor) {
		return cash, stranded, ErrOthersAgenda
	}
	args := f.args(tx)
	args["most"] = CountedTo
	b := tx.Batch()
	queueCount(b, cashSQL+mineOnly(of), args, &cash)
	if tx.Actor.Is(tenant.Manager) {
		queueCount(b, strandedSQL, args, &stranded)
	}
	if err := b.Send(ctx); err != nil {
		return cash, stranded, fmt.Errorf("count loose ends: %w", err)
	}
	return cash, stranded, nil
}
