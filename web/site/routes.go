package site

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"dunwell/migrations"
	"dunwell/web"
	"dunwell/web/admin"
	"dunwell/web/agenda"
	"dunwell/web/cases"
	"dunwell/web/contacts"
	"dunwell/web/customers"
	"dunwell/web/diary"
	"dunwell/web/documents"
	"dunwell/web/followups"
	"dunwell/web/handover"
	"dunwell/web/hooks"
	"dunwell/web/imports"
	"dunwell/web/inbox"
	"dunwell/web/messages"
	"dunwell/web/promises"
	"dunwell/web/reports"
	"dunwell/web/session"
	"dunwell/web/statements"
	"dunwell/web/static"
	"dunwell/web/ui"
)

// Router is the one table of contents: what is served, through what.
func Router(app *web.App, o Options) chi.Router {
	r := chi.NewRouter()
	if o.TrustProxy {
		r.Use(proxied)
	}
	r.Use(requestID)
	r.Use(web.Log(o.Log))
	r.Use(secure)
	if o.Secure {
		r.Use(strict)
	}
	r.Use(recoverer(app))
	r.Use(http.NewCrossOriginProtection().Handler)

	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.Get("/readyz", ready(o))
	r.Handle("/static/*", http.StripPrefix("/static", static.Handler()))
	r.Get("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, static.URL("favicon.svg"), http.StatusMovedPermanently)
	})

	hooks.Routes(r, app)

	r.Group(func(r chi.Router) {
		r.Use(app.Sessions.LoadAndSave)
		r.Use(recoverer(app)) // once more: the page that it shows asks the session
		session.Routes(r, app)
		diary.Routes(r, app)
		agenda.Routes(r, app)
		customers.Routes(r, app)
		followups.Routes(r, app)
		contacts.Routes(r, app)
		promises.Routes(r, app)
		cases.Routes(r, app)
		statements.Routes(r, app)
		messages.Routes(r, app)
		inbox.Routes(r, app)
		reports.Routes(r, app)
		imports.Routes(r, app, o.Enqueue)
		documents.Routes(r, app)
		handover.Routes(r, app)
		admin.Routes(r, app)
		if o.Dev {
			r.Get("/storybook", app.Public(func(w http.ResponseWriter, r *http.Request) error {
				return web.Render(w, r, http.StatusOK, ui.Storybook())
			}))
		}
		r.NotFound(notFound(app)) // after the areas: those with routers of their own take them over only now
		r.MethodNotAllowed(notAllowed(app))
	})
	return r
}

// ready tells whether the server can do its work: the database answers and has
// every migration.
func ready(o Options) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		pending, err := migrations.Pending(ctx, o.DB.Pool)
		switch {
		case err != nil:
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		case pending:
			http.Error(w, "the database lacks a migration: run dunwell migrate", http.StatusServiceUnavailable)
		default:
			_, _ = w.Write([]byte("ready\n"))
		}
	}
}
