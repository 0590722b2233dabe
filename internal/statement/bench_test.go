package statement_test

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"dunwell/internal/dbtest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// BenchmarkStatement reads a statement of 5,000 open items and writes it as PDF and
// as XLSX; reading and PDF together may take two seconds.
func BenchmarkStatement(b *testing.B) {
	const budget = 2 * time.Second
	db := dbtest.New(b)
	acme := dbtest.Tenant(b, db, "acme")
	customers := debtors(b, db, acme, 1, 5_000)
	for b.Loop() {
		var s statement.Statement
		began := time.Now()
		err := db.Read(b.Context(), acme.Collector, func(tx *tenant.Tx) (err error) {
			s, err = statement.Of(b.Context(), tx, customers[0], statement.Options{})
			return err
		})
		read := time.Since(began)
		var pdf bytes.Buffer
		if err != nil || len(s.Sections) != 1 || len(s.Sections[0].Rows) != 5_000 {
			b.Fatalf("%d sections, %v", len(s.Sections), err)
		}
		if err := s.PDF(&pdf); err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		if err := s.XLSX(io.Discard); err != nil {
			b.Fatal(err)
		}
		if took > budget {
			b.Errorf("the statement took %s, want at most %s", took, budget)
		}
		b.ReportMetric(float64(read.Milliseconds()), "read-ms")
		b.ReportMetric(float64((took - read).Milliseconds()), "pdf-ms")
		b.ReportMetric(float64((time.Since(began) - took).Milliseconds()), "xlsx-ms")
		b.ReportMetric(float64(pdf.Len())/1024, "pdf-kB")
	}
}

// BenchmarkLetter writes letters with four items each, read from the ledger one by
// one by two at a time; at least 200 a second. Beside it stands how many files a
// second the PDF library makes that have a font and a few lines.
func BenchmarkLetter(b *testing.B) {
	const letters, budget = 500, 200
	db := dbtest.New(b)
	acme := dbtest.Tenant(b, db, "acme")
	customers := debtors(b, db, acme, 100, 4)
	for b.Loop() {
		rate := perSecond(b, letters, func(i int) error { return oneLetter(b, db, acme, customers[i%len(customers)]) })
		floor := perSecond(b, letters/5, func(int) error { return plainFile() })
		if rate < budget {
			b.Errorf("%.0f letters a second, want at least %d; of plain files there were %.0f", rate, budget, floor)
		}
		b.ReportMetric(rate, "letters/s")
		b.ReportMetric(floor, "plain-files/s")
	}
}

// debtors makes customers with so many open items each.
func debtors(b *testing.B, db *dbtest.Database, acme *dbtest.Company, customers, items int) (ids []int64) {
	b.Helper()
	err := db.Write(b.Context(), acme.Admin, func(tx *tenant.Tx) error {
		for i := range customers {
			id, account := dbtest.Customer(b, tx, fmt.Sprint("C-", i))
			_, err := tx.Exec(b.Context(), `
				INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
				SELECT $1, $2, 'invoice', 'INV-' || $2::bigint || '-' || n, DATE '2025-10-01' + n % 150, DATE '2025-11-01' + n % 150, 'EUR', 10000 + 7 * n,
					(SELECT min(id) FROM item_statuses)
				FROM generate_series(1, $3) n`, id, account, items)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return statement.SaveLetterhead(b.Context(), tx, whole)
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Owner(b).Exec(b.Context(), `VACUUM ANALYZE`); err != nil {
		b.Fatal(err)
	}
	return ids
}

const reminder = `Dear Madam or Sir,

our books show that the items below are past due. Please pay them within fourteen days, or tell us what stands in the way: a call is often the shortest way to a solution that suits us both.

If you have paid meanwhile, please take this letter as void.

Kind regards

Åse Ærø`

func oneLetter(b *testing.B, db *dbtest.Database, acme *dbtest.Company, customer int64) error {
	var s statement.Statement
	err := db.Read(b.Context(), acme.Collector, func(tx *tenant.Tx) (err error) {
		s, err = statement.Of(b.Context(), tx, customer, statement.Options{})
		return err
	})
	if err != nil {
		return err
	}
	return statement.Letter{Heading: s.Heading, Subject: "Reminder of payment", Body: reminder, Items: s.Sections, Pay: true}.PDF(io.Discard)
}

// plainFile is what the library's own way to set text costs.
func plainFile() error {
	p := fpdf.New("P", "mm", "A4", "")
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.AddPage()
	p.SetFont("go", "", 10)
	p.MultiCell(170, 5, reminder, "", "L", false)
	p.SetFont("go", "B", 10)
	p.MultiCell(170, 5, "Total", "", "L", false)
	return p.Output(io.Discard)
}

// perSecond does it n times, two at a time, and tells how many went through in a
// second.
func perSecond(b *testing.B, n int, one func(i int) error) float64 {
	b.Helper()
	var next atomic.Int64
	var both sync.WaitGroup
	began := time.Now()
	for range 2 {
		both.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if err := one(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	both.Wait()
	return float64(n) / time.Since(began).Seconds()
}
