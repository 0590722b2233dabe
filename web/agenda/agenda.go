// Package agenda has the screens of the dunning agenda: the list of who is to be
// reminded, the entry that one works on, what a run would do, and what is done
// with many at once. Who stands there and why, and what counts, the domain says.
package agenda

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app, dunning.Desk{Box: app.Outbox}}
	r.Get("/agenda", app.In(s.list))
	r.Post("/agenda/run", app.In(run))
	r.Post("/agenda/waiver", app.In(s.waive))
	r.Get("/agenda/preview", app.In(preview))
	r.Get("/agenda/loose", app.In(loose))
	r.Get("/agenda/cash", app.In(cash))
	r.Get("/agenda/stranded", app.In(stranded))
	r.Post("/agenda/walk", app.In(start))
	r.Get("/agenda/bulk", app.In(s.planBulk))
	r.Post("/agenda/bulk", app.In(s.startBulk))
	r.Get("/agenda/batches", app.In(lately))
	r.Get("/agenda/batches/barred", app.In(s.barred))
	r.Get("/agenda/batches/barred/counts", app.In(s.barredCounts))
	r.Get("/agenda/batches/{batch}", app.In(showBatch))
	r.Post("/agenda/batches/{batch}/end", app.In(bringBackAll))
	r.Get("/agenda/batches/{batch}/letters.pdf", app.Stream(s.letters))
	r.Route("/agenda/{agenda_entry}", func(r chi.Router) {
		r.Get("/", app.In(s.show))
		r.Post("/letter", app.In(s.letter))
		r.Post("/email", app.In(s.email))
		r.Post("/sms", app.In(s.sms))
		r.Post("/call", app.In(s.call))
		r.Post("/manual", app.In(s.manual))
		r.Post("/completion", app.In(s.complete))
		r.Post("/later", app.In(s.later))
		r.Post("/later/end", app.In(s.bringBack))
	})
}

// screens are those that need the sessions or the outbox.
type screens struct {
	app  *web.App
	desk dunning.Desk
}

// pageSize is how many entries stand on a page.
const pageSize = 25

// listPage is the screen of the agenda.
type listPage struct {
	dunning.Agenda
	query
	Branches []member.Unit
	Shut     string // what keeps what levels send by themselves a way that is not set up
	Open     *work  // the row that is opened in place
}

func (s screens) list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if to := s.remembered(r, tx); to != "" {
		return web.SeeOther(w, r, to, "")
	}
	q, err := readQuery(r.Form)
	if err != nil {
		return err
	}
	p := listPage{query: q}
	b := tx.Batch()
	if err := dunning.QueueAgenda(b, p.Filter, &p.Agenda); err != nil {
		return err
	}
	member.Branches.Queue(b, &p.Branches)
	if err := b.Send(r.Context()); err != nil {
		return err
	}
	if len(p.Rows) == 0 && p.Filter.After.ID != 0 { // the list has become shorter
		return web.SeeOther(w, r, p.address(), "")
	}
	if p.Shut, err = s.desk.Shut(r.Context(), tx, p.Agenda); err != nil {
		return err
	}
	s.remember(r, tx, p)
	s.app.Waiting(r.Context(), tx, p.Mine)
	if err := s.open(r, tx, &p); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// open reads what is needed to work the row that is opened in place. One that is
// not of the page stays closed.
func (s screens) open(r *http.Request, tx *tenant.Tx, p *listPage) error {
	id := web.Number(r.Form.Get("open"))
	for _, row := range p.Rows {
		if id != 0 && row.ID == id {
			o, err := readWork(r.Context(), tx, id)
			p.Open = &o
			if r.Form.Get("do") == "later" {
				o.Do = "later"
			}
			if err != nil {
				return err
			}
			o.Back, o.Leave = p.at(id), p.at(0)
			return s.waysOut(r.Context(), tx, &o)
		}
	}
	return nil
}

// waysOut asks what leaves at once and what is held.
func (s screens) waysOut(ctx context.Context, tx *tenant.Tx, o *work) (err error) {
	o.Mail = s.desk.Box.Ready()
	_, o.HeldSMS, err = s.desk.Box.ReadySMS(ctx, tx)
	return err
}

// here is the address of the page as it is shown, to come back to.
func (p listPage) here() string {
	if p.Open == nil {
		return p.at(0)
	}
	return p.at(p.Open.ID) + doing(p.Open.Do)
}

func run(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	done, err := dunning.RunOnly(r.Context(), tx, tx.Today())
	var inv errs.Invalid
	if errors.As(err, &inv) { // the form has no fields
		return errs.Conflict(inv["as_of"])
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/agenda"), fmt.Sprintf("The run looked at %d items: %d entries are new, %d were brought up to date, %d withdrawn.",
		done.Items, done.Opened, done.Updated, done.Withdrawn))
}

// waive lets automatic reminders go out today without the payments, and says what else
// keeps them.
func (s screens) waive(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := dunning.WaivePayments(r.Context(), tx); err != nil {
		return err
	}
	all, some, err := s.desk.AutomaticWaits(r.Context(), tx)
	if err != nil {
		return err
	}
	said := "Automatic reminders go out today, whatever payments are loaded. Tomorrow they wait again."
	switch {
	case all != "":
		said = "Automatic reminders no longer wait for the payments today. Something else keeps them: " + all
	case some != "":
		said = some + " Other automatic reminders go out today, whatever payments are loaded. Tomorrow they wait again."
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/agenda"), said)
}

func entryPath(id int64) string { return fmt.Sprintf("/agenda/%d", id) }

func customerPath(id int64) string { return fmt.Sprintf("/customers/%d", id) }
