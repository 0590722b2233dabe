package customers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// mergePage asks which customer is the same as this one, shows the two, and says what
// would move.
type mergePage struct {
	Customer customer.Customer // who stays
	Typed    string            // of the search
	Hits     []customer.Hit
	With     string // the other one's id as typed; empty: not chosen yet
	Look     *merge.Preview
	Already  *merge.Already // somebody else was first
	Figures  map[int64][]ledger.Figure
	Reason   string
	Errors   errs.Invalid
}

func newMerge(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadMerge(r, tx)
	if err != nil {
		return err
	}
	if p.Customer.MergedInto != nil {
		return lead(w, r, p.Customer)
	}
	return web.Render(w, r, p.status(), mergeScreen(p))
}

func (p mergePage) status() int {
	if len(p.Errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// loadMerge finds who may be the same, until one is chosen; then what would move.
func loadMerge(r *http.Request, tx *tenant.Tx) (p mergePage, err error) {
	if !merge.CanMerge(tx.Actor) {
		return p, merge.ErrMerging
	}
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	p.With, p.Reason = r.FormValue("with"), r.PostFormValue("reason")
	p.Typed = strings.TrimSpace(r.FormValue("q"))
	if p.With != "" {
		look, err := merge.Look(r.Context(), tx, web.Number(p.With), p.Customer.ID)
		if err == nil {
			p.Look = &look
		} else if !errors.As(err, &p.Errors) {
			return p, err
		}
	}
	if p.Look == nil {
		if p.Hits, err = merge.Likely(r.Context(), tx, p.Customer, p.Typed); err != nil {
			return p, err
		}
	}
	p.Figures, err = ledger.Figures(r.Context(), tx, p.shown())
	return p, err
}

// shown are the customers whose figures stand on the page.
func (p mergePage) shown() (ids []int64) {
	for _, h := range p.Hits {
		ids = append(ids, h.ID)
	}
	if p.Look != nil {
		ids = append(ids, p.Look.From.ID)
	}
	return append(ids, p.Customer.ID)
}

func mergeWith(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadMerge(r, tx)
	if err != nil {
		return err
	}
	if done, err := p.already(w, r, tx); done || err != nil {
		return err
	}
	if p.With == "" {
		p.Errors.Check(false, "with", "Choose the customer who is the same as this one.")
	}
	if len(p.Errors) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, mergeScreen(p))
	}
	err = merge.Merge(r.Context(), tx, merge.Plan{From: p.Look.From.ID, Into: p.Customer.ID, Reason: p.Reason,
		FromVersion: web.ParseVersion(r.PostFormValue("from_version")), IntoVersion: web.Version(r)})
	var moved errs.Conflict
	switch {
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, mergeScreen(p))
	case errors.As(err, &moved):
		if done, err := p.already(w, r, tx); done || err != nil {
			return err
		}
		// what moves now stands on the page, and what was typed
		p.Errors = errs.Invalid{"": string(moved)}
		return web.Render(w, r, http.StatusConflict, mergeScreen(p))
	case err != nil:
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), fmt.Sprintf("%s, %s, is part of this customer now.", p.Look.From.Number, p.Look.From.Name))
}

// already tells that one of the two is no customer of its own any more, and answers
// then: who did that, and the way to the one who stayed.
func (p mergePage) already(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (done bool, err error) {
	with := web.Number(p.With)
	if with == 0 {
		with = p.Customer.ID
	}
	if p.Already, err = merge.FindAlready(r.Context(), tx, p.Customer.ID, with); p.Already == nil {
		return false, err
	}
	p.Errors = errs.Invalid{"": p.Already.String()}
	return true, web.Render(w, r, http.StatusConflict, mergeScreen(p))
}

// choose is the address of the page with that one chosen.
func (p mergePage) choose(id int64) string {
	return fmt.Sprintf("/customers/%d/merge?%s", p.Customer.ID, url.Values{"with": {strconv.FormatInt(id, 10)}, "q": {p.Typed}}.Encode())
}

// turned is the address of the same two the other way round.
func (p mergePage) turned() string {
	return fmt.Sprintf("/customers/%d/merge?with=%d", p.Look.From.ID, p.Customer.ID)
}
