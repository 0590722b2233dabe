package site_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// tooLarge are whole numbers that no integer of the database holds: beyond 64 bits, and
// beyond 32.
var tooLarge = []string{"99999999999999999999", "3000000000"}

// What a form counts, above all the version that it was made from, may be sent as
// anything: a number too large for the database is refused in words, by every form that
// the company's own administrator is shown.
func TestNumbersThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, marker)
	fill(t, s, c)
	ids, admin, owner := idsOf(t, s, c.ID), s.As(t, c.Admin), s.Owner(t)
	done := map[string]bool{}
	walk(t, s, func(method, route string) {
		if method != http.MethodGet || slices.Contains(absent, route) || strings.Contains(route, "*") {
			return
		}
		path := param.ReplaceAllStringFunc(route, func(p string) string { return ids[strings.Trim(p, "{}")] })
		for _, at := range []string{path, path + "?tab=action"} {
			for _, f := range forms(t, admin.Get(at)) {
				for _, name := range f.counts {
					key := f.action + " " + name + " " + f.values.Get("tab")
					for _, n := range tooLarge {
						if done[key+n] {
							continue
						}
						done[key+n] = true
						sent := maps.Clone(f.values)
						sent.Set(name, n)
						if page := admin.Post(f.action, sent); page.Code >= 500 {
							t.Errorf("%s, from %s, with %s=%s: status %d", f.action, at, name, n, page.Code)
						}
						restore(t, owner, c)
					}
				}
			}
		}
	})
	for _, form := range []string{"/admin/statuses/", "/admin/resolvers/", "/admin/dunning/scripts", "/admin/templates/", "/admin/contactrules/", "/admin/letterhead"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(done)), func(key string) bool { return strings.HasPrefix(key, form) }) {
			t.Errorf("no form of %s was tried", form)
		}
	}
}

// shownForm is a form as a page shows it, sent by its first button.
type shownForm struct {
	action string
	values url.Values
	counts []string // the fields that hold whole numbers, versions among them
}

// forms are those of a page that are posted, and count something.
func forms(t *testing.T, page webtest.Page) (list []shownForm) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data != "form" || !strings.EqualFold(attr(n, "method"), http.MethodPost) || attr(n, "enctype") == "multipart/form-data" {
			continue
		}
		f := shownForm{action: attr(n, "action"), values: url.Values{}}
		for field := range n.Descendants() {
			f.take(field)
		}
		if f.counts != nil {
			list = append(list, f)
		}
	}
	return list
}

func (f *shownForm) take(n *html.Node) {
	name := attr(n, "name")
	switch {
	case name == "":
	case n.Data == "input" && slices.Contains([]string{"checkbox", "radio"}, attr(n, "type")):
		if has(n, "checked") || name == "confirmed" {
			f.values.Add(name, attr(n, "value"))
		}
	case n.Data == "input":
		f.values.Add(name, attr(n, "value"))
		if strings.Contains(name, "version") || attr(n, "type") == "number" || attr(n, "inputmode") == "numeric" {
			f.counts = append(f.counts, name)
		}
	case n.Data == "textarea" && n.FirstChild != nil:
		f.values.Add(name, n.FirstChild.Data)
	case n.Data == "button" && !f.values.Has(name):
		f.values.Add(name, attr(n, "value"))
	case n.Data == "select":
		f.values.Add(name, selected(n))
	}
}

// selected is the value of the option that is chosen, else of the first.
func selected(n *html.Node) (value string) {
	first := true
	for o := range n.Descendants() {
		if o.Data == "option" && (first || has(o, "selected")) {
			value, first = attr(o, "value"), false
		}
	}
	return value
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
