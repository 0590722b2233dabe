package statementrun_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"dunwell/internal/tenant"
)

// BenchmarkRun looks at a run for 5,000 customers, makes it and writes its file: memory
// stays flat.
func BenchmarkRun(b *testing.B) {
	d := newDesk(b)
	d.exec(b, `
		WITH c AS (
			INSERT INTO customers (tenant_id, number, name, kind, street, city, language)
			SELECT $1, 'K-' || n, 'Customer ' || n, 'business', 'Storgata ' || n, 'Oslo', (ARRAY['en', 'cs', 'da', 'de', 'fr'])[1 + n % 5] FROM generate_series(10001, 15000) n
			RETURNING id, number), a AS (
			INSERT INTO accounts (tenant_id, customer_id, kind, number) SELECT $1, id, 'trade', number FROM c RETURNING id, customer_id, number)
		INSERT INTO items (tenant_id, customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT $1, a.customer_id, a.id, 'invoice', a.number || '/' || n, '2026-01-01', DATE '2026-02-01' + n, 'EUR', 100 + n + a.id, (SELECT min(id) FROM item_statuses WHERE tenant_id = $1)
		FROM a, generate_series(1, 20) n`, d.ID)
	d.exec(b, `ANALYZE`)
	for b.Loop() {
		began := time.Now()
		if _, err := d.plan(b, open); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "plan-s")
		began = time.Now()
		a := d.begun(b, open)
		b.ReportMetric(time.Since(began).Seconds(), "start-s")
		began = time.Now()
		peak := heap(b)
		if err := d.Work(b.Context(), a); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "work-s")
		b.ReportMetric(peak(), "work-heap-MB")
		r, _ := d.find(b, a.Run)
		if r.Done != 5003 {
			b.Errorf("run %+v", r)
		}
		began = time.Now()
		peak = heap(b)
		var size counted
		d.do(b, d.Manager, func(tx *tenant.Tx) error { return d.Print(b.Context(), tx, r, &size) })
		b.ReportMetric(time.Since(began).Seconds(), "print-s")
		b.ReportMetric(peak(), "print-heap-MB")
		b.ReportMetric(float64(size)/(1<<20), "MB")
	}
}

// counted counts what is written.
type counted int64

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}

// heap looks at the heap until the returned function is called, which gives by how many
// MB it grew at most.
func heap(b *testing.B) func() float64 {
	b.Helper()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	runtime.GC()
	before := inUse()
	var peak atomic.Uint64
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				peak.Store(max(peak.Load(), inUse()))
			}
		}
	}()
	return func() float64 {
		close(done)
		return float64(max(peak.Load(), before)-before) / (1 << 20)
	}
}
