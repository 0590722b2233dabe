// Package session has the screens of the person who signs in: the door, the
// password, one-time links, the choice of a company. What an administrator does
// with people is in web/admin.
package session

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app}
	r.Get("/sign-in", app.Public(s.signInPage))
	r.Post("/sign-in", app.Public(s.signIn))
	r.Post("/sign-out", app.Public(s.signOut))
	r.Post("/sign-out-everywhere", app.In(s.signOutEverywhere))
	r.Get("/companies", app.Public(s.companies))
	r.Post("/session/tenant", app.Public(s.choose))
	r.Get("/account", app.In(account))
	r.Post("/account", app.In(rename))
	r.Post("/account/phone", app.In(changePhone))
	r.Get("/account/password", app.In(passwordPage))
	r.Post("/account/password", app.In(s.changePassword))
	r.Get("/forgotten", app.Public(s.forgottenPage))
	r.Post("/forgotten", app.Public(s.forgotten))
	r.Get("/links/{token}", app.Public(s.linkPage))
	r.Post("/links/{token}", app.Public(s.useLink))
	r.Post("/theme", app.Public(s.theme))
}

type screens struct{ app *web.App }

func (s screens) signInPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, signInForm(door{Next: web.Local(r.FormValue("next"), "/")}))
}

func (s screens) signIn(w http.ResponseWriter, r *http.Request) error {
	f := door{Email: r.PostFormValue("email"), Next: web.Local(r.PostFormValue("next"), "/")}
	in, err := member.SignIn(r.Context(), s.app.DB.Pool, member.Credentials{
		Email: f.Email, Password: r.PostFormValue("password"), Address: address(r), Browser: r.UserAgent()})
	if status, ok := refused(w, err, &f.Errors); ok {
		return web.Render(w, r, status, signInForm(f))
	}
	if err != nil {
		return err
	}
	if err := s.begin(r, in); err != nil {
		return err
	}
	return s.arrive(w, r, in.UserID, f.Next)
}

// refused takes the messages of a refusal into the form and tells its status;
// not ok where err is something else.
func refused(w http.ResponseWriter, err error, messages *errs.Invalid) (status int, ok bool) {
	var many member.TooMany
	if errors.As(err, &many) {
		w.Header().Set("Retry-After", fmt.Sprint(int(many.Wait.Seconds())))
		*messages = errs.Invalid{"": many.Error()}
		return http.StatusTooManyRequests, true
	}
	return http.StatusUnprocessableEntity, errors.As(err, messages)
}

// begin gives the session a new token, so that one that was known before the
// sign-in is worth nothing, and ends the sign-in that it held.
func (s screens) begin(r *http.Request, in member.SignedIn) error {
	ctx, sessions := r.Context(), s.app.Sessions
	if old := sessions.GetInt64(ctx, "sign_in"); old != 0 {
		if err := member.SignOut(ctx, s.app.DB.Pool, old); err != nil {
			return err
		}
	}
	if err := sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew the session: %w", err)
	}
	sessions.Put(ctx, "sign_in", in.SignInID)
	sessions.Put(ctx, "user", in.UserID)
	sessions.Remove(ctx, "tenant")
	return nil
}

// arrive enters the person's only company, or asks which one.
func (s screens) arrive(w http.ResponseWriter, r *http.Request, userID int64, next string) error {
	companies, err := member.Memberships(r.Context(), s.app.DB.Pool, userID)
	if err != nil {
		return err
	}
	if len(companies) != 1 {
		return web.SeeOther(w, r, "/companies?next="+url.QueryEscape(next), "")
	}
	if err := s.enter(r, companies[0].TenantID); err != nil {
		return err
	}
	return web.SeeOther(w, r, next, "")
}

// enter makes the company the one that the session works in, and records there
// that the person came.
func (s screens) enter(r *http.Request, tenantID int64) error {
	ctx := r.Context()
	who := tenant.Who{TenantID: tenantID, SignInID: s.app.Sessions.GetInt64(ctx, "sign_in")}
	err := s.app.DB.Write(ctx, who, func(tx *tenant.Tx) error {
		err := tx.Audit(ctx, tenant.Event{Kind: "session.signed_in", Data: map[string]string{"address": address(r)}})
		if err != nil {
			return err
		}
		return s.app.Count(ctx, tx)
	})
	if errors.Is(err, tenant.ErrNotMember) {
		return fmt.Errorf("enter company %d: %w", tenantID, errs.NotFound)
	}
	if err != nil {
		return err
	}
	companies, err := member.Memberships(ctx, s.app.DB.Pool, s.app.Sessions.GetInt64(ctx, "user"))
	if err != nil {
		return err
	}
	s.app.Sessions.Put(ctx, "tenant", tenantID)
	s.app.Sessions.Put(ctx, "several", len(companies) > 1)
	return nil
}

// signOut ends the sign-in and not just the session: a request under way may
// still write the session back.
func (s screens) signOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if who, ok := s.app.Who(r); ok {
		err := s.app.DB.Write(ctx, who, func(tx *tenant.Tx) error {
			return tx.Audit(ctx, tenant.Event{Kind: "session.signed_out"})
		})
		if err != nil && !errors.Is(err, tenant.ErrNotMember) {
			return err
		}
	}
	if err := member.SignOut(ctx, s.app.DB.Pool, s.app.Sessions.GetInt64(ctx, "sign_in")); err != nil {
		return err
	}
	if err := s.app.Sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("destroy the session: %w", err)
	}
	return s.seeOther(w, r, "/sign-in", "You are signed out.")
}

// signOutEverywhere also empties this session; the flash is all that is left.
func (s screens) signOutEverywhere(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := member.SignOutEverywhere(r.Context(), tx); err != nil {
		return err
	}
	for _, key := range []string{"sign_in", "user", "tenant"} {
		s.app.Sessions.Remove(r.Context(), key)
	}
	return web.SeeOther(w, r, "/sign-in", "You are signed out on every device.")
}

// seeOther is web.SeeOther for handlers outside a company.
func (s screens) seeOther(w http.ResponseWriter, r *http.Request, to, flash string) error {
	s.app.Sessions.Put(r.Context(), "flash", flash)
	return web.SeeOther(w, r, to, "")
}

// address is the client's IP address.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
