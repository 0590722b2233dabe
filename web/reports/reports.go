// Package reports has the screens that sum up: the ageing, so far.
package reports

import (
	"cmp"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/reports/ageing", app.In(ageing))
	r.Get("/reports/ageing.csv", app.In(ageingCSV))
}

// ageingPage is what the ageing screen shows.
type ageingPage struct {
	AsOf    string // as typed
	Day     day.Day
	Ageings []ledger.Ageing
	// Disputed is what is in dispute, in litigation or in a case, in minor units.
	Disputed map[money.Currency]int64
	Errors   errs.Invalid
}

func ageing(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := ageingPage{AsOf: r.FormValue("as_of")}
	var err error
	if p.Day, err = asOf(p.AsOf, tx.Today()); err != nil {
		p.Errors = errs.Invalid{"as_of": "Give a day such as " + tx.Today().String() + "."}
		return web.Render(w, r, http.StatusUnprocessableEntity, ageingScreen(p))
	}
	p.AsOf = p.Day.String()
	if p.Ageings, err = ledger.AgeingAsOf(r.Context(), tx, p.Day); err != nil {
		return err
	}
	if p.Disputed, err = ledger.DisputedAsOf(r.Context(), tx, p.Day); err != nil {
		return err
	}
	own := tx.Actor.Tenant.Currency
	slices.SortStableFunc(p.Ageings, func(a, b ledger.Ageing) int { // the company's own currency first
		return cmp.Compare(rank(a.Currency, own), rank(b.Currency, own))
	})
	return web.Render(w, r, http.StatusOK, ageingScreen(p))
}

// disputed names the figure: disputes are as they are now, whatever day the books are of.
func (p ageingPage) disputed(today day.Day) string {
	if p.Day != today {
		return "of it disputed today"
	}
	return "of it disputed"
}

func rank(c, own money.Currency) int {
	if c == own {
		return 0
	}
	return 1
}

func asOf(s string, today day.Day) (day.Day, error) {
	if s == "" {
		return today, nil
	}
	return day.Parse(s)
}

func ageingCSV(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	d, err := asOf(r.FormValue("as_of"), tx.Today())
	if err != nil {
		return errs.Invalid{"as_of": err.Error()}
	}
	all, err := ledger.AgeingAsOf(r.Context(), tx, d)
	if err != nil {
		return err
	}
	web.Attachment(w, "text/csv; charset=utf-8", "ageing-"+d.String()+".csv")
	out := csv.NewWriter(w)
	rows := [][]string{{"as of", "currency", "range", "items", "amount"}}
	for _, a := range all {
		for i, b := range a.Buckets {
			rows = append(rows, []string{d.String(), string(a.Currency), ledger.BucketNames[i], strconv.Itoa(b.Items), money.New(b.Amount, a.Currency).Plain()})
		}
		rows = append(rows, []string{d.String(), string(a.Currency), "credits", "", money.New(a.Credits, a.Currency).Plain()})
	}
	return out.WriteAll(rows)
}

// share is part of whole in percent, "0 %" where there is no whole.
func share(part, whole int64) string {
	if whole == 0 {
		return "0 %"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + " %"
}
