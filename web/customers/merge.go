package customers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	Figures  map[int64][]ledger.Figure
	Reason   string
	Errors   errs.Invalid
}

func newMerge(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadMerge(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, p.status(), mergeScreen(p))
}

func (p mergePage) status() int {
	if len(p.Errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// candidates is how many customers are offered.
const candidates = 10

// loadMerge finds who may be the same, until one is chosen; then what would move.
func loadMerge(r *http.Request, tx *tenant.Tx) (p mergePage, err error) {
	if !merge.CanMerge(tx.Actor) {
		return p, merge.ErrMerging
	}
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	p.With, p.Reason = r.FormValue("with"), r.PostFormValue("reason")
	if p.Typed = strings.TrimSpace(r.FormValue("q")); p.Typed == "" {
		p.Typed = telling(p.Customer.Name)
	}
	if p.With != "" {
		look, err := merge.Look(r.Context(), tx, web.Number(p.With), p.Customer.ID)
		if err == nil {
			p.Look = &look
		} else if !errors.As(err, &p.Errors) {
			return p, err
		}
	}
	if p.Look == nil {
		if p.Hits, err = customer.Search(r.Context(), tx, p.Typed, candidates+1); err != nil {
			return p, err
		}
	}
	p.Figures, err = ledger.Figures(r.Context(), tx, p.shown())
	return p, err
}

// general are words that the names of many companies have: what they are, in law and
// in trade.
var general = strings.Fields("aktiengesellschaft associates beteiligungs company corporation gesellschaft gmbh group gruppe holding holdings " +
	"incorporated international limited partners service services société solutions sociedad società spółka trading")

// telling is the word that two ways of writing one name are likely to share: the
// longest, of those that other names hardly have where there is one.
func telling(name string) string {
	words := strings.Fields(name)
	own := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return slices.Contains(general, strings.ToLower(strings.Trim(w, ".,()")))
	})
	if len(own) > 0 {
		words = own
	}
	return slices.MaxFunc(append(words, ""), func(a, b string) int { return len(a) - len(b) })
}

// shown are the customers whose figures stand on the page.
func (p *mergePage) shown() (ids []int64) {
	others := p.Hits[:0]
	for _, h := range p.Hits {
		if h.ID != p.Customer.ID {
			others, ids = append(others, h), append(ids, h.ID)
		}
	}
	p.Hits = others
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
	if p.With == "" {
		p.Errors.Check(false, "with", "Choose the customer who is the same as this one.")
	}
	if len(p.Errors) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, mergeScreen(p))
	}
	err = merge.Merge(r.Context(), tx, merge.Plan{From: p.Look.From.ID, Into: p.Customer.ID, Reason: p.Reason,
		FromVersion: int(web.Number(r.PostFormValue("from_version"))), IntoVersion: web.Version(r)})
	var moved errs.Conflict
	switch {
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, mergeScreen(p))
	case errors.As(err, &moved): // what moves now stands on the page, and what was typed
		p.Errors = errs.Invalid{"": string(moved)}
		return web.Render(w, r, http.StatusConflict, mergeScreen(p))
	case err != nil:
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), fmt.Sprintf("%s, %s, is part of this customer now.", p.Look.From.Number, p.Look.From.Name))
}

// choose is the address of the page with that one chosen.
func (p mergePage) choose(id int64) string {
	return fmt.Sprintf("/customers/%d/merge?%s", p.Customer.ID, url.Values{"with": {strconv.FormatInt(id, 10)}, "q": {p.Typed}}.Encode())
}

// turned is the address of the same two the other way round.
func (p mergePage) turned() string {
	return fmt.Sprintf("/customers/%d/merge?with=%d", p.Look.From.ID, p.Customer.ID)
}
