package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/importer"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// TestTotalsFollowTheDay starts the jobs twice on one day: each tenant gets one
// refresh, and what fell due overnight is overdue.
func TestTotalsFollowTheDay(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	a, b := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "rival")
	for i, c := range []*dbtest.Company{a, b} {
		err := db.Write(t.Context(), c.System(), func(tx *tenant.Tx) error {
			_, account := dbtest.Customer(t, tx, "C-1")
			dbtest.Item(t, tx, account, "INV-1", tx.Today().String(), int64(1_000+i), "EUR")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	db.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 1) }
	overdue := func(c *dbtest.Company) (n int64) {
		if err := db.Owner(t).QueryRow(t.Context(), `SELECT overdue FROM customer_totals WHERE tenant_id = $1`, c.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if overdue(a) != 0 {
		t.Fatal("overdue on its due day")
	}
	for range 2 {
		client, err := jobs.New(db.DB, &message.Outbox{Store: folder(t, t.TempDir())}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Start(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool { return overdue(a) == 1_000 && overdue(b) == 1_001 })
		waitFor(t, func() bool { return count(t, db, `kind = 'fan_out' AND state = 'completed'`) > 0 })
		if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, `kind = 'refresh_totals'`); n != 2 {
		t.Errorf("%d refreshes of two companies on one day", n)
	}
	if n := count(t, db, `kind = 'refresh_totals' AND state <> 'completed'`); n != 0 {
		t.Errorf("%d are not completed", n)
	}
}

func TestSweepKeepsWhatIsStillAsked(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	owner := db.Owner(t)
	for _, sql := range []string{
		`INSERT INTO sessions VALUES ('old', '', now() - interval '1 minute'), ('new', '', now() + interval '1 hour')`,
		`INSERT INTO sign_in_attempts (at, email, address, ok) VALUES (now() - interval '32 days', 'old', '', true), (now() - interval '30 days', 'new', '', true)`,
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err := owner.Exec(t.Context(), `
		INSERT INTO form_posts (tenant_id, id, member_id, path, at)
		VALUES ($1, gen_random_uuid(), $2, 'old', now() - interval '8 days'), ($1, gen_random_uuid(), $2, 'new', now() - interval '6 days')`, c.ID, c.AdminID)
	if err != nil {
		t.Fatal(err)
	}
	for name, days := range map[string]int{"old": importer.RowsKept + 1, "new": importer.RowsKept - 1} {
		_, err := owner.Exec(t.Context(), `
			WITH i AS (
				INSERT INTO imports (tenant_id, kind, file_name, sha256, size, mapping, state, finished_at)
				VALUES ($1, 'items', 'a.csv', '', 1, '{}', 'applied', now() - make_interval(days => $2))
				RETURNING id)
			INSERT INTO import_rejects (tenant_id, import_id, line, col, value, reason, cells) SELECT $1, id, 2, '', '', 'x', ARRAY[$3::text] FROM i`, c.ID, days, name)
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "new": 23 * time.Hour} {
		at := time.Now().Add(-age)
		path := filepath.Join(dir, fmt.Sprint(c.ID), "zz", name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at))
		if err != nil {
			t.Fatal(err)
		}
	}
	client, err := jobs.New(db.DB, &message.Outbox{Store: folder(t, dir)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Stop(context.WithoutCancel(t.Context())) }()
	waitFor(t, func() bool { return count(t, db, `kind = 'sweep' AND state = 'completed'`) == 1 })
	for _, sql := range []string{`SELECT string_agg(token, ',') FROM sessions`, `SELECT string_agg(email, ',') FROM sign_in_attempts`, `SELECT string_agg(path, ',') FROM form_posts`,
		`SELECT string_agg(cells[1], ',') FROM import_rejects`} {
		var left string
		if err := owner.QueryRow(t.Context(), sql).Scan(&left); err != nil || left != "new" {
			t.Errorf("%s: %q, %v; want only the new one", sql, left, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "zz", "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "new" {
		t.Errorf("of contents without a row %q are left, %v; want only the new one", left, err)
	}
}

func folder(t *testing.T, dir string) *document.Folder {
	t.Helper()
	store, err := document.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func count(t *testing.T, db *dbtest.Database, where string) (n int) {
	t.Helper()
	if err := db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen within 20 seconds")
		}
	}
}
