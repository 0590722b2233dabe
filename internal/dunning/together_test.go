package dunning_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// crowd is a company of 200 customers.
func crowd(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, rules{levels: []int{5, 24}, wait: 9, gap: 3})
	scribble(t, d, rand.New(rand.NewPCG(11, 3)), 200)
	return d
}

func (d *desk) runToday(ctx context.Context) (r dunning.RunRecord, err error) {
	err = d.Write(ctx, d.System(), func(tx *tenant.Tx) (err error) {
		r, err = dunning.RunOnly(ctx, tx, tx.Today())
		return err
	})
	return r, err
}

// TestRunTwiceAndAtOnce: the same day again, and four runs at one moment, do what
// one does.
func TestRunTwiceAndAtOnce(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	var wait sync.WaitGroup
	opened := make([]int, 4)
	for i := range opened {
		wait.Go(func() {
			r, err := d.runToday(t.Context())
			if err != nil {
				t.Error(err)
			}
			opened[i] = r.Opened
		})
	}
	wait.Wait()
	sum := 0
	for _, n := range opened {
		sum += n
	}
	first := d.agenda(t)
	if n := d.count(t, `SELECT count(*) FROM agenda_entries`); n == 0 || n != sum {
		t.Errorf("%d entries, and the runs opened %v", n, opened)
	}
	r, err := d.runToday(t.Context())
	if err != nil || r.Opened+r.Updated+r.Withdrawn != 0 || d.agenda(t) != first {
		t.Errorf("again: %+v, %v", r, err)
	}
	if n := d.count(t, `SELECT count(*) FROM agenda_entries WHERE version <> 1`); n != 0 {
		t.Errorf("%d entries were written again for nothing", n)
	}
	var a dunning.Agenda
	d.do(t, d.Collector, func(tx *tenant.Tx) (err error) {
		a, err = dunning.ReadAgenda(t.Context(), tx, dunning.Filter{Whose: dunning.Mine, Sort: dunning.ByRank})
		return err
	})
	last := a.Run
	if last.AsOf != dbToday || last.Items != r.Items || last.Member != "" || last.TookMS < 0 || last.At.IsZero() {
		t.Errorf("the last run is kept as %+v, was %+v", last, r)
	}
}

// TestRunBesideOthers: money comes in, and work is done, while runs are made. Nobody
// waits for ever, and at the end the agenda is what a run from nothing makes.
func TestRunBesideOthers(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	if _, err := d.runToday(t.Context()); err != nil {
		t.Fatal(err)
	}
	accounts := all[struct{ ID, Customer int64 }](t, d.Owner(t), `SELECT id, customer_id FROM accounts`)
	var wait sync.WaitGroup
	for w := range 3 {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 5))
			for n := range 25 {
				a := accounts[r.IntN(len(accounts))]
				err := d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) error {
					tx.Touch(a.Customer)
					if n%3 == 0 { // as Done and Do it later hold an entry
						_, err := tx.Exec(t.Context(), `UPDATE agenda_entries SET later_on = NULL WHERE customer_id = $1 AND state = 'open'`, a.Customer)
						return err
					}
					_, err := tx.Exec(t.Context(), `INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) VALUES ($1, $2, $3, $4, 'EUR', 700)`,
						a.Customer, a.ID, fmt.Sprintf("W-%d-%d", w, n), tx.Today())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		if _, err := d.runToday(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
	got := d.agenda(t)
	if r, err := d.runToday(t.Context()); err != nil || r.Opened+r.Updated+r.Withdrawn != 0 {
		t.Errorf("a run found something to do: %+v, %v\n%s\n%s", r, err, got, d.agenda(t))
	}
}

// TestTwoPaymentsAtOnce on one customer: neither overlooks the other.
func TestTwoPaymentsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}})
	a, b := d.item(t, "A", "2026-01-01", 1_001), d.item(t, "B", "2026-01-01", 2_002)
	d.run(t, "2026-01-10")
	var wait, both sync.WaitGroup
	both.Add(2)
	for i, item := range []int64{a, b} {
		wait.Go(func() {
			err := d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) error {
				tx.Touch(d.customer)
				_, err := tx.Exec(t.Context(), `
					WITH money AS (
						INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount)
						SELECT i.customer_id, i.account_id, $2, '2026-01-10', 'EUR', i.amount FROM items i WHERE i.id = $1
						RETURNING id, account_id, amount)
					INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on)
					SELECT m.account_id, 'EUR', $1, m.id, m.amount, '2026-01-10' FROM money m`, item, fmt.Sprint("P", i))
				both.Done()
				both.Wait() // both are written, neither is committed
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := d.agenda(t); got != "" {
		t.Errorf("all is paid, and the agenda has %s", got)
	}
	if n := d.count(t, `SELECT overdue::integer FROM customer_totals WHERE customer_id = $1 AND currency = 'EUR'`, d.customer); n != 0 {
		t.Errorf("all is paid, and %d is overdue", n)
	}
}

// TestKilledHalfWay: the connection of a run dies before it commits. Nothing of it
// is there, nobody waits for it, and the next one does all of it.
func TestKilledHalfWay(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	err := d.Write(t.Context(), d.System(), func(tx *tenant.Tx) error {
		r, err := dunning.RunOnly(t.Context(), tx, tx.Today())
		if err != nil || r.Opened == 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		var pid int
		if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		_, err = d.Owner(t).Exec(t.Context(), `SELECT pg_terminate_backend($1)`, pid)
		return err
	})
	if err == nil {
		t.Fatal("a dead connection committed")
	}
	if n := d.count(t, `SELECT count(*) FROM agenda_entries`) + d.count(t, `SELECT count(*) FROM dunning_runs`); n != 0 {
		t.Errorf("%d rows of a run that never was", n)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if r, err := d.runToday(ctx); err != nil || r.Opened == 0 {
		t.Errorf("after it: %+v, %v", r, err)
	}
}

// TestRunHoldsNoCustomers: while a run is being made, customers can be changed.
func TestRunHoldsNoCustomers(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	var held int
	err := d.Write(t.Context(), d.System(), func(tx *tenant.Tx) error {
		if _, err := dunning.RunOnly(t.Context(), tx, tx.Today()); err != nil {
			return err
		}
		// those that it cannot lock are held by somebody
		return d.Owner(t).QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM customers) - (SELECT count(*) FROM (SELECT id FROM customers FOR NO KEY UPDATE SKIP LOCKED) c)`).Scan(&held)
	})
	if err != nil || held != 0 {
		t.Errorf("a run holds %d customers, %v", held, err)
	}
}

// TestOtherCompany: a run looks at nothing and changes nothing of another company.
func TestOtherCompany(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}})
	d.sql(t, `UPDATE tenants SET dunning_on = false`)
	d.item(t, "I", "2026-01-01", 6_262)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET dunning_on = true`); err != nil { // its next run would find it
		t.Fatal(err)
	}
	rival := &desk{Database: d.Database, Company: dbtest.Tenant(t, d.Database, "rival")}
	rival.do(t, rival.Admin, func(tx *tenant.Tx) error {
		rival.customer, rival.account = dbtest.Customer(t, tx, "C-1")
		rival.policy = policy(t, tx, "House", rules{levels: []int{3}})
		_, err := tx.Exec(t.Context(), `UPDATE policies SET is_default = true`)
		if err == nil {
			_, err = tx.Exec(t.Context(), `UPDATE tenants SET dunning_on = true`)
		}
		return err
	})
	rival.item(t, "I", "2026-01-01", 9_393)
	rival.on(t, "2026-03-16")
	if r, err := rival.runToday(t.Context()); err != nil || r.Items != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := d.agenda(t); got != "C-1 1 level I 1 9393 EUR 1" {
		t.Errorf("the agenda of both has %s", got)
	}
	if n := d.count(t, `SELECT count(*) FROM agenda_entries WHERE tenant_id = $1`, d.ID); n != 0 {
		t.Errorf("%d entries of another company", n)
	}
	d.do(t, rival.Manager, func(tx *tenant.Tx) error {
		if lines, err := dunning.Lines(t.Context(), tx, d.customer); err != nil || len(lines) != 0 {
			t.Errorf("lines of another company's customer: %v, %v", lines, err)
		}
		return nil
	})
}

// TestGoLiveOnAnOldLedger: items up to three years late, and every entry is done on
// the day it comes up. For 60 days no customer is reminded more often than the gap
// allows, and no item climbs faster than the waits and deadlines do.
func TestGoLiveOnAnOldLedger(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5, 20, 40, 60}, wait: 8, pays: 6, gap: 7})
	r := rand.New(rand.NewPCG(1, 9))
	d.do(t, d.System(), func(tx *tenant.Tx) error {
		for c := range 12 {
			_, account := dbtest.Customer(t, tx, fmt.Sprintf("OLD-%02d", c))
			for i := range 1 + r.IntN(4) {
				dbtest.Item(t, tx, account, fmt.Sprintf("OLD-%02d-%d", c, i), dbToday.Add(-r.IntN(1095)).String(), int64(1_000+r.IntN(90_000)), "EUR")
			}
		}
		return nil
	})
	for n := range 60 {
		on := dbToday.Add(n).String()
		for _, e := range d.run(t, on).Entries {
			d.remind(t, on, e.CustomerID)
		}
	}
	fast := all[struct{ Text string }](t, d.Owner(t), `
		SELECT concat_ws(' ', r.customer_id, r.item_id, r.reminded_on, r.was_on, r.customer_was)
		FROM (
			SELECT r.customer_id, r.item_id, r.reminded_on, r.level_number, lag(r.reminded_on) OVER item AS was_on, lag(r.level_number) OVER item AS was_level,
				(SELECT max(o.reminded_on) FROM reminders o WHERE o.customer_id = r.customer_id AND o.reminded_on < r.reminded_on) AS customer_was
			FROM reminders r
			WINDOW item AS (PARTITION BY r.item_id ORDER BY r.id)) r
		WHERE r.reminded_on - r.was_on < 8 OR r.reminded_on - r.customer_was < 7 OR r.level_number <> coalesce(r.was_level, 0) + 1 AND r.was_level <> 4`)
	for _, f := range fast {
		t.Errorf("too fast: %s", f.Text)
	}
	if n := d.count(t, `SELECT count(*) FROM reminders WHERE level_number = 4`); n == 0 {
		t.Error("nobody came to the last level: the test looks at nothing")
	}
	if n := d.count(t, `SELECT max(n) FROM (SELECT count(*) AS n FROM reminders WHERE reminded_on < $1 GROUP BY item_id) i`, dbToday.Add(28)); n != 4 {
		t.Errorf("%d reminders of an item in 28 days, which a wait of 8 days allows 4 of", n)
	}
}

// TestRunDue: at the company's hour, in its time zone, also where the clock changes
// that night, and once a day.
func TestRunDue(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, c := range []struct {
		zone, at string // UTC
		due      bool
		day      string
	}{
		{"Pacific/Auckland", "2026-04-04T17:59:00Z", false, "2026-04-05"}, // the clock goes back at 3
		{"Pacific/Auckland", "2026-04-04T18:00:00Z", true, "2026-04-05"},
		{"America/Los_Angeles", "2026-03-08T12:59:00Z", false, "2026-03-08"}, // it goes forward at 2
		{"America/Los_Angeles", "2026-03-08T13:00:00Z", true, "2026-03-08"},
		{"Europe/Berlin", "2026-03-29T03:59:00Z", false, "2026-03-29"},
		{"Europe/Berlin", "2026-03-29T04:00:00Z", true, "2026-03-29"},
		{"Europe/Berlin", "2026-03-28T22:30:00Z", true, "2026-03-28"},  // 23:30
		{"Europe/Berlin", "2026-03-28T23:30:00Z", false, "2026-03-29"}, // 00:30
	} {
		d := &desk{Database: db, Company: dbtest.Tenant(t, db, strings.ToLower(fmt.Sprintf("c%x", c.at+c.zone))[:38])}
		d.do(t, d.Admin, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE tenants SET dunning_on = true, dunning_hour = 6, time_zone = $2 WHERE id = $1`, d.ID, c.zone)
			return err
		})
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		db.Now = func() time.Time { return at }
		due := func() (due bool) {
			d.do(t, d.System(), func(tx *tenant.Tx) (err error) {
				due, err = dunning.RunDue(t.Context(), tx)
				return errors.Join(err, dunning.RunOfDay(t.Context(), tx, dunning.RunArgs{Tenant: d.ID}))
			})
			return due
		}
		if got := due(); got != c.due {
			t.Errorf("%s at %s: due %v", c.zone, c.at, got)
		}
		if due() {
			t.Errorf("%s at %s: due a second time", c.zone, c.at)
		}
		var on *day.Day
		if err := d.Owner(t).QueryRow(t.Context(), `SELECT max(as_of) FROM dunning_runs WHERE tenant_id = $1 HAVING count(*) = 1`, d.ID).Scan(&on); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		if c.due != (on != nil) || on != nil && on.String() != c.day {
			t.Errorf("%s at %s: run as of %v, want %s", c.zone, c.at, on, c.day)
		}
	}
}
