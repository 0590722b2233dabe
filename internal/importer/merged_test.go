package importer_test

import (
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
	want(t, "customers", counts(d.load(t, importer.Customers, "number,name,kind,owner\n8,Another name,business,collector@acme.example\n")), "1 0 0 1 0")
}
