package diary

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// look is how the tasks of a kind look, and where they lead.
type look struct {
	icon, name string
	tab        string // of the customer, where it stands; empty: the first
	own        string // where it is worked, by the task's id; empty: workPath knows
}

var looks = map[diary.Kind]look{
	diary.FollowUp: {"flag", "Follow-up", "", ""},
	diary.Contact:  {"message", "Contact", "/summary", ""},
	diary.Promise:  {"coin", "Promise", "/account/promises", "/promises/%d"},
	diary.Case:     {"folder", "Case", "/cases", "/cases/%d"},
	diary.Agenda:   {"list-check", "Agenda", "/collections", "/agenda/%d"},
}

// taskURL leads to the customer, at the tab where the task stands.
func taskURL(t *diary.Task) templ.SafeURL {
	path := "/customers/" + strconv.FormatInt(t.CustomerID, 10) + looks[t.Kind].tab
	if t.Kind == diary.Contact {
		path += "#contact-" + strconv.FormatInt(t.ID, 10)
	}
	return templ.SafeURL(path)
}

// workPath leads to where the task itself is worked.
func workPath(t *diary.Task) string {
	switch t.Kind {
	case diary.FollowUp:
		return fmt.Sprintf("/customers/%d/followups/%d", t.CustomerID, t.ID)
	case diary.Contact:
		return fmt.Sprintf("/customers/%d/contacts/%d", t.CustomerID, t.ID)
	}
	return fmt.Sprintf(looks[t.Kind].own, t.ID)
}

// entryPage is one task with what can be done about it.
type entryPage struct {
	diary.Task
	Who     string // whose it is; empty: nobody's
	Mine    bool
	Back    string
	Members []member.Choice // to whom it can be given; nil: not by who asks
	Quick   []followup.Quick
	Typed   struct{ On, At, Reason, To string }
	Notice  string // why something was not done
	Errors  errs.Invalid
}

func showEntry(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEntry(r, tx)
	if err != nil {
		return err
	}
	if p.Ended { // a calendar may show it for hours yet
		return web.Warned(w, r, workPath(&p.Task), goneFromDiary)
	}
	return web.Render(w, r, http.StatusOK, entryScreen(p))
}

func loadEntry(r *http.Request, tx *tenant.Tx) (p entryPage, err error) {
	p.Back = web.Local(r.Form.Get("back"), "/diary")
	if p.Task, err = diary.Find(r.Context(), tx, r.Form.Get("task")); err != nil {
		return p, err
	}
	p.Typed.On, p.Typed.At, p.Mine = p.On.String(), p.At, p.MemberID == tx.Actor.MemberID
	return p, p.choices(r.Context(), tx)
}

func (p *entryPage) choices(ctx context.Context, tx *tenant.Tx) (err error) {
	all, err := member.Choices(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.ID == p.MemberID {
			p.Who = m.Name
		} else if diary.CanGive(tx.Actor) && p.Kind != diary.Agenda {
			p.Members = append(p.Members, m)
		}
	}
	p.Quick, err = followup.QuickDates(ctx, tx)
	return err
}

const goneFromDiary = "This is not in the diary any more. What became of it stands here."

// move puts a task on another day.
func moveEntry(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEntry(r, tx)
	if err != nil {
		return err
	}
	p.Typed.On, p.Typed.At, p.Typed.Reason = r.PostFormValue("due_on"), r.PostFormValue("due_at"), r.PostFormValue("reason")
	if quick := r.PostFormValue("quick"); quick != "" {
		p.Typed.On = quick
	}
	if p.Ended {
		return p.over(w, r, tx)
	}
	on, err := day.Parse(p.Typed.On)
	if err != nil && p.Typed.On != "" {
		p.Errors = errs.Invalid{"due_on": "Give the day as 2026-03-16."}
		return web.Render(w, r, http.StatusUnprocessableEntity, entryScreen(p))
	}
	err = diary.Reschedule(r.Context(), tx, p.Task, diary.Move{Version: web.Version(r), On: on, At: p.Typed.At, Reason: p.Typed.Reason})
	if err != nil {
		return p.refused(w, r, err)
	}
	said, err := p.moved(r.Context(), tx, on)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.Back, said)
}

// moved says where the task stands now, and warns where nobody may be there then.
func (p entryPage) moved(ctx context.Context, tx *tenant.Tx, on day.Day) (string, error) {
	name := looks[p.Kind].name + " of " + p.Customer
	if on.IsZero() {
		return name + ": it has no date now.", nil
	}
	warning, err := followup.Warning(ctx, tx, on)
	return strings.TrimSpace(fmt.Sprintf("%s: moved to %s. %s", name, on.Long(), warning)), err
}

// over shows an entry that has ended, and by whom, to whoever came second.
func (p entryPage) over(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return p.refused(w, r, diary.Over(r.Context(), tx, p.Task))
}

// unchanged answers where the entry is not any more the one that was shown, with what it
// says now. A form that says no version goes by the entry as it is.
func (p entryPage) unchanged(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (refused bool, err error) {
	shown := p.Version
	if r.PostForm.Has("version") {
		shown = web.Version(r)
	}
	why := diary.Unchanged(r.Context(), tx, p.Task, shown)
	if !errors.As(why, new(errs.Conflict)) {
		return false, why
	}
	now, err := loadEntry(r, tx)
	if err != nil {
		return false, err
	}
	now.Typed.To = p.Typed.To
	return true, now.refused(w, r, why)
}

// refused shows the entry again, with why nothing was done.
func (p entryPage) refused(w http.ResponseWriter, r *http.Request, err error) error {
	status := http.StatusUnprocessableEntity
	var second errs.Conflict
	switch {
	case errors.As(err, &second):
		status, p.Notice = http.StatusConflict, string(second)
	case !errors.As(err, &p.Errors):
		return err
	}
	return web.Render(w, r, status, entryScreen(p))
}

// completeEntry ends a follow-up as done. All else ends where it is worked, which
// asks for what came of it: there it leads.
func completeEntry(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEntry(r, tx)
	if err != nil {
		return err
	}
	if p.Ended {
		return p.over(w, r, tx)
	}
	if p.Kind != diary.FollowUp {
		return web.SeeOther(w, r, workPath(&p.Task), endings[p.Kind])
	}
	if refused, err := p.unchanged(w, r, tx); refused || err != nil {
		return err
	}
	if err := followup.Complete(r.Context(), tx, p.CustomerID, p.ID, ""); err != nil {
		return p.refused(w, r, err)
	}
	undo := fmt.Sprintf("/customers/%d/followups/restoration?follow_up=%d", p.CustomerID, p.ID)
	return web.Undoable(w, r, p.Back, "The follow-up of "+p.Customer+" is done.", undo)
}

// endings say how those end that need more than a tick.
var endings = map[diary.Kind]string{
	diary.Contact: "A contact ends with words on what came of it: close it here, or follow it up.",
	diary.Promise: "A promise ends when the money comes or the day has passed. Here it can be replaced or withdrawn.",
	diary.Case:    "A case ends with a word and a confirmation: close it here.",
	diary.Agenda:  "An entry of the agenda is done once something was done about it: do it here.",
}

// late tells that a task is past its day, or its hour on the day.
func late(t *diary.Task, today day.Day, clock string) bool {
	return t.Late(today) || t.On == today && t.At != "" && t.At <= clock
}

// when is the day and hour of a task in few words.
func (p *sheetPage) when(t *diary.Task) string {
	switch days := p.Today.Sub(t.On); {
	case t.On.IsZero():
		return "no date"
	case t.Late(p.Today):
		return ui.Count(days, "day", "days") + " late"
	case t.At != "":
		return t.At
	}
	return "any time"
}
