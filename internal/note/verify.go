package note

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Fault is a place where a journal is not what was written.
type Fault struct {
	CustomerID int64
	Number     string // the customer's
	Seq        int64  // the note that is missing or changed
	Fault      string // missing, changed, missing at the end, head missing
}

// String says the fault as a sentence.
func (f Fault) String() string {
	where := fmt.Sprintf("customer %s, note %d", f.Number, f.Seq)
	switch f.Fault {
	case "missing":
		return where + ": it is missing; notes after it are there."
	case "changed":
		return where + ": it is not what was written, or no longer follows the note before it."
	case "missing at the end":
		return where + ": it and perhaps more were written and are missing, or the journal's head was changed."
	case "head missing":
		return fmt.Sprintf("customer %s: the head of the journal is missing, so its end cannot be proved.", f.Number)
	}
	return where + ": " + f.Fault + "."
}

// Verify recomputes every chain of the tenant and returns where one is broken,
// by customer and number; nothing means that all journals are whole.
func Verify(ctx context.Context, tx *tenant.Tx) ([]Fault, error) {
	rows, _ := tx.Query(ctx, `
		SELECT customer_id, number, seq, fault
		FROM note_faults()`)
	faults, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Fault])
	if err != nil {
		return nil, fmt.Errorf("verify notes: %w", err)
	}
	return faults, nil
}
