package document

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Filter chooses documents that were not removed.
type Filter struct {
	CustomerID int64
	ItemID     int64 // only those of that item; 0: all
	Before     int64 // only ids below it, to go on after a page; 0: from the newest
	Limit      int
}

// List reads a page of the customer's documents, the newest first.
func List(ctx context.Context, tx *tenant.Tx, f Filter) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.customer_id = @customer AND d.removed_at IS NULL
			AND (@item::bigint = 0 OR d.subject = 'item' AND d.subject_id = @item)
			AND (@before::bigint = 0 OR d.id < @before)
		ORDER BY d.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": f.CustomerID, "item": f.ItemID, "before": f.Before, "limit": f.Limit})
	return collect(rows)
}

// CopiesOf lists the documents of the customer's items with these ids, in the
// order of the items' numbers.
func CopiesOf(ctx context.Context, tx *tenant.Tx, customerID int64, itemIDs []int64) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.customer_id = @customer AND d.removed_at IS NULL
			AND d.subject = 'item' AND d.subject_id = ANY(@items)
		ORDER BY i.number, d.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "items": itemIDs})
	return collect(rows)
}

// Chosen lists the customer's documents with these ids, in their order; NotFound
// where one of them is not there any more.
func Chosen(ctx context.Context, tx *tenant.Tx, customerID int64, ids []int64) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.customer_id = @customer AND d.removed_at IS NULL AND d.id = ANY(@ids)
		ORDER BY array_position(@ids::bigint[], d.id)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "ids": ids})
	docs, err := collect(rows)
	if err == nil && len(docs) < len(ids) {
		err = errs.NotFound
	}
	return docs, err
}

// SentWith lists the documents that a message took along, removed ones too.
func SentWith(ctx context.Context, tx *tenant.Tx, messageID int64) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		JOIN message_documents s ON s.tenant_id = @tenant AND s.document_id = d.id
		WHERE d.tenant_id = @tenant AND s.message_id = @message
		ORDER BY d.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "message": messageID})
	return collect(rows)
}

// LettersOf lists the letters that these messages are, in their order.
func LettersOf(ctx context.Context, tx *tenant.Tx, messages []int64) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.subject = 'letter' AND d.subject_id = ANY(@messages)
		ORDER BY array_position(@messages::bigint[], d.subject_id), d.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "messages": messages})
	return collect(rows)
}

// Of lists the documents of a subject such as what came with a message, in the
// order in which they were kept.
func Of(ctx context.Context, tx *tenant.Tx, subject Subject, id int64) ([]Document, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE d.tenant_id = @tenant AND d.subject = @subject AND d.subject_id = @id AND d.removed_at IS NULL
		ORDER BY d.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "subject": subject, "id": id})
	return collect(rows)
}

// Give says whose the documents of a subject are that were another's before; 0 is
// nobody, or not known.
func Give(ctx context.Context, tx *tenant.Tx, subject Subject, id, before, customerID int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE documents
		SET customer_id = nullif(@customer::bigint, 0)
		WHERE tenant_id = @tenant AND subject = @subject AND subject_id = @id AND customer_id IS NOT DISTINCT FROM nullif(@before::bigint, 0)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "subject": subject, "id": id, "before": before, "customer": customerID})
	if err != nil {
		return fmt.Errorf("give documents to a customer: %w", err)
	}
	return nil
}

func collect(rows pgx.Rows) ([]Document, error) {
	docs, err := pgx.CollectRows(rows, pgx.RowToStructByName[Document])
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	return docs, nil
}
