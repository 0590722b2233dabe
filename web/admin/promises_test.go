package admin_test

import (
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// The rules for promises: administrators change them, managers read them, and what
// cannot be is refused beside its field with what was typed.
func TestPromises(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	a, m := s.As(t, c.Admin), s.As(t, c.Manager)
	form := func(grace, replacements, tolerances, version string) url.Values {
		return url.Values{"grace_days": {grace}, "replacements": {replacements}, "tolerances": {tolerances}, "version": {version}}
	}
	a.Get("/admin/promises").Has(t, http.StatusOK, "Promises to pay", `name="grace_days" type="number" value="3"`, `name="replacements" type="number" value="2"`)
	for want, f := range map[string]url.Values{
		"Give a whole number of days, from 0 to 30.":         form("31", "2", "", "1"),
		"Give a whole number, from 0 to 20.":                 form("3", "two", "", "1"),
		"Line 1: give the currency first, such as EUR 5.00.": form("3", "2", "5.00", "1"),
		"EUR is there twice.":                                form("3", "2", "EUR 1.50\nEUR 2.50", "1"),
	} {
		a.Post("/admin/promises", f).Has(t, http.StatusUnprocessableEntity, want, f.Get("tolerances"))
	}
	a.Post("/admin/promises", form("5", "1", "EUR 2.50\r\n\r\nJPY 300", "1")).Leads(t, "/admin/promises")
	a.Get("/admin/promises").Has(t, http.StatusOK, `value="5"`, "EUR 2.50\nJPY 300")
	a.Post("/admin/promises", form("6", "1", "", "1")).Has(t, http.StatusConflict, "now 5 days of grace, replaced 1 times at most")
	stale := form("3", "4", "EUR 9", "1")
	for name, was := range map[string]string{"grace_days": "3", "replacements": "2", "tolerances": ""} {
		stale.Set("seen_"+name, was)
	}
	a.Post("/admin/promises", stale).Has(t, http.StatusConflict, "Not saved yet: this page was changed while you were writing.", `name="grace_days" type="number" value="5"`,
		"Changed meanwhile from “3”, and taken over.", `name="replacements" type="number" value="4"`, "Changed meanwhile to “1”. Yours stands in the field", ">\nEUR 9</textarea>", `name="version" value="2"`)
	page := m.Get("/admin/promises")
	page.Has(t, http.StatusOK, "EUR 2.50, JPY 300")
	page.Lacks(t, "<button class=\"btn btn-primary\" type=\"submit\">Save")
	m.Post("/admin/promises", form("6", "1", "", "2")).Has(t, http.StatusForbidden)
	a.Get("/admin/audit").Has(t, http.StatusOK, "changed the rules for promises")
}
