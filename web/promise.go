package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// ReadPromise takes what was typed of a promise, from the form or the address.
func ReadPromise(r *http.Request, f *ui.PromiseForm) {
	if f.Typed == nil {
		f.Typed = map[string]string{}
	}
	for _, name := range []string{"of", "offered", "amount", "due_on", "assignee", "text", "picked", "confirmed", "confirm", "shown", "newest"} {
		if r.Form.Has(f.Prefix + name) {
			f.Typed[name] = strings.TrimSpace(lines(r.Form.Get(f.Prefix + name)))
		}
	}
	f.Ticked = nil
	for _, s := range r.Form[f.Prefix+"item"] {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil {
			f.Ticked = append(f.Ticked, id)
		}
	}
	amounts := r.Form[f.Prefix+"part_amount"]
	f.Parts = nil
	for n, due := range r.Form[f.Prefix+"part_due"] {
		if n < len(amounts) && (strings.TrimSpace(due) != "" || strings.TrimSpace(amounts[n]) != "") {
			f.Parts = append(f.Parts, ui.PromisePart{DueOn: strings.TrimSpace(due), Amount: strings.TrimSpace(amounts[n])})
		}
	}
}

// LoadPromise reads the choices, and proposes what was not typed: all that is to be
// collected, in a week, followed up by oneself, the oldest items first.
func LoadPromise(ctx context.Context, tx *tenant.Tx, customerID int64, f *ui.PromiseForm) (err error) {
	if f.Typed == nil {
		f.Typed = map[string]string{}
	}
	if f.Purses, err = promise.Purses(ctx, tx, customerID, f.Replaces); err != nil {
		return err
	}
	if f.Confirm, err = promise.ConfirmationOf(ctx, tx, customerID); err != nil {
		return err
	}
	members, err := member.Choices(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range members {
		f.Members = append(f.Members, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	on, err := promise.ProposeDay(ctx, tx)
	if err != nil {
		return err
	}
	proposed := map[string]string{"assignee": strconv.FormatInt(tx.Actor.MemberID, 10), "due_on": on.String()}
	if p := f.Purse(); p != nil {
		proposed["amount"], proposed["newest"] = p.Proposed().Plain(), strconv.FormatInt(p.Newest, 10)
	}
	if f.Moved() {
		f.Ticked, f.Typed["picked"] = nil, "" // they are the other account's
		if f.Typed["amount"] == f.Typed["offered"] {
			f.Typed["amount"] = proposed["amount"]
		}
	}
	for name, value := range proposed {
		if _, typed := f.Typed[name]; !typed {
			f.Typed[name] = value
		}
	}
	PickPromise(f)
	return nil
}

// PickPromise ticks the oldest items for the amount, unless somebody chose others.
func PickPromise(f *ui.PromiseForm) {
	p := f.Purse()
	if p == nil || !asOffered(*f) {
		return
	}
	a, _ := money.ParseTyped(f.Typed["amount"], p.Currency)
	f.Ticked = p.Oldest(a.Minor)
	f.Typed["picked"] = ui.PickedBefore(f.Ticked)
}

// asOffered tells that nobody changed the ticks.
func asOffered(f ui.PromiseForm) bool {
	return ui.PickedBefore(slices.Sorted(slices.Values(f.Ticked))) == ui.PickedBefore(slices.Sorted(slices.Values(before(f.Typed["picked"]))))
}

func before(picked string) (ids []int64) {
	for _, s := range strings.Fields(picked) {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// AssistPromise does what the form's own buttons ask for, which save nothing, and
// tells whether one was pressed. It comes after LoadPromise.
func AssistPromise(r *http.Request, f *ui.PromiseForm) bool {
	n, _ := strconv.Atoi(r.PostFormValue(f.Prefix + "split"))
	p := f.Purse()
	if n < 2 || n > promise.MaxInstalments || p == nil {
		return r.PostForm.Has(f.Prefix+"look") || r.PostForm.Has(f.Prefix+"split")
	}
	on, derr := day.Parse(f.Typed["due_on"])
	a, aerr := money.ParseTyped(f.Typed["amount"], p.Currency)
	if derr != nil || aerr != nil || a.Minor < int64(n) {
		return true
	}
	f.Parts = nil
	for i := range n {
		part := a.Minor / int64(n)
		if i == n-1 {
			part = a.Minor - part*int64(n-1)
		}
		f.Parts = append(f.Parts, ui.PromisePart{DueOn: on.AddMonths(i).String(), Amount: money.New(part, p.Currency).Plain()})
	}
	return true
}

const noDay = "This is no day. Write it as 2027-03-31."

// PlanPromise is what was typed, as the domain takes it. Where something of it cannot be
// read, the refusal names that and what else is wrong, by the fields with their prefix.
func PlanPromise(f *ui.PromiseForm, today day.Day) (promise.Plan, error) {
	plan := promise.Plan{Text: f.Typed["text"], Confirmed: f.Typed["confirmed"] == "on"}
	plan.AssigneeID, _ = strconv.ParseInt(f.Typed["assignee"], 10, 64)
	p := f.Purse()
	if p == nil {
		return plan, errs.Invalid{f.Prefix + "of": "Nothing is owed that could be promised. Look at the items again."}
	}
	plan.AccountID, plan.Newest = p.AccountID, Newest(f.Typed["newest"])
	var inv errs.Invalid
	inv.Check(!f.Moved(), f.Prefix+"of", fmt.Sprintf("The page was for another account. Now it is for %s: look at the amount and the items, then save.", p.Name()))
	amount, err := money.ParseTyped(f.Typed["amount"], p.Currency)
	if err != nil {
		inv.Check(false, f.Prefix+"amount", err.Error())
	}
	plan.Amount = money.New(amount.Minor, p.Currency)
	if typed := f.Typed["due_on"]; typed != "" && len(f.Parts) == 0 {
		plan.DueOn, err = day.Parse(typed)
		inv.Check(err == nil, f.Prefix+"due_on", noDay)
	}
	for n, part := range f.Parts {
		field := f.Prefix + "instalment-" + strconv.Itoa(n+1)
		on, err := day.Parse(part.DueOn)
		inv.Check(err == nil, field, noDay)
		a, err := money.ParseTyped(part.Amount, p.Currency)
		if err != nil {
			inv.Check(false, field, err.Error())
		}
		plan.Instalments = append(plan.Instalments, promise.Part{DueOn: on, Minor: a.Minor})
	}
	if !asOffered(*f) {
		plan.Items = f.Ticked
	}
	if inv != nil {
		AddWrong(inv, plan, today, f.Prefix)
	}
	return plan, inv.Err()
}

// Newest is the promise that a form says was the newest when it was shown; nil where it
// says nothing.
func Newest(typed string) *int64 {
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return nil
	}
	return &id
}

// AddWrong adds what a promise is refused for besides, at fields where nothing stands yet.
func AddWrong(inv errs.Invalid, plan promise.Plan, today day.Day, prefix string) {
	for field, text := range plan.Wrong(today) {
		inv.Check(false, prefix+field, text)
	}
}

// RefusePromise puts a refusal into the form, and tells whether it was one: else the
// error is not about what was typed. One that asks back is shown as a question.
func RefusePromise(f *ui.PromiseForm, err error) bool {
	var ask promise.TooMuch
	if errors.As(err, &ask) {
		f.TooMuch = &ask
		return true
	}
	var inv errs.Invalid
	if !errors.As(err, &inv) {
		return false
	}
	f.Errors = errs.Invalid{}
	for field, text := range inv {
		if field != "" && !strings.HasPrefix(field, f.Prefix) {
			field = f.Prefix + field
		}
		f.Errors[field] = text
	}
	return true
}
