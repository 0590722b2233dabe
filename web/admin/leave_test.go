package admin_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// S3.44: ending a membership asks in the same form who is to have what is open.
func TestEndMembershipWithWork(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO customers (tenant_id, number, name, kind, owner_id) VALUES ($1, 'K-1', 'One', 'business', $2), ($1, 'K-2', 'Two', 'business', $2)`, acme.ID, acme.CollectorID)
	c, path := s.As(t, acme.Admin), personPath(acme.CollectorID)
	page := c.Get(path)
	page.Has(t, 200, "Open of acme collector:", "2 customers", `value="keep"`, fmt.Sprintf(`name="to" value="%d"`, acme.ManagerID))
	page.Lacks(t, fmt.Sprintf(`name="to" value="%d"`, acme.CollectorID))
	s.As(t, acme.Manager).Get(path).Has(t, 200, fmt.Sprintf("/handover?from=%d", acme.CollectorID))

	c.Post(path+"/deactivation", form("version", "1")).Has(t, 422, "Choose who is to have it, or that it stays under No owner")
	c.Post(path+"/deactivation", form("version", "1", "rule", "people", "note", "Soon")).Has(t, 422, "tick one person or several", ">\nSoon</textarea>", `value="people" checked`)
	f := form("version", "1", "rule", "people", "to", fmt.Sprint(acme.ManagerID), "note", "Soon")
	c.Post(path+"/deactivation", f).Leads(t, path)
	c.Get(path).Has(t, 200, "no longer here", "The work is handed over.")
	c.Post(path+"/deactivation", f).Leads(t, path) // sent twice
	if n := count(t, s, `SELECT count(*) FROM customers WHERE owner_id = $1`, acme.ManagerID); n != 2 {
		t.Errorf("the manager owns %d customers", n)
	}

	path = personPath(acme.ManagerID)
	c.Post(path+"/deactivation", form("version", "1", "rule", "keep")).Leads(t, path)
	c.Get(path).Has(t, 200, "The work stands under No owner.", "2 customers")
	s.As(t, acme.Admin).Get("/handover?from=0").Has(t, 200, "Open of everybody who has left: 2 customers.")
}
