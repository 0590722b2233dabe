package contacts

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// contactPage is one contact with its chain and what can be done.
type contactPage struct {
	Customer customer.Customer
	Contact  contact.Contact
	Chain    contact.Chain
	Version  int               // that the forms were made from
	Typed    map[string]string // closing, attempt, due_on, due_at
	Errors   errs.Invalid
	Notice   string // why something was not done
}

func loadOne(r *http.Request, tx *tenant.Tx) (p contactPage, err error) {
	id := web.ID(r, "customer")
	if p.Contact, err = contact.Find(r.Context(), tx, id, web.ID(r, "contact")); err != nil {
		return p, err
	}
	b := tx.Batch()
	customer.QueueFind(b, id, &p.Customer)
	contact.QueueChain(b, id, p.Contact.FirstID, &p.Chain)
	p.Version, p.Typed = p.Contact.Version, map[string]string{}
	p.Typed["due_on"], p.Typed["due_at"] = p.Contact.DueOn.String(), p.Contact.DueAt
	for _, name := range []string{"closing", "attempt", "due_on", "due_at"} {
		if r.PostForm.Has(name) {
			p.Typed[name] = strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n")
		}
	}
	return p, b.Send(r.Context())
}

// open tells that something can still be done.
func (p contactPage) open() bool {
	return p.Contact.State == contact.Open && p.Customer.ArchivedAt == nil
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadOne(r, tx)
	if err != nil {
		return err
	}
	opened(tx, p.Customer.ID)
	return web.Render(w, r, http.StatusOK, contactScreen(p))
}

// closeOne ends the chain with what came of it.
func closeOne(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadOne(r, tx)
	if err != nil {
		return err
	}
	if err := contact.Close(r.Context(), tx, p.Customer.ID, p.Contact.ID, web.Version(r), p.Typed["closing"]); err != nil {
		return p.refuse(w, r, tx, err)
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), summaryPath(p.Customer.ID, p.Contact.ID)), "The contact is closed. It stays in the summary.")
}

// fail logs a failed attempt.
func fail(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadOne(r, tx)
	if err != nil {
		return err
	}
	c, err := contact.Fail(r.Context(), tx, p.Customer.ID, p.Contact.ID, web.Version(r), p.Typed["attempt"])
	if err != nil {
		return p.refuse(w, r, tx, err)
	}
	said := fmt.Sprintf("Failed attempt %d of %d is logged. Again on %s.", c.Attempts, contact.MaxAttempts, c.When())
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), summaryPath(p.Customer.ID, p.Contact.ID)), said)
}

// refuse shows the contact as it is now, with what was typed and why it was not taken.
func (p contactPage) refuse(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, err error) error {
	var second errs.Conflict
	switch {
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, contactScreen(p))
	case errors.As(err, &second):
		fresh, err := loadOne(r, tx) // somebody may have been first
		if err != nil {
			return err
		}
		fresh.Notice = string(second)
		return web.Render(w, r, http.StatusConflict, contactScreen(fresh))
	}
	return err
}
