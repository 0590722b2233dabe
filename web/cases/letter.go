package cases

import (
	"errors"
	"net/http"
	"slices"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// letterPage is an e-mail to the resolver of a case as it is being written.
type letterPage struct {
	cases.Case
	Letter  cases.Letter
	Preview string // as it would go out
	Ready   bool   // a mail server is there
	Errors  errs.Invalid
}

// askLetter reads the case, and proposes what is written.
func (s screens) askLetter(r *http.Request, tx *tenant.Tx) (p letterPage, err error) {
	if p.Case, err = cases.Find(r.Context(), tx, web.ID(r, "case")); err != nil {
		return p, err
	}
	if !p.Open() || p.ResolverID == 0 {
		return p, errs.Conflict("Nobody settles this case: it is closed, or no resolver is named. Open it and look what it says now.")
	}
	items, err := cases.ItemsOf(r.Context(), tx, p.ID)
	items = slices.DeleteFunc(items, func(i cases.Item) bool { return !i.In() })
	p.Letter = cases.Brief{Title: p.Title, Customer: p.Customer, Resolver: p.Resolver, Items: items}.Letter()
	p.Letter.Box, p.Ready = s.app.Outbox, s.app.Outbox.Ready()
	return p, err
}

func (s screens) newLetter(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.askLetter(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, letterScreen(p))
}

// sendLetter sends it, or shows it as it goes out.
func (s screens) sendLetter(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.askLetter(r, tx)
	if err != nil {
		return err
	}
	p.Letter.Subject, p.Letter.Body = r.PostFormValue("subject"), r.PostFormValue("body")
	if r.PostFormValue("go") == "preview" {
		h, err := statement.HeadingOf(r.Context(), tx, p.CustomerID, "")
		if err != nil {
			return err
		}
		p.Preview = p.Letter.Subject + "\n\n" + message.Signed(h, p.Letter.Body)
		return web.Render(w, r, http.StatusOK, letterScreen(p))
	}
	_, err = p.Letter.Send(r.Context(), tx, p.ID)
	switch {
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, letterScreen(p))
	case err != nil:
		return err
	case !p.Ready:
		return web.SeeOther(w, r, casePath(p.ID), "The e-mail is held: no mail server is set up here yet. A manager sends it on from the outbox once there is one.")
	}
	return web.SeeOther(w, r, casePath(p.ID), "The e-mail to "+p.Resolver+" is on its way.")
}
