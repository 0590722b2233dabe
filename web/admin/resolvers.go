package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// resolversPage is the list of colleagues who settle disputes, with the form of one of
// them, or of a new one.
type resolversPage struct {
	List     []cases.Resolver
	One      cases.Resolver // as typed; the zero one is new
	Edit     bool
	Conflict string
	Errors   errs.Invalid
}

func resolvers(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadResolvers(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, resolversScreen(p))
}

func showResolver(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return resolvers(w, r, tx)
}

// loadResolvers reads them; one of the address is the one in the form.
func loadResolvers(r *http.Request, tx *tenant.Tx) (p resolversPage, err error) {
	p.Edit = cases.CanName(tx.Actor)
	if p.List, err = cases.Resolvers(r.Context(), tx, true); err != nil || chi.URLParam(r, "resolver") == "" {
		return p, err
	}
	at := slices.IndexFunc(p.List, func(one cases.Resolver) bool { return one.ID == web.ID(r, "resolver") })
	if at < 0 {
		return p, errs.NotFound
	}
	p.One = p.List[at]
	return p, nil
}

func saveResolver(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadResolvers(r, tx)
	if err != nil {
		return err
	}
	p.One.Name, p.One.Email, p.One.Settles, p.One.Retired = r.PostFormValue("name"), r.PostFormValue("email"), r.PostFormValue("settles"), r.PostFormValue("retired") == "on"
	p.One.Version = web.Version(r)
	_, err = cases.SaveResolver(r.Context(), tx, p.One)
	if err == nil {
		return web.SeeOther(w, r, "/admin/resolvers", p.One.Name+" is saved.")
	}
	code, conflict := http.StatusUnprocessableEntity, errs.Conflict("")
	switch {
	case errors.As(err, &conflict):
		p.Conflict, code = string(conflict), http.StatusConflict
	case !errors.As(err, &p.Errors):
		return err
	}
	return web.Render(w, r, code, resolversScreen(p))
}

func resolverURL(id int64) string {
	if id == 0 {
		return "/admin/resolvers"
	}
	return "/admin/resolvers/" + strconv.FormatInt(id, 10)
}
