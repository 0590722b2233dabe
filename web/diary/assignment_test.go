package diary_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
)

func TestGiveAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	beta := dbtest.Tenant(t, d.Database, "beta")
	for _, number := range []string{"C-1", "C-2", "C-3"} {
		d.due(t, number, "2026-03-16", "2026-03-13")
	}
	of, admin := fmt.Sprint(d.acme.CollectorID), fmt.Sprint(d.acme.AdminID)
	at := "/?member=" + of
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	c.Post("/day/assignment", form("all", "1", "assignee", admin)).Has(t, http.StatusForbidden, "Only managers")
	c.Post("/day/assignment", form("member", admin, "all", "1", "assignee", of)).Has(t, http.StatusForbidden, "somebody else’s day")
	d.As(t, beta.Admin).Post("/day/assignment", form("member", of, "all", "1", "assignee", fmt.Sprint(beta.ManagerID))).Has(t, http.StatusNotFound)

	m.Post("/day/assignment", form("member", of, "assignee", admin)).Has(t, http.StatusUnprocessableEntity, "Tick what is to go to somebody else", "C-1")
	refused := m.Post("/day/assignment", form("member", of, "customer", fmt.Sprint(d.ids["C-2"])))
	refused.Has(t, http.StatusUnprocessableEntity, "Choose who is to do them", fmt.Sprintf(`value="%d" checked`, d.ids["C-2"]))
	m.Post("/day/assignment", form("member", of, "all", "1", "assignee", of)).Has(t, http.StatusUnprocessableEntity, "already")

	m.Post("/day/assignment", form("member", of, "customer", fmt.Sprint(d.ids["C-2"]), "assignee", admin)).Leads(t, at)
	page := m.Get(at)
	page.Has(t, http.StatusOK, "2 tasks go to acme admin.")
	if got := d.listed(page); got != "C-1, C-3" {
		t.Errorf("the collector keeps %s", got)
	}
	m.Post("/day/assignment", form("member", of, "all", "1", "assignee", admin, "from", "0")).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "4 tasks go to acme admin.", "has nothing to do today")
	if got := d.listed(d.As(t, d.acme.Admin).Get("/")); got != "C-1, C-2, C-3" {
		t.Errorf("the admin has %s", got)
	}
	m.Post("/day/assignment", form("member", of, "all", "1", "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "Nothing was given away")
}

// A contact goes as a follow-up does; a review goes with the owner, and that is said.
func TestGiveAwayContacts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1")
	d.exec(t, `INSERT INTO contact_groups (tenant_id, name) VALUES ($1, 'Calls')`, d.acme.ID)
	d.exec(t, `INSERT INTO contact_types (tenant_id, group_id, code, name) SELECT tenant_id, id, 'CALL', 'Call' FROM contact_groups`)
	d.exec(t, `INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on)
		SELECT tenant_id, $1, id, 'CALL', 'Call', '', 'Spoke', $2, $2, '2026-03-16' FROM contact_types`, d.ids["C-1"], d.acme.CollectorID)
	m, of, admin := d.As(t, d.acme.Manager), fmt.Sprint(d.acme.CollectorID), fmt.Sprint(d.acme.AdminID)
	give := form("member", of, "customer", fmt.Sprint(d.ids["C-1"]), "assignee", admin)
	m.Post("/day/assignment", give).Leads(t, "/?member="+of)
	m.Get("/?member="+of).Has(t, http.StatusOK, "1 task goes to acme admin.", "has nothing to do today")
	d.exec(t, `UPDATE customers SET watch_reason = 'Moved', watch_until = '2026-03-16'`)
	m.Post("/day/assignment", give).Leads(t, "/?member="+of)
	m.Get("/?member="+of).Has(t, http.StatusOK, "Nothing was given away. 1 stays with the owner of the customer: what is of the agenda, reviews, replies and calls.")
}

// Those whom the new assignee does not see stay, and are counted.
func TestGiveAwayWithinTheBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16")
	d.due(t, "C-2", "2026-03-16")
	d.exec(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, d.acme.ID)
	d.exec(t, `UPDATE tenants SET branch_limited = true`)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.ids["C-1"])
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.AdminID)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.acme.CollectorID)
	at := fmt.Sprintf("/?member=%d", d.acme.AdminID)
	m := d.As(t, d.acme.Manager)
	m.Post("/day/assignment", form("member", fmt.Sprint(d.acme.AdminID), "all", "1", "assignee", fmt.Sprint(d.acme.CollectorID))).Leads(t, at)
	page := m.Get(at)
	page.Has(t, http.StatusOK, "1 task goes to acme collector. 1 task stays where it is: acme collector has it already or may not see the customer, or somebody was first.")
	if got := d.listed(page); got != "C-2" {
		t.Errorf("left is %s", got)
	}
}
