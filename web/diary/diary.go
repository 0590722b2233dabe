// Package diary has the screen of a member's day: who is to be worked today and
// why, in which order, and the walk from one to the next. What stands in the list
// and how it is ranked, the domain says.
package diary

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/handover"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/", app.In(show(app)))
	r.Get("/day/since", app.In(since))
	r.Post("/day/assignment", app.In(assign(app)))
	r.Post("/walk", app.In(start))
	r.Get("/walk/next", app.In(next))
	r.Post("/walk/end", app.In(end))
	r.Get("/diary", app.In(showSheet))
	r.Get("/diary/entry", app.In(showEntry))
	r.Post("/diary/completion", app.In(completeEntry))
	r.Post("/diary/dates", app.In(moveEntry))
	r.Post("/diary/assignment", app.In(giveAwayTasks))
	f := &feeds{app: app, asked: web.Limit{Most: 30}}
	r.Get("/diary/feed", app.In(f.show))
	r.Post("/diary/feed", app.In(f.make))
	r.Post("/diary/feed/end", app.In(f.end))
	r.Get("/feeds/{token}", app.Public(f.serve))
	r.Get("/absences", app.In(showAbsences))
	r.Post("/absences", app.In(planAbsence(app)))
	r.Post("/absences/{absence}/end", app.In(endAbsence(app)))
}

// dayPage is the screen of a day.
type dayPage struct {
	diary.Day
	whose
	Today day.Day
	Clock string // the tenant's wall clock, HH:MM
	// Here is the address of the page with nobody opened; with a customer's id
	// behind it HereOpen is that with the customer opened.
	Here, HereOpen string
	Open           opened
	To             string // whom a manager chose to give something to
	Ticked         map[string]bool
	Errors         errs.Invalid
}

// whose tells whose day it is.
type whose struct {
	Member int64 // diary.NoOwner: nobody's
	Me     int64
	Name   string         // empty: one's own
	People []diary.Person // for managers: whose else it can be
}

// readWhose reads whose day is asked for: one's own, unless the form says whose.
func readWhose(r *http.Request, tx *tenant.Tx) (w whose, err error) {
	w = whose{Member: tx.Actor.MemberID, Me: tx.Actor.MemberID}
	switch asked := r.Form.Get("member"); asked {
	case "":
	case "none":
		w.Member, w.Name = diary.NoOwner, "No owner"
	default:
		if w.Member = web.Number(asked); w.Member == 0 {
			return w, errs.NotFound
		}
	}
	if err := diary.May(r.Context(), tx, w.Member); err != nil {
		return w, err
	}
	if !tx.Actor.Is(tenant.Manager) {
		return w, w.cover(r, tx)
	}
	if w.People, err = diary.People(r.Context(), tx); err != nil {
		return w, err
	}
	return w, w.find()
}

// notCounted is what is due of who sees it all on the page.
const notCounted = -1

// cover adds the diaries that somebody who is no manager may look into: of those whose
// work they do.
func (w *whose) cover(r *http.Request, tx *tenant.Tx) error {
	if w.Member == w.Me {
		for i, c := range ui.PageOf(r.Context()).Covers {
			if i == 0 {
				w.People = []diary.Person{{ID: w.Me, Name: tx.Actor.Name, Due: notCounted}}
			}
			w.People = append(w.People, diary.Person{ID: c.Member, Name: c.Name, Due: c.Waiting})
		}
		return nil
	}
	list, err := diary.Covered(r.Context(), tx)
	if err != nil {
		return err
	}
	w.People = []diary.Person{{ID: w.Me, Name: tx.Actor.Name, Due: notCounted}}
	for _, c := range list {
		w.People = append(w.People, diary.Person{ID: c.MemberID, Name: c.Member, Due: c.Waiting})
	}
	return w.find()
}

// find names the member whose day it is, who has to be one of the list.
func (w *whose) find() error {
	for _, p := range w.People {
		if p.ID != w.Member {
			continue
		}
		if p.ID != w.Me && p.ID != diary.NoOwner {
			w.Name = p.Name
		}
		return nil
	}
	return errs.NotFound
}

// key is how the address says whose day it is.
func (w whose) key() string {
	switch w.Member {
	case w.Me:
		return ""
	case diary.NoOwner:
		return "none"
	}
	return strconv.FormatInt(w.Member, 10)
}

// at is the address of a page of the day, with a customer opened unless 0.
func (w whose) at(from int, open int64) string {
	q := url.Values{}
	if key := w.key(); key != "" {
		q.Set("member", key)
	}
	if from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	if open != 0 {
		q.Set("open", strconv.FormatInt(open, 10))
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

func show(app *web.App) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p, err := load(r, tx, app)
		if err != nil {
			return err
		}
		if len(p.Entries) == 0 && p.From > 0 { // the list has become shorter
			return web.SeeOther(w, r, p.at(0, 0), "")
		}
		return web.Render(w, r, http.StatusOK, dayScreen(&p))
	}
}

func load(r *http.Request, tx *tenant.Tx, app *web.App) (p dayPage, err error) {
	p.Today, p.Clock = tx.Today(), followup.Clock(tx)
	if p.whose, err = readWhose(r, tx); err != nil {
		return p, err
	}
	from := min(web.Number(r.Form.Get("from")), 1_000_000)
	lately := app.KeptCounts(r.Context(), tx, p.Member)
	if p.Day, err = diary.Read(r.Context(), tx, p.Member, int(from), lately); err != nil {
		return p, err
	}
	if p.Long() && !lately.Long() {
		app.KeepCounts(r.Context(), tx, p.Member, p.Counts)
	}
	p.Here = p.at(p.From, 0)
	p.HereOpen = strings.TrimSuffix(p.at(p.From, 1), "1")
	if id := web.Number(r.Form.Get("open")); id != 0 {
		p.Open, err = p.open(r.Context(), tx, id)
	}
	return p, err
}

// newsPage is what came in lately.
type newsPage struct {
	whose
	diary.News
	Today day.Day
	// HandOvers are to the reader, on their own day, and not put away yet.
	HandOvers []handover.Made
}

// since is fetched by the day once it is there: what came in is worth a look, not
// a wait. Without JavaScript it is a page of its own.
func since(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := newsPage{Today: tx.Today()}
	var err error
	if p.whose, err = readWhose(r, tx); err != nil {
		return err
	}
	if p.News, err = diary.Since(r.Context(), tx, p.Member); err != nil {
		return err
	}
	if p.Member == tx.Actor.MemberID {
		if p.HandOvers, err = handover.Unread(r.Context(), tx); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, newsScreen(p, r.Header.Get("HX-Request") != ""))
}
