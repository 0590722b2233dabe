package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// EscalateArgs asks to tell managers of the cases whose date has passed: once a day.
type EscalateArgs struct {
	Tenant int64  `json:"tenant"`
	Day    string `json:"day"`
}

// Kind names the job.
func (EscalateArgs) Kind() string { return "escalate_cases" }

// TenantID is the tenant whose cases are looked at.
func (a EscalateArgs) TenantID() int64 { return a.Tenant }

// EscalateOfDay is the body of the job.
func EscalateOfDay(ctx context.Context, tx *tenant.Tx, _ EscalateArgs) error {
	return Escalate(ctx, tx)
}

// passed is a case of which a date has passed that no manager knows of yet.
type passed struct {
	ID         int64
	CustomerID int64
	Title      string
	Owner      string
	On         day.Day
	Deadline   bool // it is the one by which a complaint is answered
	ManagerID  int64
}

// Escalate puts a follow-up on a manager for each open case of which a date has
// passed, once for each date: a manager of the customer's branch before the others.
func Escalate(ctx context.Context, tx *tenant.Tx) error {
	rows, _ := tx.Query(ctx, `
		UPDATE cases k
		SET escalated_for = d.on_day
		FROM (
			SELECT x.id, x.owner_id, c.branch_id,
				CASE WHEN x.deadline_on < @today THEN greatest(x.deadline_on, CASE WHEN x.next_on < @today THEN x.next_on END) ELSE x.next_on END AS on_day
			FROM cases x
			JOIN customers c ON c.tenant_id = @tenant AND c.id = x.customer_id AND c.archived_at IS NULL
			WHERE x.tenant_id = @tenant AND x.open AND least(x.next_on, x.deadline_on) < @today
			FOR NO KEY UPDATE OF x) d
		JOIN members o ON o.tenant_id = @tenant AND o.id = d.owner_id
		JOIN users u ON u.id = o.user_id
		CROSS JOIN LATERAL (
			SELECT m.id
			FROM members m
			WHERE m.tenant_id = @tenant AND m.active AND m.role <> 'collector'
			ORDER BY m.branch_id IS NOT DISTINCT FROM d.branch_id DESC, m.role = 'manager' DESC, m.id
			LIMIT 1) m
		WHERE k.tenant_id = @tenant AND k.id = d.id AND (k.escalated_for IS NULL OR k.escalated_for < d.on_day)
		RETURNING k.id, k.customer_id, k.title, u.name AS owner, d.on_day AS on, (k.deadline_on = d.on_day) IS TRUE AS deadline, m.id AS manager_id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today()})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[passed])
	if err != nil {
		return fmt.Errorf("escalate cases: %w", err)
	}
	reminders, lines := make([]followup.Reminder, len(list)), make([]note.New, len(list))
	for n, p := range list {
		what := "was to be looked at"
		if p.Deadline {
			what = "was to be answered"
		}
		text := fmt.Sprintf("Case %d, %s, of %s %s by %s. Help, or give it to somebody else.", p.ID, p.Title, p.Owner, what, p.On.Long())
		reminders[n] = followup.Reminder{CustomerID: p.CustomerID, AssigneeID: p.ManagerID, DueOn: tx.Today(), Text: text}
		lines[n] = line(p.CustomerID, p.ID, fmt.Sprintf("The case %s by %s: a manager is told.", what, p.On.Long()), data{Event: "escalated"})
	}
	if _, err := followup.Remind(ctx, tx, reminders); err != nil || len(list) == 0 {
		return err
	}
	return note.AddMany(ctx, tx, lines)
}
