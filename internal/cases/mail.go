package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// send has the e-mails sent, which belong to the case.
func (w *work) send(ctx context.Context, tx *tenant.Tx, d *Done) (err error) {
	if w.Letter != nil {
		if d.LetterID, err = w.Letter.Send(ctx, tx, d.CaseID); err != nil {
			return err
		}
	}
	if w.Message == nil {
		return nil
	}
	m := w.Message.New
	m.CustomerID = w.CustomerID
	if d.MessageID, err = w.Message.Box.Send(ctx, tx, m); err != nil || d.CaseID == 0 {
		return err
	}
	return Attach(ctx, tx, d.CaseID, d.MessageID)
}

// Attach says that a message went out from a case of its customer: what answers it
// belongs there.
func Attach(ctx context.Context, tx *tenant.Tx, id, messageID int64) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO case_messages (message_id, case_id, customer_id)
		SELECT m.id, k.id, k.customer_id
		FROM cases k
		JOIN messages m ON m.tenant_id = @tenant AND m.id = @message AND m.customer_id = k.customer_id
		WHERE k.tenant_id = @tenant AND k.id = @case
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id, "message": messageID})
	if err != nil {
		return fmt.Errorf("attach a message to its case: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("message %d of case %d: %w", messageID, id, errs.NotFound)
	}
	return nil
}
