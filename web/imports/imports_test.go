package imports_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/importer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func newSite(t testing.TB) (*webtest.Site, *dbtest.Company) {
	t.Helper()
	s := webtest.New(t)
	s.BeforeCommit = ledger.Refresh
	return s, dbtest.Tenant(t, s.Database, "acme")
}

// upload sends a file with the form's other fields, given as name and value.
func upload(t testing.TB, c *webtest.Client, name, content string, fields ...string) webtest.Page {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Send("/imports", form.FormDataContentType(), &body)
}

const items = "Kunde;Rechnung;Datum;Betrag;Strittig;Text <1>\n0007;A1;31.12.2025;1.234,56;ja;a\n8;=1+1;01.01.2026;x;nein;b\n"

var itemColumns = url.Values{"column.customer_number": {"Kunde"}, "column.number": {"Rechnung"}, "column.issued_on": {"Datum"},
	"column.amount": {"Betrag"}, "column.disputed": {"Strittig"}, "date_format": {"D.M.YYYY"}, "decimal": {","}, "true": {"ja, wahr"}}

// A file's whole way through the screens, worked by real jobs.
func TestImport(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	s.StartJobs(t)
	c := s.As(t, acme.Manager)
	c.Get("/imports").Has(t, http.StatusOK, "No imports yet")
	c.Get("/imports/new?kind=items").Has(t, http.StatusOK, `value="items" selected`, `value="EUR"`)
	upload(t, c, "offen.csv", items, "kind", "items", "currency", "EUR", "create_customers", "on").Leads(t, "/imports/1/mapping")
	c.Get("/imports/1").Has(t, http.StatusOK, "Choose the columns", "columns to choose")
	c.Get("/imports/1/mapping").Has(t, http.StatusOK, "1.234,56", `<option value="Betrag" selected>`, `<option value="Datum" selected>`)
	few := c.Post("/imports/1/mapping", url.Values{"column.number": {"Rechnung"}})
	few.Has(t, http.StatusUnprocessableEntity, `<option value="Rechnung" selected>`,
		`Choose the column for &#34;Customer number&#34;: no row can do without it.`, `href="#field-column.issued_on"`, `href="#field-column.amount"`)
	few.Lacks(t, `href="#field-column.number"`)
	c.Post("/imports/1/mapping", itemColumns).Leads(t, "/imports/1")
	waitFor(t, c, "checked, not applied").Has(t, http.StatusOK, "read 2", "new 1", "refused 1", "customers created 1", "EUR 1,234.56",
		"Apply takes all rows but the refused ones", "This is not an amount", "with the reason in the last column. Mend them there and import it", "Betrag", "Columns of the file that are not read: Text &lt;1&gt;.")
	c.Get("/imports/1/rejects.csv").Has(t, http.StatusOK, "\ufeffKunde,Rechnung,Datum,Betrag,Strittig,Text <1>,Why refused\r\n8,'=1+1,01.01.2026,x,nein,b,\"Row 3: Betrag: This is not an amount.")
	apply(t, c).Leads(t, "/imports/1")
	waitFor(t, c, "Applied, but for the refused rows").Lacks(t, "/application", "/disposal")
	c.Get("/imports").Has(t, http.StatusOK, "offen.csv", "acme manager", ">applied<")
	c.Post("/imports/1/application", nil).Has(t, http.StatusConflict, "gone on meanwhile")
	c.Post("/imports/1/disposal", nil).Has(t, http.StatusConflict, "ended already")
	c.Get("/imports/1/mapping").Has(t, http.StatusConflict, "can no longer be changed")

	// The next file of the kind is read the same way.
	upload(t, c, "offen2.csv", items, "kind", "items").Leads(t, "/imports/2/mapping")
	c.Get("/imports/2/mapping").Has(t, http.StatusOK, `<option value="Datum" selected>`, `<option value="D.M.YYYY" selected>`, `value="ja, wahr"`)
	c.Post("/imports/2/disposal", nil).Leads(t, "/imports/2")
	c.Get("/imports/2").Has(t, http.StatusOK, "discarded", "Nothing of it was applied")
}

// waitFor looks at the import until its page says so.
func waitFor(t *testing.T, c *webtest.Client, text string) webtest.Page {
	t.Helper()
	var p webtest.Page
	for range 200 {
		if p = c.Get("/imports/1"); strings.Contains(p.Body, text) {
			return p
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the page never said %q: %.3000s", text, p.Body)
	return p
}

// apply applies what the page of the import shows.
func apply(t *testing.T, c *webtest.Client) webtest.Page {
	t.Helper()
	return c.Post("/imports/1/application", url.Values{"mark": {mark(c.Get("/imports/1"))}})
}

// mark is what the page's form to apply carries of what it shows.
func mark(p webtest.Page) string {
	_, rest, _ := strings.Cut(p.Body, `name="mark" value="`)
	m, _, _ := strings.Cut(rest, `"`)
	return m
}

// check uploads a file of customers as the manager and checks it.
func check(t *testing.T, s *webtest.Site, acme *dbtest.Company, file string, fields ...string) *webtest.Client {
	t.Helper()
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", file, append(fields, "kind", "customers")...).Leads(t, "/imports/1/mapping")
	c.Post("/imports/1/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}}).Leads(t, "/imports/1")
	c.Get("/imports/1").Has(t, http.StatusOK, "being checked", "0 rows read", `hx-trigger="every 2s"`, "Look again")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	return c
}

// HTML in a file is text on the screen, and formulas are text in the download.
func TestHostileText(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := check(t, s, acme, "number,name\n1,\n<b>2</b>,\n\"=cmd|' /C calc'!A0\"\n")
	p := c.Get("/imports/1")
	p.Has(t, http.StatusOK, "refused 3", "cmd|")
	p.Lacks(t, "<b>2</b>")
	c.Get("/imports/1/rejects.csv").Has(t, http.StatusOK, `'=cmd|`)
	upload(t, c, "<i>name.csv", "number,name\n1,a\n", "kind", "customers").Leads(t, "/imports/2/mapping")
	c.Get("/imports").Lacks(t, "<i>name")
}

// Numbers that differ only in capital letters are warned of before they are applied.
func TestNumbersAlike(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	check(t, s, acme, "number,name\nM0001,a\nm0001,a\n").Get("/imports/1").Has(t, http.StatusOK,
		"Row 3: m0001 is a new customer, and M0001 is another one. The numbers differ only in capital letters. If they are the same, correct the file and upload it again.")
}

// A row with the number of a customer who was merged into another is not taken, and says so.
func TestRowOfAMergedCustomer(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	o := importer.Options{Kind: importer.Customers, Map: importer.Map{Columns: map[importer.Field]string{"number": "number", "name": "name"}}}
	if _, err := importer.Run(t.Context(), s.DB, acme.ID, o, strings.NewReader("number,name\nD-1,Alm\nD-2,Alm AS\n")); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now(), merged_at = now(), merged_into = (SELECT id FROM customers WHERE number = 'D-2') WHERE number = 'D-1'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "number,name\nD-1,Birk\nD-2,Alm AS\n", "kind", "customers").Leads(t, "/imports/2/mapping")
	c.Post("/imports/2/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}}).Leads(t, "/imports/2")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 2}); err != nil {
		t.Fatal(err)
	}
	p := c.Get("/imports/2")
	p.Has(t, http.StatusOK, "unchanged 2", "Row 2: customer D-1 was merged into D-2, and nothing of the row is taken. What is to change at D-2 belongs into a row with that number.")
	p.Lacks(t, "Row 3:")
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := check(t, s, acme, "number,name\n1,a\n2,\n", "all_or_nothing", "on")
	p := c.Get("/imports/1")
	p.Has(t, http.StatusOK, "all or nothing was asked for", "Read the columns differently")
	p.Lacks(t, "/application")
	c.Post("/imports/1/application", nil).Has(t, http.StatusConflict, "nothing to apply")
}

// The list says how much is left out of rows that are not refused.
func TestListSaysWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "number,name,phone,email\n1,a,n/a,b\n2,b,12,\n", "kind", "customers").Leads(t, "/imports/1/mapping")
	c.Post("/imports/1/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}, "column.phone": {"phone"}, "column.email": {"email"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports").Has(t, http.StatusOK, "3 values left out")
}

// An unusable file says why, once the job has seen it.
func TestUnusable(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	check(t, s, acme, "number,name\n").Get("/imports/1").Has(t, http.StatusOK, "The file cannot be used.", "header and no rows")
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "", "", "kind", "items", "currency", "SEK").Has(t, http.StatusUnprocessableEntity, "Choose the file.", `value="SEK"`)
	upload(t, c, "a.csv", "a,b\n", "kind", "wishes").Has(t, http.StatusUnprocessableEntity, "Say what the file holds.")
	upload(t, c, "a.xlsx", "PK\x03\x04", "kind", "items").Has(t, http.StatusUnprocessableEntity, "Excel workbook")
	upload(t, c, "a.csv", "Debtors of March\nnumber,name\n1,a\n", "kind", "customers").
		Has(t, http.StatusUnprocessableEntity, "The first line has one cell only, &#34;Debtors of March&#34;. The header must be the first line", `value="customers" selected`)
	upload(t, c, "a.csv", "", "kind", "items").Has(t, http.StatusUnprocessableEntity, "The file is empty.")
	upload(t, c, "a.csv", "a,b\n", "kind", "payments", "loaded_to", "tomorrow").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.")
	upload(t, c, "a.csv", "a,b\n", "kind", "payments", "loaded_to", "2026-03-17").Has(t, http.StatusUnprocessableEntity, "still to come")
	upload(t, c, "a.csv", "a,b\n1,2\n", "kind", "payments", "loaded_to", "2026-03-16").Leads(t, "/imports/1/mapping")
	c.Get("/imports").Has(t, http.StatusOK, "/imports/1")
}

// Two gigabytes are refused by what the request says of itself, and a body that
// hides its length by its first part.
func TestUploadTooLarge(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	read := &counted{limit: 2 << 30}
	p := c.Send("/imports", "multipart/form-data; boundary=x", struct{ io.Reader }{read})
	p.Has(t, http.StatusRequestEntityTooLarge, "larger than the 200 MB")
	if read.n > 230<<20 {
		t.Errorf("%d bytes were read", read.n)
	}
}

// counted is a form with one endless file.
type counted struct{ n, limit int64 }

func (c *counted) Read(p []byte) (int, error) {
	if c.n >= c.limit {
		return 0, io.EOF
	}
	n := 0
	if c.n == 0 {
		n = copy(p, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n")
	}
	for i := n; i < len(p); i++ {
		p[i] = 'a'
	}
	c.n += int64(len(p))
	return len(p), nil
}

// A form that is posted twice makes one import.
func TestUploadTwice(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	for range 2 {
		upload(t, c, "a.csv", "number,name\n1,a\n", "kind", "customers", "form_id", "0a9b7a51-6a4e-4d0c-8f2c-2f3f3a7c1d11").Leads(t, "/imports/1/mapping")
	}
	c.Get("/imports").Lacks(t, "/imports/2")
}

// Imports are for managers and admins of the company.
func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	check(t, s, acme, "number,name\n1,a\n2,\n")
	beta := dbtest.Tenant(t, s.Database, "beta")
	collector, stranger, nobody := s.As(t, acme.Collector), s.As(t, beta.Admin), s.Nobody(t)
	s.As(t, acme.Admin).Get("/imports/1").Has(t, http.StatusOK, "Apply")
	for _, path := range []string{"/imports", "/imports/new", "/imports/1", "/imports/1/mapping", "/imports/1/rejects.csv"} {
		collector.Get(path).Has(t, http.StatusForbidden, "Only managers and admins")
		nobody.Get(path).Leads(t, "/sign-in?next="+url.QueryEscape(path))
		if strings.Contains(path, "/1") {
			stranger.Get(path).Has(t, http.StatusNotFound)
		}
	}
	for _, path := range []string{"/imports/1/mapping", "/imports/1/application", "/imports/1/disposal"} {
		collector.Post(path, itemColumns).Has(t, http.StatusForbidden, "Only managers and admins")
		stranger.Post(path, itemColumns).Has(t, http.StatusNotFound)
		nobody.Post(path, itemColumns).Has(t, http.StatusUnauthorized)
	}
	upload(t, collector, "a.csv", "a,b\n", "kind", "items").Has(t, http.StatusForbidden, "Only managers and admins")
	upload(t, collector, "", "").Has(t, http.StatusForbidden, "Only managers and admins")
	stranger.Get("/imports").Has(t, http.StatusOK, "No imports yet")
}

// The list goes back by pages of thirty.
func TestListPages(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		for i := range 31 {
			o := importer.Options{Kind: importer.Customers, FileName: fmt.Sprintf("file-%02d.csv", i)}
			if _, err := importer.Store(t.Context(), tx, o, strings.NewReader("number,name\n")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	first := c.Get("/imports")
	first.Has(t, http.StatusOK, "file-30.csv", "file-01.csv", "/imports?before=2")
	first.Lacks(t, "file-00.csv", "First page")
	last := c.Get("/imports?before=2")
	last.Has(t, http.StatusOK, "file-00.csv", "First page")
	last.Lacks(t, "file-01.csv", "Next page")
	c.Get("/imports?before=2147483648").Has(t, http.StatusOK, "file-30.csv")
	c.Get("/imports?before=none").Has(t, http.StatusOK, "file-30.csv")
}
