package customers

import (
	"errors"
	"net/http"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// timesPage has a customer's best and forbidden times, and the form of one more.
type timesPage struct {
	Customer customer.Customer
	customer.Care

	Kind, From, To, Point, Remark string // as typed
	Days                          customer.Weekdays
	Errors                        errs.Invalid
}

func loadTimes(r *http.Request, tx *tenant.Tx) (p timesPage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	p.Kind, p.Days = customer.Best, customer.Workdays
	p.Care, err = customer.CareOf(r.Context(), tx, p.Customer.ID)
	return p, err
}

func times(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTimes(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, timesScreen(p))
}

func addTime(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTimes(r, tx)
	if err != nil {
		return err
	}
	p.Kind, p.From, p.To = r.PostFormValue("kind"), r.PostFormValue("from"), r.PostFormValue("to")
	p.Point, p.Remark, p.Days = r.PostFormValue("point"), r.PostFormValue("remark"), 0
	for _, d := range r.PostForm["day"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < len(customer.DayNames) {
			p.Days |= 1 << n
		}
	}
	t := customer.ContactTime{Kind: p.Kind, Weekdays: p.Days, From: p.From, To: p.To, Remark: p.Remark}
	if p.Point != "" {
		id := choice(p.Point)
		t.PointID = &id
	}
	err = customer.AddTime(r.Context(), tx, p.Customer.ID, t)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, timesScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "/times")), "The time is there.")
}

func removeTime(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	if err := customer.RemoveTime(r.Context(), tx, id, web.ID(r, "contact_time")); err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(id, "/times")), "The time is removed; its note stays in the journal.")
}

func (p timesPage) pointOptions() []ui.Option {
	options := []ui.Option{{Label: "Whichever"}}
	for _, c := range p.InUse() {
		options = append(options, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Shown() + after(c.Shown(), c.Person)})
	}
	return options
}
