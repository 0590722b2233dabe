// Package handover has the screens on which one member's work is given to others:
// whose and to whom, what each would get, and what was done. Who gets what the domain
// says.
package handover

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/handover", app.In(plan))
	r.Post("/handover", app.In(give))
	r.Get("/handover/{hand_over}", app.In(show))
	r.Post("/handover/{hand_over}/acknowledgement", app.In(acknowledge))
}

// planPage asks whose work goes to whom, and says what would happen.
type planPage struct {
	Form   ui.HandOverForm
	From   string // as typed; empty: nobody chosen yet
	Name   string // of whose work it is
	Held   handover.Held
	Look   *handover.Preview // nil: not asked for yet
	Recent []handover.Made
}

func plan(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	if p.Form.Errors != nil {
		return web.Render(w, r, http.StatusUnprocessableEntity, planScreen(p))
	}
	return web.Render(w, r, http.StatusOK, planScreen(p))
}

// load reads the form and looks up what it is about: what is held, and once it says
// to whom, what each would get.
func load(r *http.Request, tx *tenant.Tx) (p planPage, err error) {
	p.From = r.FormValue("from")
	p.Form = ui.HandOverForm{Rule: r.FormValue("rule"), To: r.Form["to"], Note: r.FormValue("note"), From: web.Number(p.From)}
	if p.Form.People, err = handover.People(r.Context(), tx); err != nil {
		return p, err
	}
	if p.Recent, err = handover.Recent(r.Context(), tx); err != nil || p.From == "" {
		p.Form.Rule = string(handover.ToPeople)
		return p, err
	}
	if p.Name = p.name(); p.Name == "" {
		return p, errs.NotFound
	}
	if p.Held, err = handover.Holds(r.Context(), tx, p.Form.From); err != nil {
		return p, err
	}
	if p.Form.Rule == "" {
		p.Form.Rule = string(handover.ToPeople)
		return p, nil
	}
	asked := p.Form.Plan()
	asked.Note = "" // looked at when it is sent
	look, err := handover.Look(r.Context(), tx, asked)
	if errors.As(err, &p.Form.Errors) {
		return p, nil
	}
	p.Look = &look
	return p, err
}

// name is whose work it is; empty: there is no such member.
func (p planPage) name() string {
	if p.From == gone {
		return "everybody who has left"
	}
	for _, q := range p.Form.People {
		if q.ID == p.Form.From {
			return q.Name
		}
	}
	return ""
}

// gone stands for everybody who has left.
const gone = "0"

// givers are those whose work can be handed over.
func (p planPage) givers() []ui.Option {
	list := []ui.Option{{Value: "", Label: "choose"}, {Value: gone, Label: "Everybody who has left"}}
	for _, q := range p.Form.People {
		o := ui.Option{Value: strconv.FormatInt(q.ID, 10), Label: q.Name}
		if !q.Active {
			o.Label += " (no longer here)"
		}
		list = append(list, o)
	}
	return list
}

func give(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	if p.From == "" {
		p.Form.Errors = errs.Invalid{"from": "Choose whose work is to be handed over."}
	}
	if p.Form.Errors != nil {
		return web.Render(w, r, http.StatusUnprocessableEntity, planScreen(p))
	}
	done, err := handover.Give(r.Context(), tx, p.Form.Plan())
	if errors.As(err, &p.Form.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, planScreen(p))
	}
	if err != nil {
		return err
	}
	said := "Handed over: the work of " + p.Name + "."
	if left := done.Left.Total(); left > 0 {
		said += fmt.Sprintf(" %s where it was: %s.", ui.Count(left, "thing stays", "things stay"), p.whyLeft())
	}
	return web.SeeOther(w, r, path(done.ID), said)
}

func path(id int64) string { return fmt.Sprintf("/handover/%d", id) }

// rows say who would get how much.
func (p planPage) rows() []ui.HandOverRow {
	list := []ui.HandOverRow{{Name: "Now: " + p.Name, All: true, Counts: p.Held.Counts}}
	for _, s := range p.Look.Shares {
		list = append(list, ui.HandOverRow{Name: s.Name, Counts: s.Counts})
	}
	if p.Look.Nobodys.Total() > 0 {
		list = append(list, ui.HandOverRow{Name: "Everybody", Remark: "it stands open to all, or goes by its own rule", Counts: p.Look.Nobodys})
	}
	if p.Look.Left.Total() > 0 {
		list = append(list, ui.HandOverRow{Name: "Stays", Remark: p.whyLeft(), Counts: p.Look.Left})
	}
	return list
}

// whyLeft says why something would stay.
func (p planPage) whyLeft() string {
	if len(p.Form.To) == 0 {
		return "by this rule nobody gets that unless somebody is ticked"
	}
	return "nobody of the chosen sees these customers, or is there"
}

// inVain tells that something is open and nobody would get any of it.
func (p planPage) inVain() bool {
	for _, s := range p.Look.Shares {
		if s.Counts.Total() > 0 {
			return false
		}
	}
	return p.Look.Left.Total() > 0
}

// madePage is a hand-over that was made.
type madePage struct {
	handover.Made
	Me int64
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	m, err := handover.Find(r.Context(), tx, web.ID(r, "hand_over"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, madeScreen(madePage{m, tx.Actor.MemberID}))
}

func acknowledge(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := handover.Acknowledge(r.Context(), tx, web.ID(r, "hand_over")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/", "Put away.")
}

// waiting tells that the reader has not put away their own share.
func (p madePage) waiting() bool {
	for _, s := range p.Shares {
		if s.MemberID == p.Me && s.ReadAt == nil {
			return true
		}
	}
	return false
}

// held is what was handed over in all.
func (p madePage) held() handover.Counts {
	all := handover.Counts{}
	for _, s := range p.Shares {
		for k, n := range s.Counts {
			all[k] += n
		}
	}
	return all
}

func (p madePage) rows() (list []ui.HandOverRow) {
	for _, s := range p.Shares {
		row := ui.HandOverRow{Name: s.Name, Counts: s.Counts, Remark: "has not read it yet"}
		if s.ReadAt != nil {
			row.Remark = "has read it"
		}
		list = append(list, row)
	}
	return list
}

// of names whose work it was.
func of(m handover.Made) string {
	if m.Of == "" {
		return "everybody who had left"
	}
	return m.Of
}
