package dossier

import (
	"context"
	"time"

	"dunwell/internal/day"
)

// followUp is a dated reminder of somebody's.
type followUp struct {
	DueOn     day.Day
	DueAt     string
	Text      string
	Standard  string
	Assignee  string
	Author    string
	CreatedAt time.Time
	InNotes   bool
	Ended     string
	EndedAt   *time.Time
	EndedBy   string
	Outcome   string
}

func (m *making) followUps(ctx context.Context) error {
	head := []string{"Due on", "At", "Text", "Standard text", "For", "Written by", "Written at", "In the journal", "Ended", "Ended at", "Ended by", "What came of it"}
	return table(ctx, m, "follow_ups.csv", head, people+`
		SELECT f.due_on, coalesce(to_char(f.due_at, 'HH24:MI'), '') AS due_at, f.text, coalesce(s.name, '') AS standard, a.name AS assignee, coalesce(w.name, 'Dunwell') AS author,
			f.created_at, f.in_notes, coalesce(f.ended, '') AS ended, f.ended_at, CASE WHEN f.ended IS NULL THEN '' ELSE coalesce(e.name, 'Dunwell') END AS ended_by, f.outcome
		FROM follow_ups f
		JOIN people a ON a.id = f.assignee_id
		LEFT JOIN standard_follow_ups s ON s.tenant_id = @tenant AND s.id = f.standard_id
		LEFT JOIN people w ON w.id = f.author_id
		LEFT JOIN people e ON e.id = f.ended_by
		WHERE f.tenant_id = @tenant AND f.customer_id = @customer
		ORDER BY f.id`, func(f followUp) []string {
		return []string{f.DueOn.String(), f.DueAt, f.Text, f.Standard, f.Assignee, f.Author, m.moment(f.CreatedAt), yes(f.InNotes), f.Ended, m.since(f.EndedAt), f.EndedBy, f.Outcome}
	})
}
