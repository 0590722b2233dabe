package dunning

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Taken refuses a bulk where somebody else started one with all of its entries between
// the plan and the start.
type Taken struct {
	Batch int64 // theirs; 0: it cannot be told
	Other bool  // they do something else with them
}

// Error says so to the person.
func (t *Taken) Error() string {
	if t.Other {
		return "Somebody else has just started something else with all of them. Nothing was done twice."
	}
	return "Somebody else has just started this with all of them. Nothing was done twice."
}

// Unwrap makes it a conflict.
func (t *Taken) Unwrap() error { return errs.Conflict(t.Error()) }

// taken finds the batch that has the entries, after begin got none of them.
func taken(ctx context.Context, tx *tenant.Tx, own int64, entries []int64, kind BulkKind) error {
	t := &Taken{}
	err := tx.QueryRow(ctx, `
		SELECT b.id, b.kind <> @kind
		FROM batch_entries e
		JOIN batches b ON b.tenant_id = @tenant AND b.id = e.batch_id
		WHERE e.tenant_id = @tenant AND e.batch_id <> @own AND e.entry_id = ANY(@entries)
		ORDER BY e.batch_id DESC
		LIMIT 1`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "own": own, "entries": entries, "kind": kind}).Scan(&t.Batch, &t.Other)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("find who was faster with a bulk: %w", err)
	}
	return t
}
