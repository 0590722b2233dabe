package dunning

import (
	"bytes"
	"context"
	"errors"
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
	files := make([]io.ReadSeeker, len(docs))
	for i, x := range docs {
		content, err := d.content(ctx, x)
		if err != nil {
			return err
		}
		files[i] = bytes.NewReader(content)
	}
	return statement.Join(w, files)
}

func (d *Desk) content(ctx context.Context, x document.Document) (b []byte, err error) {
	r, err := d.Box.Store.Get(ctx, x.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open the letter %s: %w", x.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}
