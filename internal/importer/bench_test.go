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
	"dunwell/internal/importer"
)

// The sizes of the benchmarks.
const (
	customers = 100_000
	items     = 1_000_000
	payments  = 500_000
)

// BenchmarkImport brings 1,000,000 items of 100,000 customers in, from the first
// byte of the file to the commit with all figures up to date, and reports how
// fast that is compared to a superuser's COPY of the same rows into an identical
// table, and the most memory that the program held.
func BenchmarkImport(b *testing.B) {
	for range b.N {
		d := books(b)
		m := parseMap(b, `{"customer_number": "Customer", "number": "Number", "issued_on": "Issued", "due_on": "Due", "amount": "Amount", "currency": "Currency"}`)
		bring(b, d, trial{importer.Options{Kind: importer.Items, Map: m, FileName: "items.csv"}, manyItems(), items, itemRows, 40})
	}
}

// BenchmarkImportPayments brings 500,000 payments in, each of one of 1,000,000
// items. A payment is a row, what it pays another, and both it and the item are
// then brought to what that says: the floor is COPY of the rows of both tables.
func BenchmarkImportPayments(b *testing.B) {
	for range b.N {
		d := books(b)
		execute(b, d, fmt.Sprintf(`
			INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
			SELECT a.customer_id, a.id, 'invoice', to_char(n, 'FM0000000'), DATE '2024-01-01' + n %% 700, DATE '2024-01-31' + n %% 700, 'EUR',
				100 * (n %% 5000 + 1) + n %% 100, s.id
			FROM generate_series(0, %d - 1) n
			JOIN accounts a ON a.number = 'C' || (n::bigint * 7919 %% %d + 1)
			JOIN item_statuses s ON s.family = 'ongoing'
			ORDER BY n`, items, customers), `VACUUM ANALYZE`)
		m := parseMap(b, `{"number": "Reference", "customer_number": "Customer", "value_on": "Value", "amount": "Amount", "currency": "Currency", "item_number": "Invoice"}`)
		bring(b, d, trial{importer.Options{Kind: importer.Payments, Map: m, FileName: "payments.csv"}, manyPayments(), payments, paymentRows, 25})
	}
}

// books is a company with 100,000 customers and nothing else.
func books(b *testing.B) desk {
	b.Helper()
	d := newDesk(b)
	execute(b, d,
		fmt.Sprintf(`INSERT INTO customers (number, name, kind) SELECT 'C' || n, 'Customer ' || n, 'business' FROM generate_series(1, %d) n`, customers),
		`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers`,
		`VACUUM ANALYZE`)
	return d
}

// execute runs statements as the superuser, outside a transaction.
func execute(b *testing.B, d desk, statements ...string) {
	b.Helper()
	owner := d.Owner(b)
	statements = append([]string{fmt.Sprintf(`SELECT set_config('app.tenant_id', '%d', false)`, d.ID)}, statements...)
	for _, sql := range statements {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

func parseMap(b *testing.B, columns string) importer.Map {
	b.Helper()
	m, err := importer.ParseMap([]byte(`{"columns": ` + columns + `}`))
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// trial is a file of new rows and what its import is compared to.
type trial struct {
	options importer.Options
	file    io.Reader
	rows    int64
	floor   []table
	least   float64 // the share of the floor's speed, in percent
}

// bring imports the file, and fails where that is slower than it may be.
func bring(b *testing.B, d desk, t trial) {
	b.Helper()
	peak := watchHeap(b)
	began := time.Now()
	r, err := importer.Run(b.Context(), d.DB, d.ID, t.options, t.file)
	took := time.Since(began)
	if err != nil || r.New != t.rows {
		b.Fatalf("%+v, %v", r, err)
	}
	heap := peak()
	floor := time.Duration(0)
	for _, f := range t.floor {
		copied := plainCopy(b, d, f)
		b.ReportMetric(copied.Seconds(), "copy-"+f.name+"-s")
		floor += copied
	}
	share := 100 * floor.Seconds() / took.Seconds()
	if share < t.least {
		b.Errorf("the import is at %.0f %% of COPY, want at least %.0f %%", share, t.least)
	}
	b.ReportMetric(took.Seconds(), "import-s")
	b.ReportMetric(share, "%-of-copy")
	b.ReportMetric(float64(heap)/(1<<20), "peak-heap-MB")
}

// manyItems is a file, made while it is read.
func manyItems() io.Reader {
	return lines(func(out io.Writer) {
		fmt.Fprintln(out, "Customer,Number,Issued,Due,Amount,Currency")
		first := day.New(2024, 1, 1)
		for i := range items {
			issued := first.Add(i % 700)
			fmt.Fprintf(out, "C%d,%07d,%s,%s,%d.%02d,EUR\n", i*7919%customers+1, i, issued, issued.Add(30), i%5000+1, i%100)
		}
	})
}

// manyPayments pay every second item, one in four of them in part.
func manyPayments() io.Reader {
	return lines(func(out io.Writer) {
		fmt.Fprintln(out, "Reference,Customer,Value,Amount,Currency,Invoice")
		first := day.New(2024, 2, 1)
		for p := range payments {
			i := p * 999_983 % (items / 2) * 2 // as a bank's file has them: in no order of ours
			cents := 100*(i%5000+1) + i%100
			if p%4 == 0 {
				cents = cents/2 + 1
			}
			fmt.Fprintf(out, "BANK-%08d,C%d,%s,%d.%02d,EUR,%07d\n", p, i*7919%customers+1, first.Add(i%700), cents/100, cents%100, i)
		}
	})
}

func lines(write func(out io.Writer)) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriter(w)
		write(out)
		_ = w.CloseWithError(out.Flush())
	}()
	return r
}

// table is one that COPY fills for comparison.
type table struct{ name, columns, keys string }

var itemRows = []table{{"items", "tenant_id, customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id", `
	FOREIGN KEY (tenant_id) REFERENCES tenants,
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, status_id) REFERENCES item_statuses (tenant_id, id)`}}

var paymentRows = []table{{"payments", "tenant_id, customer_id, account_id, number, value_on, currency, amount, member_id", `
	FOREIGN KEY (tenant_id) REFERENCES tenants,
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)`},
	{"applications", "tenant_id, account_id, currency, item_id, payment_id, amount, value_on, member_id", `
	FOREIGN KEY (tenant_id) REFERENCES tenants,
	FOREIGN KEY (tenant_id, account_id, currency, item_id) REFERENCES items (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, account_id, currency, payment_id) REFERENCES payments (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, account_id, currency, credit_id) REFERENCES items (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, reverses) REFERENCES applications (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)`}}

// plainCopy is how long a superuser takes to COPY the rows of the table into one
// with the same indexes, checks and foreign keys.
func plainCopy(b *testing.B, d desk, t table) time.Duration {
	b.Helper()
	conn := d.Owner(b)
	file, err := os.Create(filepath.Join(b.TempDir(), t.name))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if _, err := conn.PgConn().CopyTo(b.Context(), file, fmt.Sprintf(`COPY %s (%s) TO STDOUT`, t.name, t.columns)); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(b.Context(), fmt.Sprintf(`CREATE TABLE plain_%s (LIKE %s INCLUDING ALL, %s)`, t.name, t.name, t.keys)); err != nil {
		b.Fatal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := conn.PgConn().CopyFrom(b.Context(), file, fmt.Sprintf(`COPY plain_%s (%s) FROM STDIN`, t.name, t.columns)); err != nil {
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
