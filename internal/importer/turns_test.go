package importer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// Numbers are a tenant's own: another's customers, items and payments are
// neither seen nor in the way.
func TestOtherTenant(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	beta := desk{d.Database, dbtest.Tenant(t, d.Database, "beta")}
	d.load(t, importer.Customers, debtors)
	items := itemHeader + "8,,1,2026-01-05,,1,EUR\n"
	d.load(t, importer.Items, items)
	beta.refuses(t, importer.Items, []refusal{{"customer of another tenant", items, nil, "customer_number", "8", "No customer has this number"}})
	beta.refuses(t, importer.Customers, []refusal{
		{"owner in another tenant", "number,name,owner\n8,B,collector@acme.example\n", nil, "owner", "collector@acme.example", "No active person"}})
	want(t, "customers", counts(beta.load(t, importer.Customers, debtors)), "2 2 0 0 0")
	want(t, "items", counts(beta.load(t, importer.Items, strings.Replace(items, ",1,EUR", ",2,EUR", 1))), "1 1 0 0 0")
	want(t, "acme's", d.ask(t, `SELECT amount FROM items`), "100")
}

// Two imports of one file at the same time: one brings everything, the other
// finds nothing left to do.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := itemHeader + "8,,1,2026-01-05,,1,EUR\n8,,2,2026-01-05,,2,EUR\n9,,3,2026-01-05,,3,EUR\n"
	o := plain(importer.Items, file)
	o.CreateCustomers = true
	var wg sync.WaitGroup
	results := make([]importer.Result, 4)
	for i := range results {
		wg.Go(func() {
			var err error
			if results[i], err = d.run(t, o, file); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var added, kept, created int64
	for _, r := range results {
		added, kept, created = added+r.New, kept+r.Unchanged, created+r.CustomersCreated
	}
	if added != 3 || kept != 9 || created != 2 {
		t.Errorf("%d new, %d unchanged, %d customers created; want 3, 9, 2", added, kept, created)
	}
}

// Money set against an item after the check makes the import start again, and
// never pays an item twice.
func TestMovedMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.load(t, importer.Items, itemHeader+"8,,1,2026-01-05,,100,EUR\n")
	hold, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		d.hold(t, hold)
	}()
	<-hold
	file := "number,customer_number,value_on,amount,item_number\nP1,8,2026-02-03,60,1\n"
	_, err := d.run(t, plain(importer.Payments, file), file)
	<-done
	if err == nil || !strings.Contains(err.Error(), "Apply it again") {
		t.Errorf("%v, want a conflict", err)
	}
	want(t, "second try", counts(d.load(t, importer.Payments, file)), "1 1 0 0 0")
	want(t, "open", d.ask(t, `SELECT open_amount, (SELECT unapplied FROM payments WHERE number = 'P1') FROM items`), "0 2000")
}

// hold locks the account as a person's payment does, pays 60 of the item and
// lets go once an import waits for it.
func (d desk) hold(t *testing.T, locked chan struct{}) {
	err := d.Write(t.Context(), d.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT id FROM accounts WHERE number = '8' FOR NO KEY UPDATE`)
		close(locked)
		if err != nil {
			return err
		}
		if err := blocks(t, tx); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount)
			SELECT customer_id, account_id, 'BY HAND', '2026-02-01', currency, 6000 FROM items`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on)
			SELECT i.account_id, i.currency, i.id, p.id, 6000, '2026-02-01' FROM items i, payments p`)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// blocks waits until somebody waits for this transaction.
func blocks(t *testing.T, tx *tenant.Tx) error {
	t.Helper()
	for range 2000 {
		var waiting bool
		err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))`).Scan(&waiting)
		if err != nil || waiting {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return errors.New("nobody waits")
}
