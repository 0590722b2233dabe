package customers

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// itemsPageSize is how many items stand on a page.
const itemsPageSize = 200

// itemsPage is the tab with what was invoiced.
type itemsPage struct {
	profile
	AsOf   string // as typed
	Day    day.Day
	All    bool
	Items  []ledger.Item
	First  string // the address of the first page; empty: this is it
	Next   string
	Errors errs.Invalid
}

func items(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := itemsPage{AsOf: r.FormValue("as_of"), All: r.FormValue("all") != ""}
	var err error
	if p.profile, err = loadProfile(r, tx, "items"); err != nil {
		return err
	}
	p.Day = p.Today
	if p.AsOf != "" {
		p.Day, err = day.Parse(p.AsOf)
	}
	if err != nil {
		p.Errors = errs.Invalid{"as_of": "Give a day such as " + p.Today.String() + "."}
		return web.Render(w, r, http.StatusUnprocessableEntity, itemsScreen(p))
	}
	after, err := itemKey(r.Form)
	if err != nil {
		return err
	}
	p.Items, err = ledger.ItemsOf(r.Context(), tx, ledger.ItemFilter{CustomerID: p.Customer.ID, AsOf: p.Day, All: p.All,
		After: after, Limit: itemsPageSize + 1})
	if err != nil {
		return err
	}
	p.page(after)
	return web.Render(w, r, http.StatusOK, itemsScreen(p))
}

// page cuts the list to one page and makes the addresses around it.
func (p *itemsPage) page(after ledger.ItemKey) {
	q := url.Values{"as_of": {p.Day.String()}}
	if p.All {
		q.Set("all", "1")
	}
	at := fmt.Sprintf("/customers/%d/items?", p.Customer.ID)
	if after.ID > 0 {
		p.First = at + q.Encode()
	}
	if len(p.Items) > itemsPageSize {
		p.Items = p.Items[:itemsPageSize]
		last := p.Items[itemsPageSize-1]
		q.Set("after", strconv.FormatInt(last.ID, 10))
		q.Set("due", last.DueOn.String())
		p.Next = at + q.Encode()
	}
}

// itemKey reads where the page before ended; an item without a due date has an
// empty one.
func itemKey(form url.Values) (k ledger.ItemKey, err error) {
	if form.Get("after") == "" {
		return k, nil
	}
	if k.ID, err = strconv.ParseInt(form.Get("after"), 10, 64); err != nil {
		return k, errDamaged
	}
	if form.Get("due") != "" {
		if k.DueOn, err = day.Parse(form.Get("due")); err != nil {
			return k, errDamaged
		}
	}
	return k, nil
}
