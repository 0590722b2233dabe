// Package customers has the screens of one customer and of all: the list, the
// profile with its items and its journal. It shows and asks; who may do what, and
// what a figure is, the domains say.
package customers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/customers", app.In(list))
	r.Post("/customers", app.In(create))
	r.Get("/customers/new", app.In(newCustomer))
	r.Route("/customers/{customer}", func(r chi.Router) {
		r.Get("/", app.In(summary))
		r.Get("/items", app.In(items))
		r.Get("/notes", app.In(notes))
		r.Post("/notes", app.In(addNote))
		r.Get("/notes/{seq}/correction", app.In(newCorrection))
		r.Post("/notes/{seq}/correction", app.In(correct))
		r.Post("/notes/{seq}/pin", app.In(pin))
		r.Post("/notes/{seq}/unpin", app.In(unpin))
		r.Get("/journal.pdf", app.In(journalPDF))
		r.Get("/journal.csv", app.Stream(journalCSV))
	})
}

// pageSize is how many customers stand on a page of the list.
const pageSize = 50

// listPage is what the list shows.
type listPage struct {
	Filter     customer.Filter
	Query      url.Values // the filter as it stands in the address, without a place in the list
	Rows       []customer.Row
	Figures    map[int64][]ledger.Figure
	Owners     []customer.Owner
	Currencies []money.Currency
	Next       string // the address of the next page; empty: there is none
	CanCreate  bool
}

// errDamaged answers an address that no form or link of ours makes.
var errDamaged = errs.Invalid{"": "This address of the list is damaged. Start again from its first page."}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := listPage{CanCreate: customer.CanCreate(tx.Actor), Query: url.Values{}}
	for _, name := range []string{"q", "owner", "kind", "currency", "overdue", "sort"} {
		if v := r.FormValue(name); v != "" {
			p.Query.Set(name, v)
		}
	}
	var err error
	if p.Filter, err = parseFilter(r.Form, tx.Actor.Tenant.Currency); err != nil {
		return err
	}
	if p.Currencies, err = customer.Currencies(r.Context(), tx); err != nil {
		return err
	}
	if !slices.Contains(p.Currencies, p.Filter.Currency) {
		return errDamaged
	}
	if p.Owners, err = customer.Owners(r.Context(), tx); err != nil {
		return err
	}
	if p.Rows, err = customer.List(r.Context(), tx, p.Filter); err != nil {
		return err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		p.Next = p.address("after", p.Rows[pageSize-1].Key.Value, "after_id", strconv.FormatInt(p.Rows[pageSize-1].ID, 10))
	}
	ids := make([]int64, len(p.Rows))
	for i, row := range p.Rows {
		ids[i] = row.ID
	}
	if p.Figures, err = ledger.Figures(r.Context(), tx, ids); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// parseFilter reads the list's address.
func parseFilter(form url.Values, own money.Currency) (customer.Filter, error) {
	f := customer.Filter{
		Text: form.Get("q"), Kind: customer.Kind(form.Get("kind")), Overdue: form.Get("overdue") != "",
		Sort: customer.Sort(form.Get("sort")), Currency: money.Currency(form.Get("currency")),
		After: customer.Key{Value: form.Get("after")}, Limit: pageSize + 1,
	}
	if f.Currency == "" {
		f.Currency = own
	}
	if f.Sort == "" {
		f.Sort = customer.ByOverdue
		if f.Text != "" { // who searches looks for a name
			f.Sort = customer.ByName
		}
	}
	if f.Kind != "" && !slices.Contains(customer.Kinds, f.Kind) {
		return f, errDamaged
	}
	if s := form.Get("owner"); s != "" {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return f, errDamaged
		}
		f.OwnerID = &id
	}
	if s := form.Get("after_id"); s != "" {
		var err error
		if f.After.ID, err = strconv.ParseInt(s, 10, 64); err != nil {
			return f, errDamaged
		}
	}
	return f, nil
}

// address is the list's with these names and values set; an empty value is left
// out.
func (p listPage) address(pairs ...string) string {
	q := url.Values{}
	for name := range p.Query {
		q.Set(name, p.Query.Get(name))
	}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return "/customers"
	}
	return "/customers?" + q.Encode()
}

// filtered tells that the list leaves somebody out.
func (p listPage) filtered() bool {
	return p.Filter.Text != "" || p.Filter.OwnerID != nil || p.Filter.Kind != "" || p.Filter.Overdue || len(p.Currencies) > 1 && p.Filter.Currency != p.Currencies[0]
}

// owner is the name of who works the customer, empty for nobody.
func (p listPage) owner(id *int64) string {
	for _, o := range p.Owners {
		if id != nil && o.ID == *id {
			return o.Name
		}
	}
	return ""
}
