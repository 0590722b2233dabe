package session

import (
	"errors"
	"net/http"
	"strconv"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/web"
)

// companies shows where the person may work.
func (s screens) companies(w http.ResponseWriter, r *http.Request) error {
	userID, err := s.person(r)
	if errors.Is(err, errs.NotFound) {
		s.app.SignInFirst(w, r)
		return nil
	}
	if err != nil {
		return err
	}
	list, err := member.Memberships(r.Context(), s.app.DB.Pool, userID)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, companiesPage(list, s.app.Sessions.GetInt64(r.Context(), "tenant"), web.Local(r.FormValue("next"), "/")))
}

// standing says what the person is in that company.
func standing(m member.Membership, current int64) string {
	if m.TenantID == current {
		return string(m.Role) + ", you are here"
	}
	return string(m.Role)
}

// choose enters the company that was chosen; one the person does not work in is
// not found.
func (s screens) choose(w http.ResponseWriter, r *http.Request) error {
	_, err := s.person(r)
	if errors.Is(err, errs.NotFound) {
		s.app.SignInFirst(w, r)
		return nil
	}
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PostFormValue("tenant_id"), 10, 64)
	if err != nil {
		return errs.NotFound
	}
	if err := s.enter(r, id); err != nil {
		return err
	}
	if err := s.app.Sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("next"), "/"), "")
}

// person is whose session this is; NotFound, with the session's keys taken away,
// where the sign-in has ended.
func (s screens) person(r *http.Request) (userID int64, err error) {
	ctx := r.Context()
	userID, err = member.Live(ctx, s.app.DB.Pool, s.app.Sessions.GetInt64(ctx, "sign_in"))
	if errors.Is(err, errs.NotFound) {
		s.app.Sessions.Remove(ctx, "sign_in")
		s.app.Sessions.Remove(ctx, "tenant")
	}
	return userID, err
}

// theme keeps the choice of light or dark in a cookie; anything else follows the
// system again.
func (s screens) theme(w http.ResponseWriter, r *http.Request) error {
	c := &http.Cookie{Name: "theme", Value: r.PostFormValue("theme"), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.app.Sessions.Cookie.Secure}
	if c.Value != "dark" && c.Value != "light" {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/"), "")
}
