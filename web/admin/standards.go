package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// standardPage is one standard follow-up with its form, or the form of a new one.
type standardPage struct {
	Standard             followup.Standard // the zero one is new
	Name, Text, Customer string            // as typed
	Version              int
	Edit                 bool
	Moved                bool // somebody else changed it meanwhile
	Errors               errs.Invalid

	// Preview is the text as it would be for the customer whom For names; empty
	// where it cannot be filled.
	Preview, For string
	ForID        int64 // 0: a made-up customer
	values       template.Values
}

func standards(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := followup.AllStandards(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, standardsScreen(list, followup.CanSetStandards(tx.Actor)))
}

// newStandard is the empty form; like the other one it also shows a preview of
// what was typed, which the form asks for by GET.
func newStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !followup.CanSetStandards(tx.Actor) {
		return errs.Forbidden("Only administrators add standard follow-ups. Ask one of yours.")
	}
	return showStandard(w, r, tx, followup.Standard{})
}

func standard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	s, err := followup.FindStandard(r.Context(), tx, web.ID(r, "standard_follow_up"))
	if err != nil {
		return err
	}
	return showStandard(w, r, tx, s)
}

func showStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, s followup.Standard) error {
	p, err := newStandardPage(r, tx, s)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, standardScreen(p))
}

// newStandardPage takes what was typed, else what is kept, and fills it. What
// cannot be filled stands among its errors.
func newStandardPage(r *http.Request, tx *tenant.Tx, s followup.Standard) (standardPage, error) {
	p := standardPage{Standard: s, Name: s.Name, Text: s.Text, Version: s.Version, Edit: followup.CanSetStandards(tx.Actor)}
	if p.Edit && r.Form.Has("text") {
		p.Name, p.Text = r.FormValue("name"), r.FormValue("text")
		p.Version = web.Version(r)
	}
	p.Customer = strings.TrimSpace(r.FormValue("customer"))
	if err := p.findCustomer(r.Context(), tx); err != nil {
		return p, err
	}
	return p, p.fill(r.Context())
}

// findCustomer reads the figures of the customer that was asked for, else of the
// one with the most overdue, else of a made-up one.
func (p *standardPage) findCustomer(ctx context.Context, tx *tenant.Tx) (err error) {
	if p.Customer != "" {
		hits, err := customer.Search(ctx, tx, p.Customer, 20)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if p.ForID == 0 || strings.EqualFold(h.Number, p.Customer) {
				p.ForID, p.For = h.ID, h.Name
			}
		}
		p.Errors.Check(len(hits) > 0, "customer", "No customer fits this. Give a number, or a part of a name.")
	} else {
		list, err := customer.List(ctx, tx, customer.Filter{Sort: customer.ByOverdue, Currency: tx.Actor.Tenant.Currency, Limit: 1})
		if err != nil {
			return err
		}
		for _, c := range list {
			p.ForID, p.For = c.ID, c.Name
		}
	}
	if p.ForID == 0 {
		p.For, p.values = "a made-up customer", template.Example()
		return nil
	}
	p.values, err = template.Of(ctx, tx, p.ForID)
	return err
}

// fill makes the preview.
func (p *standardPage) fill(ctx context.Context) error {
	text, err := template.Parse(p.Text)
	if err == nil {
		p.Preview, err = text.Fill(ctx, p.values)
	}
	if errors.As(err, new(template.Refusal)) {
		p.Errors.Check(false, "text", err.Error())
		return nil
	}
	return err
}

func addStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveStandard(w, r, tx, followup.Standard{}, "The standard follow-up is added, at the end of the list.", func(p standardPage) error {
		_, err := followup.AddStandard(r.Context(), tx, followup.Wording{Name: p.Name, Text: p.Text})
		return err
	})
}

func changeStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	s, err := followup.FindStandard(r.Context(), tx, web.ID(r, "standard_follow_up"))
	if err != nil {
		return err
	}
	return saveStandard(w, r, tx, s, "The standard follow-up is saved. What was made with it before stays as it is.", func(p standardPage) error {
		return followup.ChangeStandard(r.Context(), tx, s.ID, p.Version, followup.Wording{Name: p.Name, Text: p.Text})
	})
}

// saveStandard saves what was typed, or shows it again with what is wrong with
// it, or with what somebody else saved meanwhile. The page is read first: a
// refused write leaves a transaction that answers nothing more.
func saveStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, s followup.Standard, said string, save func(standardPage) error) error {
	p, err := newStandardPage(r, tx, s)
	if err != nil {
		return err
	}
	p.Errors = nil
	err = save(p)
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/admin/standards", said)
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, standardScreen(p))
	case !errors.As(err, new(errs.Conflict)):
		return err
	}
	if p.Standard, err = followup.FindStandard(r.Context(), tx, s.ID); err != nil {
		return err
	}
	p.Moved, p.Version = true, p.Standard.Version
	return web.Render(w, r, http.StatusConflict, standardScreen(p))
}

// moveStandard moves it a place up or down.
func moveStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, up := web.ID(r, "standard_follow_up"), r.PostFormValue("direction") != "down"
	if err := followup.MoveStandard(r.Context(), tx, id, up); err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/admin/standards#standard-%d", id), "The order is changed.")
}

func retireStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setStandard(w, r, tx, followup.RetireStandard, "The standard follow-up is retired: nobody picks it any more. What was made with it stays.")
}

func takeBackStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setStandard(w, r, tx, followup.TakeBackStandard, "The standard follow-up is in use again, at the end of the list.")
}

func setStandard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "standard_follow_up")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/standards", said)
}

// title names the page.
func (p standardPage) title() string { return cmp.Or(p.Standard.Name, "New standard follow-up") }

// url is where the form is sent and previewed.
func (p standardPage) url() string {
	if p.Standard.ID == 0 {
		return "/admin/standards"
	}
	return standardURL(p.Standard.ID)
}

// previewURL shows the same form with a preview.
func (p standardPage) previewURL() string {
	if p.Standard.ID == 0 {
		return "/admin/standards/new"
	}
	return p.url()
}

func standardURL(id int64) string { return fmt.Sprintf("/admin/standards/%d", id) }

// cutText is the beginning of a text, in one line.
func cutText(s string) string {
	return note.Cut(strings.Join(strings.Fields(s), " "), 140, "…")
}
