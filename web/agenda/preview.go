package agenda

import (
	"net/http"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// previewShown is how many customers each list of the preview has.
const previewShown = 200

// previewPage is what a run would do on a day.
type previewPage struct {
	dunning.Result
	On     day.Day
	Today  day.Day
	Moves  []dunning.ResultEntry // who would come or change
	Errors errs.Invalid
}

// errPreview refuses who may not look ahead.
const errPreview = errs.Forbidden("Only managers and administrators look ahead at a run. Ask one of yours.")

func preview(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !dunning.CanRun(tx.Actor) {
		return errPreview
	}
	p := previewPage{On: tx.Today().Add(1), Today: tx.Today()}
	status, err := http.StatusOK, error(nil)
	if typed := r.Form.Get("on"); typed != "" {
		p.On, err = typedDay(typed, "on")
		if invalid, ok := err.(errs.Invalid); ok { //nolint:errorlint // it is made just above
			p.On, p.Errors, status = tx.Today().Add(1), invalid, http.StatusUnprocessableEntity
		}
	}
	if p.On.Before(p.Today) || p.On.After(p.Today.AddMonths(24)) {
		p.On, p.Errors, status = p.Today.Add(1), errs.Invalid{"on": "Give today or a later day, two years ahead at most."}, http.StatusUnprocessableEntity
	}
	if p.Result, err = dunning.Preview(r.Context(), tx, p.On); err != nil {
		return err
	}
	for _, e := range p.Entries {
		if e.Change == dunning.Opens || e.Change == dunning.Updates {
			p.Moves = append(p.Moves, e)
		}
	}
	return web.Render(w, r, status, previewScreen(p))
}
