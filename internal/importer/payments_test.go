package importer_test

import (
	"errors"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func TestPayments(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', 'L8' FROM customers WHERE number = '8'`)
	d.load(t, importer.Items, "customer_number,account_number,number,issued_on,amount\n8,,A,2026-01-05,100\n8,L8,R,2026-02-10,50\n0007,,B,2026-01-06,70\n")
	file := "number,customer_number,account_number,value_on,amount,item_number\n" +
		"P3,8,,2026-02-03,60,A\nP1,8,,2026-02-01,30,A\nP2,8,,2026-02-02,25,A\nP4,8,,2026-02-04,11,A\n" + // 100 open: in the order of the days
		"P5,8,,2026-02-05,20,R\nP6,8,L8,2026-02-06,7,\nP7,0007,,2026-02-07,5,\n"
	r := d.load(t, importer.Payments, file)
	want(t, "first", counts(r), "7 7 0 0 0")
	want(t, "total", r.Totals[0].Amount, "158.00")
	want(t, "again", counts(d.load(t, importer.Payments, file)), "7 0 0 7 0")
	want(t, "payments", d.ask(t, `SELECT string_agg(p.number || ' ' || a.number || ' ' || p.applied || ' ' || p.unapplied, ', ' ORDER BY p.number) FROM payments p JOIN accounts a ON a.id = p.account_id`),
		"P1 8 3000 0, P2 8 2500 0, P3 8 4500 1500, P4 8 0 1100, P5 L8 2000 0, P6 L8 0 700, P7 0007 0 500")
	want(t, "open", d.ask(t, `SELECT string_agg(number || ' ' || open_amount, ', ' ORDER BY number) FROM items`), "A 0, B 7000, R 3000")
	want(t, "prepaid", d.ask(t, `SELECT a.value_on::text FROM applications a JOIN items i ON i.id = a.item_id WHERE i.number = 'R'`), "2026-02-10")
	want(t, "credit", d.ask(t, `SELECT credit FROM customer_totals t JOIN customers c ON c.id = t.customer_id WHERE c.number = '0007'`), "500")
	want(t, "loaded to", d.ask(t, `SELECT payments_loaded_to IS NULL FROM tenants`), "true")
}

func TestPaymentsLoadedTo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	load := func(at time.Time, rows string) importer.Result {
		file := "number,customer_number,value_on,amount\n" + rows
		o := plain(importer.Payments, file)
		o.LoadedTo = &at
		r, err := d.run(t, o, file)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	loaded := func() string { return d.ask(t, `SELECT coalesce(payments_loaded_to::text, '-') FROM tenants`) }
	load(dbtest.Monday.Add(-3*time.Hour), "P1,8,2026-02-03,60\n,8,2026-02-03,61\n")
	want(t, "with a refused row", loaded(), "-")
	load(dbtest.Monday.Add(-2*time.Hour), "P2,8,2026-02-03,62\n")
	want(t, "forward", loaded(), "2026-03-16 07:30:00+00")
	load(dbtest.Monday.Add(-5*time.Hour), "P3,8,2026-02-03,63\n")
	want(t, "never back", loaded(), "2026-03-16 07:30:00+00")
	file := "number,customer_number,value_on,amount\nP4,8,2026-02-03,64\n"
	o := plain(importer.Payments, file)
	future := dbtest.Monday.Add(time.Hour)
	o.LoadedTo = &future
	for _, o.DryRun = range []bool{true, false} {
		if _, err := d.run(t, o, file); !errors.As(err, new(errs.Invalid)) {
			t.Errorf("payments loaded up to a moment to come: %v", err)
		}
	}
}

// Payments that are complete up to a day decide the promises of that day with the same
// import: who paid kept it, and who did not, of whom the file says nothing, broke it.
func TestPaymentsLoadedToDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.BeforeCommit = dunning.Refresh
	d.load(t, importer.Customers, debtors)
	d.load(t, importer.Items, itemHeader+"8,,1,2026-01-05,2026-01-20,100,EUR\n0007,,2,2026-01-05,2026-01-20,100,EUR\n")
	err := d.Write(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		for _, number := range []string{"8", "0007"} {
			p := promise.Plan{Amount: money.New(50_00, "EUR"), AssigneeID: d.CollectorID, DueOn: tx.Today()}
			var customer int64
			if err := tx.QueryRow(t.Context(), `SELECT c.id, a.id FROM customers c JOIN accounts a ON a.customer_id = c.id WHERE c.number = $1`, number).Scan(&customer, &p.AccountID); err != nil {
				return err
			}
			if _, err := promise.Make(t.Context(), tx, customer, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 7) }
	states := func() string {
		return d.ask(t, `SELECT string_agg(c.number || ' ' || p.state, ', ' ORDER BY c.number) FROM promises p JOIN customers c ON c.id = p.customer_id`)
	}
	file := "number,customer_number,value_on,amount\n"
	d.load(t, importer.Payments, file+"P1,8,2026-03-16,20\n")
	want(t, "while nobody says that they are complete", states(), "0007 open, 8 open")
	file += "P2,8,2026-03-17,30\n"
	o := plain(importer.Payments, file)
	at := dbtest.Monday.AddDate(0, 0, 6)
	o.LoadedTo = &at
	if _, err := d.run(t, o, file); err != nil {
		t.Fatal(err)
	}
	want(t, "complete", states(), "0007 broken, 8 kept")
	want(t, "decided from", d.ask(t, `SELECT count(*) FROM promise_decisions WHERE inputs->>'payments_loaded_to' LIKE '2026-03-22%'`), "2")
	want(t, "reminded", d.ask(t, `SELECT count(*) FROM follow_ups WHERE ended IS NULL`), "1")
}
