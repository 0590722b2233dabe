package diary_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// What somebody else ended meanwhile is told, with who did it and where it stands; a
// calendar that shows it yet leads there.
func TestEndedMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.due(t, "C-1", "2026-03-16 14:00")
	id := d.contact(t, "C-2", d.acme.CollectorID, "2026-03-16 15:15")
	followUp, contact := "follow_up-"+d.one(t, `SELECT id FROM follow_ups`), fmt.Sprintf("contact-%d", id)
	d.exec(t, `UPDATE follow_ups SET ended = 'deleted', ended_at = '2026-03-16 08:05Z', ended_by = $1, version = 2`, d.acme.AdminID)
	d.exec(t, `UPDATE contacts SET ended = 'closed', ended_at = '2026-03-16 08:07Z', ended_by = $1, closing = 'Paid', version = 2`, d.acme.AdminID)
	m, to := d.As(t, d.acme.Manager), fmt.Sprint(d.acme.ManagerID)
	for task, c := range map[string]struct{ own, said string }{
		followUp: {fmt.Sprintf("/customers/%d/followups/%s", d.ids["C-1"], strings.TrimPrefix(followUp, "follow_up-")), "This follow-up was deleted by acme admin on Mon 16 Mar, 09:05."},
		contact:  {fmt.Sprintf("/customers/%d/contacts/%d", d.ids["C-2"], id), "This contact was closed by acme admin on Mon 16 Mar, 09:07."},
	} {
		for _, page := range []webtest.Page{
			m.Post("/diary/completion", form("task", task, "back", "/diary")),
			m.Post("/diary/dates", form("task", task, "back", "/diary", "version", "1", "due_on", "2026-03-19", "due_at", "")),
			m.Post("/diary/assignment", form("task", task, "back", "/diary", "assignee", to)),
		} {
			page.Has(t, http.StatusConflict, c.said, `href="`+c.own+`"`)
			page.Lacks(t, "Another day", "Give it to", `action="/diary/completion"`)
		}
		m.Get("/diary/entry?task="+task).Leads(t, c.own)
		m.Get(c.own).Has(t, http.StatusOK, "This is not in the diary any more. What became of it stands here.", "acme admin")
		d.As(t, beta.Manager).Post("/diary/completion", form("task", task)).Has(t, http.StatusNotFound)
		d.As(t, beta.Manager).Get("/diary/entry?task="+task).Has(t, http.StatusNotFound)
	}
	m.Post("/diary/dates", form("task", followUp, "reason", "Waits for the goods", "due_on", "2026-03-19")).Has(t, http.StatusConflict, "What you typed", "Waits for the goods")
}

// Who says done or gives away an entry that somebody changed since it was shown is told by
// whom and how, sees it as it is now, and presses again.
func TestChangedSinceShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	d.due(t, "C-2", "2026-03-16")
	id := d.contact(t, "C-3", d.acme.CollectorID, "2026-03-16 15:15")
	key := func(number string) string {
		return "follow_up-" + d.one(t, `SELECT id FROM follow_ups WHERE customer_id = $1`, d.ids[number])
	}
	c, m, a := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager), d.As(t, d.acme.Admin)
	manager, admin := fmt.Sprint(d.acme.ManagerID), fmt.Sprint(d.acme.AdminID)
	one, two, contact := key("C-1"), key("C-2"), fmt.Sprintf("contact-%d", id)
	for _, view := range []string{"day", "week"} {
		c.Get("/diary?on=2026-03-16&view="+view).Has(t, http.StatusOK, fmt.Sprintf(`data-task="%s" data-version="1"`, one))
	}
	done := form("task", one, "version", "1", "back", "/diary")
	m.Post("/diary/dates", form("task", one, "back", "/diary", "version", "1", "due_on", "2026-03-19", "due_at", "08:30")).Leads(t, "/diary")
	page := c.Post("/diary/completion", done)
	page.Has(t, http.StatusConflict, "acme manager changed this meanwhile: Follow-up changed: due Thu 19 Mar 2026, 08:30 instead of Mon 16 Mar 2026, 14:00. Nothing was done.",
		"Thu 19 Mar", `name="version" value="2"`)
	done.Set("version", "99999999999999999999")
	c.Post("/diary/completion", done).Has(t, http.StatusConflict)
	done.Set("version", "2")
	c.Post("/diary/completion", done).Leads(t, "/diary")

	give := form("task", two, "version", "1", "back", "/diary", "assignee", manager)
	a.Post("/diary/assignment", form("task", two, "version", "1", "back", "/diary", "assignee", admin)).Leads(t, "/diary")
	m.Post("/diary/assignment", give).Has(t, http.StatusConflict, "acme admin changed this meanwhile: Follow-up of acme collector given to acme admin, due Mon 16 Mar 2026. Nothing was done.",
		fmt.Sprintf(`value="%s" selected`, manager), `name="version" value="2"`)
	if got := d.one(t, `SELECT assignee_id FROM follow_ups WHERE customer_id = $1`, d.ids["C-2"]); got != admin {
		t.Errorf("%s has it", got)
	}
	give.Set("version", "2")
	m.Post("/diary/assignment", give).Leads(t, "/diary")

	give.Set("task", contact)
	give.Set("version", "1")
	a.Post("/diary/dates", form("task", contact, "back", "/diary", "version", "1", "due_on", "2026-03-20", "due_at", "")).Leads(t, "/diary")
	m.Post("/diary/assignment", give).Has(t, http.StatusConflict, "acme admin changed this meanwhile: ", "Fri 20 Mar")
	give.Del("version") // it goes by what is there
	m.Post("/diary/assignment", give).Leads(t, "/diary")
}

// one is the one value that a query of the owner's finds, as text.
func (d *desk) one(t *testing.T, sql string, args ...any) (value string) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT (`+sql+`)::text`, args...).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// Who has an entry of the absent colleague open when the cover ends gets it done, and is
// told that the cover is over, since when, and whom to ask.
func TestCoverEndsWhileAtWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.ManagerID)
	d.exec(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-03-09', '2026-03-16')`, d.acme.ID, d.acme.ManagerID, d.acme.CollectorID)
	d.exec(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-02-09', '2026-02-16')`, d.acme.ID, d.acme.ManagerID, d.acme.CollectorID)
	c, at := d.As(t, d.acme.Collector), fmt.Sprintf("/diary?member=%d", d.acme.ManagerID)
	task := "follow_up-" + d.one(t, `SELECT id FROM follow_ups`)
	c.Get("/diary/entry?task="+task+"&back="+at).Has(t, http.StatusOK, "Done")
	d.exec(t, `UPDATE absences SET until_on = '2026-03-15' WHERE until_on = '2026-03-16'`) // the night passes
	c.Post("/diary/completion", form("task", task, "version", "1", "back", at)).Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusForbidden, "The follow-up of Customer C-1 is done.", "You covered for acme manager until Sun 15 Mar 2026. That is over", "Ask acme manager about what is still open there, or a manager", `href="/"`)
	page.Lacks(t, "somebody else’s day")
	c.Get(fmt.Sprintf("/?member=%d", d.acme.ManagerID)).Has(t, http.StatusForbidden, "You covered for acme manager until Sun 15 Mar 2026.")
	c.Get(fmt.Sprintf("/diary?member=%d", d.acme.AdminID)).Has(t, http.StatusForbidden, "somebody else’s day")
}
