// Package site assembles the areas into one handler: the route table and the
// middleware. It has no screen of its own but the plain ones.
package site

import (
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Options are what the site is made from.
type Options struct {
	DB         *tenant.DB
	Log        *slog.Logger
	Enqueue    importer.Enqueue
	Blobs      document.Store // what documents hold
	Outbox     *message.Outbox
	Secure     bool // cookies only over TLS
	TrustProxy bool // the client's address is X-Forwarded-For's last entry
	Dev        bool // serve the storybook
}

// Sessions makes the session manager. It has no idle time-out of its own: that
// would write the session back at every request; sign_ins keeps the limits.
func Sessions(o Options) *scs.SessionManager {
	s := scs.New()
	s.Store = pgxstore.NewWithCleanupInterval(o.DB.Pool, 0) // the sweep cleans up
	s.Lifetime = 12 * time.Hour
	s.HashTokenInStore = true
	s.Cookie.Name = "dunwell"
	s.Cookie.HttpOnly = true
	s.Cookie.SameSite = http.SameSiteLaxMode
	s.Cookie.Secure = o.Secure
	s.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		o.Log.ErrorContext(r.Context(), "session", "err", err)
		http.Error(w, "The session could not be read. Try again in a moment.", http.StatusInternalServerError)
	}
	return s
}

// TuneMemory lets the heap of a server grow to five times what is in use before it
// is cleaned, and not beyond 100 MB: pages leave much behind and keep little.
func TuneMemory() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(100 << 20)
}

// New is the whole site.
func New(o Options) http.Handler {
	app := &web.App{DB: o.DB, Sessions: Sessions(o), Log: o.Log, Blobs: o.Blobs, Outbox: o.Outbox}
	return Router(app, o)
}

// secure sets the headers that keep a page to what the program itself serves.
func secure(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if !strings.HasPrefix(r.URL.Path, "/static/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// strict tells browsers to come by TLS only.
func strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// recoverer turns a panic into a page, and lets the one through that breaks a
// stream off on purpose.
func recoverer(app *web.App) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				switch p := recover(); p {
				case nil:
				case http.ErrAbortHandler:
					panic(p)
				default:
					app.Panicked(w, r, p)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// proxied takes the client's address from the proxy in front.
func proxied(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if ip := net.ParseIP(strings.TrimSpace(all[len(all)-1])); ip != nil {
			r.RemoteAddr = net.JoinHostPort(ip.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}

func notFound(app *web.App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { app.Fail(w, r, errs.NotFound) }
}

// notAllowed answers where an address is asked with a method that it does not take,
// and says which it does.
func notAllowed(app *web.App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		routes := chi.RouteContext(r.Context()).Routes
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
				w.Header().Add("Allow", method)
			}
		}
		app.Fail(w, r, web.ErrNoPage)
	}
}

var requestID = middleware.RequestID
