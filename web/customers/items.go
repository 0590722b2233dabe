package customers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// itemsPageSize is how many rows stand on a page.
const itemsPageSize = 200

// itemsPage is the tab with what was invoiced and what was paid.
type itemsPage struct {
	profile
	Query    url.Values // what is chosen, without the row that is open
	AsOf     string     // as typed
	Day      day.Day
	Show     ledger.Show
	Currency money.Currency // empty: all
	Ages     []ledger.Ageing
	ledger.PostingPage
	Open   *openRow // the row that is worked on; nil: none
	First  string   // the address of the first page; empty: this is it
	Next   string
	Errors errs.Invalid
}

func items(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	source, id := ledger.OfItem, queryID(r, "item")
	if id == 0 {
		source, id = ledger.OfPayment, queryID(r, "payment")
	}
	p, err := loadItems(r, tx, source, id)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, itemsScreen(p))
}

// queryID reads an id from the query; what is no id is 0.
func queryID(r *http.Request, name string) int64 {
	id, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// loadItems reads the tab as its address says, with that row open: a fixed number
// of queries, and one for the sums where the page does not have all. The id 0 opens
// none.
func loadItems(r *http.Request, tx *tenant.Tx, source ledger.Source, id int64) (p itemsPage, err error) {
	b := p.ask(r, tx, "items")
	f, err := p.parse(r.URL.Query())
	if err != nil {
		return p, err
	}
	if len(p.Errors) > 0 {
		return p, p.load(r.Context(), b)
	}
	ledger.QueuePostings(b, f, &p.PostingPage)
	asHeader := f.AsOf == p.Today && f.AccountID == 0
	if !asHeader {
		ledger.QueueAgeing(b, f.CustomerID, f.AccountID, f.AsOf, &p.Ages)
	}
	if err := p.load(r.Context(), b); err != nil {
		return p, err
	}
	if asHeader {
		p.Ages = p.Ageing
	}
	p.page(f.After)
	if id != 0 {
		if p.Open, err = openPosting(r, tx, f, source, id); err != nil {
			return p, err
		}
		p.showOpen()
	}
	return p, nil
}

// loadRow is loadItems for a form about that row.
func loadRow(r *http.Request, tx *tenant.Tx, source ledger.Source) (itemsPage, error) {
	id := web.ID(r, string(source))
	p, err := loadItems(r, tx, source, id)
	switch {
	case err != nil:
		return p, err
	case id == 0:
		return p, errs.NotFound
	case p.Open == nil:
		return p, errDamaged
	}
	return p, nil
}

// parse reads the address. A day that is none is said beside its field; what no
// link of ours makes is damaged.
func (p *itemsPage) parse(q url.Values) (ledger.PostingFilter, error) {
	p.AsOf, p.Day, p.Show, p.Currency = q.Get("as_of"), p.Today, ledger.Show(q.Get("show")), money.Currency(q.Get("currency"))
	if p.Show == "" {
		p.Show = ledger.ShowOpen
	}
	p.Query = url.Values{}
	for _, name := range []string{"account", "as_of", "show", "currency", "after"} {
		if v := q.Get(name); v != "" {
			p.Query.Set(name, v)
		}
	}
	f := ledger.PostingFilter{CustomerID: p.Customer.ID, AccountID: p.Account.ID, Limit: itemsPageSize + 1}
	if !slices.Contains(ledger.Shows, p.Show) {
		return f, errDamaged
	}
	if _, err := money.ParseCurrency(string(p.Currency)); p.Currency != "" && err != nil {
		return f, errDamaged
	}
	if p.AsOf != "" {
		var err error
		if p.Day, err = day.Parse(p.AsOf); err != nil {
			p.Day, p.Errors = p.Today, errs.Invalid{"as_of": "Give a day such as " + p.Today.String() + "."}
		}
	}
	f.AsOf, f.Show, f.Currency = p.Day, p.Show, p.Currency
	var err error
	f.After, err = postingKey(q.Get("after"))
	return f, err
}

// postingKey reads where the page before ended.
func postingKey(s string) (k ledger.PostingKey, err error) {
	if s == "" {
		return k, nil
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return k, errDamaged
	}
	place, perr := strconv.ParseInt(parts[0], 10, 32)
	id, ierr := strconv.ParseInt(parts[2], 10, 64)
	if perr != nil || ierr != nil {
		return k, errDamaged
	}
	return ledger.PostingKey{Place: int(place), Source: ledger.Source(parts[1]), ID: id}, nil
}

// page cuts the list to one page and makes the addresses around it.
func (p *itemsPage) page(after ledger.PostingKey) {
	if after.ID > 0 {
		p.First = p.address("after", "")
	}
	if len(p.Rows) > itemsPageSize {
		p.Rows = p.Rows[:itemsPageSize]
		k := p.Rows[itemsPageSize-1].Key()
		p.Next = p.address("after", fmt.Sprintf("%d.%s.%d", k.Place, k.Source, k.ID))
	}
}

// showOpen puts the open row on top where the list does not have it any more, as
// after its pause was ended in the list of paused ones.
func (p *itemsPage) showOpen() {
	for _, row := range p.Rows {
		if p.opens(row) {
			return
		}
	}
	p.Rows = slices.Insert(p.Rows, 0, p.Open.Posting)
}

// opens tells that the row is the one that is open.
func (p itemsPage) opens(row ledger.Posting) bool {
	return p.Open != nil && p.Open.Source == row.Source && p.Open.ID == row.ID
}

// address is the tab's with these names and values set; an empty value is left
// out. Another choice begins with the first page.
func (p itemsPage) address(pairs ...string) string {
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
	return itemsAddress(p.Customer.ID, q)
}

func itemsAddress(customer int64, q url.Values) string {
	at := fmt.Sprintf("/customers/%d/items", customer)
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// rowAddress opens the row, or closes it where it is open.
func (p itemsPage) rowAddress(row ledger.Posting) templ.SafeURL {
	if p.opens(row) {
		return templ.SafeURL(p.address() + "#" + rowID(row))
	}
	return templ.SafeURL(p.address(string(row.Source), strconv.FormatInt(row.ID, 10)) + "#" + rowID(row))
}

func rowID(row ledger.Posting) string { return fmt.Sprintf("%s-%d", row.Source, row.ID) }
