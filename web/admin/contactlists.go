package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/contact"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// contactList are the screens of one of the lists that contacts choose from.
type contactList struct {
	contact.List
	Title, Path, Hint string
}

var contactLists = []contactList{
	{contact.Groups, "Groups", "/admin/contacts/groups", "Types of contacts stand in groups. The types of a group that is retired are not offered either."},
	{contact.Origins, "Origins", "/admin/contacts/origins", "Where a contact came from."},
	{contact.Strengths, "Strengths", "/admin/contacts/strengths", "How important a contact is: the first in the list is the most important."},
}

// contactListPage is a list with the form of a new entry.
type contactListPage struct {
	contactList
	Entries []contact.Entry
	Name    string // as typed
	Errors  errs.Invalid
	Edit    bool
}

// contactEntryPage is one entry with its form.
type contactEntryPage struct {
	contactList
	Entry contact.Entry
	ui.Draft
	Edit bool
}

func (l contactList) load(r *http.Request, tx *tenant.Tx) (p contactListPage, err error) {
	p.contactList, p.Edit = l, contact.CanSetUp(tx.Actor)
	p.Entries, err = l.All(r.Context(), tx)
	return p, err
}

func (l contactList) list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := l.load(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, contactListScreen(p))
}

func (l contactList) add(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := l.load(r, tx)
	if err != nil {
		return err
	}
	p.Name = r.PostFormValue("name")
	_, err = l.Add(r.Context(), tx, p.Name)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, contactListScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, l.Path, "The "+l.String()+" is added, at the end of the list.")
}

func (l contactList) loadEntry(r *http.Request, tx *tenant.Tx) (p contactEntryPage, err error) {
	p.contactList, p.Edit = l, contact.CanSetUp(tx.Actor)
	if p.Entry, err = l.Find(r.Context(), tx, web.ID(r, "contact_"+l.String())); err != nil {
		return p, err
	}
	p.Open(p.Entry.Version, 0, map[string]string{"name": p.Entry.Name})
	return p, nil
}

func (l contactList) page(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := l.loadEntry(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, contactEntryScreen(p))
}

func (l contactList) rename(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := l.loadEntry(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = l.Rename(r.Context(), tx, p.Entry.ID, p.Version, p.Typed["name"])
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: l.Path, Flash: "The " + l.String() + " is saved.",
		Screen: func() templ.Component { return contactEntryScreen(p) }, Again: func() (err error) {
			if p, err = l.loadEntry(r, tx); err != nil {
				return err
			}
			rebase(r, &p.Draft)
			return nil
		}})
}

func (l contactList) move(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, up := web.ID(r, "contact_"+l.String()), r.PostFormValue("direction") != "down"
	if err := l.Move(r.Context(), tx, id, up); err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("%s#entry-%d", l.Path, id), "The order is changed.")
}

func (l contactList) retire(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return l.set(w, r, tx, l.Retire, "The "+l.String()+" is retired: nobody chooses it any more. Contacts keep it.")
}

func (l contactList) takeBack(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return l.set(w, r, tx, l.TakeBack, "The "+l.String()+" is in use again, at the end of the list.")
}

func (l contactList) set(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "contact_"+l.String())); err != nil {
		return err
	}
	return web.SeeOther(w, r, l.Path, said)
}

func (l contactList) url(id int64) string { return fmt.Sprintf("%s/%d", l.Path, id) }

// contactTabs are the parts of the set-up of contacts.
func contactTabs(part string) []ui.Tab {
	tabs := []ui.Tab{{Label: "Types", URL: "/admin/contacts"}}
	for _, l := range contactLists {
		tabs = append(tabs, ui.Tab{Label: l.Title, URL: l.Path})
	}
	for i := range tabs {
		tabs[i].Active = tabs[i].URL == part
	}
	return tabs
}
