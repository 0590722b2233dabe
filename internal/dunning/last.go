package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/tenant"
)

// caseSQL has the items of entries that are done whose last level this was, where the
// policy has a case follow: those that are chased. Whoever owns the customer works it,
// else who said Done, else the first manager.
const caseSQL = `
	SELECT e.customer_id AS "CustomerID", coalesce(o.id, nullif(min(n."Member"), 0), (
			SELECT m.id
			FROM members m
			WHERE m.tenant_id = @tenant AND m.active AND m.role <> 'collector'
			ORDER BY m.role = 'manager' DESC, m.id
			LIMIT 1)) AS "OwnerID",
		'After the last level: ' || max(l.name) AS "Title",
		greatest(coalesce(nullif(min(n."Next"), '')::date, max(r.pay_by) + 1, @today), @today) AS "NextOn",
		array_agg(i.id ORDER BY i.due_on, i.id) AS "Items", array_agg(i.number ORDER BY i.due_on, i.id) AS "Numbers"
	FROM ` + finishedSQL + `
	JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = n."Entry"
	JOIN policies p ON p.tenant_id = @tenant AND p.id = e.policy_id AND p.after_last = 'case'
	JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
	LEFT JOIN members o ON o.tenant_id = @tenant AND o.id = c.owner_id AND o.active
	JOIN reminders r ON r.tenant_id = @tenant AND r.entry_id = e.id AND r.reverses IS NULL AND NOT r.along
	JOIN levels l ON l.tenant_id = @tenant AND l.id = r.level_id
	JOIN items i ON i.tenant_id = @tenant AND i.id = r.item_id AND i.open_amount > 0
	JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id AND s.family IN ('ongoing', 'promise')
	WHERE n."Raise"
		AND NOT EXISTS (
			SELECT FROM levels v
			WHERE v.tenant_id = @tenant AND v.policy_id = p.id AND v.retired_at IS NULL AND v.after_days > r.after_days)
		AND NOT EXISTS (
			SELECT FROM case_items q
			WHERE q.tenant_id = @tenant AND q.item_id = i.id AND q.open)
	GROUP BY e.customer_id, o.id
	ORDER BY e.customer_id`

// openCases has a case follow the last level, where the policy says so.
func openCases(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, caseSQL, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[cases.After])
	if err != nil {
		return fmt.Errorf("look whose last level was done: %w", err)
	}
	return cases.OpenAfter(ctx, tx, list)
}
