package dbtest_test

import (
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

func TestTenant(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	dbtest.Tenant(t, db, "beta")
	for who, want := range map[tenant.Who]tenant.Actor{
		acme.Collector: {MemberID: acme.CollectorID, Role: tenant.Collector, Name: "acme collector"},
		acme.Manager:   {MemberID: acme.ManagerID, Role: tenant.Manager, Name: "acme manager"},
		acme.Admin:     {MemberID: acme.AdminID, Role: tenant.Admin, Name: "acme admin"},
	} {
		err := db.Read(t.Context(), who, func(tx *tenant.Tx) error {
			a := tx.Actor
			if a.MemberID != want.MemberID || a.Role != want.Role || a.Name != want.Name || a.Email != acme.Email(want.Role) {
				t.Errorf("actor = %+v, want %+v", a, want)
			}
			var families int
			err := tx.QueryRow(t.Context(), `SELECT count(DISTINCT family) FROM item_statuses`).Scan(&families)
			if families != 5 {
				t.Errorf("%d families have an item status, want 5", families)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
