package agenda

import (
	"net/http"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// loosePage is one of the lists of customers whom no run brings up.
type loosePage struct {
	List     []dunning.LooseEnd
	Whose    dunning.Whose // of the cash to apply
	Stranded bool
}

// loose is fetched by the agenda once it is there: the counters of these lists take
// longer than its own.
func loose(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	whose := looseWhose(r, tx)
	cash, stranded, err := dunning.CountLoose(r.Context(), tx, whose)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, looseCounters(whose, cash, stranded))
}

// looseWhose is whose customers are asked for: a manager's own only with "mine".
func looseWhose(r *http.Request, tx *tenant.Tx) dunning.Whose {
	if !tx.Actor.Is(tenant.Manager) || r.Form.Get("whose") == string(dunning.Mine) {
		return dunning.Mine
	}
	return dunning.Team
}

func cash(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	p := loosePage{Whose: looseWhose(r, tx)}
	if p.List, err = dunning.CashToApply(r.Context(), tx, p.Whose); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, looseScreen(p))
}

func stranded(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	p := loosePage{Stranded: true}
	if p.List, err = dunning.NoNextStep(r.Context(), tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, looseScreen(p))
}
