package importer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/importer"
	"dunwell/internal/ledger"
)

// BenchmarkImport brings 1,000,000 items of 100,000 customers in, from the first
// byte of the file to the commit with all figures up to date, and reports how
// fast that is compared to a superuser's COPY of the same rows into an identical
// table, and the most memory that the program held.
func BenchmarkImport(b *testing.B) {
	const items, customers = 1_000_000, 100_000
	for range b.N {
		db := dbtest.New(b)
		db.BeforeCommit = ledger.Refresh
		acme := dbtest.Tenant(b, db, "acme")
		owner := db.Owner(b)
		for _, sql := range []string{
			fmt.Sprintf(`SELECT set_config('app.tenant_id', '%d', false)`, acme.ID),
			fmt.Sprintf(`INSERT INTO customers (number, name, kind) SELECT 'C' || n, 'Customer ' || n, 'business' FROM generate_series(1, %d) n`, customers),
			`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers`,
			`VACUUM ANALYZE`,
		} {
			if _, err := owner.Exec(b.Context(), sql); err != nil {
				b.Fatal(err)
			}
		}
		m, err := importer.ParseMap([]byte(`{"columns": {"customer_number": "Customer", "number": "Number", "issued_on": "Issued", "due_on": "Due", "amount": "Amount", "currency": "Currency"}}`))
		if err != nil {
			b.Fatal(err)
		}
		peak := watchHeap(b)
		began := time.Now()
		r, err := importer.Run(b.Context(), db.DB, acme.ID, importer.Options{Kind: importer.Items, Map: m, FileName: "items.csv"}, manyItems(items, customers))
		took := time.Since(began)
		if err != nil || r.New != items {
			b.Fatalf("%+v, %v", r, err)
		}
		heap := peak()
		floor := plainCopy(b, db)
		share := 100 * floor.Seconds() / took.Seconds()
		if share < 40 {
			b.Errorf("the import is at %.0f %% of COPY, want at least 40 %%", share)
		}
		b.ReportMetric(took.Seconds(), "import-s")
		b.ReportMetric(floor.Seconds(), "copy-s")
		b.ReportMetric(share, "%-of-copy")
		b.ReportMetric(float64(heap)/(1<<20), "peak-heap-MB")
	}
}

// manyItems is a file, made while it is read.
func manyItems(items, customers int) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriter(w)
		fmt.Fprintln(out, "Customer,Number,Issued,Due,Amount,Currency")
		first := day.New(2024, 1, 1)
		for i := range items {
			issued := first.Add(i % 700)
			fmt.Fprintf(out, "C%d,%07d,%s,%s,%d.%02d,EUR\n", i*7919%customers+1, i, issued, issued.Add(30), i%5000+1, i%100)
		}
		_ = w.CloseWithError(out.Flush())
	}()
	return r
}

// plainCopy is how long a superuser takes to COPY the rows of items into a table
// with the same indexes, checks and foreign keys.
func plainCopy(b *testing.B, db *dbtest.Database) time.Duration {
	b.Helper()
	const columns = `(tenant_id, customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)`
	conn := db.Owner(b)
	path := filepath.Join(b.TempDir(), "items")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := conn.PgConn().CopyTo(b.Context(), file, `COPY items `+columns+` TO STDOUT`); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(b.Context(), `
		CREATE TABLE plain_items (LIKE items INCLUDING ALL,
			FOREIGN KEY (tenant_id) REFERENCES tenants,
			FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
			FOREIGN KEY (tenant_id, status_id) REFERENCES item_statuses (tenant_id, id))`); err != nil {
		b.Fatal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := conn.PgConn().CopyFrom(b.Context(), file, `COPY plain_items `+columns+` FROM STDIN`); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// watchHeap looks at the heap until the returned function is called, which gives
// the most that was seen.
func watchHeap(b *testing.B) func() uint64 {
	b.Helper()
	var peak atomic.Uint64
	ctx, stop := context.WithCancel(b.Context())
	go func() {
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() uint64 { stop(); return peak.Load() }
}
