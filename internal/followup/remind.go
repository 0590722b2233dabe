package followup

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Reminder is a follow-up that comes of something that happened, such as a promise
// that was not kept.
type Reminder struct {
	CustomerID int64
	AssigneeID int64 // also one who has left: then it has no owner, and is in that list
	DueOn      day.Day
	Text       string
}

// Remind puts these follow-ups on their assignees, in one statement, and returns
// their ids in the same order. What happened is the caller's to write into the
// journal.
func Remind(ctx context.Context, tx *tenant.Tx, list []Reminder) ([]int64, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var customers, assignees []int64
	var days []day.Day
	var texts []string
	for _, r := range list {
		customers, assignees = append(customers, r.CustomerID), append(assignees, r.AssigneeID)
		days, texts = append(days, r.DueOn), append(texts, r.Text)
	}
	rows, _ := tx.Query(ctx, `
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, text, author_id, created_at)
		SELECT r.customer, r.assignee, r.due_on, r.text, nullif(@author::bigint, 0), @now
		FROM unnest(@customers::bigint[], @assignees::bigint[], @days::date[], @texts::text[])
			WITH ORDINALITY AS r (customer, assignee, due_on, text, place)
		ORDER BY r.place
		RETURNING id`,
		pgx.NamedArgs{"customers": customers, "assignees": assignees, "days": days, "texts": texts, "author": tx.Actor.MemberID, "now": tx.Now})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("put follow-ups on their assignees: %w", err)
	}
	return ids, nil
}

// Obviate ends those of the follow-ups that are still active because there is
// nothing to be done any more. The outcome says why.
func Obviate(ctx context.Context, tx *tenant.Tx, ids []int64, outcome string) error {
	if len(ids) == 0 {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		UPDATE follow_ups f
		SET ended = 'done', ended_at = @now, ended_by = nullif(@member::bigint, 0), outcome = @outcome, version = f.version + 1
		WHERE f.tenant_id = @tenant AND f.id = ANY(@ids) AND f.ended IS NULL
		RETURNING f.customer_id, f.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "now": tx.Now, "member": tx.Actor.MemberID, "outcome": outcome})
	var customer, id int64
	var lines []note.New
	_, err := pgx.ForEachRow(rows, []any{&customer, &id}, func() error {
		lines = append(lines, note.New{CustomerID: customer, Kind: "follow_up", Text: "Follow-up: done. " + outcome, Subject: "follow_up", SubjectID: id})
		return nil
	})
	if err != nil {
		return fmt.Errorf("end follow-ups that are obviated: %w", err)
	}
	return note.AddMany(ctx, tx, lines)
}

// Assignee is the name of a member who can be given work on the customer: an active
// one who sees that customer. Anybody else is refused at the field assignee.
func Assignee(ctx context.Context, tx *tenant.Tx, customerID, member int64) (string, error) {
	return assignee(ctx, tx, customerID, member)
}
