package dunning_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/importer"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// fromScratch is the agenda as a run makes it that finds none.
func (d *desk) fromScratch(t testing.TB) string {
	t.Helper()
	if _, err := d.Owner(t).Exec(t.Context(), `DELETE FROM agenda_entries WHERE state = 'open'`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.runToday(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.agenda(t)
}

// bring imports a file of items of C-1.
func (d *desk) bring(t testing.TB, rows string) {
	t.Helper()
	columns := map[importer.Field]string{}
	for _, name := range []string{"customer_number", "number", "issued_on", "due_on", "amount", "open_amount", "settled_on"} {
		columns[importer.Field(name)] = name
	}
	file := "customer_number,number,issued_on,due_on,amount,open_amount,settled_on\n" + rows
	r, err := importer.Run(t.Context(), d.DB, d.ID, importer.Options{Kind: importer.Items, Currency: "EUR", Map: importer.Map{Columns: columns}, FileName: "items.csv"}, strings.NewReader(file))
	if err != nil || r.Refused > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestWhateverLowersABalance: after it the agenda is what a run from nothing makes,
// without one.
func TestWhateverLowersABalance(t *testing.T) {
	t.Parallel()
	record := func(minor int64, on ...int64) func(*desk, *testing.T) {
		return func(d *desk, t *testing.T) {
			d.do(t, d.Collector, func(tx *tenant.Tx) error {
				p := ledger.Payment{CustomerID: d.customer, AccountID: d.account, Number: "BANK", ValueOn: tx.Today(), Amount: money.New(minor, "EUR")}
				for _, item := range on {
					p.Lines = append(p.Lines, ledger.Line{ItemID: item, Minor: minor})
				}
				_, err := ledger.Record(t.Context(), tx, p)
				return err
			})
		}
	}
	for name, c := range map[string]struct {
		does func(*desk, *testing.T)
		want string
	}{
		"nothing":                    {func(*desk, *testing.T) {}, "C-1 2 level OLD 1 71035 EUR 1"},
		"a payment of a part":        {record(50_012, 1), "C-1 2 level OLD 1 21023 EUR 1"},
		"a payment of the oldest":    {record(50_013, 1), "C-1 1 level MID 1 21022 EUR 1"},
		"money that is not applied":  {record(60_001), "C-1 2 level OLD 1 11034 EUR 1"},
		"more money than is owed":    {record(71_035), ""},
		"a credit note by import":    {func(d *desk, t *testing.T) { d.bring(t, "C-1,CN,2026-03-16,,-710.35,,\n") }, ""},
		"a lower amount by import":   {func(d *desk, t *testing.T) { d.bring(t, "C-1,MID,2026-02-18,2026-03-20,100.07,,\n") }, "C-1 2 level OLD 1 60020 EUR 1"},
		"a lower balance by import":  {func(d *desk, t *testing.T) { d.bring(t, "C-1,OLD,2026-01-19,2026-02-18,500.13,0.02,\n") }, "C-1 2 level OLD 1 21024 EUR 1"},
		"settled by import":          {func(d *desk, t *testing.T) { d.bring(t, "C-1,OLD,2026-01-19,2026-02-18,500.13,,2026-03-15\n") }, "C-1 1 level MID 1 21022 EUR 1"},
		"a later due date by import": {func(d *desk, t *testing.T) { d.bring(t, "C-1,OLD,2026-01-19,2026-03-30,500.13,,\n") }, "C-1 1 level MID 1 21022 EUR 1"},
		"a dispute": {func(d *desk, t *testing.T) {
			d.do(t, d.Collector, func(tx *tenant.Tx) error {
				var status int64
				if err := tx.QueryRow(t.Context(), `SELECT id FROM item_statuses WHERE family = 'dispute'`).Scan(&status); err != nil {
					return err
				}
				return ledger.SetStatuses(t.Context(), tx, d.customer, ledger.Statused{Items: []ledger.Seen{{ID: 1, Version: 1}}, StatusID: status, Reason: "Damaged"})
			})
		}, "C-1 1 level MID 1 21022 EUR 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, rules{levels: []int{6, 19}})
			if d.item(t, "OLD", "2026-02-18", 50_013) != 1 {
				t.Fatal("the first item is not the first")
			}
			d.item(t, "MID", "2026-03-20", 21_022)
			d.run(t, "2026-03-16")
			d.remind(t, "2026-03-16", d.customer)
			d.on(t, "2026-03-27")
			if _, err := d.runToday(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.does(d, t)
			got := d.agenda(t)
			if got != c.want {
				t.Errorf("the agenda has %q, want %q", got, c.want)
			}
			if all := d.fromScratch(t); all != got {
				t.Errorf("the agenda has %q, and from nothing %q", got, all)
			}
		})
	}
}

// TestDayByDay: after runs of thirty days with payments between them, the agenda is
// that of one run of the last day alone.
func TestDayByDay(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	r := rand.New(rand.NewPCG(4, 2))
	items := all[struct{ ID, Customer, Account, Amount int64 }](t, d.Owner(t), `SELECT id, customer_id, account_id, open_amount FROM items WHERE open_amount > 0 AND currency = 'EUR'`)
	for n := range 30 {
		d.on(t, dbToday.Add(n).String())
		if _, err := d.runToday(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			at := r.IntN(len(items))
			i := items[at]
			items = append(items[:at], items[at+1:]...)
			d.do(t, d.Collector, func(tx *tenant.Tx) error {
				minor := 1 + r.Int64N(i.Amount)
				if r.IntN(2) == 0 {
					minor = i.Amount
				}
				_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: i.Customer, AccountID: i.Account, Number: fmt.Sprint("DAY-", i.ID), ValueOn: tx.Today(),
					Amount: money.New(minor, "EUR"), Lines: []ledger.Line{{ItemID: i.ID, Minor: minor}}})
				return err
			})
		}
	}
	got := d.agenda(t)
	if want := d.fromScratch(t); got != want || strings.Count(want, ";") < 20 {
		t.Errorf("day by day the agenda has\n%s\nand in one go\n%s", got, want)
	}
}

// TestPaidButForACent: an item of which all but a cent is paid stays, and so does its
// history, even when the cent is paid.
func TestPaidButForACent(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{6, 19}})
	item := d.item(t, "I", "2026-01-02", 50_013)
	d.run(t, "2026-01-08")
	d.remind(t, "2026-01-08", d.customer)
	history := func() (list []dunning.Reminder) {
		d.do(t, d.Collector, func(tx *tenant.Tx) (err error) {
			list, err = dunning.History(t.Context(), tx, d.customer)
			return err
		})
		return list
	}
	d.on(t, "2026-01-10")
	d.pay(t, item, 50_012, "2026-01-10")
	if list := history(); len(list) != 1 || list[0].Amount != 50_013 {
		t.Errorf("the history is %+v", list)
	}
	d.expect(t, "2026-01-21", "C-1 at 2: I/2 0.01.")
	d.pay(t, item, 1, "2026-01-21")
	d.expect(t, "2026-01-22", "")
	if list := history(); len(list) != 1 || list[0].Level != 1 {
		t.Errorf("of a paid item the history is %+v", list)
	}
}

// TestOneOpenEntryACustomer: the database itself keeps a second one out, and a second
// reminder of an item within an entry.
func TestOneOpenEntryACustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{6}})
	d.item(t, "I", "2026-01-02", 50_013)
	d.run(t, "2026-01-08")
	for constraint, sql := range map[string]string{
		"agenda_entries_open": `INSERT INTO agenda_entries (customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies)
			SELECT customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies FROM agenda_entries`,
		"reminders_once": `
			WITH action AS (
				INSERT INTO agenda_actions (customer_id, entry_id, kind, level_number, level_name) SELECT customer_id, id, 'manual', 1, '' FROM agenda_entries RETURNING id, customer_id, entry_id)
			INSERT INTO reminders (customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency)
			SELECT a.customer_id, i.id, a.entry_id, a.id, l.id, 1, 6, '2026-01-08', '2026-01-08', 1, 'EUR' FROM action a, items i, levels l, generate_series(1, 2)`,
	} {
		err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		if err == nil || !strings.Contains(err.Error(), constraint) {
			t.Errorf("want %s to refuse it, got %v", constraint, err)
		}
	}
}

// TestOnlyWhatIsPastIsOverdue: the figure and the run agree.
func TestOnlyWhatIsPastIsOverdue(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{1}})
	d.on(t, "2025-04-21")
	d.do(t, d.System(), func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, d.account, "G-1", "2025-04-16", 51_017, "EUR")
		dbtest.Item(t, tx, d.account, "G-2", "2025-05-21", 102_029, "EUR")
		return nil
	})
	d.expect(t, "2025-04-21", "C-1 at 1: G-1/1 510.17.")
	if n := d.count(t, `SELECT overdue FROM customer_totals`); n != 51_017 {
		t.Errorf("%d is overdue", n)
	}
}
