package agenda

import (
	"net/http"
	"net/url"
	"slices"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

const barredPath = latelyPath + "/barred"

// barredFor is the address of whom that reason bars.
func barredFor(why string) string { return barredPath + "?" + url.Values{"why": {why}}.Encode() }

// barredCounted counts whom levels cannot write to by themselves, a reason each.
type barredCounted struct {
	Whys  []dunning.WhyNot // the first of them
	Other int              // customers of the others
}

// whysShown is how many reasons are counted by themselves.
const whysShown = 5

// barredCounts is fetched by the list of what was done in bulk once it is there: to find
// out who is barred takes longer than the list.
func (s screens) barredCounts(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := s.desk.Barred(r.Context(), tx)
	if err != nil {
		return err
	}
	all := dunning.WhyNots(list)
	c := barredCounted{Whys: all[:min(len(all), whysShown)]}
	for _, n := range all[len(c.Whys):] {
		c.Other += n.Customers
	}
	return web.Render(w, r, http.StatusOK, barredWhys(c))
}

// barredPage lists whom levels cannot write to by themselves, of one reason or all.
type barredPage struct {
	List []dunning.Skipped
	Why  string
}

func (s screens) barred(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := s.desk.Barred(r.Context(), tx)
	if err != nil {
		return err
	}
	p := barredPage{List: list, Why: r.Form.Get("why")}
	if p.Why != "" {
		p.List = slices.DeleteFunc(list, func(s dunning.Skipped) bool { return s.Why != p.Why })
	}
	return web.Render(w, r, http.StatusOK, barredScreen(p))
}

// summary says how many there are, and how many of them stand there.
func (p barredPage) summary() string {
	text := ui.Count(len(p.List), "customer", "customers")
	if len(p.List) > bulkShown {
		text += ", of whom the first " + ui.Number(bulkShown) + " stand here"
	}
	return text
}
