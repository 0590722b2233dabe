package document_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// copies uploads an archive as that person and reads the report.
func (d *desk) copies(t *testing.T, who tenant.Who, archive string) (u document.CopyUpload, err error) {
	t.Helper()
	return u, d.Write(t.Context(), who, func(tx *tenant.Tx) error {
		id, err := document.UploadCopies(t.Context(), tx, d.store, "copies.zip", strings.NewReader(archive), int64(len(archive)))
		if err != nil {
			return err
		}
		u, err = document.FindCopyUpload(t.Context(), tx, id)
		return err
	})
}

// report is a line a file: name, outcome, item, and the reason.
func report(u document.CopyUpload) string {
	var lines []string
	for _, l := range u.Files {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s %s %s", l.Name, l.Outcome, l.Number, l.Reason), " "))
	}
	return strings.Join(lines, "\n")
}

func TestCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-3")
		dbtest.Item(t, tx, account, "2026.0042", "2026-02-03", 12_503, "EUR")
		dbtest.Item(t, tx, account, "A-7", "2026-02-03", 12_604, "EUR")
		dbtest.Item(t, tx, account, "A7", "2026-02-03", 12_705, "EUR")
		gone, account := dbtest.Customer(t, tx, "C-4")
		dbtest.Item(t, tx, account, "OLD-1", "2026-02-03", 12_806, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, gone)
		return err
	})
	archive := zipped(t,
		"march/", "",
		"march/inv-2026_001.pdf", pdf("one"),
		"INV 2026 002.PDF", pdf("two"),
		"again/INV-2026-001.pdf", pdf("one"),
		"again/INV-2026-001 .pdf", pdf("another page"),
		"2026.0042", pdf("three"),
		"A7.pdf", pdf("exactly"),
		"a 7.pdf", pdf("either"),
		"OLD-1.pdf", pdf("old"),
		"INV-9.pdf", pdf("nine"),
		"---.pdf", pdf("no number"),
		"INV-2026-002.docx", "MZ\x90\x00",
		"INV-2026-002.txt", "",
		"INV-2026-002.zip", zipped(t, "INV-2026-001.pdf", pdf("inner")),
		"__MACOSX/._INV-2026-001.pdf", "x",
		".DS_Store", "x",
		"Thumbs.db", "x")
	u, err := d.copies(t, d.Manager, archive)
	if err != nil {
		t.Fatal(err)
	}
	want := `inv-2026_001.pdf taken INV-2026/001
INV 2026 002.PDF taken INV-2026/002
INV-2026-001.pdf there INV-2026/001
INV-2026-001.pdf taken INV-2026/001
2026.0042 taken 2026.0042
A7.pdf taken A7
a 7.pdf refused A-7 The name fits A-7 and A7. Name the file exactly as the item.
OLD-1.pdf refused OLD-1 The customer is archived. Take the customer back first.
INV-9.pdf unknown
---.pdf unknown
INV-2026-002.docx refused INV-2026/002 "INV-2026-002.docx" is a Windows program. ` + document.Accepted + ` can be kept.
INV-2026-002.txt refused INV-2026/002 "INV-2026-002.txt" is empty.
INV-2026-002.zip refused INV-2026/002 "INV-2026-002.zip" is a ZIP archive. Unpack it and upload the files. ` + document.Accepted + ` can be kept.`
	if got := report(u); got != want {
		t.Errorf("the report says\n%s\nwant\n%s", got, want)
	}
	if u.Taken != 5 || u.There != 1 || u.Unknown != 2 || u.Refused != 5 || u.FileName != "copies.zip" || u.Member != "acme manager" || u.Size != int64(len(archive)) {
		t.Errorf("it is on record as %+v", u)
	}
	if files := d.onDisk(t); len(files) != 5 {
		t.Errorf("on the disk are %q", files)
	}
	if got := strings.Join(d.journal(t, d.customer), "|"); got != "document: 2 documents uploaded: inv-2026_001.pdf for item INV-2026/001; INV-2026-001.pdf for item INV-2026/001." {
		t.Errorf("the journal has %q", got)
	}
	if got := strings.Join(d.journal(t, d.other), "|"); got != "document: Document uploaded: INV 2026 002.PDF for item INV-2026/002." {
		t.Errorf("the other's journal has %q", got)
	}

	// Once more: all of it is there. A copy that was removed is taken again.
	list := d.list(t, document.Filter{Limit: 9})
	if err := d.remove(t, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if u, err = d.copies(t, d.Manager, archive); err != nil || u.Taken != 1 || u.There != 5 {
		t.Errorf("once more: %+v, %v", u, err)
	}
}

// packed makes an archive of one file by its header.
func packed(t *testing.T, h zip.FileHeader, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&h)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A file that is not what it says keeps itself out, and no other.
func TestCopiesRefusedOneByOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	zeros := pdf("") + strings.Repeat("\x00", 2<<20)
	link := zip.FileHeader{Name: "INV-2026-001", UncompressedSize64: 4, CompressedSize64: 4}
	link.SetMode(fs.ModeSymlink | 0o777)
	large := strings.Repeat("0123456789abcdef", document.MaxFile/16)
	for name, c := range map[string]struct{ archive, says string }{
		"encrypted":  {packed(t, zip.FileHeader{Name: "INV-2026-001.pdf", Flags: 1, UncompressedSize64: 4, CompressedSize64: 4}, "abcd"), "is encrypted. Pack it without a password."},
		"link":       {packed(t, link, "/etc"), "is a link and no file."},
		"grows":      {zipped(t, "INV-2026-001.pdf", zeros), "would grow to more than 100 times its size"},
		"lies":       {packed(t, zip.FileHeader{Name: "INV-2026-001.txt", UncompressedSize64: 2, CompressedSize64: 4}, "abcd"), "cannot be unpacked"},
		"cut":        {packed(t, zip.FileHeader{Name: "INV-2026-001.txt", UncompressedSize64: 9, CompressedSize64: 4}, "abcd"), "cannot be unpacked"},
		"other sum":  {packed(t, zip.FileHeader{Name: "INV-2026-001.txt", CRC32: 1, UncompressedSize64: 4, CompressedSize64: 4}, "abcd"), "cannot be unpacked"},
		"not packed": {packed(t, zip.FileHeader{Name: "INV-2026-001.txt", Method: zip.Deflate, UncompressedSize64: 400, CompressedSize64: 4}, "abcd"), "cannot be unpacked"},
		"other way":  {packed(t, zip.FileHeader{Name: "INV-2026-001.txt", Method: 99, UncompressedSize64: 4, CompressedSize64: 4}, "abcd"), "packed in an unusual way"},
		"too large":  {stored(t, "INV-2026-001.txt", large+"x"), "is larger than 20 MB"},
	} {
		u, err := d.copies(t, d.Manager, c.archive)
		if err != nil || len(u.Files) != 1 || u.Refused != 1 || !strings.Contains(u.Files[0].Reason, c.says) {
			t.Errorf("%s: %+v, %v; want %q", name, u, err, c.says)
		}
	}
	if u, err := d.copies(t, d.Manager, stored(t, "INV-2026-001.txt", large)); err != nil || u.Taken != 1 {
		t.Errorf("as large as may be: %d taken, %v", u.Taken, err)
	}
}

// stored makes an archive of one file that is not made smaller.
func stored(t *testing.T, name, content string) string {
	t.Helper()
	n := uint64(len(content))
	return packed(t, zip.FileHeader{Name: name, UncompressedSize64: n, CompressedSize64: n}, content)
}

// names makes an archive of so many empty files, with names as long as that.
func names(t *testing.T, n, length int) string {
	t.Helper()
	list := make([]string, 0, 2*n)
	for i := range n {
		list = append(list, fmt.Sprintf("%0*d", length, i), "")
	}
	return zipped(t, list...)
}

func TestArchiveRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	huge := func(size uint64) string {
		return packed(t, zip.FileHeader{Name: "a", UncompressedSize64: size, CompressedSize64: 0}, "")
	}
	for name, c := range map[string]struct{ archive, says string }{
		"nothing":      {"", "no ZIP archive"},
		"a PDF":        {pdf("a"), "no ZIP archive"},
		"cut off":      {zipped(t, "a.pdf", pdf("a"))[:40], "no ZIP archive"},
		"empty":        {zipped(t), "no files in this archive"},
		"folders only": {zipped(t, "a/", "", ".DS_Store", "x"), "no files in this archive"},
		"too many":     {names(t, document.MaxCopies+1, 5), "More than 5000 files"},
		"long names":   {names(t, document.MaxCopies, 900), "More than 5000 files"},
		"too much":     {huge(1<<30 + 1), "more than 1024 MB together"},
		"overflowing":  {huge(math.MaxUint64), "more than 1024 MB together"},
	} {
		if _, err := d.copies(t, d.Manager, c.archive); !says(err, c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if u, err := d.copies(t, d.Manager, names(t, document.MaxCopies, 5)); err != nil || u.Unknown != document.MaxCopies {
		t.Errorf("as many as may be: %d unknown, %v", u.Unknown, err)
	}
}

func TestWhoUploadsCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rival := dbtest.Tenant(t, d.Database, "rival")
	archive := zipped(t, "INV-2026-001.pdf", pdf("one"))
	if _, err := d.copies(t, d.Collector, archive); !errors.Is(err, document.ErrOnlyManagers) {
		t.Errorf("a collector: %v", err)
	}
	if u, err := d.copies(t, rival.Manager, archive); err != nil || report(u) != "INV-2026-001.pdf unknown" {
		t.Errorf("another company's invoice: %s, %v", report(u), err)
	}
	for who, want := range map[tenant.Who]error{d.Collector: document.ErrOnlyManagers, d.Manager: errs.NotFound} {
		err := d.Read(t.Context(), who, func(tx *tenant.Tx) error {
			_, err := document.FindCopyUpload(t.Context(), tx, 1) // the rival's
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("another company's report: %v, want %v", err, want)
		}
	}
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		_, err := document.CopyUploads(t.Context(), tx, 0, 9)
		return err
	})
	if !errors.Is(err, document.ErrOnlyManagers) {
		t.Errorf("a collector lists: %v", err)
	}
}

// Two who upload the same archive at once keep each copy once.
func TestTwoUploadTheSameCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	archive := zipped(t, "INV-2026-001.pdf", pdf("one"), "INV-2026-002.pdf", pdf("two"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := d.copies(t, d.Manager, archive); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 1 {
		t.Errorf("kept are %+v", list)
	}
	var uploads []document.CopyUpload
	d.read(t, d.Manager, func(tx *tenant.Tx) (err error) {
		if uploads, err = document.CopyUploads(t.Context(), tx, 0, 3); err != nil {
			return err
		}
		last, err := document.CopyUploads(t.Context(), tx, uploads[2].ID, 3)
		uploads = append(uploads, last...)
		return err
	})
	taken, there := 0, 0
	for _, u := range uploads {
		taken, there = taken+u.Taken, there+u.There
	}
	if len(uploads) != 4 || taken != 2 || there != 6 {
		t.Errorf("%d uploads took %d and found %d there", len(uploads), taken, there)
	}
}

// However many copies come, the queries are as many.
func TestCopiesAskNoMoreForMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, func(tx *tenant.Tx) error {
		for i := range 40 {
			_, account := dbtest.Customer(t, tx, fmt.Sprint("M-", i))
			dbtest.Item(t, tx, account, fmt.Sprint("MANY-", i), "2026-02-03", int64(13_000+i), "EUR")
		}
		return nil
	})
	count := func(n int) int64 {
		var files []string
		for i := range n {
			files = append(files, fmt.Sprintf("many-%d.pdf", i), pdf(fmt.Sprint(i, n)))
		}
		d.Queries.Take()
		if u, err := d.copies(t, d.Manager, zipped(t, files...)); err != nil || u.Taken != n {
			t.Fatalf("%d of %d taken: %v", u.Taken, n, err)
		}
		return d.Queries.Take()
	}
	if few, many := count(2), count(40); few != many {
		t.Errorf("%d queries for 2, %d for 40", few, many)
	}
}
