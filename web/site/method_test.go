package site_test

import (
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// Whoever types in where a form is sent gets a page that says so.
func TestAddressOfAForm(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.As(t, dbtest.Tenant(t, s.Database, "acme").Collector)
	p := c.Get("/customers/1/items/1/pause")
	p.Has(t, http.StatusMethodNotAllowed, "it takes what a form sends", `href="/"`)
	if allow := p.Header.Get("Allow"); allow != "POST" {
		t.Errorf("Allow: %q, want POST", allow)
	}
	p = c.Post("/reports/ageing", nil)
	p.Has(t, http.StatusMethodNotAllowed)
	if allow := p.Header.Get("Allow"); allow != "GET" {
		t.Errorf("Allow: %q, want GET", allow)
	}
	c.Get("/no/such/page").Has(t, http.StatusNotFound, "There is no such page")
	c.Get("/customers/1/no/such/page").Has(t, http.StatusNotFound, "There is no such page")
}
