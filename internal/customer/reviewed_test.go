package customer_test

import (
	"errors"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// A customer's row has the first day on which one of its stops or opt-outs is to be
// looked at, whatever becomes of them.
func TestFirstReviewIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var other, theirs int64
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		other, _ = dbtest.Customer(t, tx, "other")
		_, err := tx.Exec(t.Context(), `INSERT INTO contact_points (customer_id, kind, value, role) VALUES ($1, 'phone', '+4722410933', 'debtor'), ($1, 'phone', '+4722410944', 'debtor')`, d.id)
		return err
	})
	write(t, d.db, d.beta.System(), func(tx *tenant.Tx) error {
		theirs, _ = dbtest.Customer(t, tx, "theirs")
		return nil
	})
	owner := d.db.Owner(t)
	stop := func(kind string, on day.Day) string {
		return `INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, '` + kind + `', 'x', '2026-01-02', '` + on.String() + `' FROM customers WHERE number = '100'`
	}
	said := func(state, value, on string) string {
		return `INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
			SELECT customer_id, id, 'sms', '` + state + `', '2026-01-05', 'said so', nullif('` + on + `', '')::date, 'a letter' FROM contact_points WHERE value = '` + value + `'`
	}
	at := func(days int) day.Day { return today.Add(days) }
	for _, step := range []struct {
		sql    string
		want   day.Day
		others day.Day
	}{
		{stop("bankruptcy", at(40)), at(40), day.Day{}},
		{stop("attorney", at(30)), at(30), day.Day{}},
		{`UPDATE stops SET review_on = '` + at(20).String() + `' WHERE kind = 'bankruptcy'`, at(20), day.Day{}},
		{`UPDATE stops SET review_on = '` + at(50).String() + `' WHERE kind = 'bankruptcy'`, at(30), day.Day{}},
		{said("opt_out", "+4722410933", at(10).String()), at(10), day.Day{}},
		{said("opt_out", "+4722410944", at(9).String()), at(9), day.Day{}},
		{`UPDATE contact_points SET retired_at = now() WHERE value = '+4722410944'`, at(10), day.Day{}},
		{`UPDATE contact_points SET retired_at = NULL WHERE value = '+4722410944'`, at(9), day.Day{}},
		{said("lifted", "+4722410944", ""), at(10), day.Day{}},
		{said("lifted", "+4722410933", ""), at(30), day.Day{}},
		{`UPDATE stops SET lifted_at = now(), lifted_by = (SELECT min(id) FROM members), lift_reason = 'x', lift_evidence = 'y' WHERE kind = 'attorney'`, at(50), day.Day{}},
		{`UPDATE stops SET customer_id = (SELECT id FROM customers WHERE number = 'other') WHERE kind = 'bankruptcy'`, day.Day{}, at(50)},
	} {
		write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), step.sql)
			return err
		})
		var got, others, foreign *day.Day
		err := owner.QueryRow(t.Context(), `
			SELECT (SELECT review_on FROM customers WHERE id = $1), (SELECT review_on FROM customers WHERE id = $2), (SELECT review_on FROM customers WHERE id = $3)`,
			d.id, other, theirs).Scan(&got, &others, &foreign)
		if err != nil {
			t.Fatal(err)
		}
		if !same(got, step.want) || !same(others, step.others) || foreign != nil {
			t.Fatalf("after %s: %v, of the other %v, of the other company %v; want %v and %v", step.sql, got, others, foreign, step.want, step.others)
		}
	}
}

func same(got *day.Day, want day.Day) bool {
	if got == nil {
		return want.IsZero()
	}
	return *got == want
}

// Of two who place a stop at once the second waits, and the earlier day stays whoever is
// first.
func TestFirstReviewOfTwoAtOnce(t *testing.T) {
	t.Parallel()
	for name, days := range map[string][2]int{"the earlier first": {20, 25}, "the later first": {45, 35}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			place := func(tx *tenant.Tx, kind string, days int) error {
				_, err := tx.Exec(t.Context(), `INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, $2, 'x', '2026-01-02', $3)`, d.id, kind, today.Add(days))
				return err
			}
			second := make(chan error, 1)
			write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
				if err := place(tx, "attorney", days[0]); err != nil {
					return err
				}
				go func() {
					second <- d.db.Write(t.Context(), d.acme.System(), func(tx *tenant.Tx) error { return place(tx, "bankruptcy", days[1]) })
				}()
				return blocks(t, tx)
			})
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			var got *day.Day
			if err := d.db.Owner(t).QueryRow(t.Context(), `SELECT review_on FROM customers WHERE id = $1`, d.id).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want := today.Add(min(days[0], days[1])); !same(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// blocks waits until somebody waits for this transaction.
func blocks(t *testing.T, tx *tenant.Tx) error {
	t.Helper()
	for range 2000 {
		var waiting bool
		err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))`).Scan(&waiting)
		if err != nil || waiting {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return errors.New("nobody waits")
}
