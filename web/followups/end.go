package followups

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// complete ends a follow-up as done, with an outcome where one was typed.
func complete(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	customer, id, outcome := web.ID(r, "customer"), web.ID(r, "follow_up"), r.PostFormValue("outcome")
	err := followup.Complete(r.Context(), tx, customer, id, outcome)
	var invalid errs.Invalid
	if errors.As(err, &invalid) {
		p, err := loadEdit(r, tx)
		if err != nil {
			return err
		}
		p.Outcome, p.OutcomeError = outcome, invalid["outcome"]
		return web.Render(w, r, http.StatusUnprocessableEntity, editScreen(p))
	}
	if errors.As(err, new(errs.Conflict)) && strings.TrimSpace(outcome) != "" {
		return outcomeToo(w, r, tx, outcome, err)
	}
	if err != nil {
		return conflict(w, r, tx, err)
	}
	return web.Undoable(w, r, back(r, customer), "The follow-up is done.", restoration(customer, followup.Followup{ID: id}))
}

// outcomeToo shows how the follow-up ended to who came second, with the outcome that
// they typed: it can be added to the journal.
func outcomeToo(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, outcome string, second error) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	p.Notice, p.Outcome = second.Error(), outcome
	return web.Render(w, r, http.StatusConflict, editScreen(p))
}

func remove(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return removeAll(w, r, tx, []int64{web.ID(r, "follow_up")})
}

func removeTicked(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return removeAll(w, r, tx, ids(r))
}

func removeAll(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, which []int64) error {
	customer := web.ID(r, "customer")
	gone, err := followup.Delete(r.Context(), tx, customer, which)
	var invalid errs.Invalid
	if errors.As(err, &invalid) {
		return again(w, r, tx, http.StatusUnprocessableEntity, invalid["follow_up"])
	}
	if err != nil {
		return conflict(w, r, tx, err)
	}
	return web.Undoable(w, r, back(r, customer), deleted(gone, len(which)), restoration(customer, gone...))
}

// deleted says what was deleted of so many, and what stays.
func deleted(gone []followup.Followup, asked int) string {
	said := "The follow-up is deleted."
	if asked > 1 {
		said = ui.Count(len(gone), "follow-up is", "follow-ups are") + " deleted."
	}
	if len(gone) < asked {
		said += " The rest was ended by somebody else meanwhile."
	}
	for _, f := range gone {
		if f.InNotes {
			return said + " What was added to the Notes stays there."
		}
	}
	return said
}

// restore takes back what was completed or deleted.
func restore(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	customer, which := web.ID(r, "customer"), ids(r)
	restored, err := followup.Restore(r.Context(), tx, customer, which)
	if err != nil {
		return conflict(w, r, tx, err)
	}
	said := "The follow-up is active again."
	if len(which) > 1 {
		said = ui.Count(restored, "follow-up is", "follow-ups are") + " active again."
	}
	if restored < len(which) {
		said += " The rest was active already."
	}
	return web.SeeOther(w, r, back(r, customer), said)
}

// restoration is the path that takes the end of follow-ups back.
func restoration(customer int64, list ...followup.Followup) string {
	q := url.Values{}
	for _, f := range list {
		q.Add("follow_up", strconv.FormatInt(f.ID, 10))
	}
	return windowPath(customer) + "/restoration?" + q.Encode()
}

func ids(r *http.Request) []int64 {
	var list []int64
	for _, s := range r.Form["follow_up"] {
		list = append(list, web.Number(s))
	}
	return list
}

// conflict shows the window as it is now to who came second, or the day that they
// work; err goes on where it is something else.
func conflict(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, err error) error {
	var second errs.Conflict
	if !errors.As(err, &second) {
		return err
	}
	from := back(r, web.ID(r, "customer"))
	if u, err := url.Parse(from); err == nil && u.Path == "/" {
		return web.Warned(w, r, from, string(second))
	}
	return again(w, r, tx, http.StatusConflict, string(second))
}

func again(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, status int, notice string) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	p.Notice = notice
	if err := p.Form.load(r.Context(), tx); err != nil {
		return err
	}
	return web.Render(w, r, status, windowScreen(p))
}
