package ui

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

func render(t *testing.T, p Page, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(WithPage(context.Background(), p), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// nasty breaks out of text, of an attribute and of a script, if it can.
const nasty = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`

func TestEverythingIsEscaped(t *testing.T) {
	t.Parallel()
	p := storyPage()
	p.Path, p.Flash, p.FlashKind, p.RequestID, p.Theme, p.Undo, p.URL = nasty, nasty, nasty, nasty, nasty, nasty, nasty
	p.Actor.Name, p.Actor.Email, p.Actor.Role, p.Actor.Tenant.Name = nasty, nasty, tenant.Role(nasty), nasty
	due := followup.Followup{Text: nasty, Assignee: nasty, Working: true, DueAt: nasty, State: followup.Active, DueOn: nov21}
	f := Field{Label: nasty, Name: nasty, Value: nasty, Error: nasty, Hint: nasty, Type: nasty, Autocomplete: nasty}
	for name, c := range map[string]templ.Component{
		"layout": Layout(nasty), "error": ErrorPage(500, nasty, nasty),
		"input": Input(f), "textarea": TextArea(f), "date": DateInput(f), "check": Check(f),
		"select": Select(f, []Option{{nasty, nasty}}), "file": File(f, nasty), "submit": Submit(nasty),
		"errors": FormErrors(errs.Invalid{"": nasty, nasty: nasty}),
		"chip":   Chip(nasty, nasty), "chip with icon": ChipIcon(nasty, nasty, nasty), "icon": Icon(nasty),
		"empty": Empty(nasty, nasty, nasty), "pager": Pager(nasty, nasty, nasty),
		"tabs": Tabs(nasty, []Tab{{Label: nasty, URL: nasty}}), "refresh": Refresh(nasty, true),
		"due": FollowupDue(due), "who": FollowupWho(due), "tick": FollowupTick(due, nasty), "delete": FollowupDelete(due, nasty),
		"move": FollowupMove(due, nasty, []followup.Quick{{Label: nasty, On: nov21}}), "errors of a form": FormErrorsAt(nasty, errs.Invalid{"": nasty, nasty: nasty}),
		"made from": MadeFrom(Draft{Seen: map[string]string{nasty: nasty}}), "changed": ChangedMeanwhile(Draft{Moved: true, Gone: true, Lost: []string{nasty}}, nasty),
		"money": Money(money.New(123, money.Currency(nasty))),
	} {
		got := render(t, p, c)
		if !strings.Contains(got, "&lt;script") && !strings.Contains(got, "&#34;") {
			t.Errorf("%s: the text is not shown: %s", name, got)
		}
		if strings.Contains(got, "<script>") || strings.Contains(got, "<img src=x") {
			t.Errorf("%s: not escaped: %s", name, got)
		}
	}
}

func TestNoScriptInLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]templ.Component{
		"pager": Pager("javascript:alert(1)", "javascript:alert(1)", "items"),
		"tabs":  Tabs("parts", []Tab{{Label: "Items", URL: "javascript:alert(1)"}}),
	} {
		if got := render(t, Page{}, c); strings.Contains(got, "javascript:") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

var inline = regexp.MustCompile(`<style|\sstyle="|\son[a-z]+="|<script(?: defer)?>|hx-on`)

func TestPagesObeyTheContentPolicy(t *testing.T) {
	t.Parallel()
	got := render(t, Page{}, Storybook())
	if found := inline.FindString(got); found != "" {
		t.Errorf("inline %q", found)
	}
	ids := regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(got, -1)
	seen := map[string]bool{}
	for _, m := range ids {
		if seen[m[1]] {
			t.Errorf("the id %q stands twice", m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?:aria-describedby|for)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !seen[id] {
				t.Errorf("nothing has the id %q", id)
			}
		}
	}
}

func TestDateAndMoney(t *testing.T) {
	t.Parallel()
	p := Page{Today: nov21}
	for got, want := range map[string]string{
		render(t, p, Date(nov21)):                           `<time datetime="2026-11-21">Sat 21 Nov</time>`,
		render(t, p, Date(day.Day{})):                       `<span class="text-secondary">no date</span>`,
		render(t, p, Money(money.New(-123_456_789, "EUR"))): `<span class="money">EUR −1,234,567.89</span>`,
		render(t, p, Amount(money.New(1_234_567, "JPY"))):   `<span class="money">1,234,567</span>`,
		render(t, p, DaysLate(3)):                           `<span class="chip chip-late">3 days late</span>`,
		render(t, p, DaysLate(0)):                           `<span class="chip">due today</span>`,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestRefreshStopsWhenDone(t *testing.T) {
	t.Parallel()
	if got := render(t, Page{}, Refresh("/imports/7", true)); !strings.Contains(got, `hx-get="/imports/7"`) || !strings.Contains(got, `href="/imports/7"`) {
		t.Errorf("busy: %s", got)
	}
	if got := render(t, Page{}, Refresh("/imports/7", false)); strings.Contains(got, "hx-") || !strings.Contains(got, `id="refresh"`) {
		t.Errorf("done: %s", got)
	}
}
