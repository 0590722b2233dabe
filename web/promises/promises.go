// Package promises has the screens of promises to pay: the list over customers by
// state, one promise with its decisions, and the form for a new one. What is owed,
// what a promise holds back and what came of it, the domain says.
package promises

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app}
	r.Get("/promises", app.In(list))
	r.Get("/promises/{promise}", app.In(show))
	r.Get("/promises/{promise}/replacement", app.In(replacement))
	r.Post("/promises/{promise}/replacement", app.In(s.replace))
	r.Post("/promises/{promise}/withdrawal", app.In(withdraw))
	r.Post("/promises/{promise}/assignee", app.In(assign))
	r.Get("/customers/{customer}/promises/new", app.In(begin))
	r.Post("/customers/{customer}/promises", app.In(s.create))
}

// screens are those that need the outbox.
type screens struct{ app *web.App }

// pageSize is how many instalments stand on a page.
const pageSize = 50

// listPage is the list of instalments in one state.
type listPage struct {
	Show    string // the tab: a state, or waiting
	Filter  promise.Filter
	Rows    []promise.Row
	Next    string // the key of the next page; empty: there is none
	Tallies []promise.Tally
	Members []ui.Option
}

// waiting is the tab of those whose last day is over.
const waiting = "waiting"

// shows are the tabs, in the order in which people look at them.
var shows = []string{string(promise.Open), waiting, string(promise.Broken), string(promise.PartKept), string(promise.Kept), string(promise.Replaced), string(promise.Withdrawn)}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := readList(r)
	if err != nil {
		return err
	}
	if p.Rows, err = promise.List(r.Context(), tx, p.Filter); err != nil {
		return err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		k := p.Rows[pageSize-1].Key()
		p.Next = fmt.Sprintf("%s.%d", k.DueOn, k.ID)
	}
	if p.Tallies, err = promise.Tallies(r.Context(), tx, p.Filter); err != nil {
		return err
	}
	if p.Members, err = members(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// readList reads the address.
func readList(r *http.Request) (p listPage, err error) {
	damaged := errs.Invalid{"": "This address of the promises is damaged. Start again from the list itself."}
	p.Show = r.Form.Get("state")
	if p.Show == "" {
		p.Show = string(promise.Open)
	}
	p.Filter = promise.Filter{State: promise.State(p.Show), Whose: promise.Whose(r.Form.Get("whose")), Limit: pageSize + 1}
	known := false
	for _, s := range shows {
		known = known || s == p.Show
	}
	if p.Show == waiting {
		p.Filter.State, p.Filter.Waiting = promise.Open, true
	}
	switch p.Filter.Whose {
	case "":
		p.Filter.Whose = promise.Mine
	case promise.Mine, promise.Team, promise.Left:
	default:
		known = false
	}
	if after := r.Form.Get("after"); after != "" {
		on, id, _ := strings.Cut(after, ".")
		p.Filter.After.DueOn, err = day.Parse(on)
		p.Filter.After.ID, _ = strconv.ParseInt(id, 10, 64)
		known = known && err == nil && p.Filter.After.ID > 0
	}
	if !known {
		return p, damaged
	}
	return p, nil
}

// address is that of the list's first page, with another tab or others' promises.
func (p listPage) address(show string, whose promise.Whose) string {
	return "/promises?" + url.Values{"state": {show}, "whose": {string(whose)}}.Encode()
}

// here is the address of the page as it is shown.
func (p listPage) here() string {
	at := p.address(p.Show, p.Filter.Whose)
	if k := p.Filter.After; k.ID != 0 {
		at += fmt.Sprintf("&after=%s.%d", k.DueOn, k.ID)
	}
	return at
}

// count is how many instalments a tab has.
func (p listPage) count(show string) (n int) {
	for _, t := range p.Tallies {
		if string(t.State) == show || show == waiting && t.Waiting {
			n += t.N
		}
	}
	return n
}

// figures are what the tab comes to, a currency each.
func (p listPage) figures() (list []promise.Tally) {
	for _, t := range p.Tallies {
		if string(t.State) != p.Show && (p.Show != waiting || !t.Waiting) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].Currency == t.Currency {
			list[n-1].N, list[n-1].Minor, list[n-1].Received = list[n-1].N+t.N, list[n-1].Minor+t.Minor, list[n-1].Received+t.Received
			continue
		}
		list = append(list, t)
	}
	return list
}

// rest says what became of the money that was promised and not received; empty where
// nothing is to be said of it: it was kept, or is not waited for any more.
func (p listPage) rest() string {
	switch p.Show {
	case string(promise.Open), waiting:
		return "to come"
	case string(promise.Broken), string(promise.PartKept):
		return "did not come in time"
	}
	return ""
}

func members(r *http.Request, tx *tenant.Tx) (list []ui.Option, err error) {
	choices, err := member.Choices(r.Context(), tx)
	for _, m := range choices {
		list = append(list, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	return list, err
}

func customerPath(id int64) string { return fmt.Sprintf("/customers/%d", id) }

func promisePath(id int64) string { return fmt.Sprintf("/promises/%d", id) }
