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
		tenant.Collector: {"My day", "Diary", "Agenda", "Inbox", "Cases", "Promises", "Customers", "Ageing"},
		tenant.Manager:   {"My day", "Diary", "Agenda", "Inbox", "Cases", "Promises", "Customers", "Statements", "Ageing", "Outbox", "Imports", "Admin"},
		tenant.Admin:     {"My day", "Diary", "Agenda", "Inbox", "Cases", "Promises", "Customers", "Statements", "Ageing", "Outbox", "Imports", "Admin"},
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
	for path, want := range map[string]string{"/": "My day", "/customers": "Customers", "/customers/42/notes": "Customers", "/customersx": "", "/account": ""} {
		got := ""
		for _, pl := range places {
			if pl.holds(path) {
				got += pl.label
			}
		}
		if got != want {
			t.Errorf("%s: %s is marked, want %s", path, got, want)
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
	p.Several = false
	if got := render(t, p, Layout("x")); strings.Contains(got, "/companies") {
		t.Error("one company and a switch")
	}
}

// Undo stands beside the words, and comes back to the page.
func TestFlashWithUndo(t *testing.T) {
	t.Parallel()
	p := Page{Flash: "It is deleted.", Undo: "/customers/7/followups/restoration?follow_up=3", URL: "/customers/7/notes?kind=note"}
	got := render(t, p, Plain("x"))
	for _, want := range []string{`>It is deleted.</span>`, `method="post" action="/customers/7/followups/restoration?follow_up=3"`, `name="form_id"`, `name="back" value="/customers/7/notes?kind=note"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s: %s", want, got)
		}
	}
	p.Undo = ""
	if got := render(t, p, Plain("x")); strings.Contains(got, "Undo") {
		t.Error("an Undo of nothing")
	}
}
