package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// pdf is as much of a PDF as tells that it is one.
func pdf(differs string) string { return "%PDF-1.4\n%" + differs + "\ntrailer\n<< >>\n%%EOF\n" }

// files has a customer with an item each, in two companies, and the tab of the
// first one's documents.
func files(t *testing.T) (s *webtest.Site, acme, beta *dbtest.Company, at string) {
	t.Helper()
	s = newSite(t)
	acme, beta = dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	var id int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		id, account = dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV/7", "2026-02-01", 10_001, "EUR")
		return nil
	})
	return s, acme, beta, fmt.Sprintf("/customers/%d/documents", id)
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	c := s.As(t, acme.Collector)
	c.Get(at).Has(t, http.StatusOK, "No documents yet", "what proves the debt", `enctype="multipart/form-data"`, "Up to 50 files, 20 MB each", `aria-current="page"`)
	c.Upload(at, nil, "contract.pdf", pdf("a")).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "contract.pdf is kept.", "the customer", "acme collector", at+"/1?show=1", at+"/1/removal")
	c.Upload(at, url.Values{"number": {"inv 7"}}, "scan.png", "\x89PNG\r\n\x1a\n0000IHDR", "words.txt", "words").Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "2 documents are kept.", ">INV/7</a>", "words.txt")
	page.Lacks(t, at+"/3?show=1") // a browser does not show texts
	c.Get(strings.TrimSuffix(at, "documents")+"notes").Has(t, http.StatusOK, "Document uploaded: contract.pdf.",
		"2 documents uploaded: scan.png for item INV/7; words.txt for item INV/7.", `value="document"`)

	of := c.Get(at + "?item=1")
	of.Has(t, http.StatusOK, "Documents of item", "scan.png", `value="INV/7"`)
	of.Lacks(t, "contract.pdf")
	c.Upload(at+"?item=1", url.Values{"number": {"INV/7"}}, "b.pdf", pdf("b")).Leads(t, at+"?item=1")
	c.Get(at+"?item=999").Has(t, http.StatusNotFound)
	items := strings.TrimSuffix(at, "documents") + "items"
	c.Get(items).Has(t, http.StatusOK, `aria-label="3 documents of INV/7"`)
	c.Get(items+"?item=1").Has(t, http.StatusOK, "Copies and proofs", at+"?item=1")

	c.Post(at+"/1/removal", nil).Leads(t, at)
	left := c.Get(at)
	left.Has(t, http.StatusOK, "contract.pdf is removed from the list.", "scan.png")
	left.Lacks(t, at+"/1?show=1")
	c.Post(at+"/1/removal", nil).Has(t, http.StatusConflict, "acme collector removed &#34;contract.pdf&#34; already")
	c.Get(at+"/1").Has(t, http.StatusNotFound)
}

// What is typed stays; the page says what is wrong with which file.
func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	c := s.As(t, acme.Collector)
	c.Upload(at, url.Values{"number": {"INV/7"}}).Has(t, http.StatusUnprocessableEntity, "Choose the files.", `value="INV/7"`)
	c.Upload(at, url.Values{"number": {"INV/8"}}, "a.pdf", pdf("a")).Has(t, http.StatusUnprocessableEntity, "no item of that number", `value="INV/8"`)
	page := c.Upload(at, nil, "good.pdf", pdf("a"), "bill<i>.pdf", "MZ\x90\x00", "none.pdf", "")
	page.Has(t, http.StatusUnprocessableEntity, "bill_i_.pdf&#34; is a Windows program.", "none.pdf&#34; is empty.", "None of the files was kept")
	page.Lacks(t, "<i>")
	c.Get(at).Has(t, http.StatusOK, "No documents yet")
	form := url.Values{"form_id": {"0a9b7a51-6a4e-4d0c-8f2c-2f3f3a7c1d11"}}
	c.Upload(at, form, "a.pdf", pdf("a")).Leads(t, at)
	c.Upload(at, form, "a.pdf", pdf("a")).Leads(t, at) // the button was pressed twice
	c.Get(at).Lacks(t, at+"/2?show=1")
}

// A file goes out as it came in, named as it is, and can do nothing.
func TestDownload(t *testing.T) {
	t.Parallel()
	s, acme, beta, at := files(t)
	c := s.As(t, acme.Collector)
	c.Upload(at, nil, "Účtenka \"1\".pdf", pdf("a"), "page.txt", "Look: <script>alert(1)</script>", "a.png", "\x89PNG\r\n\x1a\n0000IHDR").Leads(t, at)
	const nothing, viewer = "default-src 'none'; sandbox", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
	for _, d := range []struct{ path, disposition, mediaType, policy, body string }{
		{"/1", "attachment; filename*=utf-8''%C3%9A%C4%8Dtenka%20_1_.pdf", "application/pdf", nothing, pdf("a")},
		{"/1?show=1", "inline; filename*=utf-8''%C3%9A%C4%8Dtenka%20_1_.pdf", "application/pdf", viewer, pdf("a")},
		{"/2?show=1", "attachment; filename=page.txt", "text/plain", nothing, "Look: <script>alert(1)</script>"},
		{"/3?show=1", "inline; filename=a.png", "image/png", nothing, "\x89PNG\r\n\x1a\n0000IHDR"},
	} {
		page := c.Get(at + d.path)
		if page.Code != http.StatusOK || page.Body != d.body {
			t.Errorf("%s: %d %q", d.path, page.Code, page.Body)
		}
		for name, want := range map[string]string{"Content-Disposition": d.disposition, "Content-Type": d.mediaType, "Content-Security-Policy": d.policy,
			"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Content-Length": fmt.Sprint(len(d.body))} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", d.path, name, got, want)
			}
		}
	}
	if n := count(t, s, `SELECT count(*) FROM audit_events WHERE kind = 'document.opened' AND member_id = $1`, acme.CollectorID); n != 4 {
		t.Errorf("%d looks are on record, want 4", n)
	}
	s.As(t, beta.Admin).Get(at+"/1").Has(t, http.StatusNotFound)
	s.Nobody(t).Get(at+"/1").Leads(t, "/sign-in?next="+url.QueryEscape(at+"/1"))
	for _, other := range []string{"/customers/999/documents/1", at + "/999", at + "/x"} {
		c.Get(other).Has(t, http.StatusNotFound)
	}
}

// Where the content has gone, the page says so in a sentence.
func TestDownloadOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	c := s.As(t, acme.Collector)
	c.Upload(at, nil, "a.pdf", pdf("a")).Leads(t, at)
	var key string
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT blob_key FROM documents`).Scan(&key); err != nil {
		t.Fatal(err)
	}
	if err := s.App.Blobs.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	page := c.Get(at + "/1")
	page.Has(t, http.StatusConflict, "The content of &#34;a.pdf&#34; is not in the store any more.", "<html")
	if page.Header.Get("Content-Disposition") != "" {
		t.Error("the page is sent as a file")
	}
	c.Get(at).Has(t, http.StatusOK, "a.pdf")
}

// A collector who is limited to another branch sees no document and uploads none.
func TestDocumentsOfAnotherBranch(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	s.As(t, acme.Manager).Upload(at, nil, "a.pdf", pdf("a")).Leads(t, at)
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Collector)
	for _, path := range []string{at, at + "/1"} {
		c.Get(path).Has(t, http.StatusNotFound)
	}
	c.Upload(at, nil, "b.pdf", pdf("b")).Has(t, http.StatusNotFound)
	c.Post(at+"/1/removal", nil).Has(t, http.StatusNotFound)
	s.As(t, acme.Manager).Get(at).Has(t, http.StatusOK, "a.pdf")
}

// An archived customer keeps its documents; nothing is added or removed.
func TestDocumentsOfArchived(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	c := s.As(t, acme.Manager)
	c.Upload(at, nil, "a.pdf", pdf("a")).Leads(t, at)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now()`)
		return err
	})
	page := c.Get(at)
	page.Has(t, http.StatusOK, "a.pdf", at+"/1")
	page.Lacks(t, "multipart/form-data", "/removal")
	c.Upload(at, nil, "b.pdf", pdf("b")).Has(t, http.StatusConflict, "archived")
	c.Post(at+"/1/removal", nil).Has(t, http.StatusConflict, "archived")
	c.Get(at+"/1").Has(t, http.StatusOK)
}

// The list goes back by pages of fifty.
func TestDocumentsPages(t *testing.T) {
	t.Parallel()
	s, acme, _, at := files(t)
	c := s.As(t, acme.Collector)
	var all []string
	for i := range document.MaxFiles {
		all = append(all, fmt.Sprintf("file-%02d.txt", i), "words")
	}
	c.Upload(at, nil, all...).Leads(t, at)
	c.Upload(at, nil, "newest.txt", "words").Leads(t, at)
	first := c.Get(at)
	first.Has(t, http.StatusOK, "newest.txt", "file-01.txt", at+"?before=2")
	first.Lacks(t, "file-00.txt", "First page")
	last := c.Get(at + "?before=2")
	last.Has(t, http.StatusOK, "file-00.txt", "First page")
	last.Lacks(t, "file-01.txt", "Next page")
}

// An upload that waits on disk is gone from there with its request. Not parallel:
// where temporary files go is the whole process's.
func TestUploadLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	s, acme, _, at := files(t)
	s.As(t, acme.Collector).Upload(at, nil, "long.txt", strings.Repeat("a", 6<<20), "exe.pdf", "MZ"+strings.Repeat("\x00", 6<<20)).
		Has(t, http.StatusUnprocessableEntity, "is a Windows program")
	left, err := filepath.Glob(filepath.Join(tmp, "multipart-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left are %q, %v", left, err)
	}
}
