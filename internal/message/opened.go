package message

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// LinkLife is how long the link to a document works after its message went out.
const LinkLife = 30 * 24 * time.Hour

// DocumentLink is a link to a document, as an SMS carries it.
type DocumentLink struct{ Tenant, document, message int64 }

// DocumentOf reads a link to a document.
func (o *Outbox) DocumentOf(token string) (DocumentLink, error) {
	tenantID, ids, err := o.Secrets.Verify(forDocument, token)
	if err != nil || len(ids) != 2 {
		return DocumentLink{}, errs.NotFound
	}
	return DocumentLink{tenantID, ids[0], ids[1]}, nil
}

// OpenDocument gives the document of a link whose time has not passed, and writes
// down that it was opened.
// The caller closes its content.
func (o *Outbox) OpenDocument(ctx context.Context, tx *tenant.Tx, l DocumentLink) (d document.Document, content io.ReadCloser, err error) {
	var message int64
	err = tx.QueryRow(ctx, `
		SELECT m.id
		FROM messages m
		JOIN message_documents x ON x.tenant_id = @tenant AND x.message_id = m.id AND x.document_id = @document
		WHERE m.tenant_id = @tenant AND m.reference BETWEEN @first AND @last AND m.channel = 'sms'
			AND m.state NOT IN ('held', 'queued', 'discarded') AND coalesce(m.sent_at, m.state_at) > clock_timestamp() - @life::interval`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "document": l.document, "first": within(l.message, 0), "last": within(l.message, 0xff),
			"life": LinkLife}).Scan(&message)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, nil, errs.NotFound
	}
	if err != nil {
		return d, nil, fmt.Errorf("find the message of a link: %w", err)
	}
	if d, content, err = document.Open(ctx, tx, o.Store, l.document); err != nil {
		return d, nil, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO message_events (message_id, state, detail)
		VALUES ($1, $2, $3)`, message, Opened, d.Name)
	if err != nil {
		return d, nil, errors.Join(fmt.Errorf("write down that a document was opened: %w", err), content.Close())
	}
	return d, content, nil
}
