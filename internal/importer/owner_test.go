package importer_test

import (
	"fmt"
	"testing"

	"dunwell/internal/importer"
)

// Who has left, and a branch that is retired, do not keep the rest of a row out: owner
// and branch stay as they are, and the result says so.
func TestNamedOfBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `INSERT INTO branches (name) VALUES ('Bergen'), ('Oslo')`)
	const head = "number,name,owner,branch\n"
	d.load(t, importer.Customers, head+"1,Nordic,collector@acme.example,Oslo\n2,Alm,manager@acme.example,Bergen\n3,Elm,manager@acme.example,Bergen\n")
	d.exec(t, `UPDATE members SET active = false WHERE role = 'collector'`)
	d.exec(t, `UPDATE branches SET retired_at = now() WHERE name = 'Oslo'`)
	const gone = "Collector@acme.example"
	r := d.load(t, importer.Customers, head+"1,Nordic AS,"+gone+",OSLO\n2,Alm,"+gone+",Bergen\n3,Elm AS,admin@acme.example,Oslo\n9,New,"+gone+",Oslo\n")
	want(t, "counts", counts(r), "4 1 2 1 0")
	want(t, "kept", fmt.Sprint(r.Kept), "[{owner Collector@acme.example 3} {branch Oslo 2} {branch OSLO 1}]")
	want(t, "whose", d.ask(t, `
		SELECT string_agg(concat_ws(' ', c.number, c.name, coalesce(u.email, '-'), coalesce(b.name, '-')), ', ' ORDER BY c.number)
		FROM customers c
		LEFT JOIN members m ON m.id = c.owner_id
		LEFT JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.id = c.branch_id`),
		"1 Nordic AS collector@acme.example Oslo, 2 Alm manager@acme.example Bergen, 3 Elm AS admin@acme.example Bergen, 9 New - -")
}

// Where collectors see their branch only, a row does not give a customer to somebody
// who would not see it. One who was left behind before stays, and its row is read.
func TestOwnerSeesTheCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `INSERT INTO branches (name) VALUES ('Bergen'), ('Oslo')`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'Oslo') WHERE role = 'collector'`)
	const (
		head  = "number,name,owner,branch\n"
		kari  = "collector@acme.example"
		first = head + "1,Nordic," + kari + ",Oslo\n2,Alm," + kari + ",Bergen\n3,Elm," + kari + ",\n4,Birk,manager@acme.example,Bergen\n"
	)
	want(t, "collectors see all", counts(d.load(t, importer.Customers, first)), "4 4 0 0 0")
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	want(t, "as before", counts(d.load(t, importer.Customers, first)), "4 0 0 4 0")
	want(t, "the name", counts(d.load(t, importer.Customers, head+"2,Alm AS,"+kari+",Bergen\n")), "1 0 1 0 0")
	const why = "acme collector sees the customers of Oslo only, and this one would be of another branch or of none. Give as the owner somebody of its branch, a manager or an administrator."
	d.refuses(t, importer.Customers, []refusal{
		{"new, another branch", head + "9,New," + kari + ",Bergen\n", nil, "owner", kari, why},
		{"new, no branch", head + "9,New," + kari + ",\n", nil, "owner", kari, why},
		{"new, no column", "number,name,owner\n9,New," + kari + "\n", nil, "owner", kari, why},
		{"given away", head + "4,Birk," + kari + ",Bergen\n", nil, "owner", kari, why},
		{"moved", "number,name,branch\n1,Nordic,Bergen\n", nil, "branch", "Bergen", why},
		{"moved along with its owner", head + "1,Nordic," + kari + ",Bergen\n", nil, "branch", "Bergen", why},
		{"out of all branches", head + "1,Nordic," + kari + ",\n", nil, "branch", "", why},
	})
	want(t, "both", counts(d.load(t, importer.Customers, head+"1,Nordic,manager@acme.example,Bergen\n9,New,"+kari+",Oslo\n8,Nobody,,Bergen\n")), "3 2 1 0 0")
	d.exec(t, `UPDATE members SET branch_id = NULL WHERE role = 'collector'`)
	d.refuses(t, importer.Customers, []refusal{
		{"of no branch", head + "7,New," + kari + ",Oslo\n", nil, "owner", kari, "acme collector is of no branch and sees no customers. Give as the owner"},
	})
	d.exec(t, `UPDATE customers SET merged_into = (SELECT id FROM customers WHERE number = '4'), merged_at = now(), archived_at = now(), owner_id = NULL WHERE number = '9'`)
	want(t, "merged", counts(d.load(t, importer.Customers, head+"9,New,"+kari+",Oslo\n")), "1 0 0 1 0")
	d.exec(t, `UPDATE members SET active = false WHERE role = 'collector'`)
	want(t, "whose owner has left", counts(d.load(t, importer.Customers, "number,name,branch\n3,Elm,Oslo\n")), "1 0 1 0 0")
}
