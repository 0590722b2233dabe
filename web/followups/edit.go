package followups

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// editPage is one follow-up: the form of it, or how it ended.
type editPage struct {
	Customer              customer.Customer
	Followup              followup.Followup
	Back                  string
	Notice                string // why something was not done
	Outcome, OutcomeError string // what came of it, as typed
	ui.Draft
	choices form // what there is to choose from
}

// loadEdit reads the follow-up as it is now, and the choices.
func loadEdit(r *http.Request, tx *tenant.Tx) (p editPage, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Followup, err = followup.Find(ctx, tx, p.Customer.ID, web.ID(r, "follow_up")); err != nil {
		return p, err
	}
	head, err := customer.JournalHead(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	f := p.Followup
	p.Open(f.Version, head, map[string]string{"assignee": strconv.FormatInt(f.AssigneeID, 10), "timed": onOff(f.DueAt != ""),
		"due_on": f.DueOn.String(), "due_at": f.DueAt, "text": f.Text})
	p.Back, p.Gone = back(r, p.Customer.ID), f.State != followup.Active || p.Customer.ArchivedAt != nil
	p.choices = form{CustomerID: p.Customer.ID, Typed: p.Typed, Kept: r.Method == http.MethodPost}
	if err := p.choices.load(ctx, tx); err != nil {
		return p, err
	}
	its := ui.Option{Value: p.Now["assignee"], Label: f.Assignee + " (left)"} // stays to be chosen
	if !f.Working {
		p.choices.Members = append(p.choices.Members, its)
	}
	p.Choices = map[string][]ui.Option{"assignee": p.choices.Members, "timed": {{Label: "Date"}, {Value: "on", Label: "Date and time"}}}
	return p, nil
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return ""
}

// form is the draft as the fields of a follow-up show it.
func (p editPage) form() form {
	f := p.choices
	f.Typed, f.Errors, f.Hints = p.Typed, p.Errors, p.Hints
	return f
}

func edit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.Customer.ID, Data: map[string]string{"tab": "followups"}})
	return web.Render(w, r, http.StatusOK, editScreen(p))
}

// change saves an active follow-up as typed. Where somebody else changed it
// meanwhile, both are told apart.
func change(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	p.choices.Typed = p.Typed
	assisted, err := p.choices.assist(r, tx)
	if err != nil {
		return err
	}
	if err := p.choices.look(r.Context(), tx); err != nil {
		return err
	}
	if assisted {
		return web.Render(w, r, http.StatusOK, editScreen(p))
	}
	plan := p.choices.plan()
	err = p.choices.clear(followup.Change(r.Context(), tx, p.Customer.ID, p.Followup.ID, p.Version, plan))
	return web.Saved(w, r, &p.Draft, err, web.Saving{
		To: p.Back, Flash: p.choices.said("The follow-up is saved for", plan),
		Again:  func() (err error) { p, err = rebased(r, tx); return err },
		Screen: func() templ.Component { return editScreen(p) },
	})
}

// rebased reads the follow-up anew and brings what was typed to it.
func rebased(r *http.Request, tx *tenant.Tx) (editPage, error) {
	p, err := loadEdit(r, tx)
	if err != nil {
		return p, err
	}
	if err := web.Rebase(r, tx, &p.Draft, p.Customer.ID, p.Followup.ID, "follow_up"); err != nil {
		return p, err
	}
	p.choices.Typed = p.Typed
	return p, p.choices.look(r.Context(), tx)
}

// move gives a follow-up another day and hour, and nothing else. Quick is a day
// that was offered.
func move(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	p.Typed["due_on"], p.Typed["due_at"] = r.PostFormValue("due_on"), r.PostFormValue("due_at")
	if quick := r.PostFormValue("quick"); quick != "" {
		p.Typed["due_on"] = quick
	}
	p.Typed["timed"] = onOff(p.Typed["due_at"] != "")
	p.choices.Typed = p.Typed
	if err := p.choices.look(r.Context(), tx); err != nil {
		return err
	}
	plan := p.choices.plan()
	err = p.choices.clear(followup.Reschedule(r.Context(), tx, p.Customer.ID, p.Followup.ID, web.Version(r), plan.DueOn, plan.DueAt))
	var second errs.Conflict
	switch {
	case errors.As(err, &second) && p.Gone:
		return conflict(w, r, tx, err)
	case errors.As(err, &second):
		p.Notice = string(second)
		return web.Render(w, r, http.StatusConflict, editScreen(p))
	}
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: p.Back, Flash: p.choices.said("The follow-up is moved to", plan),
		Screen: func() templ.Component { return editScreen(p) }})
}
