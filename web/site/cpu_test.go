package site_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cpu is the time on the processor so far, of this process, client included, and of
// the program's connections in Postgres. On a busy machine it tells more than the
// clock does.
type cpu struct{ program, database time.Duration }

// spent reads it. Of Postgres it is zero where there is no /proc.
func spent(b *testing.B, owner *pgx.Conn) (c cpu) {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	c.program = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	rows, _ := owner.Query(b.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dunwell'`)
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		b.Fatal(err)
	}
	for _, pid := range pids {
		var nanoseconds int64
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		_, _ = fmt.Sscan(string(stat), &nanoseconds)
		c.database += time.Duration(nanoseconds)
	}
	return c
}

// report says what a page took since then.
func (c cpu) report(b *testing.B, since cpu, pages int) {
	b.Helper()
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(pages) }
	b.ReportMetric(each(c.program-since.program), "program-ms")
	b.ReportMetric(each(c.database-since.database), "postgres-ms")
}
