package customers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// promise reads it; none where the amount was taken out: then they named none.
func (p callPage) promise(tx *tenant.Tx) (*promise.Plan, error) {
	amount := strings.TrimSpace(p.Typed.Get("promise-amount"))
	if amount == "" {
		return nil, nil
	}
	o, found := p.owed(p.Typed.Get("promise-of"))
	if !found {
		return nil, errs.Invalid{"promise-of": "Choose the account that it is paid on."}
	}
	if err := p.untouched(o, amount); err != nil {
		return nil, err
	}
	plan := promise.Plan{AccountID: o.AccountID, Amount: money.New(0, o.Currency), AssigneeID: tx.Actor.MemberID, DueOn: typedDay(p.Typed.Get("promise-due_on")),
		Newest: web.Newest(p.Typed.Get("promise-newest")), Confirmed: p.Typed.Get("promise-confirmed") == "on"}
	a, err := money.ParseTyped(amount, o.Currency)
	if err != nil {
		inv := errs.Invalid{"promise-amount": err.Error()}
		web.AddWrong(inv, plan, tx.Today(), "promise-")
		return nil, inv
	}
	plan.Amount = a
	return &plan, nil
}

// untouched refuses an amount that was proposed for another account than the one that
// is chosen, and brings the one of that.
func (p callPage) untouched(o promise.Purse, amount string) error {
	shown, found := p.owed(p.Typed.Get("promise-shown"))
	if !found || owedKey(shown) == owedKey(o) || amount != p.Typed.Get("promise-offered") || amount == proposed(o) && shown.Currency == o.Currency {
		return nil
	}
	was, err := money.ParseTyped(amount, shown.Currency)
	if err != nil {
		return nil // it is refused for that
	}
	p.Typed.Set("promise-amount", proposed(o))
	return errs.Invalid{"promise-amount": fmt.Sprintf("%s was proposed for %s. %s is chosen now, with %s: look at the amount, then save.",
		was, shown.Of(), o.Of(), o.Proposed())}
}

// owed is the account and currency of that key; the first one where there is none.
func (p callPage) owed(key string) (promise.Purse, bool) {
	for i, o := range p.Owed {
		if owedKey(o) == key || key == "" && i == 0 {
			return o, true
		}
	}
	return promise.Purse{}, false
}

func owedKey(o promise.Purse) string { return fmt.Sprintf("%d %s", o.AccountID, o.Currency) }

// owedOptions are what a promise can be about.
func (p callPage) owedOptions() (options []ui.Option) {
	for _, o := range p.Owed {
		label := o.Name()
		if o.ToCollect > 0 {
			label = o.Of() + ", " + money.New(o.ToCollect, o.Currency).String() + " to collect"
		}
		options = append(options, ui.Option{Value: owedKey(o), Label: label})
	}
	return options
}

// chosen is the account and currency that the panel stands at.
func (p callPage) chosen() promise.Purse {
	o, found := p.owed(p.Typed.Get("promise-of"))
	if !found {
		return p.Owed[0]
	}
	return o
}

// proposed is the amount that a promise begins with; empty where nothing is left for
// another one.
func proposed(o promise.Purse) string {
	if a := o.Proposed(); a.Minor > 0 {
		return a.Plain()
	}
	return ""
}

// newest is the promise that was the newest when the panel was shown, or when one made
// meanwhile was asked about.
func (p callPage) newest() string {
	if typed := p.Typed.Get("promise-newest"); typed != "" && p.Notice == "" {
		return typed
	}
	return strconv.FormatInt(p.chosen().Newest, 10)
}

// asksBack tells that a promise is more than can be collected, and may be meant.
func asksBack(err error) bool { return errors.As(err, new(promise.TooMuch)) }
