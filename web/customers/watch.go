package customers

import (
	"errors"
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// reasonPage is a form that asks for a reason: of a watch flag or its end, of
// archiving or taking back.
type reasonPage struct {
	Customer      customer.Customer
	On            bool   // the flag stands, the customer is archived
	Reason, Until string // as typed
	Errors        errs.Invalid
}

func loadReason(r *http.Request, tx *tenant.Tx) (p reasonPage, err error) {
	p.Reason, p.Until = r.PostFormValue("reason"), r.PostFormValue("until")
	p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer"))
	return p, err
}

func loadWatch(r *http.Request, tx *tenant.Tx) (reasonPage, error) {
	p, err := loadReason(r, tx)
	p.On = p.Customer.Watched(tx.Today())
	return p, err
}

func watch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, watchScreen(p))
}

func setWatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	err = customer.Watch(r.Context(), tx, p.Customer.ID, p.Reason, typedDay(p.Until))
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, watchScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), "The watch flag stands.")
}

func endWatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	err = customer.EndWatch(r.Context(), tx, p.Customer.ID, typedDay(p.Until), p.Reason)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, watchScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), "The watch flag is ended.")
}

func archive(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadReason(r, tx)
	if err != nil {
		return err
	}
	if !customer.CanArchive(tx.Actor) {
		return customer.ErrArchiving
	}
	p.On = p.Customer.ArchivedAt != nil
	return web.Render(w, r, http.StatusOK, archiveScreen(p))
}

func setArchived(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changeArchived(w, r, tx, false)
}

func takeBack(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changeArchived(w, r, tx, true)
}

func changeArchived(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, takeBack bool) error {
	p, err := loadReason(r, tx)
	if err != nil {
		return err
	}
	p.On = p.Customer.ArchivedAt != nil
	change, flash := customer.Archive, "The customer is archived."
	if takeBack {
		change, flash = customer.TakeBack, "The customer is back."
	}
	err = change(r.Context(), tx, p.Customer.ID, p.Reason)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, archiveScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), flash)
}
