package statements_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/pdftest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company with a customer who reads French.
type desk struct {
	*webtest.Site
	*dbtest.Company
	at      string // the statement's address
	account int64
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Site: webtest.New(t)}
	d.Company = dbtest.Tenant(t, d.Database, "acme")
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) error {
		customer, account := dbtest.Customer(t, tx, "C/1")
		d.at, d.account = fmt.Sprintf("/customers/%d/statement", customer), account
		dbtest.Item(t, tx, account, "<E-1>", "2026-01-05", 100_001, "EUR")
		paid := dbtest.Item(t, tx, account, "E-2", "2026-02-20", 200_002, "EUR")
		dbtest.Item(t, tx, dbtest.Account(t, tx, customer, "T-2"), "J-1", "2026-03-31", 777_777, "JPY")
		if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: customer, AccountID: account, Number: "P-1", ValueOn: day.New(2026, 3, 2),
			Amount: money.New(212_345, "EUR"), Lines: []ledger.Line{{ItemID: paid, Minor: 200_002}}}); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET language = 'fr', street = 'Rue 1', city = 'Lyon', country = 'FR' WHERE id = $1`, customer); err != nil {
			return err
		}
		return statement.SaveLetterhead(t.Context(), tx, statement.Letterhead{Sender: "Acme SA", Address: "Quai 2\nOslo", Bank: "IBAN 1", Phone: "+47 22 41 09 33", ReplyTo: "a@acme.example", Footer: "RCS 3"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestStatement(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.As(t, d.Collector)
	page := c.Get(d.at)
	page.Has(t, http.StatusOK, `lang="fr"`, "Relevé de compte", "Postes non soldés au 16/03/2026.", "Acme SA", "Rue 1", "FRANCE", "&lt;E-1&gt;", "1\u00a0000,01",
		"-123,43", "876,58", "777\u00a0777", "Numéro de client", "IBAN 1", "RCS 3", "Merci d’indiquer votre numéro de client C/1",
		`href="`+d.at+`.pdf?as_of=2026-03-16"`, `href="`+d.at+`.xlsx?as_of=2026-03-16"`)
	page.Lacks(t, "E-2", "Statement of account", "as they are today", "/letterhead/logo", "Print has no shape")
	all := c.Get(d.at + "?show=all&language=de&as_of=2026-03-01&account=" + fmt.Sprint(d.account))
	all.Has(t, http.StatusOK, "Kontoauszug", "Alle Posten und Zahlungen bis zum 01.03.2026.", "E-2", "3.000,03", "Konto C/1", "Statuses and pauses are as they are today",
		fmt.Sprintf(`.pdf?account=%d&amp;as_of=2026-03-01&amp;language=de&amp;show=all"`, d.account))
	all.Lacks(t, "J-1", "P-1")
	c.Get(d.at+"?as_of=2020-01-01").Has(t, http.StatusOK, "Aucun poste n’était ouvert à cette date.")
	ahead := c.Get(d.at + "?as_of=2026-12-10&language=en")
	ahead.Has(t, http.StatusOK, "What will be open on 10 Dec 2026, as far as is known today.")
	ahead.Lacks(t, "What was open")
	c.Get(d.at+"?as_of=2026-03-17&language=de").Has(t, http.StatusOK, "Was nach heutigem Stand am 17.03.2026 offen sein wird.")
	c.Get(d.at+"?language=xx").Has(t, http.StatusOK, "Relevé de compte")
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET city = '東京 Lyon'`); err != nil {
		t.Fatal(err)
	}
	c.Get(d.at).Has(t, http.StatusOK, "Print has no shape for <strong>東京</strong>")
}

func TestStatementRefuses(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.As(t, d.Collector)
	c.Get(d.at+"?as_of=yesterday").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.", `value="yesterday"`, "Relevé de compte")
	for _, file := range []string{".pdf", ".xlsx"} {
		c.Get(d.at+file+"?as_of=2026-02-30").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.")
		c.Get(d.at+file+"?account=x").Has(t, http.StatusNotFound)
	}
	c.Get(d.at+"?account=999999").Has(t, http.StatusNotFound)
	beta := dbtest.Tenant(t, d.Database, "beta")
	for _, file := range []string{"", ".pdf", ".xlsx"} {
		d.As(t, beta.Admin).Get(d.at+file).Has(t, http.StatusNotFound)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.As(t, d.Collector)
	pdf := c.Get(d.at + ".pdf?language=en")
	if got := pdf.Header.Get("Content-Type"); pdf.Code != http.StatusOK || got != "application/pdf" {
		t.Fatalf("status %d, %s: %.300s", pdf.Code, got, pdf.Body)
	}
	if got := pdf.Header.Get("Content-Disposition"); got != `attachment; filename="statement-C-1-2026-03-16.pdf"` {
		t.Errorf("the PDF is sent as %s", got)
	}
	if text := pdftest.Text(t, []byte(pdf.Body)); !strings.Contains(text, "<E-1> 6 Dec 2025 5 Jan 2026 70 1,000.01 1,000.01") {
		t.Errorf("the PDF says %s", text)
	}
	if again := c.Get(d.at + ".pdf?language=en"); again.Body != pdf.Body {
		t.Error("the same statement made two files")
	}
	xlsx := c.Get(d.at + ".xlsx?show=all")
	if got := xlsx.Header.Get("Content-Disposition"); got != `attachment; filename="releve-C-1-2026-03-16.xlsx"` {
		t.Errorf("the XLSX is sent as %s", got)
	}
	f, err := excelize.OpenReader(strings.NewReader(xlsx.Body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if rows, err := f.GetRows("Relevé de compte"); err != nil || len(rows) != 5 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	d.As(t, d.Manager).Get("/admin/audit?group=customer").Has(t, http.StatusOK, "made a statement of Customer C/1", "as: PDF", "as: XLSX", "as of: 2026-03-16", "language: fr")
}

func TestLogo(t *testing.T) {
	t.Parallel()
	d := open(t)
	c := d.As(t, d.Collector)
	c.Get("/letterhead/logo").Has(t, http.StatusNotFound)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 30, 10))); err != nil {
		t.Fatal(err)
	}
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) error {
		return statement.SetLogo(t.Context(), tx, d.App.Blobs, 1, &picture)
	})
	if err != nil {
		t.Fatal(err)
	}
	logo := c.Get("/letterhead/logo")
	if about, kind, err := image.DecodeConfig(strings.NewReader(logo.Body)); err != nil || kind != "png" || about.Width != 30 || logo.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the logo is %s of %d, sent as %s, %v", kind, about.Width, logo.Header.Get("Content-Type"), err)
	}
	c.Get(d.at).Has(t, http.StatusOK, `src="/letterhead/logo"`)
	if !strings.Contains(c.Get(d.at+".pdf").Body, "/Subtype /Image") {
		t.Error("the PDF lacks the logo")
	}
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.As(t, beta.Admin).Get("/letterhead/logo").Has(t, http.StatusNotFound)
}

// A long statement is cut on the screen, not in its sums.
func TestLongStatement(t *testing.T) {
	t.Parallel()
	d := open(t)
	err := d.Write(t.Context(), d.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
			SELECT a.customer_id, a.id, 'invoice', 'M-' || n, '2026-01-01', '2026-02-01', 'EUR', 100 + n, (SELECT min(id) FROM item_statuses)
			FROM accounts a, generate_series(1, 700) n WHERE a.id = $1`, d.account)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page := d.As(t, d.Collector).Get(d.at + "?language=en")
	page.Has(t, http.StatusOK, "202 more rows in the PDF and the XLSX.", "1 more row in the PDF and the XLSX.", "4,153.51")
	if n := strings.Count(page.Body, `>M-`); n != 499 {
		t.Errorf("%d rows of 700 are shown", n)
	}
}
