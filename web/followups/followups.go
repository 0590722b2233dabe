// Package followups has the follow-ups of one customer: the window with the form
// and the lists, and what is done to each of them. What a member has to do over
// all customers is not here.
package followups

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/customers/{customer}/followups", app.In(show))
	r.Post("/customers/{customer}/followups", app.In(create))
	r.Post("/customers/{customer}/followups/deletion", app.In(removeTicked))
	r.Post("/customers/{customer}/followups/restoration", app.In(restore))
	r.Get("/customers/{customer}/followups/{follow_up}", app.In(edit))
	r.Post("/customers/{customer}/followups/{follow_up}", app.In(change))
	r.Post("/customers/{customer}/followups/{follow_up}/date", app.In(move))
	r.Post("/customers/{customer}/followups/{follow_up}/completion", app.In(complete))
	r.Post("/customers/{customer}/followups/{follow_up}/deletion", app.In(remove))
}

// pageSize is how many follow-ups stand on a page of the list.
const pageSize = 50

// window is the page with all follow-ups of a customer and the form for a new
// one.
type window struct {
	Customer customer.Customer
	Back     string // where one came from
	State    followup.State
	Counts   map[followup.State]int
	List     []followup.Followup
	After    int64  // the last one of the page before; 0: this is the first page
	Next     int64  // the last one of this page, where more follow
	Notice   string // why something was not done
	Form     form
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	p.Form.read(r)
	if err := p.Form.load(r.Context(), tx); err != nil {
		return err
	}
	if r.Header.Get("HX-Request") == "" { // else a part of the page is brought up to date
		tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.Customer.ID, Data: map[string]string{"tab": "followups"}})
	}
	return web.Render(w, r, http.StatusOK, windowScreen(p))
}

// load reads the list that the address asks for, and begins the form.
func load(r *http.Request, tx *tenant.Tx) (p window, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	p.Back, p.Form = origin(r, p.Customer.ID), newForm(tx, p.Customer.ID)
	if p.State, err = state(r.URL.Query().Get("state")); err != nil {
		return p, err
	}
	f := followup.Filter{CustomerID: p.Customer.ID, State: p.State, Limit: pageSize + 1}
	if after := web.Number(r.URL.Query().Get("after")); after != 0 {
		last, err := followup.Find(ctx, tx, p.Customer.ID, after)
		if err != nil {
			return p, err
		}
		if p.State == followup.Active || last.EndedAt != nil { // else it was taken back: from the first again
			f.After, p.After = &last, after
		}
	}
	if p.List, err = followup.List(ctx, tx, f); err != nil {
		return p, err
	}
	if len(p.List) > pageSize {
		p.List = p.List[:pageSize]
		p.Next = p.List[pageSize-1].ID
	}
	p.Counts, err = followup.Count(ctx, tx, p.Customer.ID)
	return p, err
}

func state(name string) (followup.State, error) {
	for _, s := range followup.States {
		if name == string(s) {
			return s, nil
		}
	}
	if name == "" {
		return followup.Active, nil
	}
	return "", errs.Invalid{"": "There is no such list of follow-ups. Choose active, done or deleted."}
}

// create plans a follow-up. Submit stays in the window, Submit and close goes back.
func create(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	p.Form.read(r)
	p.Form.Kept = true
	assisted, err := p.Form.assist(r, tx)
	if err != nil {
		return err
	}
	if err := p.Form.load(r.Context(), tx); err != nil {
		return err
	}
	if assisted {
		return web.Render(w, r, http.StatusOK, windowScreen(p))
	}
	plan := p.Form.plan()
	if err = p.Form.Errors.Err(); err == nil {
		_, err = followup.Schedule(r.Context(), tx, p.Customer.ID, plan)
	}
	if err != nil {
		return p.refuse(w, r, err)
	}
	to := p.at(followup.Active, 0)
	if r.PostFormValue("then") == "close" {
		to = p.Back
	}
	return web.SeeOther(w, r, to, p.Form.said("Follow-up planned for", plan))
}

// refuse shows the form again with what was typed, and why it was not taken.
func (p window) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	var second errs.Conflict
	switch {
	case errors.As(p.Form.clear(err), &p.Form.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, windowScreen(p))
	case errors.As(err, &second):
		p.Notice = string(second)
		return web.Render(w, r, http.StatusConflict, windowScreen(p))
	}
	return err
}

// at is the address of a list, from its first page or behind a follow-up.
func (p window) at(s followup.State, after int64) string {
	q := url.Values{"back": {p.Back}}
	if s != followup.Active {
		q.Set("state", string(s))
	}
	if after != 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	return windowPath(p.Customer.ID) + "?" + q.Encode()
}

// here is where the forms of the list come back to.
func (p window) here() string { return p.at(p.State, p.After) }

func windowPath(customerID int64) string { return fmt.Sprintf("/customers/%d/followups", customerID) }

func profilePath(customerID int64) string { return fmt.Sprintf("/customers/%d", customerID) }

// back is where a form was sent from, as it says itself.
func back(r *http.Request, customerID int64) string {
	return web.Local(r.FormValue("back"), profilePath(customerID))
}

// origin is where one came from into the window, also where the form was sent from
// the window itself.
func origin(r *http.Request, customerID int64) string {
	from := back(r, customerID)
	if u, err := url.Parse(from); err == nil && u.Path == windowPath(customerID) {
		return web.Local(u.Query().Get("back"), profilePath(customerID))
	}
	return from
}
