package message

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// record writes down what the server said. Where the sweep was faster and made it
// Unknown, this knows better; where a person has decided meanwhile, that stands.
func (o *Outbox) record(ctx context.Context, tx *tenant.Tx, p parcel, got answer) (wait time.Duration, err error) {
	var state State
	var attempts, tries int // all, and those since a person last had it sent
	err = tx.QueryRow(ctx, `
		SELECT m.state, m.attempts, (
			SELECT count(*)
			FROM message_events e
			WHERE e.tenant_id = $1 AND e.message_id = m.id AND e.state = 'sending' AND e.id > coalesce((
				SELECT max(q.id)
				FROM message_events q
				WHERE q.tenant_id = $1 AND q.message_id = m.id AND q.state = 'queued' AND q.member_id IS NOT NULL), 0))
		FROM messages m
		WHERE m.tenant_id = $1 AND m.id = $2
		FOR NO KEY UPDATE`, tx.Actor.TenantID, p.ID).Scan(&state, &attempts, &tries)
	if err != nil {
		return 0, fmt.Errorf("find the message that was sent: %w", err)
	}
	if state != Sending && state != Unknown || attempts != p.attempt {
		return 0, nil
	}
	switch got.verdict {
	case accepted:
		return 0, move{IDs: []int64{p.ID}, To: Sent}.apply(ctx, tx)
	case unclear:
		return 0, p.unknown(ctx, tx, "The connection broke after the mail server had the whole message and before it answered ("+got.Words+").")
	case refused:
		return 0, p.fail(ctx, tx, got.Words)
	}
	if tries > len(waits) {
		return 0, p.fail(ctx, tx, fmt.Sprintf("Given up after %d attempts. The last time: %s", tries, got.Words))
	}
	wait = waits[max(tries, 1)-1]
	return wait, move{IDs: []int64{p.ID}, To: Queued, After: wait, Error: got.Words, Detail: fmt.Sprintf("Tried again in %s. The mail server did not take it: %s", wait, got.Words)}.apply(ctx, tx)
}

// fail ends a message that is not sent.
func (m Message) fail(ctx context.Context, tx *tenant.Tx, why string) error {
	return m.end(ctx, tx, Failed, why, "was not sent")
}

// lost is a message whose worker died over it.
func (m Message) lost(ctx context.Context, tx *tenant.Tx) error {
	return m.unknown(ctx, tx, lostWhy)
}

const lostWhy = "The program stopped while it handed the message over, so that nobody knows whether the mail server took it."

func (m Message) unknown(ctx context.Context, tx *tenant.Tx, why string) error {
	return m.end(ctx, tx, Unknown, why, "may or may not have been sent")
}

// end brings a message to a state that it does not leave by itself, and says so in
// the customer's journal.
func (m Message) end(ctx context.Context, tx *tenant.Tx, to State, why, what string) error {
	if err := (move{IDs: []int64{m.ID}, To: to, Detail: why, Error: why}).apply(ctx, tx); err != nil || m.CustomerID == 0 {
		return err
	}
	_, err := note.Add(ctx, tx, m.line(what, why))
	return err
}

// line is what the journal says of what became of the message.
func (m Message) line(what, why string) note.New {
	return note.New{CustomerID: m.CustomerID, Kind: "message", Subject: "message", SubjectID: m.ID,
		Text: strings.TrimSpace(fmt.Sprintf("The e-mail “%s” to %s %s. %s", m.Subject, cmp.Or(m.Person, m.Address), what, why))}
}
