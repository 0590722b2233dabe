package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/contact"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// contactRoutes are those of what contacts choose from.
func contactRoutes(read, write func(string, web.Handler)) {
	read("/admin/contacts", contactTypes)
	write("/admin/contacts/standards", seedContacts)
	write("/admin/contacts/types", addContactType)
	read("/admin/contacts/types/new", showContactType)
	read("/admin/contacts/types/{contact_type}", showContactType)
	write("/admin/contacts/types/{contact_type}", changeContactType)
	write("/admin/contacts/types/{contact_type}/position", moveContactType)
	write("/admin/contacts/types/{contact_type}/retirement", retireContactType)
	write("/admin/contacts/types/{contact_type}/reopening", takeBackContactType)
	for _, l := range contactLists {
		one := l.Path + "/{contact_" + l.String() + "}"
		read(l.Path, l.list)
		write(l.Path, l.add)
		read(one, l.page)
		write(one, l.rename)
		write(one+"/position", l.move)
		write(one+"/retirement", l.retire)
		write(one+"/reopening", l.takeBack)
	}
}

// contactTypePage is one type of contacts with its form, or the form of a new one.
type contactTypePage struct {
	Type contact.Type // the zero one is new
	ui.Draft
}

func contactTypes(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := contact.AllTypes(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, contactTypesScreen(list, contact.CanSetUp(tx.Actor)))
}

// seedContacts gives a company that has none the lists that a new one begins with.
func seedContacts(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := contact.Seed(r.Context(), tx); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/contacts", "The lists are there. Change them as you like.")
}

// showContactType is the form; who may only read finds all of it in the list.
func showContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadContactType(r, tx)
	if err != nil {
		return err
	}
	if !contact.CanSetUp(tx.Actor) {
		return errs.Forbidden("Only administrators change types of contacts. What they say stands in their list.")
	}
	return web.Render(w, r, http.StatusOK, contactTypeScreen(p))
}

// loadContactType reads the type of the address; without one the form of a new one.
func loadContactType(r *http.Request, tx *tenant.Tx) (p contactTypePage, err error) {
	all, err := contact.AllTypes(r.Context(), tx)
	if err != nil {
		return p, err
	}
	groups, err := contact.Groups.All(r.Context(), tx)
	if err != nil {
		return p, err
	}
	p.Type.NextDelay = -1
	if chi.URLParam(r, "contact_type") != "" {
		if p.Type, err = contact.FindType(r.Context(), tx, web.ID(r, "contact_type")); err != nil {
			return p, err
		}
	}
	p.Draft.Choices = map[string][]ui.Option{"group": {{Label: "Choose"}}, "next_type": {{Label: "The same again"}},
		"conversation": {{Value: "on", Label: "yes"}, {Label: "no"}}}
	offer := func(name string, id int64, label string, offered bool, now int64) {
		if offered || id == now {
			p.Draft.Choices[name] = append(p.Draft.Choices[name], ui.Option{Value: strconv.FormatInt(id, 10), Label: label})
		}
	}
	for _, g := range groups {
		offer("group", g.ID, g.Name, !g.Retired, p.Type.GroupID)
	}
	for _, t := range all {
		offer("next_type", t.ID, t.Label(), t.Offered() && t.ID != p.Type.ID, p.Type.NextTypeID)
	}
	t := p.Type
	p.Open(t.Version, 0, map[string]string{"group": number(int(t.GroupID)), "code": t.Code, "name": t.Name, "action": t.Action, "conversation": ticked(t.Conversation),
		"next_type": number(int(t.NextTypeID)), "next_delay": delayed(t.NextDelay)})
	return p, nil
}

// delayed is a number of days as it is typed; none is empty.
func delayed(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (p contactTypePage) terms() contact.Terms {
	t := p.Typed
	o := contact.Terms{GroupID: web.Number(t["group"]), Code: t["code"], Name: t["name"], Action: t["action"], Conversation: t["conversation"] == "on",
		NextTypeID: web.Number(t["next_type"]), NextDelay: -1}
	if strings.TrimSpace(t["next_delay"]) != "" {
		if o.NextDelay = days(t["next_delay"]); o.NextDelay == -1 {
			o.NextDelay = -2 // which is no number of days either
		}
	}
	return o
}

func addContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveContactType(w, r, tx, "The type is added, at the end of its group.", func(p contactTypePage) error {
		_, err := contact.AddType(r.Context(), tx, p.terms())
		return err
	})
}

func changeContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveContactType(w, r, tx, "The type is saved. Contacts keep what it said when they were made.", func(p contactTypePage) error {
		return contact.ChangeType(r.Context(), tx, p.Type.ID, p.Version, p.terms())
	})
}

func saveContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, said string, save func(contactTypePage) error) error {
	p, err := loadContactType(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	return web.Saved(w, r, &p.Draft, save(p), web.Saving{To: "/admin/contacts", Flash: said,
		Screen: func() templ.Component { return contactTypeScreen(p) }, Again: func() (err error) {
			if p, err = loadContactType(r, tx); err != nil {
				return err
			}
			rebase(r, &p.Draft)
			return nil
		}})
}

func moveContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, up := web.ID(r, "contact_type"), r.PostFormValue("direction") != "down"
	if err := contact.MoveType(r.Context(), tx, id, up); err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/admin/contacts#contact-type-%d", id), "The order is changed.")
}

func retireContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setContactType(w, r, tx, contact.RetireType, "The type is retired: nobody chooses it any more. Contacts keep it.")
}

func takeBackContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setContactType(w, r, tx, contact.TakeBackType, "The type is in use again, at the end of its group.")
}

func setContactType(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "contact_type")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/contacts", said)
}

func (p contactTypePage) title() string { return cmp.Or(p.Type.Code, "New type of contact") }

// url is where the form is sent.
func (p contactTypePage) url() string {
	if p.Type.ID == 0 {
		return "/admin/contacts/types"
	}
	return contactTypeURL(p.Type.ID)
}

func contactTypeURL(id int64) string { return fmt.Sprintf("/admin/contacts/types/%d", id) }

// follows says what a type proposes for the follow-up.
func follows(t contact.Type, all []contact.Type) string {
	next := "the same again"
	for _, n := range all {
		if n.ID == t.NextTypeID {
			next = n.Code
		}
	}
	switch {
	case t.NextDelay < 0:
		return next + ", no date"
	case t.NextDelay == 0:
		return next + ", the same day"
	}
	return next + ", after " + ui.Count(t.NextDelay, "working day", "working days")
}
