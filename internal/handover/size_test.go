package handover_test

import (
	"testing"
	"time"

	"dunwell/internal/handover"
)

// BenchmarkGive hands over 100,000 customers, each with a follow-up, to two people.
func BenchmarkGive(b *testing.B) {
	d := newDesk(b)
	if _, err := d.owner.Exec(b.Context(), `
		WITH made AS (
			INSERT INTO customers (tenant_id, number, name, kind, owner_id) SELECT $1, 'N-' || n, 'Many', 'business', $2 FROM generate_series(1, 100000) n RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) SELECT $1, id, $2, '2026-03-20', 'Call' FROM made`, d.acme.ID, d.acme.CollectorID); err != nil {
		b.Fatal(err)
	}
	for from, to := d.acme.CollectorID, d.acme.AdminID; b.Loop(); from, to = to, from {
		start := time.Now()
		done, err := d.hand(b, d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{to}})
		if err != nil || done.Shares[0].Counts[handover.Customers] != 100_000 {
			b.Fatal(done.Shares, err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/hand-over")
	}
}
