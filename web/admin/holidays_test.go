package admin_test

import (
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

func TestHolidays(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Admin)
	c.Get("/admin/holidays").Has(t, 200, "No holidays in 2026", "/admin/holidays?year=2027")
	c.Post("/admin/holidays", form("day", "2026-05-17", "name", "Constitution <b>")).Leads(t, "/admin/holidays?year=2026")
	c.Get("/admin/holidays").Has(t, 200, "Constitution &lt;b&gt;", "1 holiday is added.", "weekend", "Remove 2026-05-17")
	c.Post("/admin/holidays", form("day", "2026-05-17", "name", "Again")).Leads(t, "/admin/holidays?year=2026")
	c.Get("/admin/holidays?year=2026").Has(t, 200, "0 holidays are added. 1 in the list already.",
		"Sun 17 May 2026 is there as “Constitution &lt;b&gt;”. Where it is to be “Again”, remove it first.")
	c.Post("/admin/holidays?year=2027", form("day", "17.5.2027", "name", "")).Has(t, 422, "Give a day.", "Give the holiday&#39;s name", `value="17.5.2027"`, "No holidays in 2027")
	c.Post("/admin/holidays/list", form("lines", "2027-01-01 New Year\n2027-13-01 No month")).Has(t, 422, "line 2", "2027-13-01 No month")
	c.Post("/admin/holidays/list", form("lines", "2027-01-01 New Year\r\n2027-05-17 Constitution Day")).Leads(t, "/admin/holidays?year=2027")
	c.Get("/admin/holidays?year=2027").Has(t, 200, "2 holidays are added.", "New Year", "Constitution Day")
	c.Get("/admin/audit?group=holiday").Has(t, 200, "2027-05-17: Constitution Day")
	c.Get("/admin/holidays?year=x").Has(t, 200, "2026")

	page := s.As(t, acme.Manager).Get("/admin/holidays?year=2027")
	page.Has(t, 200, "New Year")
	page.Lacks(t, "Remove 2027", "Add these")
	s.As(t, acme.Manager).Post("/admin/holidays", form("day", "2026-06-01", "name", "Mine")).Has(t, 403, "Only administrators")
	s.As(t, acme.Collector).Get("/admin/holidays").Has(t, 403, "Only managers and administrators")
	s.As(t, beta.Admin).Get("/admin/holidays?year=2027").Lacks(t, "New Year")
	s.As(t, beta.Admin).Post("/admin/holidays/2027-01-01/removal", form()).Has(t, 404)
	for _, no := range []string{"2027-01-02", "x"} {
		c.Post("/admin/holidays/"+no+"/removal", form()).Has(t, 404)
	}
	c.Post("/admin/holidays/2027-01-01/removal", form()).Leads(t, "/admin/holidays?year=2027")
	c.Get("/admin/holidays?year=2027").Lacks(t, "Remove 2027-01-01")
}

// A holiday is no day for which payments ought to be loaded.
func TestPaymentsLoadedKnowsHolidays(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `UPDATE tenants SET payments_loaded_to = '2026-03-12 17:00+01' WHERE id = $1`, acme.ID)
	c := s.As(t, acme.Admin)
	c.Get("/admin").Has(t, 200, "Payments loaded to Thu 12 Mar 17:00, 4 days ago")
	c.Post("/admin/holidays", form("day", "2026-03-13", "name", "Founders"))
	page := c.Get("/admin")
	page.Has(t, 200, "Payments loaded to Thu 12 Mar 17:00")
	page.Lacks(t, "days ago")
}
