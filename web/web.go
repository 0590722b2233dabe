// Package web is the adapter that all handlers share: it opens the transaction
// of the signed-in person, holds the response until the commit, and turns errors
// into pages. It knows no screen and no rule.
package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/activity"
	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// Handler answers one request inside the transaction of who asks. Read-only for
// GET and HEAD. A status of 400 or more rolls back, as an error does.
type Handler func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error

// App is what the adapter needs.
type App struct {
	DB       *tenant.DB
	Sessions *scs.SessionManager
	Log      *slog.Logger
	Blobs    document.Store // what documents hold
	Outbox   *message.Outbox
}

// MaxForm is the largest form that is read, in bytes, where a route does not say
// otherwise.
const MaxForm = 1 << 20

// In makes a handler of one that works inside the tenant.
func (a *App) In(h Handler) http.HandlerFunc { return a.InUpTo(MaxForm, h) }

// InUpTo is In for forms of up to limit bytes, such as uploads.
func (a *App) InUpTo(limit int64, h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := a.Who(r)
		if !ok {
			a.signInFirst(w, r)
			return
		}
		// The form is read before the transaction begins: a slow client must not
		// hold a connection.
		err := readForm(w, r, limit)
		defer forget(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		buf := &response{header: http.Header{}, code: http.StatusOK, body: bodies.Get().(*bytes.Buffer)}
		defer buf.release()
		if err := a.serve(buf, r, who, h); err != nil && !errors.Is(err, errRefused) {
			a.fail(w, r, err)
			return
		}
		if !reads(r) && a.Sessions.Exists(r.Context(), longDay) {
			a.Sessions.Remove(r.Context(), longDay)
		}
		if buf.flash != "" {
			a.Sessions.Put(r.Context(), "flash", buf.flash)
			a.Sessions.Put(r.Context(), "flash kind", buf.kind)
			a.Sessions.Put(r.Context(), "undo", buf.undo)
			a.Sessions.Put(r.Context(), "link", buf.link)
			a.Sessions.Put(r.Context(), "link words", buf.linkWords)
		}
		maps.Copy(w.Header(), buf.header) // only now: a failed commit never says 303
		w.Header().Set("Content-Length", strconv.Itoa(buf.body.Len()))
		w.WriteHeader(buf.code)
		_, _ = w.Write(buf.body.Bytes())
	}
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// errRefused rolls back a transaction whose page is already in the buffer.
var errRefused = errors.New("refused")

func (a *App) serve(buf *response, r *http.Request, who tenant.Who, h Handler) error {
	in := a.DB.Write
	if reads(r) {
		in = a.DB.Read
	}
	unseen := false
	defer func() { a.seen(r.Context(), who, unseen) }()
	return in(r.Context(), who, func(tx *tenant.Tx) error {
		unseen = tx.Actor.Unseen
		*r = *r.WithContext(a.pageContext(r, &tx.Actor, tx))
		err := once(buf, r, tx, h)
		if errors.As(err, new(errs.Forbidden)) {
			tx.Later(tenant.Event{Kind: "refused", Data: map[string]string{"method": r.Method, "path": r.URL.Path, "why": err.Error()}})
			if len(ui.PageOf(r.Context()).Covers) > 0 { // perhaps of somebody who is covered no longer
				if err := a.CountCovers(r.Context(), tx); err != nil {
					a.Log.ErrorContext(r.Context(), "count who is covered", "err", err)
				}
			}
		}
		if err == nil && buf.code >= 400 {
			return errRefused
		}
		return err
	})
}

// Stream makes a handler that writes straight to the client, read-only, for
// exports too long to hold. Its errors after the first byte break the
// connection, so that a cut file is not taken for a whole one.
func (a *App) Stream(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := a.Who(r)
		if !ok {
			a.signInFirst(w, r)
			return
		}
		if err := readForm(w, r, MaxForm); err != nil {
			a.fail(w, r, err)
			return
		}
		sent := &tracked{ResponseWriter: w}
		err := a.DB.Read(r.Context(), who, func(tx *tenant.Tx) error {
			*r = *r.WithContext(a.pageContext(r, &tx.Actor, tx))
			return h(sent, r, tx)
		})
		if err == nil {
			return
		}
		if !sent.began {
			w.Header().Del("Content-Disposition") // it is a page now
			a.fail(w, r, err)
			return
		}
		a.Log.ErrorContext(r.Context(), "stream broke off", "err", err)
		panic(http.ErrAbortHandler)
	}
}

type tracked struct {
	http.ResponseWriter
	began bool
}

func (t *tracked) Write(b []byte) (int, error) {
	t.began = true
	return t.ResponseWriter.Write(b)
}

// response holds what a handler writes until its transaction has committed.
type response struct {
	header http.Header
	code   int
	body   *bytes.Buffer
	flash  string
	kind   string // of the flash
	undo   string
	link   string // beside the flash, with linkWords

	linkWords string
}

// bodies are used again: a page that grows from nothing leaves twice its size
// behind for the garbage collector.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// release gives the body back, unless it has become unusually large.
func (b *response) release() {
	if b.body.Cap() <= 1<<20 {
		b.body.Reset()
		bodies.Put(b.body)
	}
}

func (b *response) Header() http.Header         { return b.header }
func (b *response) WriteHeader(code int)        { b.code = code }
func (b *response) Write(p []byte) (int, error) { return b.body.Write(p) }

// Render writes a page.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return page.Render(r.Context(), w)
}

// SeeOther answers a write: go there, and say this once (flash may be empty). A page
// that only leads on leaves to the next one what there was to say.
func SeeOther(w http.ResponseWriter, r *http.Request, to, flash string) error {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	b, ok := w.(*response)
	if !ok {
		return nil
	}
	b.flash = flash
	if p := ui.PageOf(r.Context()); flash == "" {
		b.flash, b.kind, b.undo, b.link, b.linkWords = p.Flash, p.FlashKind, p.Undo, p.FlashLink, p.FlashLinkWords
	}
	return nil
}

// Undoable is SeeOther for what can be taken back: beside the flash stands a
// button that posts to undo. That route takes the path to come back to in the
// field back.
func Undoable(w http.ResponseWriter, r *http.Request, to, flash, undo string) error {
	if b, ok := w.(*response); ok {
		b.undo = undo
	}
	return SeeOther(w, r, to, flash)
}

// Warned is SeeOther for what was not done: the flash says why, in amber.
func Warned(w http.ResponseWriter, r *http.Request, to, why string) error {
	if b, ok := w.(*response); ok {
		b.kind = "warn"
	}
	return SeeOther(w, r, to, why)
}

// Linked is SeeOther for what is to be looked at now: beside the flash stands a
// link, with these words.
func Linked(w http.ResponseWriter, r *http.Request, to, flash, words, link string) error {
	if b, ok := w.(*response); ok {
		b.link, b.linkWords = link, words
	}
	return SeeOther(w, r, to, flash)
}

// Local lets a path of ours through, with its query; for anything that could lead
// to another site it gives the other path.
func Local(path, otherwise string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t\r\n") {
		return otherwise
	}
	return path
}

// ID reads an id from the path; what is no id is 0, which no row has.
func ID(r *http.Request, name string) int64 {
	id, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil || id < 1 {
		return 0
	}
	return id
}

// Attachment names a download. The name is ASCII, made by the program.
func Attachment(w http.ResponseWriter, contentType, name string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// seen notes that the person is there, where the last note is a minute old, and
// whether they work in other companies too. It comes after the request's
// transaction: nobody holds two connections.
func (a *App) seen(ctx context.Context, who tenant.Who, unseen bool) {
	if !unseen {
		return
	}
	var several bool
	err := a.DB.Pool.QueryRow(context.WithoutCancel(ctx), `
		UPDATE sign_ins
		SET last_seen_at = now()
		WHERE id = $1
		RETURNING (SELECT count(*) > 1 FROM memberships(user_id))`, who.SignInID).Scan(&several)
	if err != nil {
		a.Log.ErrorContext(ctx, "note the last request", "err", err)
	} else if several != a.Sessions.GetBool(ctx, "several") {
		a.Sessions.Put(ctx, "several", several)
	}
	err = a.DB.Read(ctx, who, func(tx *tenant.Tx) error { return a.Count(ctx, tx) })
	if err != nil && ctx.Err() == nil {
		a.Log.ErrorContext(ctx, "count the agenda", "err", err)
	}
}

// Count keeps what waits for the person, for the navigation: from the sign-in on,
// and then once a minute.
func (a *App) Count(ctx context.Context, tx *tenant.Tx) error {
	n, err := dunning.CountMine(ctx, tx)
	if err != nil {
		return err
	}
	a.Waiting(ctx, tx, n)
	if err := a.CountInbox(ctx, tx); err != nil {
		return err
	}
	if err := a.CountCovers(ctx, tx); err != nil {
		return err
	}
	return a.CountCalls(ctx, tx)
}

// Waiting keeps how many wait in the person's agenda, for the navigation. Whoever
// shows the agenda says it; else it is counted once a minute.
func (a *App) Waiting(ctx context.Context, tx *tenant.Tx, n dunning.Count) {
	text := ""
	if n.N > 0 {
		text = strconv.Itoa(n.N)
	}
	if n.More {
		text += "+"
	}
	if key := waiting(tx.Actor.TenantID); text != a.Sessions.GetString(ctx, key) {
		a.Sessions.Put(ctx, key, text)
	}
}

// CountCalls keeps how many calls of the person wait for their outcome, for the
// navigation. Whoever changes it counts; else it is counted once a minute.
func (a *App) CountCalls(ctx context.Context, tx *tenant.Tx) error {
	n, err := activity.CountUnfinished(ctx, tx)
	if err != nil {
		return err
	}
	if key := unfinished(tx.Actor.TenantID); n != a.Sessions.GetInt(ctx, key) {
		a.Sessions.Put(ctx, key, n)
	}
	return nil
}

func unfinished(tenantID int64) string { return fmt.Sprintf("calls in %d", tenantID) }

func waiting(tenantID int64) string { return fmt.Sprintf("waiting in %d", tenantID) }
