package customers

import (
	"net/http"
	"net/url"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// hitsShown is how many customers the search shows while somebody types.
const hitsShown = 8

// searchPage is what the search of the top bar shows below its field.
type searchPage struct {
	Typed   string
	Hits    []customer.Hit
	Figures map[int64][]ledger.Figure
}

// search answers while somebody types. Who comes here without a script is led to
// the list.
func search(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := searchPage{Typed: strings.TrimSpace(r.FormValue("q"))}
	if r.Header.Get("HX-Request") == "" {
		return web.SeeOther(w, r, p.list(), "")
	}
	var err error
	if p.Hits, err = customer.Search(r.Context(), tx, p.Typed, hitsShown); err != nil {
		return err
	}
	ids := make([]int64, len(p.Hits))
	for i, h := range p.Hits {
		ids[i] = h.ID
	}
	if p.Figures, err = ledger.Figures(r.Context(), tx, ids); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, searchResults(p))
}

// list is the address of the list of all who are found.
func (p searchPage) list() string { return "/customers?" + url.Values{"q": {p.Typed}}.Encode() }
