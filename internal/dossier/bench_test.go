package dossier_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dunwell/internal/document"
	"dunwell/internal/dossier"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// most is by how much the heap may grow for the dossier of a large customer, in bytes.
const most = 16 << 20

// BenchmarkDossier makes the dossier of a customer with 100,000 notes and 500 messages,
// each with a file of 200 kB: memory stays flat, which is looked at while it is made and
// written out.
func BenchmarkDossier(b *testing.B) {
	d := newDesk(b)
	d.large(b, 100_000, 500)
	var seq int64
	d.must(b, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		seq, err = dossier.Take(b.Context(), tx, d.id)
		return err
	})
	for b.Loop() {
		runtime.GC()
		peak := watchHeap(b)
		var out counter
		began := time.Now()
		d.write(b, d.acme.Manager, seq, &out)
		b.ReportMetric(time.Since(began).Seconds(), "dossier-s")
		b.ReportMetric(float64(out)/(1<<20), "archive-MB")
		grown := peak()
		b.ReportMetric(float64(grown)/(1<<20), "heap-growth-MB")
		if grown > most {
			b.Errorf("the heap grew by %d MB, want %d at most", grown>>20, most>>20)
		}
	}
}

// large gives the customer a long record.
func (d *desk) large(b *testing.B, notes, messages int) {
	b.Helper()
	text := strings.Repeat("She says that the goods never came, and asks for the signed note. ", 3)
	for n := 0; n < notes; n += 1000 { // the head is one row: a longer transaction gets slow over its versions
		list := make([]note.New, 1000)
		for i := range list {
			list[i] = note.New{CustomerID: d.id, Kind: "changed", Text: fmt.Sprintf("%d. %s", n+i, text)}
		}
		d.must(b, d.acme.Collector, func(tx *tenant.Tx) error { return note.AddMany(b.Context(), tx, list) })
	}
	for range messages {
		d.must(b, d.acme.Collector, func(tx *tenant.Tx) error {
			f, err := document.Add(b.Context(), tx, d.store, document.New{CustomerID: d.id, Subject: document.OfCustomer, Name: "letter.txt", Content: strings.NewReader(strings.Repeat(text, 1000))})
			if err != nil {
				return err
			}
			_, err = tx.Exec(b.Context(), `
				WITH message AS (
					INSERT INTO messages (customer_id, channel, state, address, language, subject, body, sent_at)
					VALUES ($1, 'email', 'sent', 'ann@berg.example', 'en', 'Your account', $2, now())
					RETURNING id)
				INSERT INTO message_documents (message_id, document_id) SELECT id, $3 FROM message`, d.id, strings.Repeat(text, 20), f.ID)
			return err
		})
	}
}

// counter throws away what is written and counts it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return io.Discard.Write(p)
}

// watchHeap looks at the heap until the returned function is called, which gives by
// how much it grew at most.
func watchHeap(b *testing.B) func() uint64 {
	b.Helper()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	before := inUse()
	var peak atomic.Uint64
	ctx, stop := context.WithCancel(b.Context())
	go func() {
		for ctx.Err() == nil {
			peak.Store(max(peak.Load(), inUse()))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() uint64 {
		stop()
		return max(peak.Load(), before) - before
	}
}
