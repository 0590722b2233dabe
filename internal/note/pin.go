package note

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// MaxPins is how many notes of one customer can be pinned at a time.
const MaxPins = 10

// Pin keeps a note on top of its customer's journal, for everybody. Pinning what
// is pinned changes nothing. It is no part of the record and writes no note.
func Pin(ctx context.Context, tx *tenant.Tx, customerID, seq int64) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "seq": seq, "member": tx.Actor.MemberID}
	var others int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM note_pins
		WHERE tenant_id = @tenant AND customer_id = @customer AND seq <> @seq`, args).Scan(&others)
	if err != nil {
		return fmt.Errorf("count pins: %w", err)
	}
	if others >= MaxPins {
		return errs.Conflict(fmt.Sprintf("%d notes are pinned here and there is room for no more. Unpin one that is settled.", MaxPins))
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO note_pins (customer_id, seq, member_id)
		VALUES (@customer, @seq, @member)
		ON CONFLICT DO NOTHING`, args)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("pin note: %w", err)
	}
	return nil
}

// Unpin lets a note go back to its place. Where it was not pinned nothing happens.
func Unpin(ctx context.Context, tx *tenant.Tx, customerID, seq int64) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM note_pins
		WHERE tenant_id = @tenant AND customer_id = @customer AND seq = @seq`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "seq": seq})
	if err != nil {
		return fmt.Errorf("unpin note: %w", err)
	}
	return nil
}

// of is the customer and those who were merged into it.
const of = `ANY(@customer::bigint || ARRAY(SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = @customer))`

var pinnedSQL = inItsOwn(reading(`note_pins p
		JOIN notes n ON n.tenant_id = @tenant AND n.customer_id = p.customer_id AND n.seq = p.seq
		WHERE p.tenant_id = @tenant AND p.customer_id = `+of)) + `
	ORDER BY n.id DESC`

// QueuePinned asks in a batch for the pinned notes of a customer and of those who were
// merged into it, the newest first.
func QueuePinned(b *tenant.Batch, customerID int64, into *[]Note) {
	b.Seldom("read pinned notes", tenant.Pins, []int64{customerID}, pinnedSQL, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}, tenant.Into(into))
}
