package diary

import (
	"errors"
	"net/http"
	"strconv"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// absencePage is who is away, and the form for one more absence.
type absencePage struct {
	List    []member.Absence
	Members []ui.Option
	Manager bool // whose absence it is can be chosen
	Typed   struct{ Member, Cover, From, Until, Note string }
	Errors  errs.Invalid
	Notice  string // why something was not done
}

func loadAbsences(r *http.Request, tx *tenant.Tx) (p absencePage, err error) {
	of := tx.Actor.MemberID
	if p.Manager = tx.Actor.Is(tenant.Manager); p.Manager {
		of = 0
	}
	if p.List, err = member.Absences(r.Context(), tx, of); err != nil {
		return p, err
	}
	people, err := member.Choices(r.Context(), tx)
	if err != nil {
		return p, err
	}
	p.Members = []ui.Option{{Label: "Choose…"}}
	for _, m := range people {
		p.Members = append(p.Members, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	p.Typed.Member = strconv.FormatInt(tx.Actor.MemberID, 10)
	return p, nil
}

func showAbsences(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadAbsences(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, absencesScreen(p))
}

// planAbsence says that somebody is away, and who covers.
func planAbsence(app *web.App) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p, err := loadAbsences(r, tx)
		if err != nil {
			return err
		}
		t := &p.Typed
		if r.PostForm.Has("away") {
			t.Member = r.PostFormValue("away")
		}
		t.Cover, t.From, t.Until, t.Note = r.PostFormValue("cover"), r.PostFormValue("from_on"), r.PostFormValue("until_on"), r.PostFormValue("note")
		from, _ := day.Parse(t.From) // what is no day is asked for anew
		until, _ := day.Parse(t.Until)
		_, err = member.PlanAbsence(r.Context(), tx, web.Number(t.Member), member.Leave{CoverID: web.Number(t.Cover), FromOn: from, UntilOn: until, Note: t.Note})
		if errors.As(err, &p.Errors) {
			return web.Render(w, r, http.StatusUnprocessableEntity, absencesScreen(p))
		}
		if err != nil {
			return err
		}
		if err := app.CountCovers(r.Context(), tx); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/absences", "The absence is planned. Nothing changes hands: whoever covers sees that day and diary meanwhile.")
	}
}

func endAbsence(app *web.App) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		a, err := member.EndAbsence(r.Context(), tx, web.ID(r, "absence"), web.Version(r))
		var second errs.Conflict
		switch {
		case errors.Is(err, errs.NotFound): // one that had not begun is gone when it is ended
			return absencesNow(w, r, tx, http.StatusNotFound, "There is no such absence, or it was ended already. This is the list as it is now.")
		case errors.As(err, &second):
			return absencesNow(w, r, tx, http.StatusConflict, string(second))
		case err != nil:
			return err
		}
		if err := app.CountCovers(r.Context(), tx); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/absences", a.Member+" is not away any more; "+a.Cover+" covers no longer.")
	}
}

// absencesNow shows the list to who comes second.
func absencesNow(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, status int, notice string) error {
	p, err := loadAbsences(r, tx)
	if err != nil {
		return err
	}
	p.Notice = notice
	return web.Render(w, r, status, absencesScreen(p))
}
