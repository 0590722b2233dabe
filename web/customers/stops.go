package customers

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// stopPage is one stop with its review and lifting, or the form of a new one.
type stopPage struct {
	Customer customer.Customer
	Stop     customer.Stop // as it stands; zero: a new one
	Today    day.Day

	Kind, Reason, Since, ReviewOn, Finding, LiftReason, Evidence string // as typed
	Errors                                                       errs.Invalid
	Lifting                                                      bool // Errors are about the lifting
}

func loadStop(r *http.Request, tx *tenant.Tx) (p stopPage, err error) {
	p.Today = tx.Today()
	p.Since = p.Today.String()
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil || chi.URLParam(r, "stop") == "" {
		return p, err
	}
	p.Stop, err = customer.FindStop(r.Context(), tx, p.Customer.ID, web.ID(r, "stop"))
	return p, err
}

func showStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, stopScreen(p))
}

func placeStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	p.Kind, p.Reason, p.Since, p.ReviewOn = r.PostFormValue("kind"), r.PostFormValue("reason"), r.PostFormValue("since"), r.PostFormValue("review_on")
	_, err = customer.PlaceStop(r.Context(), tx, p.Customer.ID, customer.Stop{Kind: customer.StopKind(p.Kind), Reason: p.Reason,
		Since: typedDay(p.Since), ReviewOn: typedDay(p.ReviewOn)})
	return stopAnswer(w, r, p, err, "The stop stands. The debtor is not to be contacted.")
}

func reviewStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	p.ReviewOn, p.Finding = r.PostFormValue("review_on"), r.PostFormValue("finding")
	err = customer.ReviewStop(r.Context(), tx, p.Customer.ID, p.Stop.ID, version(r), typedDay(p.ReviewOn), p.Finding)
	return stopAnswer(w, r, p, err, "The stop was reviewed and stays.")
}

func liftStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	p.Lifting, p.LiftReason, p.Evidence = true, r.PostFormValue("reason"), r.PostFormValue("evidence")
	err = customer.LiftStop(r.Context(), tx, p.Customer.ID, p.Stop.ID, version(r), p.LiftReason, p.Evidence)
	return stopAnswer(w, r, p, err, "The stop is lifted.")
}

func stopAnswer(w http.ResponseWriter, r *http.Request, p stopPage, err error, flash string) error {
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, stopScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), flash)
}

func stopOptions() []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, k := range customer.StopKinds {
		options = append(options, ui.Option{Value: string(k), Label: k.Name()})
	}
	return options
}
