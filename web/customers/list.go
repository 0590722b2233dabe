package customers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

const (
	// pageSize is how many customers stand on a page of the list.
	pageSize = 50
	// countedTo is how far the customers that fit are counted on the page itself.
	countedTo = 10_000
)

// filterNames are the parts of the list's address that say who is in it.
var filterNames = []string{"q", "owner", "branch", "kind", "tag", "currency", "overdue", "stopped", "watched", "archived"}

// listPage is what the list shows.
type listPage struct {
	Filter     customer.Filter
	Query      url.Values // the filter and order as they stand in the address, without a place in the list
	Rows       []customer.Row
	Figures    map[int64][]ledger.Figure
	Owners     []customer.Owner
	Branches   []member.Unit
	Currencies []money.Currency
	Next       string // the address of the next page; empty: there is none
	CanCreate  bool
	CanAssign  bool
	Fits       int // how many fit the filter and can be chosen, where CanAssign; no more than countedTo + 1
}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := listPage{CanCreate: customer.CanCreate(tx.Actor), CanAssign: customer.CanAssign(tx.Actor), Query: query(r.Form, "sort")}
	b := tx.Batch()
	if err := p.ask(r, b); err != nil {
		return err
	}
	if err := customer.QueueList(b, p.Filter, &p.Rows); err != nil {
		return err
	}
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		p.Next = p.address("", "after", p.Rows[pageSize-1].Key.Value, "after_id", strconv.FormatInt(p.Rows[pageSize-1].ID, 10))
	}
	if err := p.loadRows(r.Context(), tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// ask reads the filter and asks for what one can choose from in it.
func (p *listPage) ask(r *http.Request, b *tenant.Batch) (err error) {
	p.Filter, err = parseFilter(r.Form, b.Tx.Actor.Tenant.Currency)
	customer.QueueCurrencies(b, &p.Currencies)
	customer.QueueOwners(b, &p.Owners)
	member.Branches.Queue(b, &p.Branches)
	return err
}

// load sends what was asked.
func (p *listPage) load(ctx context.Context, b *tenant.Batch) error {
	if err := b.Send(ctx); err != nil {
		return err
	}
	if !slices.Contains(p.Currencies, p.Filter.Currency) {
		return errDamaged
	}
	return nil
}

// loadRows reads what stands beside the rows of the page and below them.
func (p *listPage) loadRows(ctx context.Context, tx *tenant.Tx) error {
	if len(p.Rows) == 0 {
		return nil
	}
	ids := make([]int64, len(p.Rows))
	for i, row := range p.Rows {
		ids[i] = row.ID
	}
	b := tx.Batch()
	ledger.QueueFigures(b, ids, &p.Figures)
	if p.CanAssign {
		customer.QueueCount(b, p.Filter, countedTo+1, &p.Fits)
	}
	return b.Send(ctx)
}

// query is the part of a form that makes up the filter, and the names besides.
func query(form url.Values, names ...string) url.Values {
	q := url.Values{}
	for _, name := range append(names, filterNames...) {
		if v := strings.TrimSpace(form.Get(name)); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// tooShort tells that what was typed into the search can find nobody.
func (p listPage) tooShort() bool {
	letters := strings.FieldsFunc(p.Filter.Text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return p.Filter.Text != "" && utf8.RuneCountInString(strings.Join(letters, "")) < 2
}

// parseFilter reads the list's address.
func parseFilter(form url.Values, own money.Currency) (customer.Filter, error) {
	f := customer.Filter{
		Text: strings.TrimSpace(form.Get("q")), Kind: customer.Kind(form.Get("kind")), Tag: form.Get("tag"),
		Overdue: form.Get("overdue") != "", Stopped: form.Get("stopped") != "", Watched: form.Get("watched") != "", Archived: form.Get("archived") != "",
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
	var err error
	if f.OwnerID, err = formID(form, "owner"); err != nil {
		return f, err
	}
	if f.BranchID, err = formID(form, "branch"); err != nil {
		return f, err
	}
	after, err := formID(form, "after_id")
	if after != nil {
		f.After.ID = *after
	}
	return f, err
}

// formID reads a number that may be missing.
func formID(form url.Values, name string) (*int64, error) {
	s := form.Get(name)
	if s == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, errDamaged
	}
	return &id, nil
}

// address is that of the list, or of a path below it, with these names and values
// set; an empty value is left out.
func (p listPage) address(path string, pairs ...string) string {
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
		return "/customers" + path
	}
	return "/customers" + path + "?" + q.Encode()
}

// filtered tells that the list leaves somebody out.
func (p listPage) filtered() bool {
	f := p.Filter
	return f.Text != "" || f.OwnerID != nil || f.BranchID != nil || f.Kind != "" || f.Tag != "" || f.Overdue || f.Stopped || f.Watched || f.Archived ||
		len(p.Currencies) > 1 && f.Currency != p.Currencies[0]
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

// branch is the name of the customer's branch, empty where it has none.
func (p listPage) branch(id *int64) string {
	for _, b := range p.Branches {
		if id != nil && b.ID == *id {
			return b.Name
		}
	}
	return ""
}
