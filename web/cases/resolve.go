package cases

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// resolvePage is what a resolver sees and answers.
type resolvePage struct {
	cases.Asked
	Token   string
	Company string
	Typed   map[string]string
	Done    bool
	Errors  errs.Invalid
}

// within runs f in the company of the link. A link that is none, has ended or was
// revoked is answered by one page that says nothing of what it was for.
func (s screens) within(w http.ResponseWriter, r *http.Request, f func(*tenant.Tx, *resolvePage) error) error {
	// The address of this page is a secret: no other site learns it.
	w.Header().Set("Referrer-Policy", "no-referrer")
	p := resolvePage{Token: chi.URLParam(r, "token"), Typed: map[string]string{}}
	id, ok := cases.TenantOf(p.Token)
	if !ok {
		return web.Render(w, r, http.StatusNotFound, linkGone())
	}
	err := s.app.DB.Write(r.Context(), tenant.System(id), func(tx *tenant.Tx) error {
		p.Company = tx.Actor.Tenant.Name
		return f(tx, &p)
	})
	switch {
	case errors.Is(err, cases.ErrClosed):
		return web.Render(w, r, http.StatusConflict, answerLate(p.Typed["text"]))
	case errors.Is(err, errs.NotFound):
		return web.Render(w, r, http.StatusNotFound, linkGone())
	case errors.As(err, &p.Errors):
		return s.again(w, r, id, p)
	case err != nil:
		return err
	}
	return web.Render(w, r, http.StatusOK, resolveScreen(p))
}

func (s screens) look(w http.ResponseWriter, r *http.Request) error {
	return s.within(w, r, func(tx *tenant.Tx, p *resolvePage) (err error) {
		p.Asked, err = cases.Look(r.Context(), tx, p.Token, address(r))
		return err
	})
}

func (s screens) answer(w http.ResponseWriter, r *http.Request) error {
	files, done, err := web.Files(r)
	if err != nil {
		return err
	}
	defer done()
	return s.within(w, r, func(tx *tenant.Tx, p *resolvePage) error {
		p.Typed["verdict"], p.Typed["text"] = r.PostFormValue("verdict"), r.PostFormValue("text")
		a := cases.Answer{Verdict: cases.Verdict(p.Typed["verdict"]), Text: p.Typed["text"], Address: address(r)}
		if len(files) > 0 {
			a.FileName, a.File = files[0].Name, files[0].Content
		}
		p.Done = true
		return cases.Give(r.Context(), tx, s.app.Blobs, p.Token, a)
	})
}

// again shows the page with what was typed and why it was not taken.
func (s screens) again(w http.ResponseWriter, r *http.Request, id int64, p resolvePage) error {
	p.Done = false
	err := s.app.DB.Write(r.Context(), tenant.System(id), func(tx *tenant.Tx) (err error) {
		p.Asked, err = cases.Look(r.Context(), tx, p.Token, address(r))
		return err
	})
	if errors.Is(err, errs.NotFound) {
		return web.Render(w, r, http.StatusNotFound, linkGone())
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, resolveScreen(p))
}

// address is where on the network the request comes from.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return strings.TrimSpace(host)
}
