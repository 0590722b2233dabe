package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// units are the screens of one kind of unit: branches or departments.
type units struct {
	member.Units
	Title, Path string
}

// unitForm is the name as typed, of a new unit or of the one that is renamed.
type unitForm struct {
	Name, Was string
	Errors    errs.Invalid
}

// unitsPage is what the list shows.
type unitsPage struct {
	Units units
	List  []member.Unit
	Uses  map[int64]member.Uses
	Form  unitForm
	Edit  bool
}

func (u units) list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := u.List(r.Context(), tx)
	if err != nil {
		return err
	}
	p := unitsPage{Units: u, List: list, Edit: member.CanManage(tx.Actor)}
	if p.Uses, err = u.Uses(r.Context(), tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, unitsScreen(p))
}

func (u units) add(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := unitsPage{Units: u, Edit: true, Form: unitForm{Name: r.PostFormValue("name")}}
	var err error
	if p.List, err = u.List(r.Context(), tx); err != nil {
		return err
	}
	if p.Uses, err = u.Uses(r.Context(), tx); err != nil {
		return err
	}
	_, err = u.Add(r.Context(), tx, p.Form.Name)
	if errors.As(err, &p.Form.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, unitsScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, u.Path, "The "+u.String()+" is added.")
}

// find is the unit that the path names, among all of them: there are few.
func (u units) find(r *http.Request, tx *tenant.Tx) (member.Unit, error) {
	list, err := u.List(r.Context(), tx)
	if err != nil {
		return member.Unit{}, err
	}
	id := web.ID(r, u.String())
	for _, one := range list {
		if one.ID == id {
			return one, nil
		}
	}
	return member.Unit{}, fmt.Errorf("%s %d: %w", u, id, errs.NotFound)
}

func (u units) page(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	one, err := u.find(r, tx)
	if err != nil {
		return err
	}
	f := unitForm{Name: one.Name, Was: one.Name}
	return web.Render(w, r, http.StatusOK, unitScreen(u, one, f, member.CanManage(tx.Actor)))
}

func (u units) rename(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	one, err := u.find(r, tx)
	if err != nil {
		return err
	}
	f := unitForm{Name: r.PostFormValue("name"), Was: r.PostFormValue("was")}
	err = u.Rename(r.Context(), tx, one.ID, f.Was, f.Name)
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, unitScreen(u, one, f, true))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, u.Path, "The "+u.String()+" is renamed.")
}

func (u units) retire(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return u.set(w, r, tx, u.Retire, "The "+u.String()+" is retired. Who has it keeps it.")
}

func (u units) reopen(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return u.set(w, r, tx, u.Reopen, "The "+u.String()+" is in use again.")
}

func (u units) move(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, up := web.ID(r, u.String()), r.PostFormValue("direction") != "down"
	if err := u.Move(r.Context(), tx, id, up); err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("%s#unit-%d", u.Path, id), "The order is changed.")
}

func (u units) set(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, u.String())); err != nil {
		return err
	}
	return web.SeeOther(w, r, u.Path, said)
}

// url is the page of one of them.
func (u units) url(id int64) string { return fmt.Sprintf("%s/%d", u.Path, id) }
