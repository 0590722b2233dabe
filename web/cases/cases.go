// Package cases has the screens of cases: the list over customers, one case with its
// history, its end, the change of status that takes items there, and the page on which
// a resolver answers without signing in. What may be chased meanwhile, and who may do
// what, the domain says.
package cases

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app}
	r.Get("/cases", app.In(list))
	r.Get("/cases/{case}", app.In(show))
	r.Post("/cases/{case}", app.In(save))
	r.Get("/cases/{case}/letters/new", app.In(s.newLetter))
	r.Post("/cases/{case}/letters", app.In(s.sendLetter))
	r.Post("/cases/{case}/documents", app.InUpTo(maxUpload, s.upload))
	r.Get("/cases/{case}/closure", app.In(closure))
	r.Post("/cases/{case}/closure", app.In(closeCase))
	r.Post("/cases/{case}/links", app.In(s.makeLink))
	r.Post("/cases/{case}/links/revocation", app.In(revokeLinks))
	r.Get("/customers/{customer}/statuschange", app.In(s.change))
	r.Post("/customers/{customer}/statuschange", app.In(s.apply))
	r.Get("/resolve/{token}", app.Public(s.look))
	r.Post("/resolve/{token}", app.PublicUpTo(maxAnswer, s.answer))
}

// screens are those that need more than the transaction.
type screens struct{ app *web.App }

// The largest forms, in bytes.
const (
	maxUpload = 64 << 20
	maxAnswer = 12 << 20
)

// pageSize is how many cases stand on a page.
const pageSize = 50

// listPage is the list of cases.
type listPage struct {
	Show   string
	Whose  string // mine or all
	Rows   []cases.Listed
	Next   string
	After  string
	Total  cases.Total
	Filter cases.Filter
}

// shows are the tabs, in the order in which people look at them.
var shows = []string{"open", "late", "with_resolver", "with_customer", "complaints", "empty", "closed"}

var showNames = map[string]string{"open": "Open", "late": "Late", "with_resolver": "With resolver", "with_customer": "With customer",
	"complaints": "Complaints", "empty": "No items left", "closed": "Closed"}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := readList(r, tx)
	if err != nil {
		return err
	}
	if p.Rows, err = cases.List(r.Context(), tx, p.Filter); err != nil {
		return err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		k := p.Rows[pageSize-1].Key()
		p.Next = p.address(p.Show, p.Whose) + fmt.Sprintf("&after=%s.%d", k.On, k.ID)
	}
	p.Filter.Limit, p.Filter.After = 0, cases.Key{}
	if p.Total, err = cases.Totals(r.Context(), tx, p.Filter); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// readList reads the address.
func readList(r *http.Request, tx *tenant.Tx) (p listPage, err error) {
	damaged := errs.Invalid{"": "This address of the cases is damaged. Start again from the list itself."}
	p.Show, p.Whose, p.After = r.Form.Get("show"), r.Form.Get("whose"), r.Form.Get("after")
	if p.Show == "" {
		p.Show = shows[0]
	}
	if p.Whose == "" {
		p.Whose = "mine"
	}
	if !slices.Contains(shows, p.Show) || p.Whose != "mine" && p.Whose != "all" {
		return p, damaged
	}
	f := cases.Filter{Limit: pageSize + 1, Late: p.Show == "late", Complaints: p.Show == "complaints", Empty: p.Show == "empty", Closed: p.Show == "closed"}
	if strings.HasPrefix(p.Show, "with_") {
		f.Status = cases.Status(p.Show)
	}
	if p.Whose == "mine" {
		f.OwnerID = tx.Actor.MemberID
	}
	if p.After != "" {
		on, id, _ := strings.Cut(p.After, ".")
		f.After.On, err = day.Parse(on)
		f.After.ID, _ = strconv.ParseInt(id, 10, 64)
		if err != nil || f.After.ID < 1 {
			return p, damaged
		}
	}
	p.Filter = f
	return p, nil
}

// address is that of the list's first page.
func (p listPage) address(show, whose string) string {
	return "/cases?" + url.Values{"show": {show}, "whose": {whose}}.Encode()
}

func (p listPage) first() string {
	if p.After == "" {
		return ""
	}
	return p.address(p.Show, p.Whose)
}

func (p listPage) tabs() (tabs []ui.Tab) {
	for _, s := range shows {
		tabs = append(tabs, ui.Tab{Label: showNames[s], URL: p.address(s, p.Whose), Active: s == p.Show})
	}
	return tabs
}

func customerPath(id int64) string { return fmt.Sprintf("/customers/%d", id) }

func casePath(id int64) string { return fmt.Sprintf("/cases/%d", id) }

// choices are the people to choose from.
type choices struct {
	Members   []ui.Option
	Resolvers []ui.Option
}

func readChoices(r *http.Request, tx *tenant.Tx) (c choices, err error) {
	members, err := member.Choices(r.Context(), tx)
	if err != nil {
		return c, err
	}
	for _, m := range members {
		c.Members = append(c.Members, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	resolvers, err := cases.Resolvers(r.Context(), tx, false)
	c.Resolvers = []ui.Option{{Value: "", Label: "nobody"}}
	for _, one := range resolvers {
		label := one.Name
		if one.Settles != "" {
			label += " (" + one.Settles + ")"
		}
		c.Resolvers = append(c.Resolvers, ui.Option{Value: strconv.FormatInt(one.ID, 10), Label: label})
	}
	return c, err
}

// keep adds who is chosen already and can be chosen no more.
func keep(options []ui.Option, id int64, name string) []ui.Option {
	value := strconv.FormatInt(id, 10)
	if id == 0 || slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
		return options
	}
	return append(options, ui.Option{Value: value, Label: name + " (no longer here)"})
}

// write is where an e-mail is written from the case, about the items that are in it.
func (p casePage) write() templ.SafeURL {
	q := url.Values{"channel": {string(customer.Mail)}, "case": {strconv.FormatInt(p.ID, 10)}}
	for _, i := range p.inside() {
		q.Add("item", strconv.FormatInt(i.ID, 10))
	}
	return templ.URL(fmt.Sprintf("/customers/%d/messages/new?%s", p.CustomerID, q.Encode()))
}
