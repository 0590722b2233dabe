package diary

import (
	"errors"
	"fmt"
	"net/http"

	"dunwell/internal/diary"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// giveAwayTasks gives tasks of a diary to another member: those that are ticked, all
// of a day, or everything. One task is given from its own page, and that is where it
// comes back to.
func giveAwayTasks(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if r.PostForm.Has("back") {
		return giveOne(w, r, tx)
	}
	p, err := loadSheet(r, tx)
	if err != nil {
		return err
	}
	p.View, p.To = byDay, r.PostFormValue("assignee")
	if p.Sheet, err = diary.ReadSheet(r.Context(), tx, p.look()); err != nil {
		return err
	}
	s := diary.Share{Of: p.Member, Key: r.PostForm["task"], Shown: map[string]int{}}
	switch r.PostFormValue("all") {
	case "day":
		s = diary.Share{Of: p.Member, On: p.On}
	case "ever":
		s = diary.Share{Of: p.Member, All: true}
	}
	for _, key := range s.Key {
		p.Ticked[key] = true
		if name := versionOf(key); r.PostForm.Has(name) {
			s.Shown[key] = web.ParseVersion(r.PostFormValue(name))
		}
	}
	h, err := diary.Give(r.Context(), tx, s, web.Number(p.To))
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, sheetScreen(&p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.url(byDay, p.On), given(h))
}

func giveOne(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEntry(r, tx)
	if err != nil {
		return err
	}
	if p.Ended {
		return p.over(w, r, tx)
	}
	p.Typed.To = r.PostFormValue("assignee")
	if refused, err := p.unchanged(w, r, tx); refused || err != nil {
		return err
	}
	h, err := diary.Give(r.Context(), tx, diary.Share{Of: p.MemberID, Key: []string{p.Key()}}, web.Number(p.Typed.To))
	if err != nil {
		return p.refused(w, r, err)
	}
	return web.SeeOther(w, r, p.Back, given(h))
}

// given says what was given away and what was left.
func given(h diary.Handed) string {
	said := "Nothing was given away."
	if h.Moved > 0 {
		said = ui.Count(h.Moved, "task goes", "tasks go") + " to " + h.To + "."
	}
	if h.Left > 0 {
		said += " " + ui.Count(h.Left, "task stays where it is", "tasks stay where they are") + ": " + h.To + " has it already or may not see the customer, or somebody was first."
	}
	if h.Stay > 0 {
		said += " " + ui.Count(h.Stay, "stays", "stay") + " with the owner of the customer: what is of the agenda, reviews, replies and calls."
	}
	for _, c := range h.Changed[:min(len(h.Changed), changedNamed)] {
		said += fmt.Sprintf(" %s of %s stays: %s", looks[c.Kind].name, c.Customer, note.Cut(c.Said, 200, "…"))
	}
	if more := len(h.Changed) - changedNamed; more > 0 {
		said += " " + ui.Count(more, "more stays", "more stay") + " that changed meanwhile."
	}
	return said
}

// changedNamed is how many of those that changed meanwhile are named.
const changedNamed = 10

// versionOf is the field with the version of a task that can be ticked.
func versionOf(key string) string { return "version_" + key }

// receivers are who can get the tasks of a diary.
func receivers(w whose) []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, person := range w.People {
		if person.ID != w.Member && person.ID != diary.NoOwner {
			options = append(options, ui.Option{Value: whose{Member: person.ID}.key(), Label: person.Name})
		}
	}
	return options
}
