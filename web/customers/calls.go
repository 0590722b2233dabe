package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/diary"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// newCallPage asks whom to call, about what, or who called. With JavaScript it stands
// in a dialog.
type newCallPage struct {
	profile
	Typed  url.Values
	Errors errs.Invalid
}

func newCall(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := newCallPage{Typed: r.URL.Query()}
	b := p.ask(r, tx, "collections")
	activity.QueueLine(b, &p.Line)
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if !p.Typed.Has("point") {
		if first := p.toCall(); first != nil {
			p.Typed.Set("point", fmt.Sprint(first.ID))
		}
	}
	return web.Render(w, r, http.StatusOK, newCallScreen(p))
}

// through is ticked unless somebody took the tick away.
func (p newCallPage) through() string {
	if p.Errors != nil {
		return p.Typed.Get("through")
	}
	return "on"
}

// excuse tells that somebody may set aside what bars a call now.
func (p newCallPage) excuse(a tenant.Actor) bool {
	return contactrule.CanOverride(a) && slices.ContainsFunc(p.reaches(), func(r reach) bool {
		return r.Call != nil && r.Call.Verdict != contactrule.Allowed && r.Call.Overridable
	})
}

// placeCall puts the call on record, has the telephone system place it where that was
// asked for, and goes on to its panel. One that is pressed
// while the last one has no outcome leads back to that.
func placeCall(app *web.App) web.Handler {
	board := &activity.Switchboard{Box: app.Outbox}
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		id := web.ID(r, "customer")
		a := attempt(r, id)
		place := activity.Place
		if r.PostFormValue("through") == "on" && r.PostFormValue("dial") != "self" && !a.Incoming {
			place = board.Dial
		}
		call, err := place(r.Context(), tx, a)
		var before activity.Unsaid
		var refused errs.Invalid
		var forbidden errs.Forbidden
		switch {
		case errors.As(err, &before):
			return web.SeeOther(w, r, string(callURL(id, before.CallID)), before.Error())
		case errors.As(err, &forbidden):
			refused = errs.Invalid{"point": string(forbidden)}
		case err != nil && !errors.As(err, &refused) && !asleepBy(err):
			return err
		}
		if err == nil {
			if err := app.CountCalls(r.Context(), tx); err != nil {
				return err
			}
			return web.SeeOther(w, r, string(callURL(id, call)), "")
		}
		p := newCallPage{Typed: r.PostForm, Errors: refused}
		b := p.ask(r, tx, "collections")
		activity.QueueLine(b, &p.Line)
		if lerr := p.load(r.Context(), b); lerr != nil {
			return errors.Join(err, lerr)
		}
		return web.Render(w, r, refusal(err), newCallScreen(p))
	}
}

// asleepBy tells that it was refused because the customer is not worked any more.
func asleepBy(err error) bool {
	return errors.Is(err, customer.Archived) || errors.Is(err, customer.Merged)
}

// refusal is the status of a refused call or activity.
func refusal(err error) int {
	if asleepBy(err) {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// attempt reads whom the call is with and what about.
func attempt(r *http.Request, customerID int64) contactrule.Attempt {
	f := r.PostFormValue
	a := contactrule.Attempt{CustomerID: customerID, PointID: web.Number(f("point")), Incoming: f("incoming") == "on", Override: f("override"),
		AccountIDs: numbers(r.PostForm["account"])}
	if a.PointID == 0 {
		a.Number = f("number")
	}
	return a
}

// showCall is the panel of a call.
func showCall(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := callPage{Typed: url.Values{}}
	if err := p.read(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, callScreen(p))
}

// concludeCall saves what came of a call with all that follows, and goes on to the
// next customer where that was asked for.
func concludeCall(app *web.App) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p := callPage{Typed: r.PostForm}
		if err := p.read(r, tx); err != nil {
			return err
		}
		c, err := p.conclusion(tx)
		var kept activity.Kept
		if err == nil {
			kept, err = activity.Conclude(r.Context(), tx, p.Customer.ID, p.Call.ID, c)
		}
		if err != nil {
			return p.refuse(w, r, err)
		}
		if err := app.CountCalls(r.Context(), tx); err != nil {
			return err
		}
		to, flash, err := p.onwards(r.Context(), tx, kept)
		if err != nil {
			return err
		}
		for _, on := range c.Days() {
			warning, err := followup.Warning(r.Context(), tx, on)
			if err != nil {
				return err
			}
			flash = strings.TrimSpace(flash + " " + warning)
		}
		words, link := further(p.Customer, p.outcome(), p.Typed)
		return web.Linked(w, r, to, flash, words, link)
	}
}

// onwards is where one goes after a save, and what is said there: to the next of the
// walk where that was asked for and nothing keeps one here.
func (p callPage) onwards(ctx context.Context, tx *tenant.Tx, kept activity.Kept) (to, flash string, err error) {
	to, flash = fmt.Sprintf("/customers/%d/collections", p.Customer.ID), "The call with "+p.Customer.Name+" is saved."
	d := kept.Done
	switch {
	case p.Typed.Get("then") != "next":
		return to, flash, nil
	case d.Why != "":
		return to, flash + " It is not done: " + d.Why, nil
	case d.Waits:
		flash += " It is done as soon as the message is sent."
	case d.EntryID != 0 && !d.Raised:
		flash += " Nobody was spoken to, so the level stays; it comes back on " + d.NextOn.Format("Mon 2 Jan") + "."
	case d.EntryID != 0:
		flash += " The reminder is done."
	}
	to, err = nextOf(ctx, tx, p.Customer.ID, to)
	return to, flash, err
}

// nextOf is the address of who comes next in what is walked, else where one stays.
func nextOf(ctx context.Context, tx *tenant.Tx, customerID int64, stay string) (string, error) {
	entry, err := diary.NextEntry(ctx, tx, customerID)
	switch {
	case err == nil:
		return fmt.Sprintf("/agenda/%d", entry), nil
	case errors.Is(err, diary.ErrWalked):
		return "/agenda", nil
	case !errors.Is(err, diary.ErrNoWalk):
		return "", err
	}
	id, _, err := diary.Next(ctx, tx, customerID)
	switch {
	case err == nil:
		return fmt.Sprintf("/customers/%d", id), nil
	case errors.Is(err, diary.ErrWalked):
		return "/", nil
	case errors.Is(err, diary.ErrNoWalk):
		return stay, nil
	}
	return "", err
}

// refuse shows the panel again with what was typed and why it was not taken.
func (p callPage) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	var conflict errs.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &conflict):
		p.Notice, status = string(conflict), http.StatusConflict
	case !errors.As(err, &p.Errors):
		return err
	}
	p.AskBack = asksBack(err)
	return web.Render(w, r, status, callScreen(p))
}

// further is what is left to be done elsewhere after an outcome, and where: the e-mail
// that copies go with, or the status and the case of what is disputed, each about the
// items that were ticked, if any. It names the customer: one may have gone on to the next.
func further(c customer.Customer, o dunning.Disposition, typed url.Values) (words, link string) {
	at := fmt.Sprintf("/customers/%d", c.ID)
	switch o.Opens {
	case dunning.OpensCopies:
		q := url.Values{"channel": {string(customer.Mail)}, "item": typed["copies-items"]}
		return "Write the e-mail with the copies to " + c.Name, at + "/messages/new?" + q.Encode()
	case dunning.OpensDispute:
		q := url.Values{"item": typed["dispute-items"]}
		return "Take what is disputed out of dunning, " + c.Name, strings.TrimSuffix(at+"/statuschange?"+q.Encode(), "?")
	}
	return "", ""
}

// numbers reads ids; what is none is left out.
func numbers(all []string) (ids []int64) {
	for _, s := range all {
		if id := web.Number(s); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
