package message

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// record writes down what the mail server or the provider said. Where the sweep was
// faster and made it Unknown, this knows better; where a person has decided
// meanwhile, or the provider said more since, that stands.
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
	switch got.Verdict {
	case accepted:
		return 0, p.accepted(ctx, tx, got)
	case unclear:
		why := got.Words
		if p.Channel == customer.Mail {
			why = "The connection broke after the mail server had the whole message and before it answered (" + got.Words + ")."
		}
		return 0, p.unknown(ctx, tx, why)
	case refused:
		return 0, p.refused(ctx, tx, got.Code, got.Words, "was not sent")
	}
	if tries > len(waits) {
		return 0, p.fail(ctx, tx, fmt.Sprintf("Given up after %d attempts. The last time: %s", tries, got.Words))
	}
	wait = waits[max(tries, 1)-1]
	return wait, move{IDs: []int64{p.ID}, To: Queued, After: wait, Error: got.Words, Detail: fmt.Sprintf("Tried again in %s. %s", wait, p.notYet(got.Words))}.apply(ctx, tx)
}

// accepted writes down under which name the provider has the message, and what it
// costs.
func (p parcel) accepted(ctx context.Context, tx *tenant.Tx, got answer) error {
	if got.ID != "" {
		_, err := tx.Exec(ctx, `
			UPDATE messages
			SET provider_id = @id, price = nullif(@price::text, '')::numeric, price_currency = nullif(@currency, '')
			WHERE tenant_id = @tenant AND id = @message`,
			pgx.NamedArgs{"tenant": tx.Actor.TenantID, "message": p.ID, "id": got.ID, "price": got.Price, "currency": got.Currency})
		if err != nil {
			return fmt.Errorf("keep the provider's name of a message: %w", err)
		}
	}
	return move{IDs: []int64{p.ID}, To: Sent}.apply(ctx, tx)
}

// optedOut is the number of the provider's refusal to write to who opted out there.
const optedOut = 21610

// refused ends what will not be taken, or was not: what says which. Who opted out with
// the provider has opted out here, and has had its answer from there.
func (m Message) refused(ctx context.Context, tx *tenant.Tx, code int, why, what string) error {
	switch {
	case code != optedOut || m.CustomerID == 0:
		return m.end(ctx, tx, Failed, why, what)
	case m.Confirms != "":
		return move{IDs: []int64{m.ID}, To: Discarded, Detail: "The provider has answered it itself."}.apply(ctx, tx)
	}
	from, err := whose(ctx, tx, m.Address)
	if err != nil {
		return err
	}
	if err := ledger.Hold(ctx, tx, from.all); err != nil {
		return err
	}
	if _, err := customer.OptByWord(ctx, tx, m.Address, true, "The provider, which they told so", why); err != nil {
		return err
	}
	return m.end(ctx, tx, Failed, why, what)
}

// notYet says who put the message off.
func (m Message) notYet(words string) string {
	if m.Channel == customer.SMS {
		return words
	}
	return "The mail server did not take it: " + words
}

// fail ends a message that is not sent.
func (m Message) fail(ctx context.Context, tx *tenant.Tx, why string) error {
	return m.end(ctx, tx, Failed, why, "was not sent")
}

// lost is a message whose worker died over it.
func (m Message) lost(ctx context.Context, tx *tenant.Tx) error {
	return m.unknown(ctx, tx, lostWhy)
}

const lostWhy = "The program stopped while it handed the message over, so that nobody knows whether it was taken."

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

func (m Message) noun() string {
	if m.Channel == customer.SMS {
		return "SMS"
	}
	return "e-mail"
}

// line is what the journal says of what became of the message.
func (m Message) line(what, why string) note.New {
	return note.New{CustomerID: m.CustomerID, Kind: "message", Subject: "message", SubjectID: m.ID,
		Text: strings.TrimSpace(fmt.Sprintf("The %s “%s” to %s %s. %s", m.noun(), m.Heading(), cmp.Or(m.Person, m.Address), what, why))}
}
