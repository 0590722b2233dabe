package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// WasMerged says at the customer who stayed where somebody comes from.
func WasMerged(gone customer.Customer) string {
	return fmt.Sprintf("%s, %s, was merged into this customer.", gone.Number, gone.Name)
}

// moved answers for what is not found at a customer who was merged, where the person
// sees both: what was worked stands with the one who stayed. An old address leads there;
// of a form that was open meanwhile the words stay. False: it is nowhere.
func (a *App) moved(w http.ResponseWriter, r *http.Request) bool {
	id := ID(r, "customer")
	if id == 0 {
		return false
	}
	who, ok := a.Who(r)
	if !ok {
		return false
	}
	var gone customer.Customer
	err := a.DB.Read(r.Context(), who, func(tx *tenant.Tx) (err error) {
		if gone, err = customer.Find(r.Context(), tx, id); err != nil {
			return err
		}
		if gone.MergedInto == nil {
			return errs.NotFound
		}
		_, err = customer.Find(r.Context(), tx, *gone.MergedInto)
		return err
	})
	if err != nil {
		if !errors.Is(err, errs.NotFound) {
			a.Log.ErrorContext(r.Context(), "look where it moved", "err", err)
		}
		return false
	}
	if r.Method == http.MethodPost {
		if err := Render(w, r, http.StatusConflict, ui.Moved(gone, words(r))); err != nil {
			a.Log.ErrorContext(r.Context(), "render what was typed", "err", err)
		}
		return true
	}
	to := *r.URL
	to.RawPath = ""
	to.Path = fmt.Sprintf("/customers/%d%s", *gone.MergedInto, strings.TrimPrefix(r.URL.Path, "/customers/"+chi.URLParam(r, "customer")))
	a.Sessions.Put(r.Context(), "flash", WasMerged(gone))
	http.Redirect(w, r, to.RequestURI(), http.StatusSeeOther)
	return true
}

// words are what somebody wrote in a form on a customer, a line each.
func words(r *http.Request) string {
	var list []string
	for _, name := range []string{"text", "outcome", "description", "closing", "attempt", "finding", "reason", "evidence", "status_reason", "pause_reason",
		"registration", "vin", "make", "model"} {
		if said := strings.TrimSpace(lines(r.PostFormValue(name))); said != "" {
			list = append(list, said)
		}
	}
	return strings.Join(list, "\n")
}
