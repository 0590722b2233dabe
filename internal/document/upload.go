package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// MaxFiles is how many documents are uploaded at once.
const MaxFiles = 50

// File is one of those that a person uploads.
type File struct {
	Name    string // as it came
	Content io.Reader
}

// Upload keeps the files that a person uploads for a customer; with the number
// of an item, for that item. All are taken or none is, and what is wrong is said
// of each. The journal has it in one line.
func Upload(ctx context.Context, tx *tenant.Tx, store Store, customerID int64, item string, files []File) ([]Document, error) {
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return nil, err
	}
	to := row{customerID: customerID, subject: OfCustomer}
	if item = strings.TrimSpace(item); item != "" {
		var err error
		if to, err = itemOf(ctx, tx, customerID, item); err != nil {
			return nil, err
		}
	}
	rows, err := keepAll(ctx, tx, store, to, files)
	if err != nil {
		return nil, err
	}
	docs, err := insert(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	return docs, journal(ctx, tx, docs)
}

// Keep keeps the files that a person uploads for a subject of the customer, such as a
// case. Who calls holds the customer and writes the journal.
func Keep(ctx context.Context, tx *tenant.Tx, store Store, to New, files []File) ([]Document, error) {
	rows, err := keepAll(ctx, tx, store, row{customerID: to.CustomerID, subject: to.Subject, subjectID: to.SubjectID}, files)
	if err != nil {
		return nil, err
	}
	return insert(ctx, tx, rows)
}

// itemOf finds the customer's item of that number, as the search does: case and
// punctuation do not matter, where one fits exactly it is that.
func itemOf(ctx context.Context, tx *tenant.Tx, customerID int64, number string) (row, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.number
		FROM items i
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND item_key(i.number) = item_key(@number)
		ORDER BY i.number <> @number, i.id
		LIMIT 2`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "number": number})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID     int64
		Number string
	}])
	switch {
	case err != nil:
		return row{}, fmt.Errorf("find item: %w", err)
	case len(found) == 0:
		return row{}, errs.Invalid{"number": "This customer has no item of that number. Correct it, or leave it empty for the customer as a whole."}
	case len(found) > 1 && found[0].Number != number:
		return row{}, errs.Invalid{"number": fmt.Sprintf("This fits %s and %s. Write the number exactly as it stands in the list of items.", found[0].Number, found[1].Number)}
	}
	return row{customerID: customerID, subject: OfItem, subjectID: found[0].ID, about: found[0].Number}, nil
}

// keepAll reads the files into the store. Those that were read before one is
// refused have no row and are swept away.
func keepAll(ctx context.Context, tx *tenant.Tx, store Store, to row, files []File) ([]row, error) {
	switch {
	case len(files) == 0:
		return nil, errs.Invalid{"file": "Choose the files."}
	case len(files) > MaxFiles:
		return nil, errs.Invalid{"file": fmt.Sprintf("These are %d files, and %d are taken at once. Upload them in parts.", len(files), MaxFiles)}
	}
	var rows []row
	var refused []string
	for _, f := range files {
		kept, key, err := keep(ctx, tx, store, f.Name, f.Content)
		var inv errs.Invalid
		if errors.As(err, &inv) {
			refused = append(refused, inv["file"])
			continue
		}
		if err != nil {
			return nil, err
		}
		to.file, to.key = kept, key
		rows = append(rows, to)
	}
	if len(refused) > 0 && len(rows) > 0 {
		refused = append(refused, "None of the files was kept: leave this out and choose the others again.")
	}
	if len(refused) > 0 {
		return nil, errs.Invalid{"file": strings.Join(refused, " ")}
	}
	return rows, nil
}

// journal writes of the documents of one customer, in one line.
func journal(ctx context.Context, tx *tenant.Tx, docs []Document) error {
	_, err := note.Add(ctx, tx, lineOf(docs))
	return err
}

func lineOf(docs []Document) note.New {
	n := note.New{CustomerID: docs[0].CustomerID, Kind: "document", Subject: "document", SubjectID: docs[0].ID}
	if len(docs) == 1 {
		n.Text = fmt.Sprintf("Document uploaded: %s.", docs[0].called())
		return n
	}
	ids, names := make([]int64, len(docs)), make([]string, len(docs))
	for i, d := range docs {
		ids[i], names[i] = d.ID, d.called()
	}
	n.Text = fmt.Sprintf("%d documents uploaded: %s.", len(docs), strings.Join(names[:min(len(names), inLine)], "; "))
	if more := len(names) - inLine; more > 0 {
		n.Text = strings.TrimSuffix(n.Text, ".") + fmt.Sprintf("; and %d more.", more)
	}
	n.Data = map[string][]int64{"documents": ids}
	return n
}

// inLine is how many documents a line of the journal names.
const inLine = MaxFiles

// called is the document in a sentence.
func (d Document) called() string {
	if d.Subject == OfItem {
		return fmt.Sprintf("%s for item %s", d.Name, d.About)
	}
	return d.Name
}
