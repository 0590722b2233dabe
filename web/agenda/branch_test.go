package agenda_test

import (
	"fmt"
	"net/http"
	"testing"
)

// A collector who is held to a branch filters by that one, and is not told how much
// the company's run went through; nobody gets customers whom they would not see.
func TestHeldToABranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.Owner(t)
	for _, sql := range []string{
		`INSERT INTO branches (tenant_id, name) VALUES ($1, 'North'), ($1, 'South')`,
		`UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE tenant_id = $1 AND role = 'collector'`,
		`UPDATE customers SET branch_id = (SELECT id FROM branches WHERE name = CASE number WHEN 'C-2' THEN 'South' ELSE 'North' END),
			owner_id = CASE number WHEN 'C-1' THEN owner_id ELSE (SELECT id FROM members WHERE tenant_id = $1 AND role = 'manager') END WHERE tenant_id = $1`,
		`UPDATE agenda_entries e SET owner_id = c.owner_id FROM customers c WHERE c.tenant_id = $1 AND e.tenant_id = $1 AND e.customer_id = c.id`,
		`UPDATE tenants SET branch_limited = true WHERE id = $1`,
	} {
		if _, err := owner.Exec(t.Context(), sql, d.acme.ID); err != nil {
			t.Fatal(err)
		}
	}
	page := d.As(t, d.acme.Collector).Get(mine)
	page.Has(t, http.StatusOK, ">North</option>", "The run of", "is the last one.")
	page.Lacks(t, ">South</option>", "looked at")
	m := d.As(t, d.acme.Manager)
	m.Get(mine).Has(t, http.StatusOK, ">North</option>", ">South</option>", "looked at 4 items")

	south := fmt.Sprint(d.entries["C-2"])
	to := fmt.Sprint(d.acme.CollectorID)
	m.Post("/agenda/bulk", form("do", "assign", "entry", south, "to", to)).Has(t, http.StatusUnprocessableEntity,
		"acme collector sees the customers of North only, so nobody was given away.", `id="field-to-error"`)
	m.Post("/agenda/bulk", form("do", "assign", "entry", south+" "+fmt.Sprint(d.entries["C-3"]), "to", to, "back", mine)).Leads(t, mine)
	m.Get(mine).Has(t, http.StatusOK, "1 customer has another owner now. 1 stays where it was: the new owner does not see it.")
}
