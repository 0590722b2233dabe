// Package document has the files that belong to customers, their items and what
// was sent to them: what is taken, under which name, and who brought it. The
// contents lie in a store beside the database; it neither makes documents nor
// sends them.
package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Subject is what a document is about.
type Subject string

// The subjects. Of a message, of a letter and of a statement it is what was sent, of
// what was received what came with it: these are never removed.
const (
	OfCustomer   Subject = "customer"
	OfItem       Subject = "item" // its copy, or what proves it
	OfMessage    Subject = "message"
	OfLetter     Subject = "letter"
	OfReceived   Subject = "received"
	OfLetterhead Subject = "letterhead" // the company's own
	OfCase       Subject = "case"
	OfStatement  Subject = "statement" // made for print by a run
)

// Document is a file as it was received. Its content never changes.
type Document struct {
	ID         int64
	CustomerID int64 // 0: the company's own
	Subject    Subject
	SubjectID  int64  // 0: the customer as a whole, or the company
	About      string // the item's number, the message's subject, or the case's title
	Closed     bool   // the case that it is about
	Name       string // fit for any disk
	MediaType  string // told by the content
	Size       int64  // bytes
	SHA256     []byte
	BlobKey    string // of the content in the store
	Author     string
	CreatedAt  time.Time
	RemovedAt  *time.Time // out of the lists since
	RemovedBy  string
}

// Sent tells that it is the copy of something that went out.
func (d Document) Sent() bool {
	return d.Subject == OfMessage || d.Subject == OfLetter || d.Subject == OfStatement
}

// Stays tells that nobody can remove it: it proves what was sent, what came in, or how
// a case ended.
func (d Document) Stays() bool { return d.Sent() || d.Subject == OfReceived || d.Closed }

// Shows tells that a browser shows it by itself, without running anything.
func (d Document) Shows() bool {
	switch d.MediaType {
	case "application/pdf", "image/png", "image/jpeg":
		return true
	}
	return false
}

const columns = `d.id, coalesce(d.customer_id, 0) AS customer_id, d.subject, coalesce(d.subject_id, 0) AS subject_id,
		coalesce(i.number, m.subject, r.subject, k.title, '') AS about, coalesce(NOT k.open, false) AS closed, d.name, d.media_type, d.size, d.sha256, d.blob_key,
		coalesce(au.name, 'Dunwell') AS author, d.created_at, d.removed_at, coalesce(ru.name, '') AS removed_by`

const source = `documents d
	LEFT JOIN items i ON i.tenant_id = @tenant AND d.subject = 'item' AND i.id = d.subject_id
	LEFT JOIN messages m ON m.tenant_id = @tenant AND d.subject IN ('message', 'letter') AND m.id = d.subject_id
	LEFT JOIN received r ON r.tenant_id = @tenant AND d.subject = 'received' AND r.id = d.subject_id
	LEFT JOIN cases k ON k.tenant_id = @tenant AND d.subject = 'case' AND k.id = d.subject_id
	LEFT JOIN members am ON am.tenant_id = @tenant AND am.id = d.author_id
	LEFT JOIN users au ON au.id = am.user_id
	LEFT JOIN members rm ON rm.tenant_id = @tenant AND rm.id = d.removed_by
	LEFT JOIN users ru ON ru.id = rm.user_id`

// Find reads a document of the customer. One that was removed is found only
// where a message took it along.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Document, error) {
	return find(ctx, tx, `d.customer_id = @customer AND (d.removed_at IS NULL OR EXISTS (
			SELECT FROM message_documents s
			WHERE s.tenant_id = @tenant AND s.document_id = d.id))`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "id": id})
}

// Open opens the content of any document that the actor may see, removed or not.
// The caller closes it; it can be read after the transaction has ended.
func Open(ctx context.Context, tx *tenant.Tx, store Store, id int64) (Document, io.ReadCloser, error) {
	d, err := find(ctx, tx, `true`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	if err != nil {
		return d, nil, err
	}
	content, err := store.Get(ctx, d.BlobKey)
	if errors.Is(err, fs.ErrNotExist) {
		tx.Later(tenant.Event{Kind: "document.missing", Subject: "document", SubjectID: id, Data: map[string]string{"name": d.Name, "key": d.BlobKey}})
		return d, nil, errs.Conflict(fmt.Sprintf("The content of %q is not in the store any more. Ask your administrator to bring it back from a backup, or upload the file again.", d.Name))
	}
	return d, content, err
}

func find(ctx context.Context, tx *tenant.Tx, where string, args pgx.NamedArgs) (Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.id = @id AND `+where, args)
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Document])
	if errors.Is(err, pgx.ErrNoRows) {
		return d, errs.NotFound
	}
	if err != nil {
		return d, fmt.Errorf("find document: %w", err)
	}
	return d, nil
}
