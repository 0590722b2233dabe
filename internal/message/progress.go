package message

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Progress is what the provider says of an SMS that it was handed.
type Progress struct {
	MessageID  int64
	Attempt    int // by which it was handed over
	ProviderID string
	To         string // E.164
	State      State  // Sent, Delivered or Failed
	Code       int    // the provider's number of why it failed; 0: it gave none
	Words      string // why it failed
}

// Report writes down what the provider says of an SMS. It may come twice, late, in
// any order, and before the provider's first answer was heard, which it then stands
// in for: so an Unknown message is found. What was said last of a way that had ended
// changes nothing. What is not about this message is not found.
func Report(ctx context.Context, tx *tenant.Tx, p Progress) error {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.id = @id AND m.channel = 'sms'
		FOR NO KEY UPDATE OF m`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": p.MessageID})
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Message])
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find the message that the provider speaks of: %w", err)
	}
	switch {
	case m.Address != p.To || p.ProviderID == "":
		return errs.NotFound
	case p.Attempt != m.Attempts:
		return nil // another one has taken its place
	case m.ProviderID == "":
		if err := p.name(ctx, tx); err != nil {
			return err
		}
	case m.ProviderID != p.ProviderID:
		return errs.NotFound
	case m.State != Sent:
		return nil // it has ended
	}
	return p.move(ctx, tx, m)
}

// name keeps what the provider calls the message.
func (p Progress) name(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		UPDATE messages
		SET provider_id = $3
		WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, p.MessageID, p.ProviderID)
	if err != nil {
		return fmt.Errorf("keep the provider's name of a message: %w", err)
	}
	return nil
}

// move brings the message further, never back.
func (p Progress) move(ctx context.Context, tx *tenant.Tx, m Message) error {
	switch {
	case p.State == m.State:
		return nil
	case p.State == Failed:
		return m.refused(ctx, tx, p.Code, p.Words, "was not delivered")
	case m.State != Sending && m.State != Sent:
		return m.end(ctx, tx, p.State, foundWhy, "was sent after all")
	}
	return move{IDs: []int64{m.ID}, To: p.State}.apply(ctx, tx)
}

const foundWhy = "The provider said so."

// StatusOf reads the address at which the provider says what becomes of an SMS: whose
// company's, which message and which attempt it is.
func (o *Outbox) StatusOf(token string) (tenantID, messageID int64, attempt int, err error) {
	tenantID, ids, err := o.Secrets.Verify(forStatus, token)
	if err != nil || len(ids) != 2 {
		return 0, 0, 0, errs.NotFound
	}
	return tenantID, ids[0], int(ids[1]), nil
}

// forIncoming is the purpose of the address at which SMS come in.
const forIncoming = "sms in"

// Incoming is the address that the company gives its provider for SMS that come in.
func (o *Outbox) Incoming(tx *tenant.Tx) (string, error) {
	token, err := o.Secrets.Sign(forIncoming, tx.Actor.TenantID)
	return o.base() + "/hooks/twilio/sms/" + token, err
}

// IncomingOf reads the address at which SMS come in: whose company's it is.
func (o *Outbox) IncomingOf(token string) (tenantID int64, err error) {
	tenantID, _, err = o.Secrets.Verify(forIncoming, token)
	return tenantID, err
}

// SendTest sends an SMS to a number of the person who set the provider up. It shows
// in the outbox how far it came.
func (o *Outbox) SendTest(ctx context.Context, tx *tenant.Tx, number string) (id int64, err error) {
	if !tx.Actor.Is(tenant.Admin) || tx.Actor.System() {
		return 0, errs.Forbidden("Only administrators have a test sent. Ask one of yours.")
	}
	to, err := customer.ParsePhone(number, "")
	if err != nil {
		return 0, errs.Invalid{"number": "Give your own number with + and its country code, such as +47 22 41 09 33."}
	}
	if _, why, err := o.ReadySMS(ctx, tx); err != nil {
		return 0, err
	} else if why != "" {
		return 0, errs.Conflict(why)
	}
	h, err := letterheadOnly(ctx, tx)
	if err != nil {
		return 0, err
	}
	m := kept{New: New{Channel: customer.SMS, Language: h.Language.Code, Body: fmt.Sprintf("%s: this is a test from Dunwell. SMS work.", tx.Actor.Tenant.Name)},
		address: to, person: tx.Actor.Name, sender: h.Sender(), memberID: tx.Actor.MemberID, reference: uuid.New()}
	if err := o.queueSMS(ctx, tx, &m); err != nil {
		return 0, err
	}
	if id, err = m.insert(ctx, tx); err != nil {
		return 0, err
	}
	return id, tx.Audit(ctx, tenant.Event{Kind: "providers.tested", Subject: "message", SubjectID: id})
}
