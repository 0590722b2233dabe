package document_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// pdf is as much of a PDF as tells that it is one; what differs makes another
// file of it.
func pdf(differs string) string { return "%PDF-1.4\n%" + differs + "\ntrailer\n<< >>\n%%EOF\n" }

// desk is a company with two customers, an item each, and a store.
type desk struct {
	*dbtest.Database
	*dbtest.Company
	store           *document.Folder
	dir             string
	customer, other int64
	item, foreign   int64 // of the customer, of the other one
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t), dir: t.TempDir()}
	d.Company = dbtest.Tenant(t, d.Database, "acme")
	var err error
	if d.store, err = document.OpenFolder(d.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	d.write(t, func(tx *tenant.Tx) error {
		var account int64
		d.customer, account = dbtest.Customer(t, tx, "C-1")
		d.item = dbtest.Item(t, tx, account, "INV-2026/001", "2026-02-01", 12_301, "EUR")
		d.other, account = dbtest.Customer(t, tx, "C-2")
		d.foreign = dbtest.Item(t, tx, account, "INV-2026/002", "2026-02-02", 12_402, "EUR")
		return nil
	})
	return d
}

func (d *desk) write(t *testing.T, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), d.Collector, f); err != nil {
		t.Fatal(err)
	}
}

// upload uploads files as the collector: a name and a content each.
func (d *desk) upload(t *testing.T, item string, files ...string) (docs []document.Document, err error) {
	t.Helper()
	var list []document.File
	for i := 0; i < len(files); i += 2 {
		list = append(list, document.File{Name: files[i], Content: strings.NewReader(files[i+1])})
	}
	return docs, d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) (err error) {
		docs, err = document.Upload(t.Context(), tx, d.store, d.customer, item, list)
		return err
	})
}

// must is upload for what has to be taken.
func (d *desk) must(t *testing.T, item string, files ...string) []document.Document {
	t.Helper()
	docs, err := d.upload(t, item, files...)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func (d *desk) list(t *testing.T, f document.Filter) (docs []document.Document) {
	t.Helper()
	f.CustomerID, f.Limit = d.customer, max(f.Limit, 1)
	d.read(t, d.Collector, func(tx *tenant.Tx) (err error) {
		docs, err = document.List(t.Context(), tx, f)
		return err
	})
	return docs
}

func (d *desk) read(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) remove(t *testing.T, id int64) error {
	t.Helper()
	return d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		_, err := document.Remove(t.Context(), tx, d.customer, id)
		return err
	})
}

// content opens a document as that person and reads it.
func (d *desk) content(t *testing.T, who tenant.Who, id int64) (string, error) {
	t.Helper()
	var text string
	return text, d.Read(t.Context(), who, func(tx *tenant.Tx) error {
		_, r, err := document.Open(t.Context(), tx, d.store, id)
		if err != nil {
			return err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		text = string(b)
		return err
	})
}

// journal lists what stands in the customer's journal, the oldest first.
func (d *desk) journal(t *testing.T, customer int64) (lines []string) {
	t.Helper()
	d.read(t, d.Manager, func(tx *tenant.Tx) error {
		return note.Each(t.Context(), tx, customer, func(n note.Note) error {
			lines = append(lines, n.Kind+": "+n.Text)
			return nil
		})
	})
	return lines
}

// says tells that the error is one of input, with that text.
func says(err error, text string) bool {
	var inv errs.Invalid
	return errors.As(err, &inv) && strings.Contains(inv.Error(), text)
}

func conflict(err error, text string) bool {
	var c errs.Conflict
	return errors.As(err, &c) && strings.Contains(string(c), text)
}
