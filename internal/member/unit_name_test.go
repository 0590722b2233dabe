package member_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// A name that differs from another by capitals only is taken; one's own may be written
// in others.
func TestUnitNamesInAnyCase(t *testing.T) {
	t.Parallel()
	for _, u := range []member.Units{member.Branches, member.Departments} {
		t.Run(u.String(), func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
			north := addUnit(t, db, acme, u, "North")
			addUnit(t, db, acme, u, "Ørsta")
			addUnit(t, db, beta, u, "NORTH")
			do := func(f func(tx *tenant.Tx) error) error { return db.Write(t.Context(), acme.Admin, f) }
			add := func(name string) error {
				return do(func(tx *tenant.Tx) error { _, err := u.Add(t.Context(), tx, name); return err })
			}
			rename := func(to string) error {
				return do(func(tx *tenant.Tx) error { return u.Rename(t.Context(), tx, north, "North", to) })
			}
			checkRefused(t, add("north"), "There is a "+u.String()+" called north already")
			checkRefused(t, add("ØRSTA"), "There is a "+u.String()+" called ØRSTA already")
			checkRefused(t, rename("øRSTA"), "called øRSTA already")
			checkRefused(t, rename("NORTH"), "")
		})
	}
}

// A collector who is held to a branch chooses from that one; departments hold nobody.
func TestUnitsOfTheHeld(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	addUnit(t, db, acme, member.Branches, "South")
	north := addUnit(t, db, acme, member.Branches, "North")
	addUnit(t, db, acme, member.Departments, "Parts")
	addUnit(t, db, acme, member.Departments, "Workshop")
	limit := func(on bool, branch string) {
		if _, err := db.Owner(t).Exec(t.Context(), fmt.Sprintf(`UPDATE tenants SET branch_limited = %t; UPDATE members SET branch_id = %s`, on, branch)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		on     bool
		branch string
		who    tenant.Who
		u      member.Units
		want   int
	}{
		{"held", true, fmt.Sprint(north), acme.Collector, member.Branches, 1},
		{"of no branch", true, "NULL", acme.Collector, member.Branches, 0},
		{"departments", true, fmt.Sprint(north), acme.Collector, member.Departments, 2},
		{"a manager", true, fmt.Sprint(north), acme.Manager, member.Branches, 2},
		{"collectors see all", false, fmt.Sprint(north), acme.Collector, member.Branches, 2},
	} {
		limit(c.on, c.branch)
		if got := units(t, db, c.who, c.u); len(got) != c.want || c.want == 1 && got[0].ID != north {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
