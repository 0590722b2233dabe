package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// Who reads from the session who asks; false where nobody is signed in or no
// tenant is chosen yet.
func (a *App) Who(r *http.Request) (tenant.Who, bool) {
	who := tenant.Who{
		TenantID: a.Sessions.GetInt64(r.Context(), "tenant"),
		SignInID: a.Sessions.GetInt64(r.Context(), "sign_in"),
	}
	return who, who.TenantID != 0 && who.SignInID != 0
}

// pageContext carries what every page's layout shows; actor and tx are nil for
// pages outside a tenant.
func (a *App) pageContext(r *http.Request, actor *tenant.Actor, tx *tenant.Tx) context.Context {
	p := ui.Page{Actor: actor, Path: r.URL.Path, Theme: theme(r), RequestID: middleware.GetReqID(r.Context()), Now: time.Now()}
	if r.Method == http.MethodGet {
		p.Flash, p.Undo = a.Sessions.PopString(r.Context(), "flash"), a.Sessions.PopString(r.Context(), "undo")
		p.FlashKind = a.Sessions.PopString(r.Context(), "flash kind")
		p.FlashLink, p.FlashLinkWords = a.Sessions.PopString(r.Context(), "link"), a.Sessions.PopString(r.Context(), "link words")
		p.URL = r.URL.RequestURI()
	}
	if tx != nil {
		p.Agenda = a.Sessions.GetString(r.Context(), waiting(actor.TenantID))
		p.Inbox = a.Sessions.GetInt(r.Context(), inInbox(actor.TenantID))
		p.Calls = a.Sessions.GetInt(r.Context(), unfinished(actor.TenantID))
		p.Covers = a.covers(r.Context(), actor.TenantID)
		p.Now, p.Today, p.Several = tx.Now, tx.Today(), a.Sessions.GetBool(r.Context(), "several")
		noteWho(r.Context(), actor.TenantID, actor.UserID)
	}
	return ui.WithPage(r.Context(), p)
}

// Public makes a handler for pages outside a tenant, such as the sign-in: the
// form is read and the layout's data is there; errors become pages.
func (a *App) Public(h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return a.PublicUpTo(MaxForm, h)
}

// PublicUpTo is Public for forms of up to limit bytes, such as uploads.
func (a *App) PublicUpTo(limit int64, h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := readForm(w, r, limit)
		defer forget(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		r = r.WithContext(a.pageContext(r, nil, nil))
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	}
}

func theme(r *http.Request) string {
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "dark" || c.Value == "light") {
		return c.Value
	}
	return ""
}

// SignInFirst answers who is not signed in, for handlers outside In.
func (a *App) SignInFirst(w http.ResponseWriter, r *http.Request) { a.signInFirst(w, r) }

// signInFirst sends to the sign-in and back; what was typed into a form is not
// thrown away by a redirect.
func (a *App) signInFirst(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet && r.Header.Get("HX-Request") == ""
	if reads && a.Sessions.GetInt64(r.Context(), "sign_in") != 0 && a.Sessions.GetInt64(r.Context(), "tenant") == 0 {
		http.Redirect(w, r, "/companies", http.StatusSeeOther)
		return
	}
	if reads {
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	a.page(w, r, http.StatusUnauthorized, "You are signed out",
		"Nothing was saved. Sign in again in another tab, come back here, go one page back and send the form again: what you typed is still there.")
}

// Fail answers with the page of the error, for handlers outside In.
func (a *App) Fail(w http.ResponseWriter, r *http.Request, err error) { a.fail(w, r, err) }

func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	var (
		forbidden errs.Forbidden
		conflict  errs.Conflict
		invalid   errs.Invalid
		bad       badRequest
	)
	switch {
	case errors.Is(err, tenant.ErrNotMember):
		a.notMember(w, r)
	case errors.Is(err, errs.NotFound):
		if a.moved(w, r) {
			return
		}
		a.page(w, r, http.StatusNotFound, "Not found", "There is no such page, or it is not yours to see.")
	case errors.As(err, &forbidden):
		a.page(w, r, http.StatusForbidden, "Not allowed", string(forbidden))
	case errors.As(err, &conflict):
		a.page(w, r, http.StatusConflict, "This has changed", string(conflict))
	case errors.As(err, &bad):
		a.page(w, r, bad.status, "This was not taken", bad.text)
	case errors.As(err, &invalid):
		a.page(w, r, http.StatusUnprocessableEntity, "This was not taken", strings.TrimSuffix(invalid.Error(), ".")+".")
	case r.Context().Err() != nil:
		a.Log.InfoContext(r.Context(), "the client left", slog.String("path", r.URL.Path))
	default:
		a.Log.ErrorContext(r.Context(), "request failed", "err", err, "request_id", middleware.GetReqID(r.Context()))
		a.page(w, r, http.StatusInternalServerError, "Something went wrong here",
			"Nothing was saved. Try again; if it happens again, tell your administrator the number below.")
	}
}

// notMember tells apart a session that has ended from a person who no longer
// belongs to the company.
func (a *App) notMember(w http.ResponseWriter, r *http.Request) {
	var live bool
	err := a.DB.Pool.QueryRow(r.Context(), `
		SELECT EXISTS (
			SELECT 1 FROM sign_ins s
			JOIN users u ON u.id = s.user_id AND u.session_epoch = s.session_epoch
			WHERE s.id = $1 AND `+tenant.LiveSignIn+`)`,
		a.Sessions.GetInt64(r.Context(), "sign_in")).Scan(&live)
	if err != nil || !live {
		a.Sessions.Remove(r.Context(), "sign_in")
		a.Sessions.Remove(r.Context(), "tenant")
		a.signInFirst(w, r)
		return
	}
	a.Sessions.Remove(r.Context(), "tenant") // the next request asks for another one
	a.page(w, r, http.StatusForbidden, "You no longer work in this company",
		"An administrator ended your membership. From the start page you can choose another company of yours, or sign out.")
}

func (a *App) page(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	if ui.PageOf(r.Context()).Now.IsZero() {
		r = r.WithContext(a.pageContext(r, nil, nil))
	}
	if err := Render(w, r, status, ui.ErrorPage(status, title, text)); err != nil {
		a.Log.ErrorContext(r.Context(), "render the error page", "err", err)
	}
}

// Panicked answers a request whose handler panicked, and logs where.
func (a *App) Panicked(w http.ResponseWriter, r *http.Request, p any) {
	a.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}
