package diary_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// contact gives a member an open contact with a customer; an empty day is none.
func (d *desk) contact(t *testing.T, number string, member int64, when string) (id int64) {
	t.Helper()
	d.due(t, number)
	on, at, _ := strings.Cut(when, " ")
	d.write(t, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH g AS (INSERT INTO contact_groups (name) VALUES ('Calls ' || $2::text) RETURNING id),
				k AS (INSERT INTO contact_types (group_id, code, name) SELECT id, 'K' || abs(hashtext($2::text)) % 10000, 'Call' FROM g RETURNING id)
			INSERT INTO contacts (customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on, due_at)
			SELECT $1, id, 'CALL', 'Call', '', 'Wants to pay', $3, $3, nullif($4, '')::date, nullif($5, '')::time FROM k
			RETURNING id`, d.ids[number], number+when, member, on, at).Scan(&id)
	})
	return id
}

// My tasks (S3.29) are all that one has (S3.30): what is overdue on top of the day
// (S3.31), the week (S3.32), the months and what has no date (S3.43).
func TestDiary(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00", "2026-03-12", "2026-03-18")
	id := d.contact(t, "C-2", d.acme.CollectorID, "2026-03-16 09:15")
	d.contact(t, "C-3", d.acme.CollectorID, "")
	d.exec(t, `INSERT INTO holidays (tenant_id, day, name) VALUES ($1, '2026-03-19', 'Joseph')`, d.acme.ID)
	c := d.As(t, d.acme.Collector)
	week := c.Get("/diary")
	week.Has(t, http.StatusOK, "<h1>My tasks</h1>", "16 – 22 March 2026", "Overdue (1)", "No date (1)", ">14:00</span>", ">09:15</span>", "Joseph",
		// S3.35: an entry opens the customer at the summary, where the contact is
		fmt.Sprintf(`href="/customers/%d/summary#contact-%d"`, d.ids["C-2"], id),
		// S3.33, S3.34: other weeks, and a date
		"on=2026-03-09&amp;view=week", "on=2026-03-23&amp;view=week", `type="date" name="on" value="2026-03-16"`)
	day := c.Get("/diary?view=day&on=2026-03-16")
	day.Has(t, http.StatusOK, "Monday 16 March 2026", "Overdue (1)", "4 days late", "Today, Monday 16 March (2)", "No date (1)", "on=2026-03-17&amp;view=day")
	order := func(body string, texts ...string) {
		t.Helper()
		at := 0
		for _, s := range texts {
			i := strings.Index(body[at:], s)
			if i < 0 {
				t.Fatalf("%q does not come after the others", s)
			}
			at += i
		}
	}
	order(day.Body, "Overdue (1)", "4 days late", "Today", "C-2", "C-1", "No date (1)", "C-3")
	month := c.Get("/diary?view=month&on=2026-02-11")
	month.Has(t, http.StatusOK, "February 2026", "on=2026-01-11&amp;view=month", "on=2026-03-11&amp;view=month", "Overdue (1)")
	month.Lacks(t, "C-2")
	c.Get("/diary?view=month&on=2026-03-31").Has(t, http.StatusOK, "March 2026", "on=2026-04-30&amp;view=month", "C-2")
	c.Get("/diary?on=2026-03-25").Lacks(t, "C-2")
	c.Get("/diary?on=nonsense&view=year").Has(t, http.StatusOK, "16 – 22 March 2026")
}

// Whose diary it is: managers see everybody's, and nobody else does.
func TestWhoseDiary(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	theirs := fmt.Sprintf("/diary?member=%d", d.acme.CollectorID)
	d.As(t, d.acme.Manager).Get(theirs).Has(t, http.StatusOK, "Tasks of acme collector", "C-1")
	d.As(t, d.acme.Manager).Get("/diary?member=none").Has(t, http.StatusOK, "Tasks of nobody")
	d.As(t, d.acme.Manager).Get("/diary?member=999").Has(t, http.StatusNotFound)
	d.As(t, d.acme.Collector).Get(fmt.Sprintf("/diary?member=%d", d.acme.ManagerID)).Has(t, http.StatusForbidden, "somebody else’s day")
	d.As(t, d.acme.Collector).Get("/diary?member=none").Has(t, http.StatusForbidden)
}

// A task is put on another day in place, and done, and comes back from being done.
func TestWorkAnEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	id := d.contact(t, "C-2", d.acme.CollectorID, "2026-03-16 15:15")
	c := d.As(t, d.acme.Collector)
	followUp := "follow_up-" + d.one(t, `SELECT id FROM follow_ups`)
	at := "/diary?view=week&on=2026-03-16"
	page := c.Get("/diary/entry?task=" + followUp + "&back=" + "%2Fdiary%3Fview%3Dweek%26on%3D2026-03-16")
	page.Has(t, http.StatusOK, "Follow-up of Customer C-1", "Ask for the goods note of C-1", `name="due_on" type="date" value="2026-03-16"`, `value="14:00"`)
	page.Lacks(t, "Give it to")
	move := form("task", followUp, "back", at, "version", "1", "due_on", "2026-03-19", "due_at", "08:30")
	c.Post("/diary/dates", form("task", followUp, "back", at, "version", "1", "due_on", "2026-03-12")).Has(t, http.StatusUnprocessableEntity, "This day is past", `value="2026-03-12"`)
	c.Post("/diary/dates", form("task", followUp, "back", at, "version", "1", "due_on", "soon")).Has(t, http.StatusUnprocessableEntity, "Give the day as")
	c.Post("/diary/dates", move).Leads(t, at)
	if got := d.one(t, `SELECT due_on || ' ' || due_at FROM follow_ups`); got != "2026-03-19 08:30:00" {
		t.Errorf("it stands on %s", got)
	}
	c.Get(at).Has(t, http.StatusOK, "Follow-up of Customer C-1: moved to Thu 19 Mar 2026.", ">08:30</span>")
	c.Get(at).Lacks(t, "nobody may be there")
	c.Post("/diary/dates", form("task", followUp, "back", at, "version", "2", "due_on", "2026-03-21", "due_at", "08:30")).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "moved to Sat 21 Mar 2026. Sat 21 Mar 2026 is a Saturday; nobody may be there to do it.")
	c.Post("/diary/dates", move).Has(t, http.StatusConflict, "Somebody else changed this follow-up meanwhile")
	contact := fmt.Sprintf("contact-%d", id)
	c.Post("/diary/dates", form("task", contact, "back", at, "version", "1", "due_on", "2026-03-20", "due_at", "")).Leads(t, at)
	c.Post("/diary/dates", form("task", contact, "back", at, "version", "2", "due_on", "")).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "it has no date now", "No date (1)")
	c.Post("/diary/completion", form("task", contact, "back", at)).Leads(t, fmt.Sprintf("/customers/%d/contacts/%d", d.ids["C-2"], id))
	c.Post("/diary/completion", form("task", followUp, "back", at)).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "The follow-up of Customer C-1 is done.", fmt.Sprintf("/customers/%d/followups/restoration?follow_up=", d.ids["C-1"]))
	c.Post("/diary/completion", form("task", followUp, "back", at)).Has(t, http.StatusConflict, "This follow-up was completed by acme collector on Mon 16 Mar, 10:30.")
	for _, key := range []string{"", "follow_up-0", "stop-1", "contact-x", "contact-99999"} {
		c.Get("/diary/entry?task="+key).Has(t, http.StatusNotFound)
	}
}

// Managers give one, several or all entries of a diary to somebody else (S3.44).
func TestGiveEntries(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, number := range []string{"C-1", "C-2", "C-3", "C-4"} {
		d.due(t, number, "2026-03-16", "2026-03-25")
	}
	d.contact(t, "C-5", d.acme.CollectorID, "")
	of, admin := fmt.Sprint(d.acme.CollectorID), fmt.Sprint(d.acme.AdminID)
	key := func(number string) string {
		return "follow_up-" + d.one(t, `SELECT min(id) FROM follow_ups WHERE customer_id = $1`, d.ids[number])
	}
	at := "/diary?member=" + of + "&on=2026-03-16&view=day"
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	c.Get("/diary?view=day").Lacks(t, "Give the ticked")
	c.Post("/diary/assignment", form("all", "ever", "assignee", admin)).Has(t, http.StatusForbidden, "Only managers")
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "assignee", admin)).Has(t, http.StatusUnprocessableEntity, "Tick what is to go")
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "task", key("C-2"))).Has(t, http.StatusUnprocessableEntity, "Choose who is to do them", key("C-2")+`" checked`)
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "task", key("C-1"), "task", key("C-2"), "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "2 tasks go to acme admin.")
	d.due(t, "C-6", "2026-03-16")
	d.due(t, "C-7", "2026-03-16")
	m.Get(at).Has(t, http.StatusOK, fmt.Sprintf(`<input type="hidden" form="give-tasks" name="version_%s" value="1">`, key("C-6")))
	d.As(t, d.acme.Admin).Post("/diary/dates", form("task", key("C-6"), "back", at, "version", "1", "due_on", "2026-03-25", "due_at", "")).Leads(t, at)
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "task", key("C-6"), "version_"+key("C-6"), "1", "task", key("C-7"), "version_"+key("C-7"), "1", "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "1 task goes to acme admin. Follow-up of Customer C-6 stays: acme admin changed this meanwhile: Follow-up changed: due Wed 25 Mar 2026 instead of Mon 16 Mar 2026.")
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "task", key("C-6"), "version_"+key("C-6"), "2", "assignee", admin)).Leads(t, at)
	m.Post("/diary/assignment", form("task", key("C-3"), "back", at, "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "1 task goes to acme admin.", "(1)")
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "all", "day", "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "1 task goes to acme admin.", "Nothing is planned for this day")
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "all", "ever", "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "5 tasks go to acme admin.")
	if got := d.one(t, `SELECT count(*) FROM follow_ups WHERE assignee_id <> $1`, d.acme.AdminID); got != "0" {
		t.Errorf("%s are left", got)
	}
	m.Post("/diary/assignment", form("member", of, "on", "2026-03-16", "all", "ever", "assignee", admin)).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "Nothing was given away.")
}

// Whoever covers an absence sees and works the other's day and diary, is told of it on
// top of the own day, and has it no more when it is over.
func TestAbsence(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16", "2026-03-12")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.ManagerID)
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	day, diary := fmt.Sprintf("/?member=%d", d.acme.ManagerID), fmt.Sprintf("/diary?member=%d", d.acme.ManagerID)
	plan := form("cover", fmt.Sprint(d.acme.CollectorID), "from_on", "2026-03-16", "until_on", "2026-03-20", "note", "Skiing")
	c.Get(diary).Has(t, http.StatusForbidden)
	m.Get("/absences").Has(t, http.StatusOK, "Nobody is away", "Who is away")
	c.Get("/absences").Lacks(t, "Who is away")
	m.Post("/absences", form("cover", fmt.Sprint(d.acme.ManagerID), "from_on", "2026-03-16", "until_on", "x")).Has(t, http.StatusUnprocessableEntity, "Nobody covers for themselves", "Give the last day")
	m.Post("/absences", plan).Leads(t, "/absences")
	m.Get("/absences").Has(t, http.StatusOK, "away today", "Skiing", "acme collector")
	covered := c.Get("/absences")
	covered.Has(t, http.StatusOK, "Skiing", "away today")
	covered.Lacks(t, "Is back")
	c.Get(diary).Has(t, http.StatusOK, "Tasks of acme manager", "C-1", "Overdue (1)")
	c.Get(day).Has(t, http.StatusOK, "acme manager", "C-1")
	c.Post("/walk", form("member", fmt.Sprint(d.acme.ManagerID))).Leads(t, fmt.Sprintf("/customers/%d", d.ids["C-1"]))
	d.exec(t, `INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at)
		VALUES ($1, $2, 'Price', 'in_work', $3, '2026-03-16', '2026-03-13', now())`, d.acme.ID, d.ids["C-1"], d.acme.ManagerID)
	d.exec(t, `UPDATE sign_ins SET last_seen_at = now() - interval '2 minutes'`)
	c.Get("/") // counts what waits
	c.Get("/").Has(t, http.StatusOK, "acme manager · 3 tasks due", "You cover for acme manager until Fri 20 Mar: 3 tasks wait there.", fmt.Sprintf(`href="/diary?member=%d"`, d.acme.ManagerID))
	c.Get(fmt.Sprintf("/customers/%d/followups?assignee=%d&due_on=2026-03-18", d.ids["C-1"], d.acme.ManagerID)).Has(t, http.StatusOK, "acme manager is away until Fri 20 Mar 2026; acme collector covers.")
	id := d.one(t, `SELECT id FROM absences`)
	c.Post("/absences/"+id+"/end", form("version", "1")).Has(t, http.StatusForbidden)
	m.Post("/absences/"+id+"/end", form("version", "1")).Leads(t, "/absences")
	m.Post("/absences/"+id+"/end", form("version", "1")).Has(t, http.StatusNotFound, "There is no such absence, or it was ended already.", "Nobody is away", "Plan it")
	s := d.As(t, dbtest.Tenant(t, d.Database, "beta").Manager)
	for _, of := range []string{id, "999999"} { // nobody learns which there are
		s.Post("/absences/"+of+"/end", form("version", "1")).Has(t, http.StatusNotFound, "There is no such absence, or it was ended already.")
	}
	plan.Set("note", "Ill")
	m.Post("/absences", plan).Leads(t, "/absences")
	id = d.one(t, `SELECT id FROM absences`)
	d.exec(t, `UPDATE absences SET from_on = '2026-03-15'`) // the night passes
	m.Post("/absences/"+id+"/end", form("version", "1")).Leads(t, "/absences")
	m.Post("/absences/"+id+"/end", form("version", "2")).Has(t, http.StatusConflict, "This absence was ended already or is over.", "Nobody is away")
	c.Get("/").Has(t, http.StatusOK, "You cover for acme manager") // as of a minute ago
	c.Get(diary).Has(t, http.StatusForbidden)
	c.Get("/").Lacks(t, "You cover for")
	c.Get(day).Has(t, http.StatusForbidden)
	c.Post("/absences/"+id+"/end", form("version", "2")).Has(t, http.StatusForbidden)
}

// The diary asks a fixed number of questions, for two entries and for 2,000.
func TestQuestionsADiary(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	d.due(t, "C-2", "2026-03-12")
	ask := func(path string, who tenant.Who, want, trips int64) {
		t.Helper()
		c := d.As(t, who)
		c.Get(path).Has(t, http.StatusOK)
		d.Queries.Take()
		d.Queries.TakeTrips()
		c.Get(path).Has(t, http.StatusOK)
		if got, n := d.Queries.Take(), d.Queries.TakeTrips(); got != want || n != trips {
			t.Errorf("%s asks %d questions in %d trips, want %d in %d", path, got, n, want, trips)
		}
	}
	// The session, begin, the tenant named, who acts, commit; how to plan, the days off,
	// the agenda's count, the places, the entries. A manager also: the people.
	both := func() {
		t.Helper()
		for _, view := range []string{"day", "week", "month"} {
			ask("/diary?view="+view, d.acme.Collector, 10, 5)
			ask(fmt.Sprintf("/diary?view=%s&member=%d", view, d.acme.CollectorID), d.acme.Manager, 11, 6)
		}
	}
	both()
	d.exec(t, `
		WITH c AS (
			INSERT INTO customers (tenant_id, number, name, kind) SELECT $1, 'N' || n, 'Name', 'business' FROM generate_series(1, 2000) n
			RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text)
		SELECT $1, id, $2, DATE '2026-03-16' + (id % 30)::int - 10, CASE id % 7 WHEN 0 THEN TIME '16:00' END, 'x' FROM c`, d.acme.ID, d.acme.CollectorID)
	d.exec(t, `ANALYZE customers, follow_ups`)
	both()
}
