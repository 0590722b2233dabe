package contacts

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// form is a contact as typed, with what there is to choose from and the diary of
// whoever follows it up.
type form struct {
	Title    string
	Action   string // where it is sent
	Customer customer.Customer
	Care     customer.Care
	Choices  contact.Choices
	ui.Draft
	Before *contact.Contact // the one that is followed up; nil: none
	Edited *contact.Contact // the one that is changed; nil: none
	Notice string           // why something was not done
	Kept   bool             // something typed stands in it that is not saved
	Day    memberDay
}

// fields are the names of what is typed.
var fields = []string{"department", "type", "description", "executive", "origin", "strength", "vehicle", "assignee", "due_on", "due_at", "next_type"}

// proposals are hidden: for which type the follow-up was proposed, and what.
var proposals = []string{"proposed_for", "proposed_type", "proposed_on"}

// load reads the customer and what there is to choose.
func load(r *http.Request, tx *tenant.Tx) (f form, err error) {
	id := web.ID(r, "customer")
	b := tx.Batch()
	customer.QueueFind(b, id, &f.Customer)
	customer.QueueCare(b, id, &f.Care)
	contact.QueueChoices(b, id, &f.Choices)
	return f, b.Send(r.Context())
}

// newForm is empty but for who made it, oneself, and what was typed.
func newForm(r *http.Request, tx *tenant.Tx) (form, error) {
	f, err := load(r, tx)
	if err != nil {
		return f, err
	}
	me := number(tx.Actor.MemberID)
	f.Title, f.Action = "New contact", customerPath(f.Customer.ID)+"/contacts"
	f.Typed = map[string]string{"executive": me, "assignee": me}
	if m, there := f.Choices.Member(tx.Actor.MemberID); there {
		f.Typed["department"] = number(m.DepartmentID)
	}
	f.read(r)
	return f, f.look(r.Context(), tx)
}

// nextForm carries over what the contact before says, and proposes what its type does.
func nextForm(r *http.Request, tx *tenant.Tx) (form, error) {
	f, err := load(r, tx)
	if err != nil {
		return f, err
	}
	before, err := contact.Find(r.Context(), tx, f.Customer.ID, web.ID(r, "contact"))
	if err != nil {
		return f, err
	}
	me := number(tx.Actor.MemberID)
	f.Title, f.Action, f.Before = "Follow up "+before.Type(), contactPath(f.Customer.ID, before.ID)+"/next", &before
	f.Version, f.Gone = before.Version, before.State != contact.Open
	f.Typed = map[string]string{"department": pointed(before.DepartmentID), "type": number(before.Proposed()), "executive": me, "origin": pointed(before.OriginID),
		"strength": pointed(before.StrengthID), "vehicle": pointed(before.VehicleID), "assignee": me}
	f.keep(before)
	f.read(r)
	if r.Method == http.MethodPost {
		f.Version = web.Version(r)
		return f, f.look(r.Context(), tx)
	}
	return f, f.propose(r.Context(), tx)
}

// keep has the form offer what a contact says although it is out of use.
func (f *form) keep(c contact.Contact) {
	offer := func(list *[]contact.Choice, id *int64, name string) {
		if id != nil && !has(*list, *id) {
			*list = append(*list, contact.Choice{ID: *id, Name: name})
		}
	}
	entry := func(list *[]contact.Entry, id *int64, name string) {
		for _, e := range *list {
			if id != nil && e.ID == *id {
				return
			}
		}
		if id != nil {
			*list = append(*list, contact.Entry{ID: *id, Name: name})
		}
	}
	offer(&f.Choices.Departments, c.DepartmentID, c.Department)
	offer(&f.Choices.Vehicles, c.VehicleID, c.Vehicle)
	entry(&f.Choices.Origins, c.OriginID, c.Origin)
	entry(&f.Choices.Strengths, c.StrengthID, c.Strength)
}

func has(list []contact.Choice, id int64) bool {
	for _, c := range list {
		if c.ID == id {
			return true
		}
	}
	return false
}

// read takes what was typed.
func (f *form) read(r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	f.Kept = true
	for _, name := range append(fields, proposals...) {
		if r.PostForm.Has(name) {
			f.Typed[name] = strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n")
		}
	}
}

// plan is what was typed, as the domain takes it.
func (f *form) plan() (contact.Plan, error) {
	t := func(name string) int64 { return web.Number(f.Typed[name]) }
	p := contact.Plan{DepartmentID: t("department"), TypeID: t("type"), Description: f.Typed["description"], ExecutiveID: t("executive"), OriginID: t("origin"),
		StrengthID: t("strength"), VehicleID: t("vehicle"), Next: contact.Next{AssigneeID: t("assignee"), At: f.Typed["due_at"], TypeID: t("next_type")}}
	if f.Typed["due_on"] == "" {
		return p, nil
	}
	var err error
	if p.Next.On, err = day.Parse(f.Typed["due_on"]); err != nil {
		return p, errs.Invalid{"due_on": "This is no day. Write it as 2027-03-31, or leave it empty."}
	}
	return p, nil
}

// shown answers a button that saves nothing.
func (f form) shown(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formScreen(f))
}

// refuse shows the form again with what was typed, and why it was not taken.
func (f form) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	var second errs.Conflict
	switch {
	case errors.As(err, &f.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, formScreen(f))
	case errors.As(err, &second):
		f.Notice = string(second)
		if f.Before != nil {
			f.Version = f.Before.Version // what it says now stands on the page
		}
		return web.Render(w, r, http.StatusConflict, formScreen(f))
	}
	return err
}

// said tells what was saved, when and by whom it is followed up, and what speaks
// against that day.
func (f form) said(what string, p contact.Plan) string {
	m, _ := f.Choices.Member(p.Next.AssigneeID)
	due := contact.Contact{DueOn: p.Next.On, DueAt: p.Next.At}
	text := fmt.Sprintf("%s Follow-up: %s, %s.", what, due.When(), cmp.Or(m.Name, "nobody"))
	if f.Day.Away != "" {
		text += " " + f.Day.Away
	}
	return strings.TrimSpace(text + " " + f.Day.Warning)
}

// fill gives a control what was typed and what is to be said of it.
func (f form) fill(c ui.Field) ui.Field {
	c.ID, c.Value, c.Error = prefix+c.Name, f.Typed[c.Name], f.Errors[c.Name]
	if h := f.Hints[c.Name]; h != "" {
		c.Hint = h
	}
	return c
}

// prefix begins the ids of the fields.
const prefix = "contact-"

func number(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func pointed(id *int64) string {
	if id == nil {
		return ""
	}
	return number(*id)
}
