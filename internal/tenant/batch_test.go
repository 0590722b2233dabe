package tenant_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

type counted struct{ N int }

func TestBatch(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	must(t, db.Read(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		var (
			list        []counted
			first, none *counted
			further     []counted
		)
		b := tx.Batch()
		b.Queue("count", `SELECT n FROM generate_series(1, @to::int) n`, pgx.NamedArgs{"to": 3}, tenant.Into(&list))
		b.Queue("count", `SELECT n FROM generate_series(@from::int, @to::int) n ORDER BY n`, pgx.NamedArgs{"to": 9, "from": 7}, tenant.First(&first))
		b.Queue("count", `SELECT 1 AS n WHERE false`, nil, tenant.First(&none))
		b.Queue("count", `SELECT 2 AS n`, nil, func(pgx.Rows) error {
			b.Queue("count again", `SELECT n FROM generate_series(1, @to::int) n`, pgx.NamedArgs{"to": len(list) + 1}, tenant.Into(&further))
			return nil
		})
		err := b.Send(t.Context())
		if fmt.Sprint(list, *first, none, further) != "[{1} {2} {3}] {7} <nil> [{1} {2} {3} {4}]" {
			t.Errorf("got %v, %v, %v, %v", list, first, none, further)
		}
		return err
	}))
}

// What few have is asked for only where there is any, of them or of those who were
// merged into them, in a second round trip for all.
func TestBatchSeldom(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	var none, stopped, duplicate, other int64
	must(t, db.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		none, _ = dbtest.Customer(t, tx, "none")
		stopped, _ = dbtest.Customer(t, tx, "stopped")
		duplicate, _ = dbtest.Customer(t, tx, "duplicate")
		other, _ = dbtest.Customer(t, tx, "other")
		_, err := tx.Exec(t.Context(), `
			INSERT INTO stops (customer_id, kind, reason, since, review_on)
			SELECT unnest($1::bigint[]), 'hardship', 'Wrote', DATE '2026-03-02', DATE '2026-03-30'`, []int64{stopped, duplicate})
		if err == nil {
			_, err = tx.Exec(t.Context(), `UPDATE customers SET archived_at = now(), merged_at = now(), merged_into = $1, owner_id = NULL WHERE id = $2`, other, duplicate)
		}
		return err
	}))
	for _, x := range []struct {
		name             string
		of               []int64
		want             string
		questions, trips int64
	}{
		{"nothing", []int64{none}, "[] [] []", 2, 1},
		{"a stop", []int64{stopped}, "[{1} {2} {3}] [{1} {2} {3}] []", 4, 2},
		{"of one of two", []int64{none, stopped}, "[{1} {2} {3}] [{1} {2} {3}] []", 4, 2},
		{"of who was merged into it", []int64{other}, "[{1} {2} {3}] [{1} {2} {3}] [{9}]", 5, 2},
		{"of nobody", nil, "[] [] []", 2, 1},
	} {
		must(t, db.Read(t.Context(), c.Collector, func(tx *tenant.Tx) error {
			var first, second, third []counted
			ended := false
			db.Queries.Take()
			db.Queries.TakeTrips()
			b := tx.Batch()
			b.Seldom("count", tenant.Stops, x.of, `SELECT n FROM generate_series(1, @to::int) n`, pgx.NamedArgs{"to": 3}, tenant.Into(&first))
			b.Seldom("count", tenant.Stops, x.of, `SELECT n FROM generate_series(1, @to::int) n`, pgx.NamedArgs{"to": 3}, tenant.Into(&second))
			b.Seldom("count", tenant.Merged, x.of, `SELECT @nine::int AS n`, pgx.NamedArgs{"nine": 9}, tenant.Into(&third))
			b.Queue("count", `SELECT 1 AS n`, nil, func(rows pgx.Rows) error { rows.Close(); return rows.Err() })
			b.Lastly(func() { ended = fmt.Sprint(first, second, third) == x.want })
			err := b.Send(t.Context())
			if n, trips := db.Queries.Take(), db.Queries.TakeTrips(); n != x.questions || trips != x.trips || !ended {
				t.Errorf("%s: %d questions in %d round trips, want %d in %d; got %v %v %v, want %s", x.name, n, trips, x.questions, x.trips, first, second, third, x.want)
			}
			return err
		}))
	}
}

func TestBatchFails(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	unfit := errors.New("not what was wanted")
	for name, k := range map[string]struct {
		sql  string
		read error
		want string
	}{
		"the statement":   {`SELECT 1 / @zero::int`, nil, "divide: ERROR: division by zero"},
		"an argument":     {`SELECT @one::int`, nil, "no argument for $1"},
		"what was read":   {`SELECT 1`, unfit, "divide: not what was wanted"},
		"statement first": {`SELECT 1 / @zero::int`, unfit, "divide: not what was wanted"},
	} {
		ran := false
		err := db.Read(t.Context(), c.Collector, func(tx *tenant.Tx) error {
			b := tx.Batch()
			b.Queue("divide", k.sql, pgx.NamedArgs{"zero": 0}, func(rows pgx.Rows) error {
				b.Queue("go on", `SELECT 1`, nil, func(pgx.Rows) error { ran = true; return nil })
				rows.Close()
				return errors.Join(k.read, rows.Err())
			})
			return b.Send(t.Context())
		})
		if err == nil || !strings.Contains(err.Error(), k.want) || ran {
			t.Errorf("%s: %v, want %s; went on: %v", name, err, k.want, ran)
		}
	}
}
