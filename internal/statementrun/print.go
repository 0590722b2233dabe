package statementrun

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// Print writes all statements of a run that is finished into one PDF, in the order of
// the customers' numbers: the copies that were kept, page for page. It holds one at a
// time.
func (d *Desk) Print(ctx context.Context, tx *tenant.Tx, r Run, w io.Writer) error {
	if !CanRun(tx.Actor) {
		return ErrRun
	}
	if r.FinishedAt == nil {
		return errs.Conflict("The statements are still being made. They can be printed once all are.")
	}
	rows, _ := tx.Query(ctx, `
		SELECT d.id, d.name, d.blob_key
		FROM statement_run_customers s
		JOIN customers c ON c.tenant_id = @tenant AND c.id = s.customer_id
		JOIN documents d ON d.tenant_id = @tenant AND d.id = s.document_id
		WHERE s.tenant_id = @tenant AND s.run_id = @run
		ORDER BY c.number, c.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "run": r.ID})
	docs, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[document.Document])
	if err == nil && len(docs) == 0 {
		err = errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find the statements of run %d: %w", r.ID, err)
	}
	tx.Later(tenant.Event{Kind: "statement_run.printed", Data: map[string]any{"run": r.ID, "as_of": r.AsOf, "statements": len(docs)}})
	return statement.Join(w, document.Contents(ctx, d.Box.Store, docs))
}
