package ui

import (
	"slices"
	"strings"
	"testing"

	"dunwell/internal/tenant"
)

func TestNavigationByRole(t *testing.T) {
	t.Parallel()
	for role, want := range map[tenant.Role][]string{
		tenant.Collector: {"Customers", "Ageing"},
		tenant.Manager:   {"Customers", "Ageing", "Imports", "Admin"},
		tenant.Admin:     {"Customers", "Ageing", "Imports", "Admin"},
	} {
		p := storyPage()
		p.Actor.Role = role
		var got []string
		for _, pl := range p.places() {
			got = append(got, pl.label)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", role, got)
		}
		if link := strings.Contains(render(t, p, Layout("x")), `href="/imports"`); link != p.mayImport() {
			t.Errorf("%s: a link to the imports: %v", role, link)
		}
	}
}

func TestNavigationMarksItsPart(t *testing.T) {
	t.Parallel()
	customers := places[0]
	for path, want := range map[string]bool{"/customers": true, "/customers/42/notes": true, "/customersx": false, "/": false} {
		if got := customers.holds(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	in, out := storyPage(), Page{RequestID: "req-77"}
	if got := render(t, out, ErrorPage(500, "Wrong", "Nothing was saved.")); !strings.Contains(got, "req-77") || strings.Contains(got, `action="/sign-out"`) {
		t.Errorf("signed out: %s", got)
	}
	if got := render(t, in, ErrorPage(404, "Not found", "No such page.")); strings.Contains(got, in.RequestID) || !strings.Contains(got, `action="/sign-out"`) {
		t.Errorf("signed in: %s", got)
	}
}

func TestThemeIsTheChosenOne(t *testing.T) {
	t.Parallel()
	for theme, want := range map[string]string{"dark": `data-bs-theme="dark"`, "light": `data-bs-theme="light"`, "": "/static/theme-"} {
		if got := render(t, Page{Theme: theme}, Plain("x")); !strings.Contains(got, want) {
			t.Errorf("%q: no %s", theme, want)
		}
	}
}

func TestSwitchIsShownFromTwoCompanies(t *testing.T) {
	t.Parallel()
	p := storyPage()
	if got := render(t, p, Layout("x")); !strings.Contains(got, `href="/companies"`) {
		t.Error("two companies and no switch")
	}
	p.Actor.Several = false
	if got := render(t, p, Layout("x")); strings.Contains(got, "/companies") {
		t.Error("one company and a switch")
	}
}
