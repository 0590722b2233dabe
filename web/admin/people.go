package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// personForm is what is typed about a person, for the invitation and for a
// change, with the lists to choose from.
type personForm struct {
	Branches, Departments []member.Unit
	ui.Draft
}

// newPersonForm loads the lists, before any write: a refused one leaves a transaction
// that answers nothing more.
func newPersonForm(r *http.Request, tx *tenant.Tx) (f personForm, err error) {
	if f.Branches, err = member.Branches.List(r.Context(), tx); err != nil {
		return f, err
	}
	if f.Departments, err = member.Departments.List(r.Context(), tx); err != nil {
		return f, err
	}
	f.Choices = map[string][]ui.Option{"role": roleOptions(), "branch_id": unitNames(f.Branches), "department_id": unitNames(f.Departments)}
	return f, nil
}

// terms reads the form. What is no number is an id that nobody has.
func (f personForm) terms() member.Terms {
	return member.Terms{Role: tenant.Role(f.Typed["role"]), BranchID: optional(f.Typed["branch_id"]), DepartmentID: optional(f.Typed["department_id"]),
		Phone: f.Typed["phone"], Version: f.Version}
}

// formNames are the names of fields in the form where the domain has others.
var formNames = map[string]string{"branch": "branch_id", "department": "department_id"}

// optional is nil where nothing was chosen.
func optional(s string) *int64 {
	if s == "" {
		return nil
	}
	id, _ := strconv.ParseInt(s, 10, 64)
	return &id
}

// personPage is what a person's page shows.
type personPage struct {
	Person member.Detail
	Form   personForm
	Edit   bool // the reader may change people
	Mail   bool // links can be sent by e-mail
	Held   handover.Held
	// HandOver asks what becomes of that when the membership ends.
	HandOver ui.HandOverForm
	Notice   string // why the membership is as it was
}

func people(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := member.List(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, peopleScreen(list, member.CanManage(tx.Actor)))
}

// invitation is the empty form; its page is for administrators alone, unlike the
// others that are read.
func invitation(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !member.CanManage(tx.Actor) {
		return errs.Forbidden("Only administrators invite people. Ask one of yours.")
	}
	f, err := newInvitation(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, invitationScreen(f))
}

func newInvitation(r *http.Request, tx *tenant.Tx) (personForm, error) {
	f, err := newPersonForm(r, tx)
	f.Open(0, 0, map[string]string{"email": "", "name": "", "role": string(tenant.Collector), "branch_id": "", "department_id": ""})
	return f, err
}

// invite has a link sent to a new account, or answers with it where no mail server
// is set up; else it sends to the person's page.
func invite(box *message.Outbox) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		f, err := newInvitation(r, tx)
		if err != nil {
			return err
		}
		web.ReadDraft(r, &f.Draft)
		t := f.terms()
		out, err := member.Invite(r.Context(), tx, member.Invitation{
			Email: f.Typed["email"], Name: f.Typed["name"], Role: t.Role, BranchID: t.BranchID, DepartmentID: t.DepartmentID})
		if errors.As(web.Renamed(err, formNames), &f.Errors) {
			return web.Render(w, r, http.StatusUnprocessableEntity, invitationScreen(f))
		}
		if err != nil {
			return err
		}
		if out.Token == "" {
			return web.SeeOther(w, r, personPath(out.MemberID), out.Name+" had an account already, and keeps its name and password.")
		}
		if box.Ready() {
			return mailLink(w, r, tx, box, out.MemberID, out.Name)
		}
		return showLink(w, r, linkPage{Name: out.Name, MemberID: out.MemberID, First: true}, out.Token)
	}
}

func person(box *message.Outbox) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p, err := loadPerson(r, tx)
		if err != nil {
			return err
		}
		p.Mail = box.Ready()
		return web.Render(w, r, http.StatusOK, personScreen(p))
	}
}

// loadPerson finds who the path names, with a form of what they are.
func loadPerson(r *http.Request, tx *tenant.Tx) (p personPage, err error) {
	p.Edit = member.CanManage(tx.Actor)
	if p.Person, err = member.Find(r.Context(), tx, web.ID(r, "member")); err != nil {
		return p, err
	}
	if p.Held, err = handover.Holds(r.Context(), tx, p.Person.ID); err != nil {
		return p, err
	}
	p.HandOver = ui.HandOverForm{From: p.Person.ID, Keep: true}
	if p.HandOver.People, err = handover.People(r.Context(), tx); err != nil {
		return p, err
	}
	p.Form, err = newPersonForm(r, tx)
	p.Form.Open(p.Person.Version, 0, map[string]string{"role": string(p.Person.Role), "branch_id": idText(p.Person.BranchID),
		"department_id": idText(p.Person.DepartmentID), "phone": member.ShownPhone(p.Person.Phone)})
	return p, err
}

func changePerson(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPerson(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Form.Draft)
	err = web.Renamed(member.Update(r.Context(), tx, p.Person.ID, p.Form.terms()), formNames)
	var said string
	var look [2]string
	if err == nil {
		if said, look, err = outOfSight(r, tx, p.Person.ID); err != nil {
			return err
		}
	}
	return web.Saved(w, r, &p.Form.Draft, err, web.Saving{To: personPath(p.Person.ID), Look: look,
		Flash:  "Saved. It holds from the next page that " + p.Person.Name + " opens." + said,
		Screen: func() templ.Component { return personScreen(p) },
		Again: func() (again error) {
			if p, again = loadPerson(r, tx); again != nil {
				return again
			}
			if !p.Person.Active { // there is no form
				return err
			}
			web.Rebased(r, &p.Form.Draft, err)
			return nil
		}})
}

// outOfSight says what a member has and does not see, and for whom they cannot stand in
// any more, and leads to where that is put right.
func outOfSight(r *http.Request, tx *tenant.Tx, id int64) (said string, look [2]string, err error) {
	hidden, err := handover.Unseen(r.Context(), tx, id)
	if err != nil {
		return "", look, err
	}
	blind, err := member.Blind(r.Context(), tx, id)
	if err != nil {
		return "", look, err
	}
	said, look = unseen("They do", hidden)
	for _, a := range blind {
		said += fmt.Sprintf(" %s covers %s until %s, and does not see all that %s sees any more: choose another cover.", a.Cover, a.Member, a.UntilOn.Long(), a.Member)
		look = [2]string{"Absences", "/absences"}
	}
	return said, look, nil
}

// unseen says what is with people who do not see the customer, and leads to where it is
// given on.
func unseen(who string, c handover.Counts) (said string, look [2]string) {
	if c.Total() == 0 {
		return "", look
	}
	look = [2]string{"Look at No owner", "/diary?member=none"}
	if c.Total() == c[handover.Customers] {
		look = [2]string{"Look at them", "/agenda/stranded"}
	}
	return " " + who + " not see " + strings.Join(ui.HandOverWords(c), ", ") + " of theirs, of another branch or of none. What is to be done stands under No owner, " +
		"customers who owe something under No owner / no next step of the agenda: give it to somebody who sees them.", look
}

// deactivate ends a membership. Where something is open it asks for who is to have
// it, on the same page.
func deactivate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPerson(r, tx)
	if err != nil {
		return err
	}
	p.HandOver.Rule, p.HandOver.To, p.HandOver.Note = r.PostFormValue("rule"), r.PostForm["to"], r.PostFormValue("note")
	done, err := handover.Deactivate(r.Context(), tx, handover.Leave{
		MemberID: p.Person.ID, Version: web.Version(r), Keep: p.HandOver.Rule == ui.KeepWork, Plan: p.HandOver.Plan()})
	if errors.As(err, &p.HandOver.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, personScreen(p))
	}
	if err != nil {
		return p.second(w, r, err)
	}
	said := p.Person.Name + " no longer works here. The next page they open is refused."
	switch {
	case done.ID != 0:
		said += " The work is handed over."
	case done.Held.Total() > 0:
		said += " The work stands under No owner."
	}
	return web.SeeOther(w, r, personPath(p.Person.ID), said)
}

func reactivate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPerson(r, tx)
	if err != nil {
		return err
	}
	if err := member.Reactivate(r.Context(), tx, p.Person.ID, web.Version(r)); err != nil {
		return p.second(w, r, err)
	}
	return web.SeeOther(w, r, personPath(p.Person.ID), p.Person.Name+" works here again.")
}

// second shows the page as it is now to whoever came second, with why the membership is
// as it was.
func (p personPage) second(w http.ResponseWriter, r *http.Request, err error) error {
	var conflict errs.Conflict
	if !errors.As(err, &conflict) {
		return err
	}
	p.Notice = string(conflict)
	return web.Render(w, r, http.StatusConflict, personScreen(p))
}

func personPath(id int64) string { return fmt.Sprintf("/admin/people/%d", id) }

func personURL(id int64) templ.SafeURL { return templ.URL(personPath(id)) }

func idText(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

var roleNames = map[tenant.Role]string{
	tenant.Collector: "Collector: works customers",
	tenant.Manager:   "Manager: also imports, and sees everybody's work",
	tenant.Admin:     "Administrator: also sets the company up",
}

func roleOptions() (list []ui.Option) {
	for _, role := range tenant.Roles {
		list = append(list, ui.Option{Value: string(role), Label: roleNames[role]})
	}
	return list
}

// unitNames are all, with their names.
func unitNames(list []member.Unit) []ui.Option {
	options := []ui.Option{{Value: "", Label: "none"}}
	for _, u := range list {
		options = append(options, ui.Option{Value: strconv.FormatInt(u.ID, 10), Label: u.Name})
	}
	return options
}

// unitOptions are those in use, and the chosen one even where it is retired.
func unitOptions(list []member.Unit, chosen string) []ui.Option {
	options := []ui.Option{{Value: "", Label: "none"}}
	for _, u := range list {
		o := ui.Option{Value: strconv.FormatInt(u.ID, 10), Label: u.Name}
		switch {
		case !u.Retired:
			options = append(options, o)
		case o.Value == chosen:
			o.Label += " (retired)"
			options = append(options, o)
		}
	}
	return options
}
