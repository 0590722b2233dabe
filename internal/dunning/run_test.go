package dunning_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// desk is a company that duns by one policy of its own making: the test says which
// levels it has. Its customer C-1 has one account.
type desk struct {
	*dbtest.Database
	*dbtest.Company
	policy            int64
	customer, account int64
}

// rules is a policy in short: its levels by their days.
type rules struct {
	levels     []int
	wait, pays int // of every level
	climb      string
	gap        int
	repeat     int // days; 0: a manager is asked
}

func newDesk(t testing.TB, r rules) *desk {
	t.Helper()
	db := dbtest.New(t)
	d := &desk{Database: db, Company: dbtest.Tenant(t, db, "acme")}
	d.do(t, d.Admin, func(tx *tenant.Tx) error {
		d.customer, d.account = dbtest.Customer(t, tx, "C-1")
		d.policy = policy(t, tx, "House", r)
		_, err := tx.Exec(t.Context(), `UPDATE policies SET is_default = true WHERE id = $1`, d.policy)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `UPDATE tenants SET dunning_on = true`)
		return err
	})
	return d
}

// policy makes a policy; its levels are called by their days.
func policy(t testing.TB, tx *tenant.Tx, name string, r rules) (id int64) {
	t.Helper()
	if r.climb == "" {
		r.climb = "step"
	}
	err := tx.QueryRow(t.Context(), `
		INSERT INTO policies (name, climb, min_gap_days, after_last, repeat_days)
		VALUES (@name, @climb, @gap, CASE WHEN @repeat::integer > 0 THEN 'repeat' ELSE 'manager' END, nullif(@repeat::integer, 0))
		RETURNING id`,
		pgx.NamedArgs{"name": name, "climb": r.climb, "gap": r.gap, "repeat": r.repeat}).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Exec(t.Context(), `
		INSERT INTO levels (policy_id, name, after_days, wait_days, pay_within_days)
		SELECT $1, 'After ' || d, d, $3, $4
		FROM unnest($2::integer[]) d`, id, r.levels, r.wait, r.pays)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *desk) do(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// sql changes something of the customer's, as a screen would, and touches it.
func (d *desk) sql(t testing.TB, sql string, args ...any) {
	t.Helper()
	d.do(t, d.Admin, func(tx *tenant.Tx) error {
		tx.Touch(d.customer)
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
}

// item makes an item of C-1.
func (d *desk) item(t testing.TB, number, due string, amount int64) (id int64) {
	t.Helper()
	d.do(t, d.System(), func(tx *tenant.Tx) error {
		id = dbtest.Item(t, tx, d.account, number, due, amount, "EUR")
		return nil
	})
	return id
}

// on moves the company to a day.
func (d *desk) on(t testing.TB, s string) day.Day {
	t.Helper()
	on, err := day.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	d.TrialDay = on
	return on
}

// run makes the run of a day, after having previewed it: both say the same.
func (d *desk) run(t testing.TB, s string) (r dunning.Result) {
	t.Helper()
	on := d.on(t, s)
	var ahead dunning.Result
	err := d.Read(t.Context(), d.Manager, func(tx *tenant.Tx) (err error) {
		ahead, err = dunning.Preview(t.Context(), tx, on)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.do(t, d.Manager, func(tx *tenant.Tx) (err error) {
		r, err = dunning.Run(t.Context(), tx, on)
		return err
	})
	if got, want := asJSON(t, r), asJSON(t, ahead); got != want {
		t.Errorf("the run of %s did\n%s\nand the preview said\n%s", s, got, want)
	}
	return r
}

// remind completes the open entry by hand: every line at its level, as a letter that
// was printed on that day does.
func (d *desk) remind(t testing.TB, s string, customer int64) {
	t.Helper()
	on := d.on(t, s)
	d.do(t, d.Collector, func(tx *tenant.Tx) error {
		e, open, err := dunning.OpenEntry(t.Context(), tx, customer)
		if err != nil || !open {
			return fmt.Errorf("no open entry on %s: %w", on, err)
		}
		lines, err := dunning.Lines(t.Context(), tx, customer)
		if err != nil {
			return err
		}
		return complete(t, tx, e, lines)
	})
}

func complete(t testing.TB, tx *tenant.Tx, e dunning.Entry, lines []dunning.Line) error {
	t.Helper()
	var action int64
	err := tx.QueryRow(t.Context(), `
		INSERT INTO agenda_actions (customer_id, entry_id, kind, level_id, level_number, level_name, text)
		VALUES ($1, $2, 'manual', nullif($3, 0), $4, $5, 'Reminded')
		RETURNING id`, e.CustomerID, e.ID, e.LevelID, e.Level, e.LevelName).Scan(&action)
	if err != nil {
		return err
	}
	for _, l := range lines {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO reminders (customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency)
			SELECT $1, $2, $3, $4, l.id, $6, l.after_days, $7::date, $7::date + l.pay_within_days, $8, $9
			FROM levels l
			WHERE l.id = $5`, e.CustomerID, l.ItemID, e.ID, action, l.NextLevelID, l.Next, tx.Today(), max(l.Collectable, 1), l.Currency)
		if err != nil {
			return err
		}
	}
	_, err = tx.Exec(t.Context(), `UPDATE agenda_entries SET state = 'done', closed_at = $2 WHERE id = $1`, e.ID, tx.Now)
	tx.Touch(e.CustomerID)
	return err
}

// says is a result in short: entries with their lines, then who is left out.
func says(r dunning.Result) string {
	var b strings.Builder
	for _, e := range r.Entries {
		fmt.Fprintf(&b, "%s at %d:", e.Customer, e.Level)
		for _, l := range e.Lines {
			fmt.Fprintf(&b, " %s/%d %s", l.Item, l.Level, l.Amount)
		}
		b.WriteString(". ")
	}
	for _, o := range r.LeftOut {
		fmt.Fprintf(&b, "not %s: %s ", o.Customer, o.Why)
	}
	return strings.TrimSpace(b.String())
}

func (d *desk) expect(t testing.TB, on, want string) {
	t.Helper()
	if got := says(d.run(t, on)); got != want {
		t.Errorf("on %s the run says\n%s\nwant\n%s", on, got, want)
	}
}

func TestRunRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{7}})
	run := func(who tenant.Who, on string) error {
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error {
			as, _ := day.Parse(on)
			_, err := dunning.Run(t.Context(), tx, as)
			return err
		})
	}
	forbidden, conflict, invalid := errs.Forbidden(""), errs.Conflict(""), errs.Invalid{}
	if err := run(d.Collector, "2026-03-16"); !errors.As(err, &forbidden) {
		t.Errorf("a collector: %v", err)
	}
	if err := run(d.Manager, "2026-03-16"); err != nil {
		t.Error(err)
	}
	if err := run(d.Admin, "2026-03-15"); !errors.As(err, &invalid) || !strings.Contains(invalid["as_of"], "The last run was as of Mon 16 Mar 2026") {
		t.Errorf("the day before the last run: %v", err)
	}
	if err := run(d.System(), "2026-03-16"); err != nil {
		t.Errorf("the same day again: %v", err)
	}
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		_, err := dunning.Preview(t.Context(), tx, day.New(2026, 4, 1))
		return err
	})
	if !errors.As(err, &forbidden) {
		t.Errorf("a collector looks ahead: %v", err)
	}
	d.sql(t, `UPDATE tenants SET dunning_on = false`)
	if err := run(d.Manager, "2026-03-17"); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "switched off") {
		t.Errorf("switched off: %v", err)
	}
}

// TestLevelsOfOneItem walks one item through the days: the day before a boundary,
// the day, and the day after.
func TestLevelsOfOneItem(t *testing.T) {
	t.Parallel()
	const none = "not C-1: The next level opens on "
	for name, c := range map[string]struct {
		rules
		due   string
		steps []string // day, then ! for a reminder or what the run says
	}{
		"days": {rules{levels: []int{9, 24}}, "2026-01-05", []string{
			"2026-01-05", "",
			"2026-01-06", none + "Wed 14 Jan 2026.",
			"2026-01-13", none + "Wed 14 Jan 2026.",
			"2026-01-14", "C-1 at 1: I 81.07.",
			"2026-01-15", "C-1 at 1: I 81.07.",
			"2026-03-30", "C-1 at 1: I 81.07."}},
		"wait": {rules{levels: []int{9, 24}, wait: 11}, "2026-01-05", []string{
			"2026-01-29", "C-1 at 1: I 81.07.",
			"2026-01-29", "!",
			"2026-01-29", "not C-1: The last reminder was today: the next level opens on Mon 9 Feb 2026.",
			"2026-02-08", "not C-1: The last reminder was 10 days ago: the next level opens on Mon 9 Feb 2026.",
			"2026-02-09", "C-1 at 2: I 81.07."}},
		"deadline": {rules{levels: []int{9, 24}, wait: 3, pays: 6}, "2026-01-05", []string{
			"2026-01-29", "!",
			"2026-02-04", "not C-1: The last reminder was 6 days ago: the next level opens on Thu 5 Feb 2026.",
			"2026-02-05", "C-1 at 2: I 81.07."}},
		"gap": {rules{levels: []int{9, 24}, gap: 13}, "2026-01-05", []string{
			"2026-01-29", "!",
			"2026-01-30", "not C-1: The last reminder was 1 day ago, and 13 days have to pass: it comes back on Wed 11 Feb 2026.",
			"2026-02-10", "not C-1: The last reminder was 12 days ago, and 13 days have to pass: it comes back on Wed 11 Feb 2026.",
			"2026-02-11", "C-1 at 2: I 81.07."}},
		"highest": {rules{levels: []int{9, 24, 50}, climb: "highest", wait: 4}, "2026-01-05", []string{
			"2026-01-28", "C-1 at 1: I 81.07.",
			"2026-01-29", "C-1 at 2: I 81.07.",
			"2026-01-29", "!",
			"2026-02-23", "not C-1: The last reminder was 25 days ago: the next level opens on Tue 24 Feb 2026.",
			"2026-02-24", "C-1 at 3: I 81.07."}},
		"highest waits": {rules{levels: []int{9, 24, 50}, climb: "highest", wait: 30}, "2026-01-05", []string{
			"2026-01-29", "!",
			"2026-02-27", "not C-1: The last reminder was 29 days ago: the next level opens on Sat 28 Feb 2026.",
			"2026-02-28", "C-1 at 3: I 81.07."}},
		"before the due date": {rules{levels: []int{-4, 9}}, "2026-01-05", []string{
			"2025-12-31", "",
			"2026-01-01", "C-1 at 1: I 81.07.",
			"2026-01-04", "C-1 at 1: I 81.07.",
			"2026-01-05", "",
			"2026-01-06", none + "Wed 14 Jan 2026.",
			"2026-01-14", "C-1 at 2: I 81.07."}},
		"on the due date": {rules{levels: []int{0, 9}}, "2026-01-05", []string{
			"2026-01-04", "",
			"2026-01-05", "C-1 at 1: I 81.07."}},
		"after the one before the due date": {rules{levels: []int{-4, 9}, wait: 20}, "2026-01-05", []string{
			"2026-01-04", "!",
			"2026-01-23", "not C-1: The last reminder was 19 days ago: the next level opens on Sat 24 Jan 2026.",
			"2026-01-24", "C-1 at 2: I 81.07."}},
		"repeat": {rules{levels: []int{9}, repeat: 17, wait: 3}, "2026-01-05", []string{
			"2026-01-14", "!",
			"2026-01-30", "not C-1: The last reminder was 16 days ago: the next level opens on Sat 31 Jan 2026.",
			"2026-01-31", "C-1 at 1: I 81.07.",
			"2026-01-31", "!",
			"2026-02-17", "C-1 at 1: I 81.07."}},
		"last": {rules{levels: []int{9}}, "2026-01-05", []string{
			"2026-01-14", "!",
			"2026-01-27", "not C-1: The last level was sent, and the last reminder was 13 days ago: a manager is asked on Wed 28 Jan 2026.",
			"2026-01-28", "C-1 at 1: I 81.07."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.rules)
			d.item(t, "I", c.due, 8_107)
			for i := 0; i < len(c.steps); i += 2 {
				on, want := c.steps[i], c.steps[i+1]
				r := d.run(t, on)
				if want == "!" {
					d.remind(t, on, d.customer)
					continue
				}
				// what level a line stands at follows from the entry's: it is not written twice
				got := says(r)
				for n := range 4 {
					got = strings.ReplaceAll(got, fmt.Sprintf(" I/%d ", n), " I ")
				}
				if got != want {
					t.Errorf("on %s:\n%s\nwant\n%s", on, got, want)
				}
			}
		})
	}
}
