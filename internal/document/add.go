package document

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// New is a document to be kept.
type New struct {
	CustomerID int64 // 0: the company's own
	Subject    Subject
	SubjectID  int64
	Name       string // as it came
	Content    io.Reader
}

// Add keeps a document: its content in the store first, its row in this
// transaction. It asks for no permission, locks no customer and writes no note:
// that is for whoever makes the document. See Upload for what a person does.
func Add(ctx context.Context, tx *tenant.Tx, store Store, n New) (Document, error) {
	f, key, err := keep(ctx, tx, store, n.Name, n.Content)
	if err != nil {
		return Document{}, err
	}
	all, err := insert(ctx, tx, []row{{customerID: n.CustomerID, subject: n.Subject, subjectID: n.SubjectID, file: f, key: key}})
	if err != nil {
		return Document{}, err
	}
	return all[0], nil
}

// keep reads a content into the store.
func keep(ctx context.Context, tx *tenant.Tx, store Store, name string, content io.Reader) (file, string, error) {
	key := newKey(tx.Actor.TenantID)
	f, err := read(name, content, func(r io.Reader) error { return store.Put(ctx, key, r) })
	return f, key, err
}

// row is a document whose content is in the store.
type row struct {
	customerID int64
	subject    Subject
	subjectID  int64
	about      string // the item's number
	file       file
	key        string
}

// insert writes the rows in one statement, in their order.
func insert(ctx context.Context, tx *tenant.Tx, rows []row) ([]Document, error) {
	var (
		customers, subjectIDs, sizes      []int64
		subjects, names, mediaTypes, keys []string
		sums                              [][]byte
	)
	docs := make([]Document, len(rows))
	for i, r := range rows {
		customers, subjects, subjectIDs = append(customers, r.customerID), append(subjects, string(r.subject)), append(subjectIDs, r.subjectID)
		names, mediaTypes, keys = append(names, r.file.name), append(mediaTypes, r.file.mediaType), append(keys, r.key)
		sizes, sums = append(sizes, r.file.size), append(sums, r.file.sum)
		docs[i] = Document{CustomerID: r.customerID, Subject: r.subject, SubjectID: r.subjectID, About: r.about, Name: r.file.name,
			MediaType: r.file.mediaType, Size: r.file.size, SHA256: r.file.sum, BlobKey: r.key, Author: tx.Actor.Name, CreatedAt: tx.Now}
	}
	found, _ := tx.Query(ctx, `
		INSERT INTO documents (customer_id, subject, subject_id, name, media_type, size, sha256, blob_key, author_id, created_at)
		SELECT nullif(n.customer, 0), n.subject, nullif(n.subject_id, 0), n.name, n.media_type, n.size, n.sum, n.key, nullif(@author::bigint, 0), @now
		FROM unnest(@customers::bigint[], @subjects::text[], @subject_ids::bigint[], @names::text[], @types::text[], @sizes::bigint[], @sums::bytea[], @keys::text[])
			WITH ORDINALITY AS n (customer, subject, subject_id, name, media_type, size, sum, key, place)
		ORDER BY n.place
		RETURNING id, blob_key`,
		pgx.NamedArgs{"author": tx.Actor.MemberID, "now": tx.Now, "customers": customers, "subjects": subjects, "subject_ids": subjectIDs,
			"names": names, "types": mediaTypes, "sizes": sizes, "sums": sums, "keys": keys})
	ids := map[string]int64{}
	var id int64
	var key string
	_, err := pgx.ForEachRow(found, []any{&id, &key}, func() error {
		ids[key] = id
		return nil
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "documents_tenant_id_customer_id_fkey" {
		return nil, errs.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("keep documents: %w", err)
	}
	for i := range docs {
		docs[i].ID = ids[docs[i].BlobKey]
	}
	return docs, nil
}
