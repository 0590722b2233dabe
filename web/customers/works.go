package customers

import (
	"errors"
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// worksForm is how it is known that a bad contact point works again, as typed.
type worksForm struct {
	Why    string
	Errors errs.Invalid
}

// pointWorks records that a contact point works again.
func pointWorks(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	p.Works.Why = r.PostFormValue("why")
	err = customer.Works(r.Context(), tx, p.Customer.ID, p.Point.ID, web.Version(r), p.Works.Why)
	if errors.As(err, &p.Works.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, pointScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(pointURL(p.Customer.ID, p.Point.ID)), "It is written to again.")
}
