package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// serve starts so many servers at once on one database, and stops them once the
// database says so.
func serve(t *testing.T, db *dbtest.Database, servers int, until string) {
	t.Helper()
	owner := db.Owner(t)
	// as if the one before had started more than a minute ago
	if _, err := owner.Exec(t.Context(), `DELETE FROM river_job WHERE kind = 'fan_out'`); err != nil {
		t.Fatal(err)
	}
	for range servers {
		client, err := jobs.New(db.DB, &message.Outbox{Store: folder(t, t.TempDir())}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Start(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Stop(context.WithoutCancel(t.Context())) }()
	}
	waitFor(t, func() bool {
		var ok bool
		if err := owner.QueryRow(t.Context(), `SELECT `+until).Scan(&ok); err != nil {
			t.Fatal(err)
		}
		return ok
	})
}

// dunned is a company that duns at six, with an item that is due on the Friday
// before Monday.
func dunned(t *testing.T, db *dbtest.Database, slug string) *dbtest.Company {
	t.Helper()
	c := dbtest.Tenant(t, db, slug)
	err := db.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV-1", "2026-03-13", 4_711, "EUR")
		return dunning.SwitchOn(t.Context(), tx, 6)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func runs(t *testing.T, db *dbtest.Database) (list []string) {
	t.Helper()
	rows, _ := db.Owner(t).Query(t.Context(), `
		SELECT n.slug || ' ' || r.as_of || ' ' || r.opened FROM dunning_runs r JOIN tenants n ON n.id = r.tenant_id ORDER BY r.as_of, n.slug`)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Each company has one run a day, however many servers there are and however often
// they start; one that missed days has one for all of them, and its figures and its
// entry are of the day on which it came back.
func TestRunOfTheNight(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	dunned(t, db, "acme")
	dunned(t, db, "beta")
	const day = 24 * time.Hour
	ran := func(n int) string {
		return fmt.Sprintf(`(SELECT count(*) = %d FROM dunning_runs) AND (SELECT count(*) = %[1]d FROM river_job WHERE kind = 'refresh_totals' AND state = 'completed')`, n)
	}
	db.Now = func() time.Time { return dbtest.Monday }
	serve(t, db, 2, ran(2))
	serve(t, db, 1, ran(2))
	db.Now = func() time.Time { return dbtest.Monday.Add(4 * day) }
	serve(t, db, 2, ran(4))
	if got, want := fmt.Sprint(runs(t, db)), "[acme 2026-03-16 0 beta 2026-03-16 0 acme 2026-03-20 1 beta 2026-03-20 1]"; got != want {
		t.Errorf("the runs are %s, want %s", got, want)
	}
	if n := count(t, db, `kind = 'dunning_run' AND state = 'completed'`); n != 4 {
		t.Errorf("%d jobs made a run", n)
	}
	var overdue int
	if err := db.Owner(t).QueryRow(t.Context(), `SELECT min(overdue)::integer FROM customer_totals`).Scan(&overdue); err != nil || overdue != 4_711 {
		t.Errorf("%d is overdue, %v", overdue, err)
	}
}

// A server that is started on another day than today makes the run of that day, also
// where it is the same real day; a company that is no trial is left alone.
func TestRunOfAnotherDay(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	dunned(t, db, "acme")
	real := dunned(t, db, "real")
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE tenants SET trial = false WHERE id = $1`, real.ID); err != nil {
		t.Fatal(err)
	}
	for n, on := range []day.Day{day.New(2026, 3, 17), day.New(2026, 3, 18)} {
		db.TrialDay = on
		serve(t, db, 1, fmt.Sprintf(`(SELECT count(*) = %d FROM dunning_runs) AND (SELECT count(*) = %[1]d FROM river_job WHERE kind = 'refresh_totals' AND state = 'completed')`, n+1))
	}
	if got, want := fmt.Sprint(runs(t, db)), "[acme 2026-03-17 0 acme 2026-03-18 1]"; got != want {
		t.Errorf("the runs are %s, want %s", got, want)
	}
	if n := count(t, db, fmt.Sprintf(`kind IN ('dunning_run', 'refresh_totals') AND (args->>'tenant')::bigint = %d`, real.ID)); n != 0 {
		t.Errorf("%d jobs of a company that is no trial", n)
	}
}
