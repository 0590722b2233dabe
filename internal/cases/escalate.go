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
	FollowUpID int64 // of a date before that one; 0: none
}

// Escalate puts a follow-up on a manager for each open case of which a date has
// passed, once for each date: a manager of the customer's branch before the others. It
// takes the place of the one of a date before.
func Escalate(ctx context.Context, tx *tenant.Tx) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today()}
	_, err := tx.Exec(ctx, `
		SELECT FROM customers c
		WHERE c.tenant_id = @tenant AND c.archived_at IS NULL AND c.id IN (
			SELECT k.customer_id FROM cases k WHERE k.tenant_id = @tenant AND k.open AND least(k.next_on, k.deadline_on) < @today)
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	if err != nil {
		return fmt.Errorf("hold the customers of late cases: %w", err)
	}
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
		RETURNING k.id, k.customer_id, k.title, u.name AS owner, d.on_day AS on, (k.deadline_on = d.on_day) IS TRUE AS deadline, m.id AS manager_id,
			coalesce(k.follow_up_id, 0) AS follow_up_id`, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[passed])
	if err != nil {
		return fmt.Errorf("escalate cases: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	return tell(ctx, tx, list)
}

// tell puts the follow-ups on the managers, which the cases remember.
func tell(ctx context.Context, tx *tenant.Tx, list []passed) error {
	reminders, lines := make([]followup.Reminder, len(list)), make([]note.New, len(list))
	var cases, before []int64
	for n, p := range list {
		what := "was to be looked at"
		if p.Deadline {
			what = "was to be answered"
		}
		text := fmt.Sprintf("Case %d, %s, of %s %s by %s. Help, or give it to somebody else.", p.ID, p.Title, p.Owner, what, p.On.Long())
		reminders[n] = followup.Reminder{CustomerID: p.CustomerID, AssigneeID: p.ManagerID, DueOn: tx.Today(), Text: text}
		lines[n] = line(p.CustomerID, p.ID, fmt.Sprintf("The case %s by %s: a manager is told.", what, p.On.Long()), data{Event: "escalated"})
		cases, before = append(cases, p.ID), append(before, p.FollowUpID)
	}
	if err := followup.Obviate(ctx, tx, before, "Another date of the case has passed: the newer follow-up says which."); err != nil {
		return err
	}
	ids, err := followup.Remind(ctx, tx, reminders)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases k
		SET follow_up_id = n.follow_up
		FROM unnest(@cases::bigint[], @ids::bigint[]) AS n (id, follow_up)
		WHERE k.tenant_id = @tenant AND k.id = n.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "cases": cases, "ids": ids})
	if err != nil {
		return fmt.Errorf("remember what managers were told: %w", err)
	}
	return note.AddMany(ctx, tx, lines)
}

// attended ends what a manager was told of a case that somebody has worked. Where a
// deadline had passed, only another one or another owner is enough.
func attended(ctx context.Context, tx *tenant.Tx, was, is Case) error {
	deadline := was.Complaint && !was.EscalatedFor.IsZero() && !was.EscalatedFor.Before(was.DeadlineOn)
	outcome := "The case was looked at."
	switch {
	case is.OwnerID != was.OwnerID:
		outcome = goesTo(is.Owner)
	case deadline && is.DeadlineOn == was.DeadlineOn:
		return nil
	case deadline:
		outcome = fmt.Sprintf("The case is to be answered by %s.", is.DeadlineOn.Long())
	case is.NextOn != was.NextOn:
		outcome = fmt.Sprintf("The case is to be looked at on %s.", is.NextOn.Long())
	}
	return untell(ctx, tx, []int64{was.ID}, outcome)
}

func goesTo(owner string) string { return fmt.Sprintf("The case goes to %s.", owner) }

// untell ends what managers were told of the cases, where nobody has ended it yet.
func untell(ctx context.Context, tx *tenant.Tx, cases []int64, outcome string) error {
	rows, _ := tx.Query(ctx, `
		WITH told AS (
			SELECT k.id, k.follow_up_id
			FROM cases k
			WHERE k.tenant_id = @tenant AND k.id = ANY(@cases) AND k.follow_up_id IS NOT NULL
			ORDER BY k.id
			FOR NO KEY UPDATE)
		UPDATE cases k
		SET follow_up_id = NULL
		FROM told t
		WHERE k.tenant_id = @tenant AND k.id = t.id
		RETURNING t.follow_up_id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "cases": cases})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("find what managers were told: %w", err)
	}
	return followup.Obviate(ctx, tx, ids, outcome)
}
