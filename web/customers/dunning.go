package customers

import (
	"errors"
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// dunningPage is the tab that says how a customer is reminded, and of what it was.
type dunningPage struct {
	profile
	dunning.Reminding
	Stands   dunning.Standing
	History  []dunning.Reminder
	PauseEnd day.Day // that is proposed for a pause
	Typed    map[string]string
	Errors   errs.Invalid
	Notice   string // why something was not done
}

func showDunning(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p dunningPage
	if err := p.read(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, dunningScreen(p))
}

func (p *dunningPage) read(r *http.Request, tx *tenant.Tx) (err error) {
	ctx := r.Context()
	if err := p.load(ctx, p.ask(r, tx, "dunning")); err != nil {
		return err
	}
	if p.Reminding, err = dunning.RemindingOf(ctx, tx, p.Customer.ID); err != nil {
		return err
	}
	if p.Stands, err = dunning.StandingOf(ctx, tx, p.Customer.ID); err != nil {
		return err
	}
	if p.History, err = dunning.History(ctx, tx, p.Customer.ID); err != nil {
		return err
	}
	p.PauseEnd, err = dunning.ProposePause(ctx, tx)
	return err
}

// pauseDunning pauses all reminders of the customer, or gives the pause another end.
func pauseDunning(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	pause := dunning.Pause{Version: web.Version(r), Until: typedDay(r.PostFormValue("until")), Reason: r.PostFormValue("reason")}
	err := dunning.PauseCustomer(r.Context(), tx, web.ID(r, "customer"), pause)
	return answerDunning(w, r, tx, err, "Reminders are paused until "+pause.Until.Long()+".")
}

func endDunningPause(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	err := dunning.EndPause(r.Context(), tx, web.ID(r, "customer"), web.Version(r))
	return answerDunning(w, r, tx, err, "The pause is ended.")
}

// answerDunning goes back to the tab, or shows it with what was typed and why it was
// not taken.
func answerDunning(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, err error, flash string) error {
	var conflict errs.Conflict
	var p dunningPage
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		return web.SeeOther(w, r, string(customerURL(web.ID(r, "customer"), "/dunning")), flash)
	case errors.As(err, &conflict):
		p.Notice, status = string(conflict), http.StatusConflict
	case !errors.As(err, &p.Errors):
		return err
	}
	if rerr := p.read(r, tx); rerr != nil {
		return errors.Join(err, rerr)
	}
	p.Typed = map[string]string{"until": r.PostFormValue("until"), "reason": r.PostFormValue("reason")}
	return web.Render(w, r, status, dunningScreen(p))
}

// modePage asks whether the customer comes up by itself or on a chosen day. With
// JavaScript it stands in a dialog.
type modePage struct {
	dunning.Reminding
	Customer customer.Customer
	Choose   bool   // manual is what is asked about
	On       string // the next day, as typed
	Quick    []followup.Quick
	Back     string
	Errors   errs.Invalid
	Notice   string
}

// showMode opens it. A quick date that was pressed without JavaScript comes in the
// address: it fills the field and saves nothing.
func showMode(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := readMode(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, modeScreen(p))
}

func readMode(r *http.Request, tx *tenant.Tx) (p modePage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Reminding, err = dunning.RemindingOf(r.Context(), tx, p.Customer.ID); err != nil {
		return p, err
	}
	p.Quick = dunning.ModeDates(tx.Today())
	p.Back = web.Local(r.Form.Get("back"), string(customerURL(p.Customer.ID, "/dunning")))
	p.Choose = r.Form.Get("mode") != "auto"
	if !p.NextOn.IsZero() {
		p.On = p.NextOn.String()
	}
	for _, name := range []string{"next_on", "quick"} {
		if typed := r.Form.Get(name); typed != "" {
			p.On = typed
		}
	}
	return p, nil
}

func setMode(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, manual := web.ID(r, "customer"), r.PostFormValue("mode") != "auto"
	next, flash := typedDay(r.PostFormValue("next_on")), "The customer comes up by itself again when a level is reached."
	err := dunning.SetMode(r.Context(), tx, id, dunning.Mode{Version: web.Version(r), Manual: manual, NextOn: next})
	if manual && err == nil {
		flash = "The customer comes up on " + next.Long() + ", and not before."
	}
	if err == nil {
		return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), string(customerURL(id, "/dunning"))), flash)
	}
	status := http.StatusUnprocessableEntity
	var conflict errs.Conflict
	var refused errs.Invalid
	if errors.As(err, &conflict) {
		status = http.StatusConflict
	} else if !errors.As(err, &refused) {
		return err
	}
	p, rerr := readMode(r, tx)
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	p.Errors, p.Notice = refused, string(conflict)
	return web.Render(w, r, status, modeScreen(p))
}
