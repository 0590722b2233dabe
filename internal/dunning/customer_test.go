package dunning_test

import (
	"fmt"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// TestOneCustomerOneEntry: one entry a customer, at the highest level of its items;
// every overdue item is a line with its own level.
func TestOneCustomerOneEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{6, 19}, wait: 8, gap: 4})
	old := d.item(t, "OLD", "2026-01-02", 50_013)
	d.run(t, "2026-01-20")
	d.remind(t, "2026-01-20", d.customer)
	d.item(t, "MID", "2026-01-15", 7_027)
	d.item(t, "NEW", "2026-01-27", 331)
	d.item(t, "COMING", "2026-02-01", 9_999)
	d.expect(t, "2026-01-23", "not C-1: The last reminder was 3 days ago, and 4 days have to pass: it comes back on Sat 24 Jan 2026.")
	d.expect(t, "2026-01-24", "C-1 at 1: OLD/1 500.13 MID/1 70.27.")
	d.expect(t, "2026-01-28", "C-1 at 2: OLD/2 500.13 MID/1 70.27 NEW/0 3.31.")
	if got := d.agenda(t); got != "C-1 2 level OLD 1 57371 EUR 1" {
		t.Errorf("the agenda has %s", got)
	}
	d.pay(t, old, 50_012, "2026-01-28")
	if got := d.agenda(t); got != "C-1 2 level OLD 1 7359 EUR 1" {
		t.Errorf("all but a cent paid: %s", got)
	}
	d.pay(t, old, 1, "2026-01-28")
	if got := d.agenda(t); got != "C-1 1 level MID 1 7358 EUR 1" {
		t.Errorf("the oldest is paid: %s", got)
	}
}

// TestWhatHoldsBack: whatever lowers or holds back a balance changes the entry in
// the same transaction, and its end brings it back.
func TestWhatHoldsBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ does, undoes, why string }{
		"dispute":        {`UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute')`, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute_resolved')`, "All that is overdue is disputed or in litigation."},
		"litigation":     {`UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'litigation')`, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'ongoing')`, "All that is overdue is disputed or in litigation."},
		"pause":          {`UPDATE items SET paused_until = '2026-02-10', pause_reason = 'asked'`, `UPDATE items SET paused_until = NULL, pause_reason = NULL`, "All that is overdue is paused."},
		"customer pause": {`UPDATE customers SET dunning_paused_until = '2026-02-10', dunning_pause_reason = 'asked'`, `UPDATE customers SET dunning_paused_until = '2026-02-09'`, "All that is overdue is paused."},
		"stop": {`INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, 'attorney', 'has one', '2026-01-01', '2026-06-01' FROM customers`,
			`UPDATE stops SET lifted_at = now(), lifted_by = (SELECT min(id) FROM members), lift_reason = 'gone', lift_evidence = 'letter'`, "All that is overdue is held back: the customer is stopped or archived."},
		"archive": {`UPDATE customers SET archived_at = now()`, `UPDATE customers SET archived_at = NULL`, "All that is overdue is held back: the customer is stopped or archived."},
		"credit": {`INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) SELECT customer_id, id, 'CASH', '2026-02-10', 'EUR', 4111 FROM accounts`,
			`UPDATE payments SET returned_on = '2026-02-10'`, "Credit covers all that could be collected: apply it."},
		"credit note": {`INSERT INTO items (customer_id, account_id, kind, number, issued_on, currency, amount, status_id) SELECT customer_id, id, 'credit_note', 'CN', '2026-02-10', 'EUR', -4111, (SELECT id FROM item_statuses WHERE family = 'ongoing') FROM accounts`,
			`UPDATE items SET amount = -4110 WHERE kind = 'credit_note'`, "Credit covers all that could be collected: apply it."},
		"minimum":       {`INSERT INTO policy_minimums (policy_id, currency, amount) SELECT id, 'EUR', 4112 FROM policies`, `UPDATE policy_minimums SET amount = 4111`, "What could be collected is below the minimum of the policy."},
		"due date":      {`UPDATE items SET due_on = '2026-02-10'`, `UPDATE items SET due_on = '2026-02-03'`, ""},
		"no due date":   {`UPDATE items SET due_on = NULL`, `UPDATE items SET due_on = '2026-02-03'`, ""},
		"manual":        {`UPDATE customers SET reminder_mode = 'manual', next_reminder_on = '2026-02-11'`, `UPDATE customers SET reminder_mode = 'auto'`, "Reminders are manual: it comes back on Wed 11 Feb 2026."},
		"manual, never": {`UPDATE customers SET reminder_mode = 'manual'`, `UPDATE customers SET reminder_mode = 'auto'`, "Reminders are manual, and no day is chosen."},
		"by hand": {`UPDATE customers SET policy_id = (SELECT id FROM policies WHERE name = 'Nothing')`, `UPDATE customers SET policy_id = NULL`,
			"The policy has no levels: the customer is worked by hand."},
		"no policy": {`UPDATE policies SET is_default = false`, `UPDATE policies SET is_default = true WHERE name = 'House'`, "No policy holds for this customer: choose one for it, or make one the default."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, rules{levels: []int{7}})
			d.do(t, d.Admin, func(tx *tenant.Tx) error { policy(t, tx, "Nothing", rules{}); return nil })
			d.item(t, "I", "2026-02-03", 4_111)
			d.run(t, "2026-02-10")
			if d.agenda(t) == "" {
				t.Fatal("no entry to begin with")
			}
			before := d.agenda(t)
			d.sql(t, c.does)
			if got := d.agenda(t); got != "" {
				t.Errorf("still on the agenda: %s", got)
			}
			want := ""
			if c.why != "" {
				want = "not C-1: " + c.why
			}
			d.expect(t, "2026-02-10", want)
			d.sql(t, c.undoes)
			if got := d.agenda(t); got != before && name != "credit note" {
				t.Errorf("afterwards the agenda has %q, want %q", got, before)
			}
			if name == "credit note" && d.agenda(t) != "C-1 1 level I 1 1 EUR 1" {
				t.Errorf("one cent is left: %s", d.agenda(t))
			}
			if n := d.count(t, `SELECT count(*) FROM agenda_entries WHERE state = 'withdrawn' AND closed_at IS NOT NULL`); n != 1 {
				t.Errorf("%d entries were withdrawn", n)
			}
		})
	}
}

// TestCurrenciesStandApart: each currency has its own minimum and its own sum, and
// credit of one account pays for nothing of another.
func TestCurrenciesStandApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{3, 30}})
	d.sql(t, `INSERT INTO policy_minimums (policy_id, currency, amount) SELECT id, 'USD', 2000 FROM policies`)
	d.do(t, d.System(), func(tx *tenant.Tx) error {
		second := dbtest.Account(t, tx, d.customer, "C-1b")
		dbtest.Item(t, tx, d.account, "EUR-1", "2026-03-01", 1_203, "EUR")
		dbtest.Item(t, tx, d.account, "JPY-1", "2026-03-02", 777, "JPY")
		dbtest.Item(t, tx, d.account, "USD-1", "2026-01-03", 1_999, "USD")
		dbtest.Item(t, tx, second, "EUR-2", "2026-03-03", 405, "EUR")
		dbtest.Item(t, tx, second, "EUR-CN", "", -404, "EUR")
		return nil
	})
	r := d.run(t, "2026-03-16")
	if got := says(r); got != "C-1 at 1: USD-1/0 19.99 EUR-1/1 12.03 JPY-1/1 777 EUR-2/1 4.05." {
		t.Errorf("the run says %s", got)
	}
	if got := fmt.Sprint(r.Entries[0].ToCollect); got != "[EUR 12.04 JPY 777]" {
		t.Errorf("to collect is %s", got)
	}
	d.sql(t, `UPDATE policy_minimums SET amount = 1999`)
	if got := d.agenda(t); got != "C-1 1 level USD-1 4 1204 EUR 3" {
		t.Errorf("at the minimum: %s", got)
	}
	d.sql(t, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE currency = 'EUR' AND amount > 0`)
	if got := d.agenda(t); got != "C-1 1 level USD-1 2 777 JPY 2" {
		t.Errorf("nothing in the company's own currency: %s", got)
	}
}

// TestManualComesOnItsDay: whatever level is reached before, and whatever the last
// reminder says.
func TestManualComesOnItsDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5, 20}, wait: 30, gap: 30})
	d.item(t, "I", "2026-01-01", 6_262)
	d.run(t, "2026-01-06")
	d.remind(t, "2026-01-06", d.customer)
	d.sql(t, `UPDATE customers SET reminder_mode = 'manual', next_reminder_on = '2026-01-21'`)
	d.expect(t, "2026-01-20", "not C-1: Reminders are manual: it comes back on Wed 21 Jan 2026.")
	r := d.run(t, "2026-01-21")
	if got := says(r); got != "C-1 at 1: I/1 62.62." {
		t.Errorf("on the day: %s", got)
	}
	if got := r.Entries[0].Reason; got != "The day that was chosen for this customer has come. I is 20 days late; level 1 (After 5) comes after 5 days; last reminder 15 days ago." {
		t.Errorf("the reason is %q", got)
	}
	d.expect(t, "2026-01-22", "C-1 at 1: I/1 62.62.")
	d.sql(t, `UPDATE items SET due_on = '2026-01-22'`)
	d.expect(t, "2026-01-22", "")
}

// TestLastAsksAManager: two weeks after the last reminder, or on the day that was
// chosen with it.
func TestLastAsksAManager(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}, gap: 3})
	d.item(t, "I", "2026-01-01", 6_262)
	d.run(t, "2026-01-06")
	d.remind(t, "2026-01-06", d.customer)
	d.sql(t, `UPDATE customers SET next_reminder_on = '2026-01-30'`)
	d.expect(t, "2026-01-29", "not C-1: The last level was sent, and the last reminder was 23 days ago: a manager is asked on Fri 30 Jan 2026.")
	r := d.run(t, "2026-01-30")
	if got := d.agenda(t); got != "C-1 1 last I 1 6262 EUR 1" {
		t.Errorf("the agenda has %s", got)
	}
	if got := r.Entries[0].Reason; got != "I is 29 days late, and the last level, level 1 (After 5), was reached; last reminder 24 days ago: a manager decides what follows." {
		t.Errorf("the reason is %q", got)
	}
}

// TestLaterStaysAway: an entry that was put away is kept and brought up to date, is
// not worked before its day, and goes when nothing is left.
func TestLaterStaysAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5, 9}})
	item := d.item(t, "I", "2026-01-01", 6_262)
	d.run(t, "2026-01-06")
	id := d.count(t, `SELECT id FROM agenda_entries`)
	d.sql(t, `UPDATE agenda_entries SET later_on = '2026-01-12', later_reason = 'on holiday'`)
	d.expect(t, "2026-01-11", "not C-1: It was put away until Mon 12 Jan 2026.")
	d.expect(t, "2026-01-12", "C-1 at 1: I/1 62.62.")
	if now := d.count(t, `SELECT id FROM agenda_entries WHERE state = 'open'`); now != id {
		t.Errorf("another entry: %d, was %d", now, id)
	}
	d.sql(t, `UPDATE agenda_entries SET why = 'reversal', later_on = NULL`)
	r := d.run(t, "2026-01-13")
	if got := r.Entries[0].Reason; got != "A payment was taken back. I is 12 days late; level 1 (After 5) comes after 5 days." {
		t.Errorf("the reason is %q", got)
	}
	d.pay(t, item, 6_262, "2026-01-13")
	if got := d.agenda(t); got != "" {
		t.Errorf("all is paid, and the agenda has %s", got)
	}
}

// TestDoneWithoutAReminder: nobody was reached, and the customer rests until the day
// that was chosen; then it comes back at the same level.
func TestDoneWithoutAReminder(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}})
	d.item(t, "I", "2026-01-01", 6_262)
	d.run(t, "2026-01-06")
	d.sql(t, `UPDATE agenda_entries SET state = 'done', closed_at = now(), done_next_on = '2026-01-08'`)
	d.expect(t, "2026-01-07", "not C-1: It was done without a reminder: it comes back on Thu 8 Jan 2026.")
	d.expect(t, "2026-01-08", "C-1 at 1: I/1 62.62.")
}

// TestPolicyOfACustomer: one's own, else the first rule that fits, else the default.
func TestPolicyOfACustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{40}})
	var soft, hard int64
	d.do(t, d.Admin, func(tx *tenant.Tx) error {
		soft, hard = policy(t, tx, "Soft", rules{levels: []int{20}}), policy(t, tx, "Hard", rules{levels: []int{3}})
		return nil
	})
	d.item(t, "I", "2026-01-01", 6_262)
	standing := func() (s dunning.Standing) {
		t.Helper()
		d.do(t, d.Collector, func(tx *tenant.Tx) (err error) {
			s, err = dunning.StandingOf(t.Context(), tx, d.customer)
			return err
		})
		return s
	}
	d.on(t, "2026-01-05")
	for _, c := range []struct {
		sql, policy string
		args        []any
		chosen      bool
	}{
		{`SELECT 1`, "House", nil, false},
		{`INSERT INTO policy_rules (position, policy_id, tag) VALUES (5, $1, 'vip')`, "House", []any{soft}, false},
		{`UPDATE customers SET tags = '{old,vip}'`, "Soft", nil, false},
		{`INSERT INTO policy_rules (position, policy_id, kind, currency, open_from) VALUES (1, $1, 'business', 'EUR', 6263)`, "Soft", []any{hard}, false},
		{`UPDATE policy_rules SET open_from = 6262 WHERE open_from IS NOT NULL`, "Hard", nil, false},
		{`UPDATE customers SET policy_id = $1`, "Soft", []any{soft}, true},
		{`UPDATE policies SET retired_at = now() WHERE id = $1`, "Hard", []any{soft}, false},
		{`UPDATE policies SET retired_at = now() WHERE id = $1`, "House", []any{hard}, false},
	} {
		d.sql(t, c.sql, c.args...)
		if s := standing(); s.Policy != c.policy || s.Chosen != c.chosen || (s.RuleID != 0) != (!c.chosen && c.policy != "House") {
			t.Errorf("after %s the policy is %q, rule %d, chosen %v; want %q", c.sql, s.Policy, s.RuleID, s.Chosen, c.policy)
		}
	}
}

// TestStanding: one sentence on every customer.
func TestStanding(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5, 12}, gap: 4})
	says := func(on, want string, comes day.Day) {
		t.Helper()
		d.on(t, on)
		d.do(t, d.Collector, func(tx *tenant.Tx) error {
			s, err := dunning.StandingOf(t.Context(), tx, d.customer)
			if s.Sentence() != want || s.ComesOn != comes {
				t.Errorf("on %s: %q, %s; want %q, %s", on, s.Sentence(), s.ComesOn, want, comes)
			}
			return err
		})
	}
	says("2026-01-01", "Nothing is owed that could be collected.", day.Day{})
	d.item(t, "I", "2026-01-04", 6_262)
	says("2026-01-03", "Nothing is overdue. If nothing is paid, the next level opens on Fri 9 Jan 2026.", day.New(2026, 1, 9))
	says("2026-01-05", "The next level opens on Fri 9 Jan 2026.", day.New(2026, 1, 9))
	says("2026-01-09", "I is 5 days late; level 1 (After 5) comes after 5 days. The next run puts it on the agenda.", day.New(2026, 1, 10))
	d.run(t, "2026-01-09")
	says("2026-01-09", "I is 5 days late; level 1 (After 5) comes after 5 days.", day.Day{})
	d.sql(t, `UPDATE agenda_entries SET later_on = '2026-01-13', later_reason = 'Asked to be left in peace.'`)
	says("2026-01-12", "It was put away until Tue 13 Jan 2026: Asked to be left in peace.", day.New(2026, 1, 13))
	d.remind(t, "2026-01-13", d.customer)
	says("2026-01-16", "The last reminder was 3 days ago, and 4 days have to pass: it comes back on Sat 17 Jan 2026.", day.New(2026, 1, 17))
	d.sql(t, `UPDATE tenants SET dunning_on = false`)
	says("2026-01-17", "Dunning is switched off.", day.Day{})
}
