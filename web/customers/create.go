package customers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// form is a new customer as typed.
type form struct {
	Number, Name, Kind, Street, PostalCode, City, Country, Owner, Branch string

	Owners, Branches []ui.Option
	Errors           errs.Invalid
}

// choices fills the lists of members and branches to choose from.
func (f *form) choices(r *http.Request, tx *tenant.Tx) error {
	people, err := member.Choices(r.Context(), tx)
	if err != nil {
		return err
	}
	branches, err := member.Branches.List(r.Context(), tx)
	if err != nil {
		return err
	}
	f.Owners = []ui.Option{{Value: "0", Label: "Nobody yet"}}
	for _, c := range people {
		f.Owners = append(f.Owners, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Name})
	}
	f.Branches = branchChoices(branches)
	return nil
}

func newCustomer(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !customer.CanCreate(tx.Actor) {
		return customer.ErrOnlyManagers
	}
	f := form{Kind: string(customer.Business)}
	if err := f.choices(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, createScreen(f))
}

func create(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := form{Number: r.PostFormValue("number"), Name: r.PostFormValue("name"), Kind: r.PostFormValue("kind"),
		Street: r.PostFormValue("street"), PostalCode: r.PostFormValue("postal_code"), City: r.PostFormValue("city"),
		Country: r.PostFormValue("country"), Owner: r.PostFormValue("owner"), Branch: r.PostFormValue("branch")}
	if err := f.choices(r, tx); err != nil {
		return err
	}
	n := customer.New{Number: f.Number, Name: f.Name, Kind: customer.Kind(f.Kind), Street: f.Street,
		PostalCode: f.PostalCode, City: f.City, Country: f.Country,
		OwnerID: choice(f.Owner), BranchID: choice(f.Branch)}
	id, err := customer.Create(r.Context(), tx, n)
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, createScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/customers/%d", id), "The customer is there.")
}
