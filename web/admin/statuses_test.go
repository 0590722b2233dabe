package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// S4.31, S4.33: a status is chosen, its tab of the associated specific action, modified;
// what either tab does is shown before it is saved.
func TestItemStatusesAreSetUpAndShowTheirEffectFirst(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "A", "2026-01-10", 600_01, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	admin, manager := s.As(t, c.Admin), s.As(t, c.Manager)
	form := url.Values{"name": {"Price"}, "family": {"ongoing"}, "colour": {"teal"}, "delay_days": {"4"}, "position": {"9"}, "reasons": {"Too dear\r\nNot agreed"}}
	if page := admin.Post("/admin/statuses", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	manager.Get("/admin/statuses").Has(t, http.StatusOK, "Price", "4 working days")
	manager.Post("/admin/statuses", form).Has(t, http.StatusForbidden)
	var id, item string
	if err := s.Owner(t).QueryRow(t.Context(), `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE name = 'Price') RETURNING status_id::text, id::text`).Scan(&id, &item); err != nil {
		t.Fatal(err)
	}
	at := "/admin/statuses/" + id
	admin.Get(at).Has(t, http.StatusOK, "Not agreed", "Associated specific action", "1 open item of 1 customer with EUR 600.01 have this status")
	form.Set("version", "1")
	form.Set("family", "dispute")
	admin.Post(at, form).Has(t, http.StatusUnprocessableEntity, "These items leave dunning as soon as this is saved.", "confirm it")
	form.Set("confirmed", "on")
	if page := admin.Post(at, form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	action := url.Values{"version": {"2"}, "tab": {"action"}, "case_rule": {"create"}, "case_title": {"Price case"}, "case_owner": {fmt.Sprint(c.ManagerID)}}
	admin.Post(at, action).Has(t, http.StatusUnprocessableEntity, "go into a case “Price case” at once, and out of dunning, without anybody being asked", "Those that have it stay as they are.", "confirm it", "Price case")
	action.Set("confirmed", "on")
	if page := admin.Post(at, action); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	admin.Post(at, action).Has(t, http.StatusConflict, "Somebody else changed this status meanwhile. Look at what it says now.", "Price case", `href="`+at+`?tab=action">Open it again</a>`)
	admin.Get(at+"?tab=action").Has(t, http.StatusOK, "Price case", "Follow-up: open a case without asking")
	admin.Get("/admin/statuses").Has(t, http.StatusOK, "Follow-up: open a case without asking")
	admin.Get("/admin/audit").Has(t, http.StatusOK, "saved the item status")
	page := admin.Post("/customers/1/items/"+item+"/status", url.Values{"status": {"1"}, "status_reason": {"x"}, "version": {"1"}})
	if page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	page = admin.Post("/customers/1/items/"+item+"/status", url.Values{"status": {id}, "status_reason": {"Too dear"}, "version": {"2"}})
	if page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	admin.Get(page.Location).Has(t, http.StatusOK, "which makes a case of its own", "in case Price case")
}

func TestResolversAreNamed(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	admin := s.As(t, c.Admin)
	admin.Get("/admin/resolvers").Has(t, http.StatusOK, "None yet")
	form := url.Values{"name": {"Jo Sales"}, "email": {"Jo@Acme.example"}, "settles": {"prices"}}
	if page := admin.Post("/admin/resolvers", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	admin.Get("/admin/resolvers").Has(t, http.StatusOK, "Jo Sales", "jo@acme.example", "prices")
	admin.Post("/admin/resolvers", form).Has(t, http.StatusUnprocessableEntity, "is on the list already")
	s.As(t, c.Manager).Post("/admin/resolvers", form).Has(t, http.StatusForbidden)
	form.Set("version", "1")
	form.Set("retired", "on")
	if page := admin.Post("/admin/resolvers/1", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.600s", page.Code, page.Body)
	}
	admin.Post("/admin/resolvers/1", form).Has(t, http.StatusConflict, "Somebody else changed this colleague meanwhile")
	admin.Get("/admin/resolvers/1").Has(t, http.StatusOK, "retired", "Cancel")
}
