package document_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.must(t, "", "contract.pdf", pdf("contract"))[0]
	if first.Name != "contract.pdf" || first.MediaType != "application/pdf" || first.Size != int64(len(pdf("contract"))) || first.Author != "acme collector" || sha256.Sum256([]byte(pdf("contract"))) != [32]byte(first.SHA256) {
		t.Errorf("it became %+v", first)
	}
	d.must(t, " inv 2026_001 ", "a.pdf", pdf("a"), "b.txt", "two")
	list := d.list(t, document.Filter{Limit: 9})
	if len(list) != 3 || list[0].Name != "b.txt" || list[1].About != "INV-2026/001" || list[1].SubjectID != d.item || list[2].ID != first.ID || list[2].About != "" {
		t.Errorf("the list is %+v", list)
	}
	if of := d.list(t, document.Filter{ItemID: d.item, Limit: 9}); len(of) != 2 {
		t.Errorf("%d of the item, want 2", len(of))
	}
	text, err := d.content(t, d.Collector, first.ID)
	if err != nil || text != pdf("contract") {
		t.Errorf("it reads %q, %v", text, err)
	}
	want := []string{"document: Document uploaded: contract.pdf.",
		"document: 2 documents uploaded: a.pdf for item INV-2026/001; b.txt for item INV-2026/001."}
	if got := d.journal(t, d.customer); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the journal has %q, want %q", got, want)
	}
}

// Two uploads of the same file are two documents: to remove one leaves the other.
func TestUploadTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, two := d.must(t, "", "a.pdf", pdf("a"))[0], d.must(t, "", "a.pdf", pdf("a"))[0]
	if one.BlobKey == two.BlobKey || string(one.SHA256) != string(two.SHA256) {
		t.Errorf("%+v and %+v", one, two)
	}
	if err := d.remove(t, one.ID); err != nil {
		t.Fatal(err)
	}
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 1 || list[0].ID != two.ID {
		t.Errorf("left is %+v", list)
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-3")
		_, err := tx.Exec(t.Context(), `UPDATE accounts SET customer_id = $1 WHERE id = $2`, d.customer, account)
		dbtest.Item(t, tx, account, "inv2026001", "2026-02-03", 12_503, "EUR")
		return err
	})
	many := make([]string, 2*document.MaxFiles+2)
	for i := range many {
		many[i] = pdf("x")
	}
	for _, c := range []struct {
		item  string
		files []string
		says  string
	}{
		{"", nil, "Choose the files."},
		{"", many, "These are 51 files, and 50 are taken at once."},
		{"INV-2026/002", []string{"a.pdf", pdf("a")}, "no item of that number"}, // another customer's
		{"INV-9", []string{"a.pdf", pdf("a")}, "no item of that number"},
		{"inv 2026 001", []string{"a.pdf", pdf("a")}, "fits INV-2026/001 and inv2026001"},
		{"", []string{"a.pdf", ""}, `"a.pdf" is empty.`},
		{"", []string{"good.pdf", pdf("a"), "bad.pdf", "MZ\x90\x00", "b.pdf", ""}, `"bad.pdf" is a Windows program. PDF, PNG, JPEG`},
		{"", []string{"good.pdf", pdf("a"), "bad.pdf", "MZ\x90\x00", "b.pdf", ""}, `"b.pdf" is empty. None of the files was kept`},
	} {
		if _, err := d.upload(t, c.item, c.files...); !says(err, c.says) {
			t.Errorf("%q %.60q: %v, want %q", c.item, c.files, err, c.says)
		}
	}
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 0 {
		t.Errorf("some were kept: %+v", list)
	}
	d.must(t, "inv2026001", "a.pdf", pdf("a"))
	d.must(t, "", many[:2*document.MaxFiles]...)
}

// endless reads as a text of so many bytes without being one in memory.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	for i := range p[:n] {
		p[i] = 'a'
	}
	e.left -= n
	return int(n), nil
}

func TestLargestFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for size, ok := range map[int64]bool{document.MaxFile: true, document.MaxFile + 1: false} {
		err := d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) error {
			_, err := document.Upload(t.Context(), tx, d.store, d.customer, "", []document.File{{Name: "a.txt", Content: &endless{size}}})
			return err
		})
		if ok != (err == nil) || err != nil && !says(err, `"a.txt" is larger than 20 MB`) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 1 || list[0].Size != 20<<20 {
		t.Errorf("kept are %+v", list)
	}
	if files := d.onDisk(t); len(files) != 1 {
		t.Errorf("on the disk are %q", files)
	}
}

// Another company's document, another customer's and another branch's are not
// found; a customer of another company gets none.
func TestKeepsToItsOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rival := dbtest.Tenant(t, d.Database, "rival")
	doc := d.must(t, "", "a.pdf", pdf("a"))[0]
	if _, err := d.content(t, rival.Admin, doc.ID); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company opens it: %v", err)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.content(t, d.Collector, doc.ID); !errors.Is(err, errs.NotFound) {
		t.Errorf("a collector of another branch opens it: %v", err)
	}
	err := d.Read(t.Context(), d.Manager, func(tx *tenant.Tx) error {
		_, err := document.Find(t.Context(), tx, d.other, doc.ID)
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("found at another customer: %v", err)
	}
	for name, add := range map[string]func(context.Context, *tenant.Tx) error{
		"upload": func(ctx context.Context, tx *tenant.Tx) error {
			_, err := document.Upload(ctx, tx, d.store, d.customer, "", []document.File{{Name: "b.pdf", Content: strings.NewReader(pdf("b"))}})
			return err
		},
		"add": func(ctx context.Context, tx *tenant.Tx) error {
			_, err := document.Add(ctx, tx, d.store, document.New{CustomerID: d.customer, Subject: document.OfLetter, SubjectID: 1, Name: "b.pdf", Content: strings.NewReader(pdf("b"))})
			return err
		},
		"remove": func(ctx context.Context, tx *tenant.Tx) error {
			_, err := document.Remove(ctx, tx, d.customer, doc.ID)
			return err
		},
	} {
		if err := d.Write(t.Context(), rival.Admin, func(tx *tenant.Tx) error { return add(t.Context(), tx) }); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s from another company: %v", name, err)
		}
	}
}

// The company's own documents are everybody's, also of those who see one branch.
func TestTheCompanysOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var logo document.Document
	d.write(t, func(tx *tenant.Tx) (err error) {
		logo, err = document.Add(t.Context(), tx, d.store, document.New{Subject: document.OfLetterhead, Name: "logo", Content: strings.NewReader("\x89PNG\r\n\x1a\n0000IHDR")})
		return err
	})
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.content(t, d.Collector, logo.ID); err != nil || logo.Name != "logo.png" || logo.CustomerID != 0 {
		t.Errorf("%+v, %v", logo, err)
	}
}

// Where the content has gone, a person reads why, and the audit knows.
func TestContentMissing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	doc := d.must(t, "", "a.pdf", pdf("a"))[0]
	if err := d.store.Delete(t.Context(), doc.BlobKey); err != nil {
		t.Fatal(err)
	}
	if _, err := d.content(t, d.Collector, doc.ID); !conflict(err, `The content of "a.pdf" is not in the store any more.`) {
		t.Errorf("got %v", err)
	}
	var n int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE kind = 'document.missing' AND subject_id = $1`, doc.ID).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 1 {
		t.Errorf("it left the list: %+v", list)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, "", "1.txt", "a", "2.txt", "b", "3.txt", "c") // of one moment
	var names []string
	for f := (document.Filter{Limit: 2}); ; {
		page := d.list(t, f)
		if len(page) == 0 {
			break
		}
		for _, doc := range page {
			names = append(names, doc.Name)
		}
		f.Before = page[len(page)-1].ID
	}
	if got := strings.Join(names, " "); got != "3.txt 2.txt 1.txt" {
		t.Errorf("the pages have %s", got)
	}
}

func TestCopiesOf(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, "INV-2026/001", "a.pdf", pdf("a"), "b.pdf", pdf("b"))
	d.must(t, "", "c.pdf", pdf("c"))
	removed := d.must(t, "INV-2026/001", "d.pdf", pdf("d"))[0]
	if err := d.remove(t, removed.ID); err != nil {
		t.Fatal(err)
	}
	var copies []document.Document
	d.read(t, d.Collector, func(tx *tenant.Tx) (err error) {
		ids := []int64{d.item, d.foreign}
		copies, err = document.CopiesOf(t.Context(), tx, d.customer, ids)
		return err
	})
	if len(copies) != 2 || copies[0].Name != "a.pdf" || copies[1].Name != "b.pdf" || copies[0].About != "INV-2026/001" {
		t.Errorf("copies are %+v", copies)
	}
}
