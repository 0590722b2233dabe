package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// Line is what was said once, by the customer or to the customer.
type Line struct {
	At         time.Time
	Incoming   bool
	ReceivedID int64  // of what came in
	MessageID  int64  // of what went out
	EntryID    int64  // in the inbox, of what came in
	Kind       Kind   // of what came in
	Open       bool   // its entry
	State      string // of what went out, by the message's own word
	Error      string
	Address    string // where it came from or went to
	Person     string
	Author     string // who sent it; empty: the program itself
	Subject    string
	Body       string
	Files      int
}

// Conversation reads what was said in both directions on a channel, the newest
// first: so many lines from before a moment, zero being now, and those of the last
// line's own moment with it.
func Conversation(ctx context.Context, tx *tenant.Tx, customerID int64, ch customer.Channel, before time.Time, limit int) ([]Line, error) {
	rows, _ := tx.Query(ctx, `
		SELECT *
		FROM (
			SELECT r.at, true AS incoming, r.id AS received_id, 0::bigint AS message_id, e.id AS entry_id, r.kind, e.state = 'open' AS open, '' AS state, '' AS error,
				r.from_address AS address, r.person, '' AS author, r.subject, r.body, (
					SELECT count(*)
					FROM documents d
					WHERE d.tenant_id = @tenant AND d.subject = 'received' AND d.subject_id = r.id AND d.removed_at IS NULL) AS files
			FROM inbox_entries e
			JOIN received r ON r.tenant_id = @tenant AND r.id = e.received_id
			WHERE e.tenant_id = @tenant AND e.customer_id = @customer AND e.kind <> 'answer' AND r.channel = @channel
			UNION ALL
			SELECT coalesce(m.sent_at, m.created_at), false, 0, m.id, 0, '', false, m.state, m.error, m.address, m.person, coalesce(u.name, ''), m.subject, m.body, (
					SELECT count(*)
					FROM message_documents d
					WHERE d.tenant_id = @tenant AND d.message_id = m.id)
			FROM messages m
			LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = m.author_id
			LEFT JOIN users u ON u.id = a.user_id
			WHERE m.tenant_id = @tenant AND m.customer_id = @customer AND m.channel = @channel) l
		WHERE @before::timestamptz IS NULL OR l.at < @before
		ORDER BY l.at DESC
		FETCH FIRST @limit ROWS WITH TIES`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "channel": ch, "before": moment(before), "limit": limit})
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, fmt.Errorf("read a conversation: %w", err)
	}
	return lines, nil
}

// moment is NULL for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
