package e2e_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

const onePage = "%PDF-1.4\ntrailer\n<< >>\n%%EOF\n"

// TestUploadDocuments uploads a file for an item and an archive of copies,
// and finds both at the customer; all but the choice of files by keyboard.
func TestUploadDocuments(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV/1", "2026-02-01", 123_401, "EUR")
		dbtest.Item(t, tx, account, "INV/2", "2026-02-02", 234_502, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signIn(c.Email("manager"))
	b.goTo("/customers/1/documents")
	b.has("No documents yet")
	b.look("documents-none")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), kept(t, "delivery note.pdf", onePage)))
	b.tabTo("#field-number")
	b.keys("inv 1")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("delivery note.pdf is kept.", "INV/1")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), kept(t, "bill.pdf", "MZ\x90\x00")))
	b.submit(`form[enctype] button[type=submit]`)
	b.has("is a Windows program")
	b.expected()
	b.look("documents-refused")

	b.goTo("/documents/copies")
	b.look("copies-none")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), kept(t, "march.zip", packed(t))))
	b.tabTo(`form[action="/documents/copies"] button`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("taken 1", "no such invoice 1", "refused 1")
	b.look("copies-report")
	b.goTo("/documents/copies")
	b.look("copies")
	b.goTo("/customers/1/items")
	b.tabTo(`a[aria-label="1 document of INV/2"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("inv-2.pdf", "Documents of item INV/2 only.")
	b.look("documents-of-item")
}

// kept is the path of a file with that name and content.
func kept(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// packed is an archive with a copy, one without an invoice and one that is none.
func packed(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{"inv-2.pdf": onePage, "inv-9.pdf": onePage, "INV 1.pdf": "MZ\x90\x00"} {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
