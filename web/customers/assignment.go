package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// assignmentPage asks to whom the chosen customers go, and which tags they get. The
// choice travels in the form: the ids that were ticked, or the filter that all of them
// fit.
type assignmentPage struct {
	listPage
	IDs    []string
	All    bool
	Count  int
	Owner  string
	Give   string // tags, as typed
	Take   string
	Back   string // where the choice was made, where that is not the customer list
	Errors errs.Invalid
}

// back is the list in which the customers were chosen.
func (p assignmentPage) back() string { return web.Local(p.Back, p.address("")) }

func newAssignment(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := assignmentPage{}
	if _, err := p.read(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, assignmentScreen(p))
}

func assign(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := assignmentPage{Owner: r.PostFormValue("to"), Give: r.PostFormValue("give"), Take: r.PostFormValue("take")}
	choice, err := p.read(r, tx)
	if err != nil {
		return err
	}
	said, err := p.change(r.Context(), tx, choice)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, assignmentScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.back(), said)
}

// change does what was asked for, and says what became of it.
func (p assignmentPage) change(ctx context.Context, tx *tenant.Tx, choice customer.Choice) (said string, err error) {
	tags := strings.TrimSpace(p.Give+p.Take) != ""
	if tags { // by which they may fit the filter no more
		if choice.IDs, err = customer.Chosen(ctx, tx, choice); err != nil {
			return "", err
		}
		choice.All = false
		changed, left, err := dunning.Retag(ctx, tx, choice, p.Give, p.Take)
		if err != nil {
			return "", err
		}
		said = p.retagged(changed, left)
	}
	if p.Owner == "" && tags {
		return said, nil
	}
	to, err := strconv.ParseInt(p.Owner, 10, 64)
	if err != nil {
		return "", errs.Invalid{"owner": "Choose who gets them, or give them tags."}
	}
	moved, left, err := customer.Assign(ctx, tx, choice, to)
	return strings.TrimSpace(p.assigned(moved, left, to) + " " + said), err
}

// retagged says whose tags were changed.
func (p assignmentPage) retagged(changed, left int) string {
	said := ui.Count(changed, "customer has", "customers have") + " other tags now"
	if left > 0 {
		said += "; " + ui.Count(left, "stays as it was, which", "stay as they were, which") + fmt.Sprintf(" would have more than %d", customer.MaxTags)
	}
	return said + "."
}

// assigned says who was given away.
func (p assignmentPage) assigned(moved, left int, to int64) string {
	name := "nobody"
	if to != 0 {
		name = p.owner(&to)
	}
	said := ui.Count(moved, "customer goes", "customers go") + " to " + name
	if same := p.Count - moved - left; same > 0 {
		said += "; " + ui.Count(same, "was", "were") + " there already"
	}
	if left > 0 {
		said += "; " + ui.Count(left, "stays where it was", "stay where they were") + ": " + name + " sees the customers of another branch only"
	}
	return said + "."
}

// read reads the choice and counts it.
func (p *assignmentPage) read(r *http.Request, tx *tenant.Tx) (choice customer.Choice, err error) {
	if !customer.CanAssign(tx.Actor) {
		return choice, customer.ErrAssigning
	}
	p.Query, p.Back = query(r.Form, "sort"), r.Form.Get("back")
	b := tx.Batch()
	if err := p.ask(r, b); err != nil {
		return choice, err
	}
	if err := p.load(r.Context(), b); err != nil {
		return choice, err
	}
	p.All = r.Form.Get("all") != ""
	if !p.All {
		p.IDs = r.Form["customer"]
	}
	choice = customer.Choice{All: p.All, Filter: p.Filter}
	for _, s := range p.IDs {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return choice, errDamaged
		}
		choice.IDs = append(choice.IDs, id)
	}
	p.Count, err = customer.CountChosen(r.Context(), tx, choice)
	return choice, err
}

// ownerChoices are who may get the customers.
func (p assignmentPage) ownerChoices() []ui.Option {
	options := []ui.Option{{Label: "As it is"}, {Value: "0", Label: "Nobody"}}
	for _, o := range p.Owners {
		if o.Active {
			options = append(options, ui.Option{Value: strconv.FormatInt(o.ID, 10), Label: o.Name})
		}
	}
	return options
}

// hidden are the names and values of the choice, for the form.
func (p assignmentPage) hidden() url.Values {
	q := url.Values{"customer": p.IDs}
	for name := range p.Query {
		q.Set(name, p.Query.Get(name))
	}
	if p.All {
		q.Set("all", "1")
	}
	if p.Back != "" {
		q.Set("back", p.Back)
	}
	return q
}
