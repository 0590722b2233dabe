package demo_test

import (
	"io"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/demo"
	"dunwell/internal/document"
	"dunwell/internal/tenant"
)

// The oldest invoices of the first customers have a copy, which is a PDF of it.
func TestDocuments(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	id, err := demo.Make(t.Context(), db.DB, demo.Options{Seed: 1, Customers: 30, Blobs: store})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), tenant.System(id), func(tx *tenant.Tx) error {
		var copies, others int
		var first int64
		err := tx.QueryRow(t.Context(), `
			SELECT count(*) FILTER (WHERE d.subject = 'item' AND d.media_type = 'application/pdf' AND d.name = i.number || '.pdf' AND d.author_id IS NOT NULL),
				count(*) FILTER (WHERE d.subject = 'customer'), min(d.id)
			FROM documents d
			LEFT JOIN items i ON i.tenant_id = d.tenant_id AND i.id = d.subject_id
			WHERE d.tenant_id = $1`, id).Scan(&copies, &others, &first)
		if err != nil || copies != 6 || others != 1 {
			t.Errorf("%d copies and %d others, %v", copies, others, err)
		}
		_, r, err := document.Open(t.Context(), tx, store, first)
		if err != nil {
			return err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if !strings.HasPrefix(string(b), "%PDF-") || !strings.Contains(string(b), "%%EOF") {
			t.Errorf("it begins with %.20q", b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
