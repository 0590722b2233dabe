// Package ledger has what is owed and what was received: items, payments, the
// applications between them, the figures made of these, and the ageing as of any
// day. It does not decide what may be chased by whom; it only counts.
package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// The fixed families of item statuses. A tenant's own statuses each belong to one.
const (
	Ongoing         = "ongoing"
	Promised        = "promise"
	Disputed        = "dispute"
	DisputeResolved = "dispute_resolved"
	Litigation      = "litigation"
)

// The kinds of items.
const (
	Invoice    = "invoice"
	Instalment = "instalment"
	Fee        = "fee"
	CreditNote = "credit_note" // its amount is negative
)

// Seed gives a new tenant one status of each family.
func Seed(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO item_statuses (name, family, colour, position)
		VALUES ('Ongoing', 'ongoing', 'grey', 1), ('Promised', 'promise', 'blue', 2), ('Disputed', 'dispute', 'orange', 3),
			('Dispute resolved', 'dispute_resolved', 'green', 4), ('Litigation', 'litigation', 'purple', 5)`)
	if err != nil {
		return fmt.Errorf("seed item statuses: %w", err)
	}
	return nil
}

// Status is one of the tenant's own states of an item.
type Status struct {
	ID     int64
	Name   string
	Family string
}

// Statuses lists the statuses that are in use, in their order.
func Statuses(ctx context.Context, tx *tenant.Tx) ([]Status, error) {
	rows, _ := tx.Query(ctx, `
		SELECT id, name, family
		FROM item_statuses
		WHERE tenant_id = $1 AND retired_at IS NULL
		ORDER BY position, id`, tx.Actor.TenantID)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Status])
}
