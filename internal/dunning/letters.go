package dunning

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

// Letters writes the letters of a batch into one PDF, in the order of the customers'
// numbers: the copies that were kept, page for page.
func (d *Desk) Letters(ctx context.Context, tx *tenant.Tx, batch int64, w io.Writer) error {
	if !CanBulk(tx.Actor) {
		return ErrBulk
	}
	rows, _ := tx.Query(ctx, `
		SELECT m.id
		FROM batch_entries e
		JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
		JOIN messages m ON m.tenant_id = @tenant AND m.id = e.message_id AND m.channel = 'letter'
		WHERE e.tenant_id = @tenant AND e.batch_id = @batch
		ORDER BY c.number, m.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "batch": batch})
	messages, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("find the letters of a batch: %w", err)
	}
	docs, err := document.LettersOf(ctx, tx, messages)
	if err == nil && len(docs) == 0 {
		err = fmt.Errorf("letters of batch %d: %w", batch, errs.NotFound)
	}
	if err != nil {
		return err
	}
	return statement.Join(w, document.Contents(ctx, d.Box.Store, docs))
}
