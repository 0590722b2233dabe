package message_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// BenchmarkOutbox sends e-mails to customers as the program does, by jobs, each
// checked again as it goes out, to a mail server in the same process. It reports
// how many a second were asked for, and how many left.
func BenchmarkOutbox(b *testing.B) {
	const customers, each, atLeast = 500, 6, 300
	for range b.N {
		d := newBooks(b)
		var points [customers][2]int64
		d.write(b, d.Collector, func(tx *tenant.Tx) error {
			for i := range points {
				id, account := dbtest.Customer(b, tx, fmt.Sprintf("B-%d", i))
				dbtest.Item(b, tx, account, fmt.Sprintf("B-%d", i), "2026-02-01", int64(1000+i), "EUR")
				point, err := customer.AddPoint(b.Context(), tx, id, customer.Point{Kind: customer.Email, Value: fmt.Sprintf("b%d@debtor.example", i), Person: "Bea", Role: customer.Debtor})
				if err != nil {
					return err
				}
				points[i] = [2]int64{id, point}
			}
			return nil
		})
		d.exec(b, `ANALYZE`)
		client, err := jobs.New(d.DB, d.box, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		for round := range each {
			d.write(b, d.Collector, func(tx *tenant.Tx) error {
				for _, p := range points {
					n := d.mail(fmt.Sprint("Reminder ", round))
					n.CustomerID, n.PointID, n.Demands = p[0], p[1], true
					if _, err := d.box.Send(b.Context(), tx, n); err != nil {
						return err
					}
				}
				return nil
			})
		}
		b.ReportMetric(customers*each/time.Since(began).Seconds(), "asked/s")
		began = time.Now()
		if err := client.Start(context.WithoutCancel(b.Context())); err != nil {
			b.Fatal(err)
		}
		d.sink.Wait(b, customers*each)
		rate := customers * each / time.Since(began).Seconds()
		if err := client.Stop(context.WithoutCancel(b.Context())); err != nil {
			b.Fatal(err)
		}
		var sent int
		if err := d.owner.QueryRow(b.Context(), `SELECT count(*) FROM messages WHERE state = $1`, message.Sent).Scan(&sent); err != nil || sent != customers*each {
			b.Errorf("%d messages are sent, %v", sent, err)
		}
		b.ReportMetric(rate, "mails/s")
		if rate < atLeast {
			b.Errorf("%.0f e-mails a second, want %d", rate, atLeast)
		}
	}
}
