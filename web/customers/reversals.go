package customers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// reversalForm asks why and as of when money is taken back.
type reversalForm struct {
	Customer    customer.Customer
	Title, Text string
	Action      templ.SafeURL
	Back        string
	Row         int64 // the item or payment that it is about
	Submit      string
	On, Reason  string
	Errors      errs.Invalid
}

// typed reads what was typed.
func (f *reversalForm) typed(r *http.Request) ledger.Reversal {
	f.On, f.Reason = r.PostFormValue("on"), strings.TrimSpace(r.PostFormValue("reason"))
	return ledger.Reversal{On: typedDay(f.On), Reason: f.Reason}
}

// answer says what came of it: the form again with what is wrong, or back.
func (f reversalForm) answer(w http.ResponseWriter, r *http.Request, err error, flash string) error {
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, reversalScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, f.Back, flash)
}

// over shows the row as it is now to who comes second; err goes on where it is
// something else.
func (f reversalForm) over(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, source ledger.Source, err error) error {
	var second errs.Conflict
	if !errors.As(err, &second) {
		return err
	}
	p, err := loadItems(r, tx, source, f.Row)
	if err != nil {
		return err
	}
	if p.Open == nil {
		return second
	}
	p.Open.Errors = errs.Invalid{"": string(second)}
	return web.Render(w, r, http.StatusConflict, itemsScreen(p))
}

// reversalOf makes the form for an application; the day of a mistake, on which it
// was applied, is proposed.
func reversalOf(r *http.Request, tx *tenant.Tx) (f reversalForm, err error) {
	if f.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return f, err
	}
	a, err := ledger.FindApplication(r.Context(), tx, f.Customer.ID, web.ID(r, "application"))
	if err != nil {
		return f, err
	}
	f.Row = a.ItemID
	if !ledger.CanReverse(tx.Actor) {
		return f, ledger.OnlyManagers
	}
	if !a.Standing {
		return f, errs.Conflict("This was reversed already.")
	}
	f.Title, f.Submit = "Reverse an application", "Reverse it"
	f.Text = fmt.Sprintf("%s of %s was set against item %s. It will be owed again, and be credit again, from the day you give.",
		money.New(a.Amount, a.Currency), a.Source(), a.Item)
	f.Action = customerURL(f.Customer.ID, fmt.Sprintf("/applications/%d/reversal", a.ID))
	f.Back = fmt.Sprintf("/customers/%d/items?item=%d#item-%d", f.Customer.ID, a.ItemID, a.ItemID)
	f.On = a.ValueOn.String()
	return f, nil
}

func newReversal(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := reversalOf(r, tx)
	if err != nil {
		return f.over(w, r, tx, ledger.OfItem, err)
	}
	return web.Render(w, r, http.StatusOK, reversalScreen(f))
}

func reverse(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := reversalOf(r, tx)
	if err != nil {
		return f.over(w, r, tx, ledger.OfItem, err)
	}
	err = ledger.Reverse(r.Context(), tx, f.Customer.ID, web.ID(r, "application"), f.typed(r))
	return f.answer(w, r, err, "It is reversed.")
}

// returnOf makes the form for a payment that the bank took back; today is
// proposed.
func returnOf(r *http.Request, tx *tenant.Tx) (f reversalForm, err error) {
	if f.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return f, err
	}
	p, err := ledger.FindPosting(r.Context(), tx, ledger.PostingFilter{CustomerID: f.Customer.ID, AsOf: tx.Today()}, ledger.OfPayment, web.ID(r, "payment"))
	if err != nil {
		return f, err
	}
	f.Row = p.ID
	if !ledger.CanReverse(tx.Actor) {
		return f, ledger.OnlyManagers
	}
	if p.Returned {
		return f, errs.Conflict("This payment was returned already.")
	}
	f.Title, f.Submit = "Return a payment", "Return it"
	f.Text = fmt.Sprintf("%s of %s, value %s. Everything that it paid will be owed again, and nothing of it stays credit, from the day you give.",
		p.Origin.Payment(p.Number), money.New(-p.Amount, p.Currency), p.IssuedOn.Long())
	f.Action = customerURL(f.Customer.ID, fmt.Sprintf("/payments/%d/return", p.ID))
	f.Back = fmt.Sprintf("/customers/%d/items?show=all&payment=%d#payment-%d", f.Customer.ID, p.ID, p.ID)
	f.On = tx.Today().String()
	return f, nil
}

func newReturn(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := returnOf(r, tx)
	if err != nil {
		return f.over(w, r, tx, ledger.OfPayment, err)
	}
	return web.Render(w, r, http.StatusOK, reversalScreen(f))
}

func returnPayment(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := returnOf(r, tx)
	if err != nil {
		return f.over(w, r, tx, ledger.OfPayment, err)
	}
	err = ledger.Return(r.Context(), tx, f.Customer.ID, web.ID(r, "payment"), f.typed(r))
	return f.answer(w, r, err, "The payment is returned.")
}
