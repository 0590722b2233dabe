package dossier

import (
	"context"
	"fmt"
	"time"
)

// received is a message that came in.
type received struct {
	ID        int64
	Kind      string
	Channel   string
	From      string
	Person    string
	To        string
	Subject   string
	Body      string
	At        time.Time
	TakenAt   time.Time
	MessageID int64
	State     string
	Outcome   string
	HandledAt *time.Time
	HandledBy string
	Files     string
}

// received writes what came in from the customer, each text as it was received, and
// what was done about it.
func (m *making) received(ctx context.Context) error {
	head := []string{"Received", "Kind", "Channel", "Sent at", "Taken in at", "From", "Person", "To", "Subject", "Text", "Files", "About message", "State", "Outcome", "Handled at", "Handled by"}
	return table(ctx, m, "received.csv", head, `
		SELECT r.id, r.kind, r.channel, r.from_address AS from, r.person, r.to_address AS to, r.subject, r.body, r.at, r.taken_at,
			coalesce(r.message_id, 0) AS message_id, e.state, e.outcome, e.handled_at,
			CASE WHEN e.handled_at IS NULL THEN '' ELSE coalesce(u.name, 'Dunwell') END AS handled_by,
			coalesce((
				SELECT string_agg(d.id::text, ' ' ORDER BY d.id)
				FROM documents d
				WHERE d.tenant_id = @tenant AND d.subject = 'received' AND d.subject_id = r.id), '') AS files
		FROM inbox_entries e
		JOIN received r ON r.tenant_id = @tenant AND r.id = e.received_id
		LEFT JOIN members b ON b.tenant_id = @tenant AND b.id = e.handled_by
		LEFT JOIN users u ON u.id = b.user_id
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer
		ORDER BY r.id`, func(r received) []string {
		about := ""
		if r.MessageID != 0 {
			about = fmt.Sprint(r.MessageID)
		}
		return []string{fmt.Sprint(r.ID), r.Kind, r.Channel, m.moment(r.At), m.moment(r.TakenAt), r.From, r.Person, r.To, r.Subject, r.Body, r.Files, about,
			r.State, r.Outcome, m.since(r.HandledAt), r.HandledBy}
	})
}

// waiting is what somebody had to look at: something that came in, or a message that
// did not get out.
type waiting struct {
	At         time.Time
	Kind       string
	ReceivedID int64
	MessageID  int64
	CaseID     int64
	Why        string
	Assignee   string
	State      string
	Outcome    string
	HandledAt  *time.Time
	HandledBy  string
}

func (m *making) inbox(ctx context.Context) error {
	head := []string{"At", "Kind", "Came in as", "Message", "Case", "Why", "For", "State", "Outcome", "Handled at", "Handled by"}
	return table(ctx, m, "inbox.csv", head, people+`
		SELECT e.at, e.kind, coalesce(e.received_id, 0) AS received_id, coalesce(e.message_id, 0) AS message_id, coalesce(e.case_id, 0) AS case_id, e.why,
			coalesce(a.name, '') AS assignee, e.state, e.outcome, e.handled_at, CASE WHEN e.handled_at IS NULL THEN '' ELSE coalesce(h.name, 'Dunwell') END AS handled_by
		FROM inbox_entries e
		LEFT JOIN people a ON a.id = e.assignee_id
		LEFT JOIN people h ON h.id = e.handled_by
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer
		ORDER BY e.id`, func(w waiting) []string {
		return []string{m.moment(w.At), w.Kind, number(w.ReceivedID), number(w.MessageID), number(w.CaseID), w.Why, w.Assignee, w.State, w.Outcome, m.since(w.HandledAt), w.HandledBy}
	})
}
