package message

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// kept is a message with what it gets besides what was written.
type kept struct {
	New
	address, person, sender, replyTo string
	link                             Link
	memberID                         int64
	resolverID, caseID               int64 // to the colleague who settles the case
	state                            State
	detail                           string
	job                              int64
	reference                        uuid.UUID
	thread                           string // the e-mails that it follows on
	confirms                         string // what of the debtor's it answers: stop or start
}

// insert writes the message and its first event, in one round trip and two statements:
// an event is seen by who sees its message, and a statement does not see what it writes
// itself.
func (m kept) insert(ctx context.Context, tx *tenant.Tx) (id int64, err error) {
	b := &pgx.Batch{}
	b.Queue(`
		INSERT INTO messages (customer_id, contact_point_id, member_id, channel, state, address, person, language, subject, body, sender, reply_to, link,
			text_id, reference, demands, override, job_id, author_id, sent_at, segments, confirms, resolver_id, case_id, thread)
		VALUES (nullif(@customer::bigint, 0), nullif(@point::bigint, 0), nullif(@to_member::bigint, 0), @channel, @state, @address, @person, @language,
			@subject, @body, @sender, @reply_to, @link, nullif(@text::bigint, 0), @reference, @demands, @override, nullif(@job::bigint, 0),
			nullif(@member::bigint, 0), CASE WHEN @state = 'sent' THEN clock_timestamp() END,
			nullif(@segments::smallint, 0), @confirms, nullif(@resolver::bigint, 0), nullif(@case::bigint, 0), @thread)`,
		pgx.NamedArgs{"customer": m.CustomerID, "point": m.PointID, "to_member": m.memberID, "channel": m.Channel, "state": m.state, "address": m.address,
			"person": m.person, "language": m.Language, "subject": m.Subject, "body": m.Body, "sender": m.sender, "reply_to": m.replyTo, "link": m.link,
			"text": m.TextID, "reference": m.reference, "demands": m.Demands, "override": m.Override, "job": m.job, "member": tx.Actor.MemberID,
			"segments": m.segments(), "confirms": m.confirms, "resolver": m.resolverID, "case": m.caseID, "thread": m.thread})
	b.Queue(`
		INSERT INTO message_events (message_id, state, detail, member_id)
		SELECT id, state, @detail, nullif(@member::bigint, 0)
		FROM messages
		WHERE tenant_id = @tenant AND reference = @reference
		RETURNING message_id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "reference": m.reference, "detail": m.detail, "member": tx.Actor.MemberID}).
		QueryRow(func(row pgx.Row) error { return row.Scan(&id) })
	err = tx.SendBatch(ctx, b).Close()
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "messages_tenant_id_text_id_fkey" {
		return 0, errs.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("keep message: %w", err)
	}
	if m.CustomerID != 0 {
		tx.Touch(m.CustomerID)
	}
	return id, nil
}

// attach says which files go with the message.
func attach(ctx context.Context, tx *tenant.Tx, id int64, files []document.Document) error {
	if len(files) == 0 {
		return nil
	}
	ids := make([]int64, len(files))
	for i, f := range files {
		ids[i] = f.ID
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO message_documents (message_id, document_id)
		SELECT DISTINCT $1::bigint, d FROM unnest($2::bigint[]) d`, id, ids)
	if err != nil {
		return fmt.Errorf("attach documents: %w", err)
	}
	return nil
}

// journal writes the customer's line, with what proves that the message stayed as
// it was sent.
func journal(ctx context.Context, tx *tenant.Tx, kind string, id int64, n New, text string, files []document.Document) error {
	sum := sha256.Sum256([]byte(n.Subject + "\n" + n.Body))
	var names []string
	ids := []int64{}
	for _, f := range files {
		names, ids = append(names, f.Name), append(ids, f.ID)
	}
	if len(names) > 0 {
		text += ". With " + strings.Join(names, ", ")
	}
	_, err := note.Add(ctx, tx, note.New{CustomerID: n.CustomerID, Kind: kind, Subject: "message", SubjectID: id, Text: text + ".",
		Data: map[string]any{"sha256": hex.EncodeToString(sum[:]), "documents": ids}})
	return err
}

// who is a person with an address.
func who(person, address string) string { return Message{Person: person, Address: address}.To() }
