package document

import (
	"context"
	"io"

	"dunwell/internal/tenant"
)

// Spooled is a content that is in the store and belongs to nothing yet. What is never
// entered is thrown away by Sweep.
type Spooled struct {
	file file
	key  string
}

// Spool keeps a content before it is known what it belongs to, outside of any
// transaction. It refuses what Add refuses.
func Spool(ctx context.Context, tenantID int64, store Store, name string, content io.Reader) (Spooled, error) {
	s := Spooled{key: newKey(tenantID)}
	var err error
	s.file, err = read(name, content, func(r io.Reader) error { return store.Put(ctx, s.key, r) })
	return s, err
}

// Enter makes documents of contents that were spooled. As Add, it asks for no
// permission and writes no note.
func Enter(ctx context.Context, tx *tenant.Tx, to New, files []Spooled) ([]Document, error) {
	if len(files) == 0 {
		return nil, nil
	}
	rows := make([]row, len(files))
	for i, f := range files {
		rows[i] = row{customerID: to.CustomerID, subject: to.Subject, subjectID: to.SubjectID, file: f.file, key: f.key}
	}
	return insert(ctx, tx, rows)
}
