package member_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

func units(t testing.TB, db *dbtest.Database, who tenant.Who, u member.Units) (list []member.Unit) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		list, err = u.List(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, u := range []member.Units{member.Branches, member.Departments} {
		t.Run(u.String(), func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
			addUnit(t, db, beta, u, "North")
			south, north := addUnit(t, db, acme, u, "South"), addUnit(t, db, acme, u, " North ")
			exec(t, db, fmt.Sprintf(`UPDATE members SET %s_id = %d WHERE id IN (%d, %d)`, u, north, acme.CollectorID, acme.ManagerID))
			do := func(who tenant.Who, f func(tx *tenant.Tx) error) error { return db.Write(t.Context(), who, f) }
			rename := func(who tenant.Who, id int64, from, to string) error {
				return do(who, func(tx *tenant.Tx) error { return u.Rename(t.Context(), tx, id, from, to) })
			}
			retire := func(who tenant.Who, id int64) error {
				return do(who, func(tx *tenant.Tx) error { return u.Retire(t.Context(), tx, id) })
			}
			reopen := func(who tenant.Who, id int64) error {
				return do(who, func(tx *tenant.Tx) error { return u.Reopen(t.Context(), tx, id) })
			}
			add := func(who tenant.Who, name string) error {
				return do(who, func(tx *tenant.Tx) error { _, err := u.Add(t.Context(), tx, name); return err })
			}
			theirs := units(t, db, beta.Collector, u)[0].ID

			checkRefused(t, add(acme.Manager, "West"), "Only administrators")
			checkRefused(t, add(acme.Admin, " "), "Give the "+u.String()+" a name.")
			checkRefused(t, add(acme.Admin, repeat("w", 121)), "at most 120")
			checkRefused(t, add(acme.Admin, "South"), "There is a "+u.String()+" called South already")
			checkRefused(t, rename(acme.Manager, north, "North", "West"), "Only administrators")
			checkRefused(t, rename(acme.Admin, theirs, "North", "West"), "not found")
			checkRefused(t, rename(acme.Admin, north, "Nord", "West"), "now called North")
			checkRefused(t, rename(acme.Admin, north, "North", "South"), "South already")
			checkRefused(t, rename(acme.Admin, north, "North", ""), "Give the")
			checkRefused(t, rename(acme.Admin, north, "North", "Far\t North"), "")
			checkRefused(t, retire(acme.Manager, south), "Only administrators")
			checkRefused(t, retire(acme.Admin, theirs), "not found")
			for range 2 {
				checkRefused(t, retire(acme.Admin, south), "")
			}
			got := units(t, db, acme.Collector, u)
			if len(got) != 2 || got[0] != (member.Unit{ID: north, Name: "Far North", Members: 2}) || got[1] != (member.Unit{ID: south, Name: "South", Retired: true}) {
				t.Errorf("list = %+v", got)
			}
			checkRefused(t, reopen(acme.Admin, south), "")
			if got := units(t, db, acme.Collector, u); got[1].Retired {
				t.Error("still retired")
			}
			for kind, want := range map[string]int{"added": 2, "renamed": 1, "retired": 1, "reopened": 1} {
				if n := count(t, db, `SELECT count(*) FROM audit_events WHERE tenant_id = $1 AND kind = $2`, acme.ID, u.String()+"."+kind); n != want {
					t.Errorf("%d events %s, want %d", n, kind, want)
				}
			}
		})
	}
}
