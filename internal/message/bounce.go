package message

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Bounce writes down that an e-mail came back, and why; dead says that its address
// does not work at all. It tells false where the message had not left, or is known to
// have come back. The reminder that it was is taken back before the transaction ends.
func Bounce(ctx context.Context, tx *tenant.Tx, id int64, why string, dead bool) (bool, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.id = @id AND m.channel = 'email'
		FOR NO KEY UPDATE OF m`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Message])
	if errors.Is(err, pgx.ErrNoRows) {
		return false, errs.NotFound
	}
	if err != nil {
		return false, fmt.Errorf("find the message that came back: %w", err)
	}
	if m.State != Sent && m.State != Sending && m.State != Unknown {
		return false, nil
	}
	why = note.Cut(oneLine(why), 500, "…")
	if err := m.end(ctx, tx, Bounced, why, "came back"); err != nil || m.PointID == 0 || !dead {
		return true, err
	}
	return true, customer.MarkBad(ctx, tx, m.CustomerID, m.PointID, m.Address, why)
}

// Origin is a message that went out, as what comes in about it knows it.
type Origin struct {
	ID         int64
	CustomerID int64 // of one to a resolver the case's; 0: to somebody of the company
	PointID    int64 // 0: none
	Address    string
	Resolver   bool // it went to the colleague who settles a case
}

// ByReference finds the e-mails that were sent under these ids; others are nobody's.
func ByReference(ctx context.Context, tx *tenant.Tx, refs []uuid.UUID) ([]Origin, error) {
	rows, _ := tx.Query(ctx, `
		SELECT m.id, coalesce(m.customer_id, k.customer_id, 0) AS customer_id, coalesce(m.contact_point_id, 0) AS point_id, m.address, k.id IS NOT NULL AS resolver
		FROM messages m
		LEFT JOIN cases k ON k.tenant_id = @tenant AND k.id = m.case_id
		WHERE m.tenant_id = @tenant AND m.channel = 'email' AND m.reference = ANY(@refs)
		ORDER BY array_position(@refs::uuid[], m.reference)`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "refs": refs})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Origin])
	if err != nil {
		return nil, fmt.Errorf("find messages by their ids: %w", err)
	}
	return list, nil
}
