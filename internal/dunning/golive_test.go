package dunning_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// A company goes live by the policy that it began with, on a ledger with items up to
// three years late and others that fall due meanwhile. Each entry has its letter
// printed and is done on the day it comes up, for sixty days. No item climbs faster
// than the waits and deadlines of its levels, nobody has two letters within the gap,
// and whose items are all old has three letters in four weeks, not four.
func TestGoLiveByTheFirstPolicy(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE items SET issued_on = issued_on - 900, due_on = due_on - 900`)
	r := rand.New(rand.NewPCG(3, 60))
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		for c := range 7 {
			_, account, _, _ := debtor(t, tx, fmt.Sprint("C-", c+2))
			for i := range 2 + r.IntN(3) {
				due := tx.Today().Add(-60 - r.IntN(1_030))
				if c > 3 && i == 0 {
					due = tx.Today().Add(r.IntN(30) - 5) // some have new ones, too
				}
				dbtest.Item(t, tx, account, fmt.Sprintf("OLD-%d-%d", c, i), due.String(), int64(10_000+r.IntN(90_000)), "EUR")
			}
		}
		return nil
	})
	for days := range 60 {
		o.at(days, 8, 0)
		o.run(t)
		ids, _ := o.all(t)
		for _, id := range ids {
			o.print(t, id)
			c, who := dunning.Completion{}, o.Manager
			if e := o.entry(t, id); e.Why == dunning.WhyLast || e.Level == 4 {
				o.do(t, who, func(tx *tenant.Tx) error { c.NextOn = tx.Today().Add(14); return nil })
			}
			if err := o.tryDone(t, who, id, c); err != nil {
				t.Fatal(err)
			}
		}
	}
	is(t, "faster than the item's waits", o.ask(t, `
		SELECT string_agg(concat_ws(' ', x.item_id, x.was, x.reminded_on, x.level_number), ', ')
		FROM (
			SELECT r.item_id, r.level_number, r.reminded_on, l.wait_days, lag(r.reminded_on) OVER item AS was, lag(r.pay_by) OVER item AS by, lag(r.level_number) OVER item AS from_level
			FROM reminders r
			JOIN levels l ON l.id = r.level_id
			WHERE NOT r.along
			WINDOW item AS (PARTITION BY r.item_id ORDER BY r.id)) x
		WHERE x.reminded_on < x.was + x.wait_days OR x.reminded_on <= x.by AND x.from_level < 4 OR x.level_number > coalesce(x.from_level, 0) + 1`), "")
	is(t, "two letters within the gap", o.ask(t, `
		SELECT count(*)
		FROM (SELECT on_day - lag(on_day) OVER (PARTITION BY customer_id ORDER BY on_day) AS days FROM (SELECT DISTINCT customer_id, reminded_on AS on_day FROM reminders) d) x
		WHERE x.days < 7`), "0")
	is(t, "letters in four weeks to whose items are all old", o.ask(t, `
		SELECT string_agg(DISTINCT (SELECT count(*) FROM agenda_actions a WHERE a.customer_id = c.id AND a.at < '2026-03-16'::date + 28)::text, ' ')
		FROM customers c
		WHERE NOT EXISTS (SELECT FROM items i WHERE i.customer_id = c.id AND i.due_on > '2026-02-01')`), "3")
	is(t, "who came to the last level, and when first", o.ask(t, `
		SELECT count(DISTINCT customer_id) || ' ' || min(reminded_on) FROM reminders WHERE level_number = 4`), "8 2026-04-14") // days 0, 8, 18 and 29
}

// A new item every week brings a letter every week, which names the old ones too.
// They climb all the same, with the first letter after their own wait.
func TestNewItemsDoNotHoldBackTheOld(t *testing.T) {
	t.Parallel()
	days := map[bool]string{}
	for _, weekly := range []bool{false, true} {
		o := newAgency(t)
		o.exec(t, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'litigation') WHERE number = 'INV-2'`)
		for n := range 45 {
			o.at(n, 8, 0)
			if weekly && n%7 == 0 {
				o.do(t, o.Admin, func(tx *tenant.Tx) error {
					dbtest.Item(t, tx, o.account, fmt.Sprint("NEW-", n), tx.Today().Add(-5).String(), int64(1_000+n), "EUR")
					return nil
				})
			}
			o.run(t)
			if e := o.open(t); e.ID != 0 && e.Why != dunning.WhyLast {
				o.print(t, e.ID)
				c := dunning.Completion{}
				if e.Level == 4 {
					o.do(t, o.Manager, func(tx *tenant.Tx) error { c.NextOn = tx.Today().Add(200); return nil })
				}
				if err := o.tryDone(t, o.Manager, e.ID, c); err != nil {
					t.Fatal(err)
				}
			}
		}
		days[weekly] = o.ask(t, `SELECT string_agg(r.level_number || ' ' || r.reminded_on, ', ' ORDER BY r.id) FROM reminders r WHERE r.item_id = $1 AND NOT r.along`, o.items[0])
		if weekly {
			is(t, "letters", o.ask(t, `SELECT count(*) FROM messages`), "7")
			is(t, "named along", o.ask(t, `SELECT count(*) FROM reminders WHERE item_id = $1 AND along`, o.items[0]), "3")
		}
	}
	is(t, "alone", days[false], "1 2026-03-16, 2 2026-03-24, 3 2026-04-03, 4 2026-04-14")
	is(t, "with new ones", days[true], "1 2026-03-16, 2 2026-03-30, 3 2026-04-13, 4 2026-04-27")
}
