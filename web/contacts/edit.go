package contacts

import (
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// editForm is the form of a contact that is open.
func editForm(r *http.Request, tx *tenant.Tx) (form, error) {
	f, err := load(r, tx)
	if err != nil {
		return f, err
	}
	c, err := contact.Find(r.Context(), tx, f.Customer.ID, web.ID(r, "contact"))
	if err != nil {
		return f, err
	}
	head, err := customer.JournalHead(r.Context(), tx, f.Customer.ID)
	if err != nil {
		return f, err
	}
	f.Title, f.Action, f.Edited = "Edit "+c.Type(), contactPath(f.Customer.ID, c.ID), &c
	f.keep(c)
	f.Open(c.Version, head, map[string]string{"department": pointed(c.DepartmentID), "type": number(c.TypeID), "description": c.Description, "executive": number(c.ExecutiveID),
		"origin": pointed(c.OriginID), "strength": pointed(c.StrengthID), "vehicle": pointed(c.VehicleID), "assignee": number(c.AssigneeID), "due_on": c.DueOn.String(),
		"due_at": c.DueAt, "next_type": pointed(c.NextTypeID)})
	f.Gone = c.State != contact.Open || f.Customer.ArchivedAt != nil
	f.Draft.Choices = f.options()
	f.proposed()
	return f, f.look(r.Context(), tx)
}

// proposed says that nothing is proposed: the contact has been planned already.
func (f *form) proposed() {
	f.Typed["proposed_for"], f.Typed["proposed_type"], f.Typed["proposed_on"] = f.Typed["type"], "0", "0"
}

func edit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := editForm(r, tx)
	if err != nil {
		return err
	}
	opened(tx, f.Customer.ID)
	return web.Render(w, r, http.StatusOK, formScreen(f))
}

// change saves an open contact as typed. Where somebody else changed it meanwhile,
// both are told apart.
func change(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := editForm(r, tx)
	if err != nil {
		return err
	}
	id := f.Edited.ID
	web.ReadDraft(r, &f.Draft)
	f.proposed()
	f.Kept = true
	if clock := r.PostFormValue("hour"); clock != "" {
		f.Typed["due_at"] = clock
	}
	if err := f.look(r.Context(), tx); err != nil {
		return err
	}
	if r.PostFormValue("hour") != "" || r.PostFormValue("look") != "" {
		return web.Render(w, r, http.StatusOK, formScreen(f))
	}
	plan, err := f.plan()
	if err == nil {
		err = contact.Change(r.Context(), tx, f.Customer.ID, id, f.Version, plan)
	}
	return web.Saved(w, r, &f.Draft, err, web.Saving{To: summaryPath(f.Customer.ID, id), Flash: f.said("The contact is changed.", plan),
		Again: func() error {
			if f, err = editForm(r, tx); err != nil {
				return err
			}
			f.Kept = true
			if err := web.Rebase(r, tx, &f.Draft, f.Customer.ID, id, "contact", "contact_change"); err != nil {
				return err
			}
			f.proposed()
			return f.look(r.Context(), tx)
		},
		Screen: func() templ.Component { return formScreen(f) }})
}
