package followups

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// form is a follow-up as typed, and what there is to choose from.
type form struct {
	CustomerID         int64
	Typed              map[string]string // by the names of the fields
	Kept               bool              // something typed stands in it that is not saved
	Errors             errs.Invalid
	Hints              map[string]string
	Members, Standards []ui.Option
	Quick              []followup.Quick
	Day                memberDay
}

// memberDay is what the assignee has to do on the day that was chosen.
type memberDay struct {
	Of      string
	On      day.Day
	Warning string
	Tasks   []diary.Task // follow-ups and contacts
}

// newForm is empty but for the assignee, who is oneself.
func newForm(tx *tenant.Tx, customerID int64) form {
	return form{CustomerID: customerID, Typed: map[string]string{"assignee": strconv.FormatInt(tx.Actor.MemberID, 10)}}
}

// read takes what was typed. "filled" is the standard text as it was put among the
// words, and "filled_from" the standard follow-up that it is of.
func (f *form) read(r *http.Request) {
	for _, name := range []string{"assignee", "timed", "due_on", "due_at", "standard", "filled", "filled_from", "text", "in_notes"} {
		if r.Form.Has(name) {
			f.Typed[name] = strings.ReplaceAll(r.Form.Get(name), "\r\n", "\n")
		}
	}
}

// assist does what the form's own buttons ask for, which save nothing: another
// day, the standard text, a look at the day. It tells whether one was pressed and
// served. Where the form is submitted and a standard follow-up was chosen whose
// text does not stand in it yet, that comes in.
func (f *form) assist(r *http.Request, tx *tenant.Tx) (pressed bool, err error) {
	quick := r.PostFormValue("quick")
	if quick != "" {
		f.Typed["due_on"] = quick
	}
	pressed = quick != "" || r.PostFormValue("fill") != "" || r.PostFormValue("look") != ""
	standard := web.Number(f.Typed["standard"])
	if standard == 0 || f.Typed["standard"] == f.Typed["filled_from"] || pressed && r.PostFormValue("fill") == "" {
		return pressed, nil
	}
	text, err := followup.Filled(r.Context(), tx, standard, f.CustomerID)
	switch {
	case errors.Is(err, errs.NotFound):
		f.Errors.Check(false, "standard", "There is no such standard follow-up. Choose one of the list.")
		return false, nil
	case errors.As(err, &f.Errors):
		return false, nil
	case err != nil:
		return false, err
	}
	f.fillIn(text)
	return pressed, nil
}

// fillIn puts a standard text among what was typed: in the place of the one that
// was filled in before and stands there unchanged, else behind it. Nothing that
// was typed is lost.
func (f *form) fillIn(text string) {
	words, before := f.Typed["text"], f.Typed["filled"]
	switch {
	case strings.TrimSpace(words) == "":
		words = text
	case before != "" && strings.Contains(words, before):
		words = strings.Replace(words, before, text, 1)
	case !strings.Contains(words, text):
		words = strings.TrimRight(words, " \n") + "\n" + text
	}
	f.Typed["text"], f.Typed["filled"], f.Typed["filled_from"] = words, text, f.Typed["standard"]
}

// load reads the choices, and the assignee's day.
func (f *form) load(ctx context.Context, tx *tenant.Tx) error {
	members, err := member.Choices(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range members {
		f.Members = append(f.Members, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	standards, err := followup.Standards(ctx, tx)
	if err != nil {
		return err
	}
	f.Standards = []ui.Option{{Label: "None"}}
	for _, s := range standards {
		f.Standards = append(f.Standards, ui.Option{Value: strconv.FormatInt(s.ID, 10), Label: s.Name})
	}
	if f.Quick, err = followup.QuickDates(ctx, tx); err != nil {
		return err
	}
	return f.look(ctx, tx)
}

// look reads the assignee's day, where both are chosen.
func (f *form) look(ctx context.Context, tx *tenant.Tx) (err error) {
	id := f.Typed["assignee"]
	f.Day = memberDay{}
	for _, m := range f.Members {
		if m.Value == id {
			f.Day.Of = m.Label
		}
	}
	if f.Day.On, err = day.Parse(f.Typed["due_on"]); err != nil || f.Day.Of == "" {
		return nil
	}
	if f.Day.Warning, err = followup.Warning(ctx, tx, f.Day.On); err != nil {
		return err
	}
	away, err := member.Away(ctx, tx, web.Number(id), f.Day.On)
	if err != nil {
		return err
	}
	if away != nil {
		f.Day.Warning = strings.TrimSpace(f.Day.Warning + " " + away.String())
	}
	f.Day.Tasks, err = diary.On(ctx, tx, web.Number(id), f.Day.On)
	return err
}

// plan is what was typed, as the domain takes it.
func (f form) plan() followup.Plan {
	on, _ := day.Parse(f.Typed["due_on"])
	return followup.Plan{AssigneeID: web.Number(f.Typed["assignee"]), DueOn: on, Timed: f.Typed["timed"] == "on", DueAt: f.Typed["due_at"],
		Text: f.Typed["text"], StandardID: web.Number(f.Typed["standard"]), InNotes: f.Typed["in_notes"] == "on"}
}

// clear says of a day that was typed and is none how to write it; the domain only
// knows that there is none.
func (f form) clear(err error) error {
	var inv errs.Invalid
	if errors.As(err, &inv) && inv["due_on"] != "" && f.Typed["due_on"] != "" && f.Day.On.IsZero() {
		inv["due_on"] = "This is no day. Write it as 2027-03-31."
	}
	return err
}

// said tells what was saved, and warns where nobody may be there on the day.
func (f form) said(what string, p followup.Plan) string {
	when := followup.Followup{DueOn: p.DueOn}
	if p.Timed {
		when.DueAt = p.DueAt
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s. %s", what, when.When(), f.Day.Warning))
}

// fill gives a control what was typed and what is to be said of it.
func (f form) fill(c ui.Field) ui.Field {
	c.ID, c.Value, c.Error = prefix+c.Name, f.Typed[c.Name], f.Errors[c.Name]
	if h := f.Hints[c.Name]; h != "" {
		c.Hint = h
	}
	return c
}

// prefix begins the ids of the fields: the window may stand over another page.
const prefix = "followup-"
