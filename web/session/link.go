package session

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/web"
)

func (s screens) forgottenPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, forgottenForm(door{}, s.app.Outbox.Ready()))
}

// forgotten answers the same whether there is such an account. The link goes out
// by e-mail where a mail server is set up; else an administrator hands it over.
func (s screens) forgotten(w http.ResponseWriter, r *http.Request) error {
	f := door{Email: r.PostFormValue("email")}
	err := member.AskForLink(r.Context(), s.app.DB.Pool, f.Email, address(r))
	if status, ok := refused(w, err, &f.Errors); ok {
		return web.Render(w, r, status, forgottenForm(f, s.app.Outbox.Ready()))
	}
	if err != nil {
		return err
	}
	if s.app.Outbox.Ready() {
		if err := s.app.Outbox.Asked(r.Context()); err != nil {
			return err
		}
		return s.seeOther(w, r, "/sign-in", "If this address belongs to an account, an e-mail with a link is on its way to it. The link works for one hour.")
	}
	return s.seeOther(w, r, "/sign-in", "If this address belongs to an account, your company's administrators now see that you asked, and can give you a link. No e-mail is sent.")
}

// linkPage looks at a one-time link without using it up: mail programs and chats
// open links before people do.
func (s screens) linkPage(w http.ResponseWriter, r *http.Request) error {
	return s.showLink(w, r, http.StatusOK, nil)
}

func (s screens) showLink(w http.ResponseWriter, r *http.Request, status int, messages errs.Invalid) error {
	// The address of this page is a secret: no other site learns it.
	w.Header().Set("Referrer-Policy", "no-referrer")
	to, err := member.FindLink(r.Context(), s.app.DB.Pool, chi.URLParam(r, "token"))
	if errors.Is(err, errs.NotFound) {
		return web.Render(w, r, http.StatusNotFound, linkGone())
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, status, linkForm(to, r.URL.Path, messages))
}

// useLink sets the password. It signs nobody in: the person does so next, with
// what they just chose.
func (s screens) useLink(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	password, err := typedTwice(r)
	var to member.Addressee
	if err == nil {
		to, err = member.SetPasswordByLink(ctx, s.app.DB.Pool, chi.URLParam(r, "token"), password, address(r))
	}
	var messages errs.Invalid
	if errors.As(err, &messages) || errors.Is(err, errs.NotFound) {
		return s.showLink(w, r, http.StatusUnprocessableEntity, messages)
	}
	if err != nil {
		return err
	}
	if err := member.RecordLinkUse(ctx, s.app.DB, to.UserID); err != nil {
		return err
	}
	return s.seeOther(w, r, "/sign-in", "Your password is set. Sign in with it.")
}
