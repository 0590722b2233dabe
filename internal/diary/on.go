package diary

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// onSQL reads when a member is busy on a day, with what is shown of it.
const onSQL = `
	SELECT w.kind, w.id, w.customer_id, c.name, w.due_on, coalesce(to_char(w.due_at, 'HH24:MI'), ''), w.text, w.version
	FROM (
		SELECT 'follow_up', f.id, f.customer_id, f.due_on, f.due_at, left(f.text, 200), f.version
		FROM follow_ups f
		WHERE f.tenant_id = @tenant AND f.assignee_id = @member AND f.ended IS NULL AND f.due_on = @on
		UNION ALL
		SELECT 'contact', k.id, k.customer_id, k.due_on, k.due_at,
			left(coalesce((SELECT t.name FROM contact_types t WHERE t.tenant_id = @tenant AND t.id = k.next_type_id), k.type_name) || ': ' || k.description, 200), k.version
		FROM contacts k
		WHERE k.tenant_id = @tenant AND k.assignee_id = @member AND k.ended IS NULL AND k.due_on = @on
		ORDER BY 5, 2
		LIMIT @most) w (kind, id, customer_id, due_on, due_at, text, version)
	JOIN customers c ON c.tenant_id = @tenant AND c.id = w.customer_id AND c.archived_at IS NULL
	UNION ALL
	SELECT b.kind, 0, 0, '', @on::date, to_char(b.due_at, 'HH24:MI'), '', 0
	FROM busy_elsewhere(@member, @on) b`

// busy is how many tasks On returns at most.
const busy = 200

// On lists the follow-ups and contacts in a member's diary on one day, by the hour,
// those of any time last. Everybody may know when somebody is busy; of customers whom
// they do not see nothing else is told.
func On(ctx context.Context, tx *tenant.Tx, member int64, on day.Day) (list []Task, err error) {
	rows, _ := tx.Query(ctx, onSQL, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": member, "on": on, "most": busy})
	var t Task
	_, err = pgx.ForEachRow(rows, []any{&t.Kind, &t.ID, &t.CustomerID, &t.Customer, &t.On, &t.At, &t.Text, &t.Version}, func() error {
		t.Text, t.key = strings.Join(strings.Fields(t.Text), " "), t.ID
		list = append(list, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the diary of a day: %w", err)
	}
	slices.SortFunc(list, compare)
	return list, nil
}
