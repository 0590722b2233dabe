package diary

import (
	"errors"
	"net/http"

	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// assign gives follow-ups of the day to another member: those of the customers
// that are ticked, or all.
func assign(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	p.To, p.Ticked = r.PostFormValue("assignee"), map[string]bool{}
	s := followup.Share{Of: p.Member, All: r.PostFormValue("all") != ""}
	for _, id := range r.PostForm["customer"] {
		s.Customers = append(s.Customers, web.Number(id))
		p.Ticked[id] = true
	}
	h, err := followup.Reassign(r.Context(), tx, s, web.Number(p.To))
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, dayScreen(&p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, p.at(p.From, 0), handed(h))
}

// handed says what was given away and what was left.
func handed(h followup.Handed) string {
	if h.Moved+h.Left == 0 {
		return "Nothing was given away: no follow-up is left there. A review goes with the owner of the customer."
	}
	said := ui.Count(h.Moved, "follow-up goes", "follow-ups go") + " to " + h.To + "."
	if h.Moved == 0 {
		said = "Nothing was given away."
	}
	if h.Left > 0 {
		said += " " + ui.Count(h.Left, "stays", "stay") + " where it was: " + h.To + " sees the customers of another branch only."
	}
	return said
}
