// Package contacts has the screens of one contact with a customer: the form of a new
// one, of what follows it and of a change, and what is done to one that is open. The
// list of a customer's contacts is the summary of the customer.
package contacts

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/contact"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/customers/{customer}/contacts/new", app.In(begin))
	r.Post("/customers/{customer}/contacts", app.In(create))
	r.Get("/customers/{customer}/contacts/{contact}", app.In(show))
	r.Get("/customers/{customer}/contacts/{contact}/edit", app.In(edit))
	r.Post("/customers/{customer}/contacts/{contact}", app.In(change))
	r.Get("/customers/{customer}/contacts/{contact}/next", app.In(beginNext))
	r.Post("/customers/{customer}/contacts/{contact}/next", app.In(followUp))
	r.Post("/customers/{customer}/contacts/{contact}/closure", app.In(closeOne))
	r.Post("/customers/{customer}/contacts/{contact}/attempts", app.In(fail))
	r.Post("/customers/{customer}/contacts/{contact}/date", app.In(move))
}

// begin is the form of a new contact.
func begin(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := newForm(r, tx)
	if err != nil {
		return err
	}
	opened(tx, f.Customer.ID)
	return web.Render(w, r, http.StatusOK, formScreen(f))
}

// create writes a contact down and shows it in the summary.
func create(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := newForm(r, tx)
	if err != nil {
		return err
	}
	if assisted, err := f.assist(r, tx); err != nil || assisted {
		return f.shown(w, r, err)
	}
	var id int64
	plan, err := f.plan()
	if err == nil {
		id, err = contact.Add(r.Context(), tx, f.Customer.ID, plan)
	}
	if err != nil {
		return f.refuse(w, r, err)
	}
	return web.SeeOther(w, r, summaryPath(f.Customer.ID, id), f.said("The contact is saved.", plan))
}

// beginNext is the form of what follows a contact: the next link of its chain.
func beginNext(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := nextForm(r, tx)
	if err != nil {
		return err
	}
	opened(tx, f.Customer.ID)
	return web.Render(w, r, http.StatusOK, formScreen(f))
}

// followUp adds the next link.
func followUp(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := nextForm(r, tx)
	if err != nil {
		return err
	}
	if assisted, err := f.assist(r, tx); err != nil || assisted {
		return f.shown(w, r, err)
	}
	var id int64
	plan, err := f.plan()
	if err == nil {
		id, err = contact.FollowUp(r.Context(), tx, f.Customer.ID, f.Before.ID, f.Version, plan)
	}
	if err != nil {
		return f.refuse(w, r, err)
	}
	return web.SeeOther(w, r, summaryPath(f.Customer.ID, id), f.said("The contact is followed up.", plan))
}

func opened(tx *tenant.Tx, customerID int64) {
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: customerID, Data: map[string]string{"tab": "contacts"}})
}

func customerPath(id int64) string { return fmt.Sprintf("/customers/%d", id) }

// summaryPath leads to a contact in the customer's summary.
func summaryPath(customerID, id int64) string {
	return fmt.Sprintf("/customers/%d/summary#contact-%d", customerID, id)
}

func contactPath(customerID, id int64) string {
	return fmt.Sprintf("/customers/%d/contacts/%d", customerID, id)
}
