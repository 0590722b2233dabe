package promises

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// formPage is the form for a promise, new or in the place of another one.
type formPage struct {
	ui.PromiseForm
	Customer customer.Customer
	Old      *promise.Promise // nil: it is in the place of none
	Back     string
}

func begin(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := ask(r, tx, web.ID(r, "customer"), nil)
	if err != nil {
		return err
	}
	if !promise.CanMake(tx.Actor) {
		return errs.Forbidden("Only people who work customers write down promises. Ask one of them.")
	}
	return web.Render(w, r, http.StatusOK, formScreen(p))
}

// ask reads what was typed, and what there is to choose from.
func ask(r *http.Request, tx *tenant.Tx, customerID int64, old *promise.Promise) (p formPage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, customerID); err != nil {
		return p, err
	}
	p.Old = old
	if old != nil {
		p.Replaces = old.ID
	}
	p.Assist = p.action()
	p.Back = web.Local(r.FormValue("back"), customerPath(customerID))
	web.ReadPromise(r, &p.PromiseForm)
	return p, web.LoadPromise(r.Context(), tx, customerID, &p.PromiseForm)
}

func (s screens) create(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := ask(r, tx, web.ID(r, "customer"), nil)
	if err != nil {
		return err
	}
	return s.save(w, r, tx, p, func(plan promise.Plan) (int64, error) { return promise.Make(r.Context(), tx, p.Customer.ID, plan) })
}

// save makes the promise by f, and confirms it where that is wanted. Refused, the
// form comes back with what was typed.
func (s screens) save(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p formPage, f func(promise.Plan) (int64, error)) error {
	if web.AssistPromise(r, &p.PromiseForm) {
		return web.Render(w, r, http.StatusOK, formScreen(p))
	}
	var id int64
	plan, err := web.PlanPromise(&p.PromiseForm, tx.Today())
	if err == nil {
		id, err = f(plan)
	}
	flash := fmt.Sprintf("The promise of %s is written down.", plan.Amount)
	if err == nil && p.Typed["confirm"] == "on" {
		err = promise.Confirm(r.Context(), tx, s.app.Outbox, p.Customer.ID, id)
		if s.app.Outbox.Ready() {
			flash += " Its confirmation is on its way."
		} else {
			flash += " Its confirmation is held: no mail server is set up here yet."
		}
	}
	if err == nil {
		return web.Linked(w, r, p.Back, flash, "Look at it", promisePath(id))
	}
	var first errs.Conflict
	if errors.As(err, &first) {
		p.Errors = errs.Invalid{"": string(first)}
		if shown := p.Purse(); shown != nil { // what was made meanwhile is known from now on
			p.Typed["newest"] = strconv.FormatInt(shown.Newest, 10)
		}
		return web.Render(w, r, http.StatusConflict, formScreen(p))
	}
	if !web.RefusePromise(&p.PromiseForm, err) {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, formScreen(p))
}

// replacement shows the form with what the promise was.
func replacement(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	if why := p.ReplacedEnough(); why != "" {
		return errs.Conflict(why)
	}
	if !promise.CanReplace(tx.Actor, p.Promise) {
		return errs.Conflict("This promise is not open any more, or another one was made after it already. Nothing is left to be replaced.")
	}
	f, err := ask(r, tx, p.CustomerID, &p.Promise)
	if err != nil {
		return err
	}
	var rest int64
	for _, i := range p.Instalments {
		if i.State == promise.Open {
			rest += i.Minor - i.Received
		}
	}
	f.Typed["amount"], f.Typed["assignee"] = money.New(rest, p.Currency).Plain(), strconv.FormatInt(p.AssigneeID, 10)
	f.keepTo(p.Promise)
	return web.Render(w, r, http.StatusOK, formScreen(f))
}

// keepTo leaves the promise's own account and currency to choose from.
func (p *formPage) keepTo(old promise.Promise) {
	var list []promise.Purse
	newest := old.ID
	for _, purse := range p.Purses {
		newest = purse.Newest // of the customer, on whatever account
		if purse.AccountID == old.AccountID && purse.Currency == old.Currency {
			list = append(list, purse)
		}
	}
	if len(list) == 0 {
		list = []promise.Purse{{AccountID: old.AccountID, Account: old.Account, Currency: old.Currency, Newest: newest}}
	}
	p.Purses = list
	web.PickPromise(&p.PromiseForm)
}

func (s screens) replace(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	old, err := load(r, tx)
	if err != nil {
		return err
	}
	p, err := ask(r, tx, old.CustomerID, &old.Promise)
	if err != nil {
		return err
	}
	p.keepTo(old.Promise)
	return s.save(w, r, tx, p, func(plan promise.Plan) (int64, error) {
		return promise.Replace(r.Context(), tx, old.CustomerID, old.ID, web.Version(r), plan)
	})
}
