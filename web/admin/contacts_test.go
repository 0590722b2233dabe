package admin_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// What contacts choose from is set up: types with their proposals, in groups; origins;
// strengths by rank. Each is ordered, retired, taken back, and it is told how often it
// is used.
func TestContactTypes(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	admin, manager := s.As(t, acme.Admin), s.As(t, acme.Manager)
	admin.Get("/admin/contacts").Has(t, http.StatusOK, "No types yet", "Begin with the usual ones")
	admin.Post("/admin/contacts/standards", form()).Leads(t, "/admin/contacts")
	admin.Get("/admin/contacts").Has(t, http.StatusOK, "CALL", "Payment call", "CHECK, after 3 working days", "the same again, no date", "conversation")

	group := fmt.Sprint(count(t, s, `SELECT id FROM contact_groups WHERE name = 'Visits'`))
	admin.Get("/admin/contacts/types/new").Has(t, http.StatusOK, "The same again", "Visits")
	admin.Post("/admin/contacts/types", form("group", group, "code", "tour", "name", "Tour", "next_delay", "-1")).
		Has(t, http.StatusUnprocessableEntity, "Give a number of days from 0 to 365", `value="tour"`)
	admin.Post("/admin/contacts/types", form("group", group, "code", "tour", "name", "Tour", "action", "Write it up", "conversation", "on", "next_delay", "0")).Leads(t, "/admin/contacts")
	admin.Get("/admin/contacts").Has(t, http.StatusOK, "TOUR", "Write it up", "the same again, the same day")
	at := fmt.Sprintf("/admin/contacts/types/%d", count(t, s, `SELECT id FROM contact_types WHERE code = 'TOUR'`))
	admin.Get(at).Has(t, http.StatusOK, `value="TOUR"`, `value="0"`, "checked", "Retire it")
	admin.Post(at, form("version", "1", "seen_name", "Tour", "name", "Round", "group", group, "code", "TOUR", "conversation", "", "next_delay", "")).Leads(t, "/admin/contacts")
	admin.Post(at, form("version", "1", "seen_name", "Tour", "name", "Third", "group", group, "code", "TOUR")).Has(t, http.StatusConflict, "this type was changed while you were writing", "Third")
	admin.Post(at+"/position", form("direction", "up")).Leads(t, "/admin/contacts#contact-type-"+at[len("/admin/contacts/types/"):])
	if n := count(t, s, `SELECT count(*) FROM contact_types WHERE code = 'TOUR' AND name = 'Round' AND position = 1 AND next_delay_days IS NULL AND NOT conversation`); n != 1 {
		t.Error("it is not what was typed")
	}
	admin.Post(at+"/retirement", form()).Leads(t, "/admin/contacts")
	admin.Get(at).Has(t, http.StatusOK, "Take it back")
	admin.Post(at+"/reopening", form()).Leads(t, "/admin/contacts")
	manager.Get("/admin/contacts").Has(t, http.StatusOK, "TOUR")
	manager.Get("/admin/contacts").Lacks(t, "New type", at)
	manager.Get(at).Has(t, http.StatusForbidden, "Only administrators change types of contacts.")
	admin.Get("/admin/audit?group=contact_type").Has(t, http.StatusOK, "retired the type of contacts", "Round")
}

func TestContactLists(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	admin, manager := s.As(t, acme.Admin), s.As(t, acme.Manager)
	for _, l := range []struct{ path, table, noun string }{{"groups", "contact_groups", "group"}, {"origins", "contact_origins", "origin"}, {"strengths", "contact_strengths", "strength"}} {
		at := "/admin/contacts/" + l.path
		admin.Get(at).Has(t, http.StatusOK, "None yet", "New "+l.noun)
		admin.Post(at, form("name", "")).Has(t, http.StatusUnprocessableEntity, "Give it a name")
		admin.Post(at, form("name", "First")).Leads(t, at)
		admin.Post(at, form("name", "Second")).Leads(t, at)
		admin.Get(at).Has(t, http.StatusOK, "Move up: Second", "Move down: First")
		one := fmt.Sprintf("%s/%d", at, count(t, s, `SELECT id FROM `+l.table+` WHERE name = 'Second'`))
		admin.Post(one+"/position", form("direction", "up")).Leads(t, fmt.Sprintf("%s#entry-%s", at, one[len(at)+1:]))
		admin.Get(one).Has(t, http.StatusOK, `value="Second"`, "Retire it")
		admin.Post(one, form("version", "1", "seen_name", "Second", "name", "First")).Has(t, http.StatusUnprocessableEntity, "called First already")
		admin.Post(one, form("version", "1", "seen_name", "Second", "name", "Other")).Leads(t, at)
		admin.Post(one, form("version", "1", "seen_name", "Second", "name", "Late")).Has(t, http.StatusConflict, "was changed while you were writing", "Late")
		admin.Post(one+"/retirement", form()).Leads(t, at)
		admin.Get(one).Has(t, http.StatusOK, "Take it back")
		admin.Post(one+"/reopening", form()).Leads(t, at)
		manager.Get(at).Has(t, http.StatusOK, "Other", "First")
		manager.Get(at).Lacks(t, "New "+l.noun, "Move up")
		manager.Get(one).Has(t, http.StatusOK, "Other", "in use")
		manager.Get(one).Lacks(t, "Retire it")
	}
}

// Branches and departments are ordered too, with how often each is used.
func TestUnitsAreOrdered(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	admin := s.As(t, acme.Admin)
	for path, table := range map[string]string{"/admin/branches": "branches", "/admin/departments": "departments"} {
		admin.Post(path, form("name", "Alpha")).Leads(t, path)
		admin.Post(path, form("name", "Beta")).Leads(t, path)
		id := count(t, s, `SELECT id FROM `+table+` WHERE name = 'Beta'`)
		admin.Get(path).Has(t, http.StatusOK, "Move up: Beta", "Customers</th>", "Contacts</th>")
		admin.Post(fmt.Sprintf("%s/%d/position", path, id), form("direction", "up")).Leads(t, fmt.Sprintf("%s#unit-%d", path, id))
		admin.Get(path).Has(t, http.StatusOK, "The order is changed.", "Move up: Alpha")
	}
}
