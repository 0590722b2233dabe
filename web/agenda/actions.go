package agenda

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// answer ends a write about an entry: back where it was sent from, or the entry's
// page with what was typed and why it was not taken.
func (s screens) answer(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, err error, flash string) error {
	id := web.ID(r, "agenda_entry")
	var refused errs.Invalid
	var forbidden errs.Forbidden
	var conflict errs.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), entryPath(id)), flash)
	case errors.As(err, &conflict):
		status = http.StatusConflict
	case !errors.As(err, &refused) && !errors.As(err, &forbidden):
		return err
	}
	p, rerr := s.entry(r.Context(), tx, id)
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	p.Typed, p.Errors, p.Notice = r.PostForm, refused, string(conflict)+string(forbidden)
	return web.Render(w, r, status, entryScreen(p))
}

// whole is the refusal of what one button does: it has no fields beside which the
// reasons could stand.
func whole(err error) error {
	var refused errs.Invalid
	if !errors.As(err, &refused) {
		return err
	}
	var all []string
	for _, field := range slices.Sorted(maps.Keys(refused)) {
		all = append(all, refused[field])
	}
	return errs.Invalid{"": strings.Join(all, " ")}
}

// order is what was asked for on the entry as it was shown.
func order(r *http.Request) dunning.Order {
	return dunning.Order{Override: r.PostFormValue("override"), Version: web.Version(r)}
}

func (s screens) letter(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	message, err := s.desk.Print(r.Context(), tx, web.ID(r, "agenda_entry"), order(r))
	if err != nil {
		return s.answer(w, r, tx, whole(err), "")
	}
	e, err := dunning.FindEntry(r.Context(), tx, web.ID(r, "agenda_entry"))
	if err != nil {
		return err
	}
	to := web.Local(r.PostFormValue("back"), entryPath(e.ID))
	made := "The letter to " + e.Name + " is made."
	if none := statement.Missing(e.Name); none != "" {
		made += " It has no shape for " + none + ": look at it before it goes into the post."
	}
	return web.Linked(w, r, to, made, "Open it to print", fmt.Sprintf("%s/messages/%d", customerPath(e.CustomerID), message))
}

func (s screens) email(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	_, err := s.desk.Mail(r.Context(), tx, web.ID(r, "agenda_entry"), order(r))
	flash := "The e-mail is on its way."
	if !s.desk.Box.Ready() {
		flash = "The e-mail is held: no mail server is set up here yet. It does not count before it is sent."
	}
	return s.answer(w, r, tx, whole(err), flash)
}

func (s screens) sms(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	_, held, err := s.desk.Box.ReadySMS(r.Context(), tx)
	if err != nil {
		return err
	}
	flash := "The SMS is on its way."
	if held != "" {
		flash = "The SMS is held, and does not count before it is sent. " + held
	}
	_, err = s.desk.SMS(r.Context(), tx, web.ID(r, "agenda_entry"), order(r))
	return s.answer(w, r, tx, whole(err), flash)
}

func (s screens) call(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := r.PostFormValue
	err := dunning.LogCall(r.Context(), tx, web.ID(r, "agenda_entry"), dunning.Call{
		DispositionID: web.Number(f("disposition")), PointID: web.Number(f("point")), Number: f("number"), Incoming: f("incoming") == "on", Text: f("text"), Override: f("override")})
	return s.answer(w, r, tx, err, "The call is logged.")
}

func (s screens) manual(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	err := dunning.Act(r.Context(), tx, web.ID(r, "agenda_entry"), r.PostFormValue("text"))
	return s.answer(w, r, tx, whole(err), "It is logged.")
}

// complete ends the entry. Who walks the agenda goes on to the next one from the
// entry's page, and else stays in the list.
func (s screens) complete(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "agenda_entry")
	before, err := dunning.FindEntry(r.Context(), tx, id)
	if err != nil {
		return err
	}
	c := dunning.Completion{Version: web.Version(r), RaiseAnyway: r.PostFormValue("raise") == "on"}
	if c.NextOn, err = typedDay(r.PostFormValue("next_on"), "next_on"); err == nil {
		err = dunning.Complete(r.Context(), tx, id, c)
	}
	if inv := (errs.Invalid{}); errors.As(err, &inv) && inv["next_on"] != "" && !r.PostForm.Has("next_on") { // a row of the list has no such field
		return web.SeeOther(w, r, opened(r, id), "Say when "+before.Name+" is to come back, and then Done: no level brings them back by itself.")
	}
	if err != nil {
		return s.answer(w, r, tx, err, "")
	}
	now, err := dunning.FindEntry(r.Context(), tx, id)
	if err != nil {
		return err
	}
	flash := before.Name + " is done."
	if now.State == dunning.Open {
		flash = before.Name + " is done as soon as the message is sent."
	}
	to := web.Local(r.PostFormValue("back"), "/agenda")
	if to == entryPath(id) {
		if to, err = s.onwards(r, tx, before.CustomerID); err != nil {
			return err
		}
	}
	return web.SeeOther(w, r, to, flash)
}

// opened is the list that the form came from, with the row of the entry opened.
func opened(r *http.Request, id int64) string {
	list, err := url.Parse(web.Local(r.PostFormValue("back"), "/agenda"))
	if err != nil || list.Path != "/agenda" {
		return entryPath(id)
	}
	q := list.Query()
	q.Set("open", strconv.FormatInt(id, 10))
	return list.Path + "?" + q.Encode() + fmt.Sprintf("#entry-%d", id)
}

// onwards is where one goes after an entry: to the next one of the walk, back to the
// agenda after the last one and where nothing is walked.
func (s screens) onwards(r *http.Request, tx *tenant.Tx, customer int64) (string, error) {
	next, err := diary.NextEntry(r.Context(), tx, customer)
	if errors.Is(err, diary.ErrNoWalk) || errors.Is(err, diary.ErrWalked) {
		return "/agenda", nil
	}
	return entryPath(next), err
}

// noReason stands for what nobody typed: one press puts an entry away.
const noReason = "no reason given"

// later puts the entry away until a day that was offered or typed.
func (s screens) later(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "agenda_entry")
	p := dunning.Postponement{Version: web.Version(r), Reason: either(r.PostFormValue("reason"), noReason)}
	var err error
	if p.Until, err = typedDay(either(r.PostFormValue("quick"), r.PostFormValue("until")), "until"); err == nil {
		err = dunning.Postpone(r.Context(), tx, id, p)
	}
	if err != nil {
		return s.answer(w, r, tx, err, "")
	}
	e, err := dunning.FindEntry(r.Context(), tx, id)
	if err != nil {
		return err
	}
	to := web.Local(r.PostFormValue("back"), "/agenda")
	if to == entryPath(id) {
		if to, err = s.onwards(r, tx, e.CustomerID); err != nil {
			return err
		}
	}
	return web.Undoable(w, r, to, e.Name+" is put away until "+p.Until.Format("Mon 2 Jan")+".", entryPath(id)+"/later/end")
}

// bringBack takes that back. The button beside the flash names no version: it means
// what it speaks of.
func (s screens) bringBack(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "agenda_entry")
	version := web.Version(r)
	if version == 0 {
		e, err := dunning.FindEntry(r.Context(), tx, id)
		if err != nil {
			return err
		}
		version = e.Version
	}
	return s.answer(w, r, tx, dunning.BringBack(r.Context(), tx, id, version), "It is back in the agenda.")
}

// start begins to walk what the filter chooses and goes to its first entry.
func start(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	q, err := readQuery(r.PostForm)
	if err != nil {
		return err
	}
	first, err := diary.StartAgenda(r.Context(), tx, q.Filter)
	var none errs.Conflict
	if errors.As(err, &none) {
		return web.SeeOther(w, r, q.address(), string(none))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, entryPath(first), "")
}

// typedDay reads a day, none where nothing was typed.
func typedDay(s, field string) (day.Day, error) {
	if s == "" {
		return day.Day{}, nil
	}
	d, err := day.Parse(s)
	if err != nil {
		return d, errs.Invalid{field: "Give a day such as 2026-11-30."}
	}
	return d, nil
}
