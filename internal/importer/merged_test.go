package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/importer"
)

// The books may still know a customer by the number that it had before it was merged
// into another: its items and payments go to the account that came along.
func TestOldNumberOfAMergedCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,A,2026-01-05,100\n0007,B,2026-01-06,70\n")
	d.exec(t, `UPDATE accounts SET customer_id = (SELECT id FROM customers WHERE number = '0007') WHERE number = '8'`)
	d.exec(t, `UPDATE customers SET archived_at = now(), merged_at = now(), merged_into = (SELECT id FROM customers WHERE number = '0007') WHERE number = '8'`)
	want(t, "items", counts(d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,A,2026-01-05,100\n8,C,2026-01-07,30\n0007,D,2026-01-08,40\n")), "3 2 0 1 0")
	want(t, "payments", counts(d.load(t, importer.Payments, "number,customer_number,value_on,amount,item_number\nP1,8,2026-02-01,30,C\nP2,8,2026-02-02,5,\nP3,0007,2026-02-03,6,\n")), "3 3 0 0 0")
	want(t, "again", counts(d.load(t, importer.Payments, "number,customer_number,value_on,amount,item_number\nP1,8,2026-02-01,30,C\n")), "1 0 0 1 0")
	want(t, "whose", d.ask(t, `
		SELECT string_agg(x.number || ' ' || c.number || ' ' || a.number, ', ' ORDER BY x.number)
		FROM (SELECT number, account_id FROM items UNION ALL SELECT number, account_id FROM payments) x
		JOIN accounts a ON a.id = x.account_id
		JOIN customers c ON c.id = a.customer_id`), "A 0007 8, B 0007 0007, C 0007 8, D 0007 0007, P1 0007 8, P2 0007 8, P3 0007 0007")
	r := d.load(t, importer.Customers, "number,name,kind,owner\n0007,Nordic Timber,,\n8,Another name,business,collector@acme.example\n")
	want(t, "customers", counts(r), "2 0 0 2 0")
	want(t, "said of whom", fmt.Sprint(r.Merged), "[{3 8 0007}]")
}

// The account that came along may be the older one: what is under the number of who
// stayed goes to its own account, or to none where it has none.
func TestOwnAccountAfterAMerge(t *testing.T) {
	t.Parallel()
	const (
		items    = "customer_number,number,issued_on,amount\n"
		payments = "number,customer_number,value_on,amount\n"
		into     = `(SELECT id FROM customers WHERE number = '8')`
	)
	merged := func(t *testing.T) desk {
		d := newDesk(t)
		d.load(t, importer.Customers, debtors)
		d.exec(t, `UPDATE accounts SET customer_id = `+into+` WHERE number = '0007'`)
		d.exec(t, `UPDATE customers SET archived_at = now(), merged_at = now(), merged_into = `+into+` WHERE number = '0007'`)
		return d
	}
	for _, c := range []struct{ name, sql, goes string }{
		{"numbered like the customer", ``, "A 8, B 0007, P 8, Q 0007"},
		{"numbered otherwise", `UPDATE accounts SET number = 'K-1' WHERE number = '8'`, "A K-1, B 0007, P K-1, Q 0007"},
		{"the oldest of several", `UPDATE accounts SET number = 'K-1' WHERE number = '8'; INSERT INTO accounts (customer_id, kind, number) SELECT ` + into + `, 'trade', 'K-2'`, "A K-1, B 0007, P K-1, Q 0007"},
		{"not the oldest of several", `UPDATE accounts SET number = 'K-1' WHERE number = '8'; INSERT INTO accounts (customer_id, kind, number) SELECT ` + into + `, 'trade', '8'`, "A 8, B 0007, P 8, Q 0007"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := merged(t)
			for sql := range strings.SplitSeq(c.sql, ";") {
				d.exec(t, sql)
			}
			d.load(t, importer.Items, items+"8,A,2026-01-05,6\n0007,B,2026-01-06,5\n")
			d.load(t, importer.Payments, payments+"P,8,2026-02-01,4\nQ,0007,2026-02-02,3\n")
			want(t, "goes to", d.ask(t, `
				SELECT string_agg(x.number || ' ' || a.number, ', ' ORDER BY x.number)
				FROM (SELECT number, account_id FROM items UNION ALL SELECT number, account_id FROM payments) x
				JOIN accounts a ON a.id = x.account_id`), c.goes)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		d := merged(t)
		d.exec(t, `UPDATE accounts SET kind = 'loan' WHERE number = '8'`)
		for kind, file := range map[importer.Kind]string{importer.Items: items + "8,A,2026-01-05,6\n", importer.Payments: payments + "P,8,2026-02-01,4\n"} {
			r, err := d.run(t, plain(kind, file), file)
			if err != nil || r.Refused != 1 || r.Rejects[0].Reason != "This customer has no trade account. Name the account in the file." {
				t.Errorf("%s: %+v, %v", kind, r, err)
			}
		}
	})
}
