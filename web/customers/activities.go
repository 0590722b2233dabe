package customers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// activityPage writes down what was said elsewhere. With JavaScript it stands in a
// dialog.
type activityPage struct {
	profile
	Outcomes []dunning.Disposition
	Members  []ui.Option
	Typed    url.Values
	Errors   errs.Invalid
}

func newActivity(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := activityPage{Typed: url.Values{}}
	if err := p.read(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, activityScreen(p))
}

func (p *activityPage) read(r *http.Request, tx *tenant.Tx) error {
	err := p.load(r.Context(), p.ask(r, tx, "collections"))
	if err != nil {
		return err
	}
	if p.Outcomes, err = dunning.Dispositions(r.Context(), tx); err != nil {
		return err
	}
	p.Members, err = memberOptions(r.Context(), tx)
	return err
}

func addActivity(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := activityPage{Typed: r.PostForm}
	if err := p.read(r, tx); err != nil {
		return err
	}
	f := r.PostFormValue
	due := web.TypedDay(&p.Errors, "follow_up-due_on", f("follow_up-due_on"))
	err := p.Errors.Err()
	if err == nil {
		err = activity.Add(r.Context(), tx, activity.Activity{Attempt: attempt(r, p.Customer.ID), Way: activity.Way(f("way")), DispositionID: web.Number(f("disposition")),
			Text: f("text"), AssigneeID: web.Number(f("follow_up-assignee")), DueOn: due})
	}
	var forbidden errs.Forbidden
	switch {
	case err == nil:
		warning, err := followup.Warning(r.Context(), tx, due)
		if err != nil {
			return err
		}
		words, link := further(p.Customer, picked(p.Outcomes, p.Typed), p.Typed)
		return web.Linked(w, r, fmt.Sprintf("/customers/%d/collections", p.Customer.ID), strings.TrimSpace("It is written down. "+warning), words, link)
	case errors.As(err, &forbidden):
		p.Errors = errs.Invalid{"point": string(forbidden)}
	case asleepBy(err): // perhaps only now
		if lerr := p.read(r, tx); lerr != nil {
			return errors.Join(err, lerr)
		}
	case !errors.As(err, &p.Errors):
		return err
	}
	return web.Render(w, r, refusal(err), activityScreen(p))
}

// typed is what was sent for a field, else what is proposed.
func (p activityPage) typed(name, proposed string) string {
	if p.Typed.Has(name) {
		return p.Typed.Get(name)
	}
	return proposed
}

func (p activityPage) field(label, name, proposed string) ui.Field {
	return ui.Field{Label: label, Name: name, ID: "activity-" + name, Value: p.typed(name, proposed), Error: p.Errors[name]}
}

// outcomes are the dispositions to choose from.
func outcomeOptions(list []dunning.Disposition) []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, d := range list {
		options = append(options, ui.Option{Value: fmt.Sprint(d.ID), Label: d.Name})
	}
	return options
}

// phoneOptions are whom a call may have been with.
func (p *profile) phoneOptions() (options []ui.Option) {
	for _, c := range p.InUse() {
		if c.Kind == customer.Phone {
			options = append(options, ui.Option{Value: fmt.Sprint(c.ID), Label: activity.Call{Number: c.Value, Person: c.Person}.With()})
		}
	}
	return append(options, ui.Option{Value: "0", Label: "Another number"})
}

// firstPhone is the one that was most likely called.
func (p *profile) firstPhone() string {
	if r := p.toCall(); r != nil {
		return fmt.Sprint(r.ID)
	}
	return "0"
}

// excuse tells that somebody may set aside what barred a call.
func (p activityPage) excuse(a tenant.Actor) bool {
	return contactrule.CanOverride(a) && (p.Errors["override"] != "" || p.Typed.Get("override") != "")
}
