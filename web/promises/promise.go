package promises

import (
	"errors"
	"net/http"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// promisePage is one promise, with what can be done about it.
type promisePage struct {
	promise.Promise
	Customer customer.Customer
	Members  []ui.Option
	Reason   string // as typed
	Unsaid   string // the same, where nothing is left to be taken back
	Errors   errs.Invalid
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.CustomerID, Data: map[string]string{"tab": "promise"}})
	return web.Render(w, r, http.StatusOK, promiseScreen(p))
}

// load reads the promise of the address.
func load(r *http.Request, tx *tenant.Tx) (p promisePage, err error) {
	ctx, id := r.Context(), web.ID(r, "promise")
	of, err := promise.CustomerOf(ctx, tx, id)
	if err != nil {
		return p, err
	}
	if p.Customer, err = customer.Find(ctx, tx, of); err != nil {
		return p, err
	}
	if p.Promise, err = promise.Find(ctx, tx, of, id); err != nil {
		return p, err
	}
	p.Members, err = members(r, tx)
	return p, err
}

func withdraw(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	p.Reason = r.PostFormValue("reason")
	err = promise.Withdraw(r.Context(), tx, p.CustomerID, p.ID, promise.Withdrawal{Version: web.Version(r), Reason: p.Reason})
	return p.answer(w, r, tx, err, "The promise of "+p.Customer.Name+" is taken back. What it held back is chased again.")
}

func assign(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	to, _ := strconv.ParseInt(r.PostFormValue("assignee"), 10, 64)
	err = promise.Assign(r.Context(), tx, p.CustomerID, p.ID, web.Version(r), to)
	return p.answer(w, r, tx, err, "The promise of "+p.Customer.Name+" is followed up by somebody else now.")
}

// answer goes back to where the button was, or shows the promise with what was
// typed and why it was not taken.
func (p promisePage) answer(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, err error, flash string) error {
	var first errs.Conflict
	if errors.As(err, &first) {
		fresh, err := load(r, tx)
		if err != nil {
			return err
		}
		fresh.Errors = errs.Invalid{"": string(first)}
		if fresh.Reason = p.Reason; fresh.State != promise.Open {
			fresh.Unsaid = p.Reason
		}
		return web.Render(w, r, http.StatusConflict, promiseScreen(fresh))
	}
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, promiseScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), promisePath(p.ID)), flash)
}
