package customers

import (
	"net/http"

	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// promisesPage is the part of the account tab with all promises to pay, past ones
// too.
type promisesPage struct {
	profile
	Promises []promise.Promise
}

func accountPromises(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p promisesPage
	b := p.ask(r, tx, "account")
	promise.QueueOf(b, p.Customer.ID, &p.Promises)
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if p.Account.ID != 0 {
		of := p.Promises[:0]
		for _, one := range p.Promises {
			if one.AccountID == p.Account.ID {
				of = append(of, one)
			}
		}
		p.Promises = of
	}
	return web.Render(w, r, http.StatusOK, promisesScreen(p))
}
