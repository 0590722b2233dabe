package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
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
	Email, Name, Role, Branch, Department, Phone, Version string
	Errors                                                errs.Invalid

	Branches, Departments []member.Unit
}

// newPersonForm takes what was sent and loads the lists, before any write: a
// refused one leaves a transaction that answers nothing more.
func newPersonForm(r *http.Request, tx *tenant.Tx) (f personForm, err error) {
	f = personForm{
		Email: r.PostFormValue("email"), Name: r.PostFormValue("name"), Role: r.PostFormValue("role"),
		Branch: r.PostFormValue("branch_id"), Department: r.PostFormValue("department_id"), Phone: r.PostFormValue("phone"), Version: r.PostFormValue("version"),
	}
	if f.Branches, err = member.Branches.List(r.Context(), tx); err != nil {
		return f, err
	}
	f.Departments, err = member.Departments.List(r.Context(), tx)
	return f, err
}

// terms reads the form. What is no number is an id that nobody has.
func (f personForm) terms() member.Terms {
	version, _ := strconv.Atoi(f.Version)
	return member.Terms{Role: tenant.Role(f.Role), BranchID: optional(f.Branch), DepartmentID: optional(f.Department), Phone: f.Phone, Version: version}
}

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
	Held   handover.Counts
	// HandOver asks what becomes of that when the membership ends.
	HandOver ui.HandOverForm
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
	f, err := newPersonForm(r, tx)
	if err != nil {
		return err
	}
	f.Role = string(tenant.Collector)
	return web.Render(w, r, http.StatusOK, invitationScreen(f))
}

// invite has a link sent to a new account, or answers with it where no mail server
// is set up; else it sends to the person's page.
func invite(box *message.Outbox) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		f, err := newPersonForm(r, tx)
		if err != nil {
			return err
		}
		t := f.terms()
		out, err := member.Invite(r.Context(), tx, member.Invitation{
			Email: f.Email, Name: f.Name, Role: t.Role, BranchID: t.BranchID, DepartmentID: t.DepartmentID})
		if errors.As(err, &f.Errors) {
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
		p.fill()
		return web.Render(w, r, http.StatusOK, personScreen(p))
	}
}

// loadPerson finds who the path names and takes what was sent.
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
	return p, err
}

// fill puts the person's own into the form.
func (p *personPage) fill() {
	p.Form.Role, p.Form.Version = string(p.Person.Role), strconv.Itoa(p.Person.Version)
	p.Form.Branch, p.Form.Department = idText(p.Person.BranchID), idText(p.Person.DepartmentID)
	p.Form.Phone = member.ShownPhone(p.Person.Phone)
}

func changePerson(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPerson(r, tx)
	if err != nil {
		return err
	}
	err = member.Update(r.Context(), tx, p.Person.ID, p.Form.terms())
	if errors.As(err, &p.Form.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, personScreen(p))
	}
	if err != nil {
		return err
	}
	hidden, err := customer.CountHidden(r.Context(), tx, p.Person.ID)
	if err != nil {
		return err
	}
	said := "Saved. It holds from the next page that " + p.Person.Name + " opens."
	if hidden > 0 {
		said += fmt.Sprintf(" They do not see %s whom they own, of another branch or of none: hand those over.", ui.Count(hidden, "customer", "customers"))
	}
	return web.SeeOther(w, r, personPath(p.Person.ID), said)
}

// deactivate ends a membership. Where something is open it asks for who is to have
// it, on the same page.
func deactivate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPerson(r, tx)
	if err != nil {
		return err
	}
	p.fill()
	p.HandOver.Rule, p.HandOver.To, p.HandOver.Note = r.PostFormValue("rule"), r.PostForm["to"], r.PostFormValue("note")
	done, err := handover.Deactivate(r.Context(), tx, handover.Leave{
		MemberID: p.Person.ID, Version: web.Version(r), Keep: p.HandOver.Rule == ui.KeepWork, Plan: p.HandOver.Plan()})
	if errors.As(err, &p.HandOver.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, personScreen(p))
	}
	if err != nil {
		return err
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
	d, err := member.Find(r.Context(), tx, web.ID(r, "member"))
	if err != nil {
		return err
	}
	if err := member.Reactivate(r.Context(), tx, d.ID, web.Version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, personPath(d.ID), d.Name+" works here again.")
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
