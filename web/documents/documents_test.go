package documents_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func pdf(differs string) string { return "%PDF-1.4\n%" + differs + "\ntrailer\n<< >>\n%%EOF\n" }

// archive packs files, a name and a content each.
func archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
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

// invoices has a company with a customer who owes two of them.
func invoices(t *testing.T) (*webtest.Site, *dbtest.Company) {
	t.Helper()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV/1", "2026-02-01", 10_001, "EUR")
		dbtest.Item(t, tx, account, "INV/2", "2026-02-02", 10_102, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, acme
}

const at = "/documents/copies"

func TestCopies(t *testing.T) {
	t.Parallel()
	s, acme := invoices(t)
	c := s.As(t, acme.Manager)
	c.Get("/imports").Has(t, http.StatusOK, `href="/documents/copies"`)
	c.Get(at).Has(t, http.StatusOK, "No copies were uploaded yet", "Up to 500 MB with 5,000 files, 20 MB each")
	zip := archive(t, "inv-1.pdf", pdf("one"), "INV 2.pdf", "MZ\x90\x00", "<i>9.pdf", pdf("nine"))
	c.Upload(at, nil, "march.zip", zip).Leads(t, at+"/1")
	report := c.Get(at + "/1")
	report.Has(t, http.StatusOK, "march.zip", "taken 1", "there already 0", "no such invoice 1", "refused 1", "Customer C-1",
		"INV 2.pdf&#34; is a Windows program.", "_i_9.pdf", "Put right what is said of each")
	report.Lacks(t, "<i>", "There already")
	c.Upload(at, nil, "march.zip", zip).Leads(t, at+"/2")
	c.Get(at+"/2").Has(t, http.StatusOK, "taken 0", "there already 1", "There already")
	c.Get(at).Has(t, http.StatusOK, "march.zip", at+"/1", at+"/2", "acme manager")
	c.Get(at+"?before=2").Lacks(t, at+"/2")
	c.Get("/customers/1/documents").Has(t, http.StatusOK, "inv-1.pdf", ">INV/1</a>")
	c.Get(at+"/9").Has(t, http.StatusNotFound)
}

func TestCopiesRefused(t *testing.T) {
	t.Parallel()
	s, acme := invoices(t)
	c := s.As(t, acme.Manager)
	c.Upload(at, nil).Has(t, http.StatusUnprocessableEntity, "Choose the archive.")
	c.Upload(at, nil, "a.zip", pdf("a")).Has(t, http.StatusUnprocessableEntity, "This is no ZIP archive")
	c.Get(at).Has(t, http.StatusOK, "No copies were uploaded yet")
	zip := archive(t, "INV-1.pdf", pdf("one"))
	form := map[string][]string{"form_id": {"0a9b7a51-6a4e-4d0c-8f2c-2f3f3a7c1d11"}}
	for range 2 { // the button was pressed twice
		c.Upload(at, form, "a.zip", zip).Leads(t, at+"/1")
	}
	c.Get(at).Lacks(t, at+"/2")
}

// Copies are uploaded by managers and admins of the company.
func TestWhoMayUploadCopies(t *testing.T) {
	t.Parallel()
	s, acme := invoices(t)
	beta := dbtest.Tenant(t, s.Database, "beta")
	zip := archive(t, "INV-1.pdf", pdf("one"))
	s.As(t, acme.Admin).Upload(at, nil, "a.zip", zip).Leads(t, at+"/1")
	collector := s.As(t, acme.Collector)
	for _, page := range []webtest.Page{collector.Get(at), collector.Get(at + "/1"), collector.Upload(at, nil, "a.zip", zip), collector.Upload(at, nil)} {
		page.Has(t, http.StatusForbidden, "Only managers and admins upload copies")
	}
	stranger := s.As(t, beta.Manager)
	stranger.Get(at+"/1").Has(t, http.StatusNotFound)
	stranger.Upload(at, nil, "a.zip", zip).Leads(t, at+"/2")
	stranger.Get(at+"/2").Has(t, http.StatusOK, "no such invoice 1")
	s.Nobody(t).Upload(at, nil, "a.zip", zip).Has(t, http.StatusUnauthorized)
}

// More of one outcome than the page lists is counted.
func TestLongReport(t *testing.T) {
	t.Parallel()
	s, acme := invoices(t)
	var files []string
	for range 502 {
		files = append(files, strings.Repeat("x", len(files)/100+1)+".pdf", "x")
	}
	c := s.As(t, acme.Manager)
	c.Upload(at, nil, "a.zip", archive(t, files...)).Leads(t, at+"/1")
	c.Get(at+"/1").Has(t, http.StatusOK, "no such invoice 502", "2 more files, not listed here.")
}
