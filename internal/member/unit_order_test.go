package member_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// Branches and departments stand in an order of their own, and it is told how often
// each is used.
func TestUnitsAreOrdered(t *testing.T) {
	t.Parallel()
	for _, u := range []member.Units{member.Branches, member.Departments} {
		t.Run(u.String(), func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
			foreign := addUnit(t, db, beta, u, "A")
			b, _, d := addUnit(t, db, acme, u, "B"), addUnit(t, db, acme, u, "C"), addUnit(t, db, acme, u, "D")
			move := func(who tenant.Who, id int64, up bool) error {
				return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return u.Move(t.Context(), tx, id, up) })
			}
			names := func() string {
				var all []string
				for _, one := range units(t, db, acme.Collector, u) {
					all = append(all, one.Name)
				}
				return strings.Join(all, " ")
			}
			checkRefused(t, move(acme.Manager, d, true), "Only administrators")
			checkRefused(t, move(acme.Admin, foreign, true), "not found")
			checkRefused(t, move(acme.Admin, b, true), "")
			if got := names(); got != "B C D" {
				t.Errorf("as they were added: %s", got)
			}
			checkRefused(t, move(acme.Admin, d, true), "")
			addUnit(t, db, acme, u, "A")
			if got := names(); got != "B D C A" {
				t.Errorf("after a move, and one that came later: %s", got)
			}
			if err := db.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error { return u.Retire(t.Context(), tx, d) }); err != nil {
				t.Fatal(err)
			}
			checkRefused(t, move(acme.Admin, d, false), "retired")
			checkRefused(t, move(acme.Admin, b, false), "")
			if got := names(); got != "C B A D" {
				t.Errorf("without the retired one: %s", got)
			}
			var last string
			if err := db.Owner(t).QueryRow(t.Context(), `SELECT kind FROM audit_events ORDER BY id DESC LIMIT 1`).Scan(&last); err != nil || last != u.String()+".moved" {
				t.Errorf("recorded %s, %v", last, err)
			}
		})
	}
}

func TestUnitsAreCounted(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	branch, department := addUnit(t, db, acme, member.Branches, "North"), addUnit(t, db, acme, member.Departments, "Workshop")
	var customer int64
	if err := db.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
		customer, _ = dbtest.Customer(t, tx, "C-1")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	exec(t, db, fmt.Sprintf(`UPDATE customers SET branch_id = %d`, branch))
	exec(t, db, fmt.Sprintf(`
		WITH g AS (INSERT INTO contact_groups (tenant_id, name) VALUES (%[1]d, 'Calls') RETURNING id),
			k AS (INSERT INTO contact_types (tenant_id, group_id, code, name) SELECT %[1]d, id, 'CALL', 'Call' FROM g RETURNING id)
		INSERT INTO contacts (tenant_id, customer_id, department_id, branch_id, type_id, code, type_name, action, description, executive_id, assignee_id)
		SELECT %[1]d, %[2]d, %[3]d, %[4]d, id, 'CALL', 'Call', '', 'x', %[5]d, %[5]d FROM k, generate_series(1, 2)`, acme.ID, customer, department, branch, acme.AdminID))
	for u, want := range map[member.Units]map[int64]member.Uses{member.Branches: {branch: {Customers: 1, Contacts: 2}}, member.Departments: {department: {Contacts: 2}}} {
		err := db.Read(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
			got, err := u.Uses(t.Context(), tx)
			for id, n := range want {
				if got[id] != n {
					t.Errorf("the %s is used %+v, want %+v", u, got[id], n)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		checkRefused(t, db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error { _, err := u.Uses(t.Context(), tx); return err }), "Only managers")
	}
}
