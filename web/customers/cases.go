package customers

import (
	"net/http"

	"dunwell/internal/cases"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// casesPage is the tab with the customer's cases, closed ones too.
type casesPage struct {
	profile
	Open   []cases.Listed
	Closed []cases.Listed
}

// mostCases is how many closed cases the tab shows.
const mostCases = 100

func customerCases(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	var p casesPage
	b := p.ask(r, tx, "cases")
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if p.Open, err = cases.List(r.Context(), tx, cases.Filter{CustomerID: p.Customer.ID}); err != nil {
		return err
	}
	if p.Closed, err = cases.List(r.Context(), tx, cases.Filter{CustomerID: p.Customer.ID, Closed: true, Limit: mostCases}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, casesScreen(p))
}
