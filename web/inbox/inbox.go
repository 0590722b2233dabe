// Package inbox has the screens of what came in and of what did not get out: the
// list, and the entry that one reads, answers and ends. What an entry is, who sees it
// and what becomes of it, the domain says.
package inbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/inbox"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app}
	r.Get("/inbox", app.In(s.list))
	r.Get("/inbox/waiting", app.Glance(s.waiting))
	r.Post("/inbox/assignment", app.In(s.assign))
	r.Route("/inbox/{inbox_entry}", func(r chi.Router) {
		r.Get("/", app.In(s.show))
		r.Post("/answer", app.In(s.answer))
		r.Post("/handling", app.In(s.handle))
		r.Post("/handling/end", app.In(s.reopen))
		r.Post("/claim", app.In(s.claim))
		r.Post("/customer", app.In(s.match))
		r.Post("/customer/end", app.In(s.unmatch))
		r.Get("/documents/{document}", app.Download(s.open))
	})
}

type screens struct{ app *web.App }

// pageSize is how many entries stand on a page.
const pageSize = 50

// listPage is the list, with the entry that is open in it.
type listPage struct {
	Filter  inbox.Filter
	Tally   inbox.Tally
	Entries []inbox.Entry
	First   string // the address of the first page; empty: this is it
	Next    string
	Open    *work
	Members []ui.Option // who entries can be given to; none: the reader may not
}

func (s screens) list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx)
	if err != nil {
		return err
	}
	if r, err = s.app.WithInbox(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// load reads a page of the list, and the entry that the address opens in it.
func (s screens) load(r *http.Request, tx *tenant.Tx) (p listPage, err error) {
	ctx, q := r.Context(), r.URL.Query()
	p.Filter = typed(q)
	if p.Tally, err = inbox.Counts(ctx, tx); err != nil {
		return p, err
	}
	p.Filter.Limit = pageSize + 1
	if p.Entries, err = inbox.List(ctx, tx, p.Filter); err != nil {
		return p, err
	}
	if p.Filter.Before > 0 {
		p.First = p.address("before", "")
	}
	if len(p.Entries) > pageSize {
		p.Entries = p.Entries[:pageSize]
		p.Next = p.address("before", strconv.FormatInt(p.Entries[pageSize-1].ID, 10))
	}
	if open := web.Number(q.Get("open")); slices.ContainsFunc(p.Entries, func(e inbox.Entry) bool { return e.ID == open }) {
		p.Open = &work{Typed: url.Values{}, Back: p.address("before", q.Get("before")), Do: q.Get("do")}
		if err := p.Open.read(ctx, tx, s.app.Outbox, open); err != nil {
			return p, err
		}
	}
	if inbox.CanAssign(tx.Actor) && p.Filter.State != inbox.Handled {
		p.Members, err = memberOptions(r, tx)
	}
	return p, err
}

// typed reads the filter; what is none is left out.
func typed(q url.Values) (f inbox.Filter) {
	f.State, f.Before = inbox.Open, web.Number(q.Get("before"))
	if q.Get("state") == string(inbox.Handled) {
		f.State = inbox.Handled
	}
	if kind := inbox.Kind(q.Get("kind")); slices.Contains(inbox.Kinds, kind) {
		f.Kind = kind
	}
	if whose := inbox.Whose(q.Get("whose")); whose == inbox.Mine || whose == inbox.Unassigned {
		f.Whose = whose
	}
	return f
}

// address is the list with the filter, and these changed: name, value, ...
func (p listPage) address(changes ...string) string {
	q := url.Values{}
	set := func(name, value string) {
		if q.Del(name); value != "" {
			q.Set(name, value)
		}
	}
	if p.Filter.State == inbox.Handled {
		set("state", string(inbox.Handled))
	}
	set("kind", string(p.Filter.Kind))
	set("whose", string(p.Filter.Whose))
	for i := 0; i+1 < len(changes); i += 2 {
		set(changes[i], changes[i+1])
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

// at is the page with an entry open in it, or with none.
func (p listPage) at(entry int64, do string) string {
	open := ""
	if entry != 0 {
		open = strconv.FormatInt(entry, 10)
	}
	before := ""
	if p.Filter.Before > 0 {
		before = strconv.FormatInt(p.Filter.Before, 10)
	}
	return p.address("before", before, "open", open, "do", do)
}

// assign gives the ticked entries to somebody.
func (s screens) assign(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var entries []int64
	for _, v := range r.PostForm["entry"] {
		if n := web.Number(v); n != 0 {
			entries = append(entries, n)
		}
	}
	n, err := inbox.Assign(r.Context(), tx, entries, web.Number(r.PostFormValue("assignee")))
	if err != nil {
		return err
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	said := ui.Count(n, "entry has", "entries have") + " changed hands."
	if rest := len(entries) - n; rest > 0 {
		said += fmt.Sprintf(" %d stayed: handled by now, theirs already, or of a customer whom they do not see.", rest)
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/inbox"), said)
}

// waiting is the count of the navigation, which comes again by itself.
func (s screens) waiting(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	n, err := web.InboxCount(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ui.InboxCount(n))
}

func memberOptions(r *http.Request, tx *tenant.Tx) ([]ui.Option, error) {
	list, err := member.Choices(r.Context(), tx)
	options := []ui.Option{{Value: "0", Label: "Nobody: whose customer it is"}}
	for _, m := range list {
		label := m.Name
		if m.ID == tx.Actor.MemberID {
			label = "Me"
		}
		options = append(options, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: label})
	}
	return options, err
}

func path(id int64) string { return fmt.Sprintf("/inbox/%d", id) }
