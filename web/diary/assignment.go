package diary

import (
	"errors"
	"net/http"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// assign gives what the day lists to another member: with the customers that are
// ticked, or all.
func assign(app *web.App) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p, err := load(r, tx, app)
		if err != nil {
			return err
		}
		p.To, p.Ticked = r.PostFormValue("assignee"), map[string]bool{}
		s := diary.Share{Of: p.Member, Today: r.PostFormValue("all") != ""}
		for _, id := range r.PostForm["customer"] {
			s.Customers = append(s.Customers, web.Number(id))
			p.Ticked[id] = true
		}
		h, err := diary.Give(r.Context(), tx, s, web.Number(p.To))
		if errors.As(err, &p.Errors) {
			return web.Render(w, r, http.StatusUnprocessableEntity, dayScreen(&p))
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, p.at(p.From, 0), given(h))
	}
}
