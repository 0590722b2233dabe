package admin_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// Who limits collectors to their branch, or moves one to another, is told what is with
// people who do not see the customer then, and led to where it is given on.
func TestUnseenIsTold(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North'), ($1, 'South')`, acme.ID)
	exec(t, s, `
		INSERT INTO customers (tenant_id, number, name, kind, branch_id, owner_id)
		SELECT tenant_id, 'K-' || name, 'Of ' || name, 'business', id, $2 FROM branches WHERE tenant_id = $1`, acme.ID, acme.ManagerID)
	exec(t, s, `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text)
		SELECT tenant_id, id, $2, '2026-03-16', 'Ask ' || n FROM customers, generate_series(1, 2) n WHERE tenant_id = $1 AND number = 'K-South'`, acme.ID, acme.CollectorID)
	exec(t, s, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE id = $1`, acme.CollectorID)
	a := s.As(t, acme.Admin)
	save := func(version int, limited string) webtest.Page {
		a.Post("/admin/settings", form("name", "Acme", "currency", "EUR", "time_zone", "Europe/Oslo", "language", "en", "branch_limited", limited, "version", fmt.Sprint(version))).
			Leads(t, "/admin/settings")
		return a.Get("/admin/settings")
	}
	save(1, "").Lacks(t, "not see")
	save(2, "on").Has(t, 200, "The settings are saved. Some people do not see 2 follow-ups of theirs, of another branch or of none.", `href="/diary?member=none"`, "Look at No owner")
	a.Get("/diary?member=none&view=day&on=2026-03-16").Has(t, 200, "Ask 1", "Ask 2")
	page := a.Get("/?member=none")
	page.Has(t, 200, "Of South")
	page.Lacks(t, "Of North")
	save(3, "on").Lacks(t, "of theirs")
	save(4, "").Lacks(t, "of theirs")
	a.Get("/?member=none").Lacks(t, "Of South")

	path, version := personPath(acme.CollectorID), 0
	move := func(branch string) webtest.Page {
		version++
		id := ""
		if branch != "" {
			id = fmt.Sprint(count(t, s, `SELECT id FROM branches WHERE name = $1`, branch))
		}
		a.Post(path, form("role", "collector", "branch_id", id, "version", fmt.Sprint(version))).Leads(t, path)
		return a.Get(path)
	}
	move("South")
	save(5, "on").Lacks(t, "of theirs")
	exec(t, s, `UPDATE customers SET owner_id = $1`, acme.CollectorID)
	move("North").Has(t, 200, "They do not see 1 customer, 2 follow-ups of theirs, of another branch or of none.", `href="/diary?member=none"`)
	move("").Has(t, 200, "They do not see 2 customers, 2 follow-ups of theirs")
	exec(t, s, `DELETE FROM follow_ups`)
	move("South").Has(t, 200, "They do not see 1 customer of theirs", `href="/agenda/stranded"`)
}
