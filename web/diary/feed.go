package diary

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// feeds serve diaries to calendars elsewhere, to whoever has the link.
type feeds struct {
	app   *web.App
	asked web.Limit
}

// feedPage is one's own link to the own diary.
type feedPage struct {
	Feed *diary.Feed // nil: there is none
	URL  string      // of a link that was made just now; it is shown this once
}

func (f *feeds) show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	feed, err := diary.FeedOf(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, feedScreen(feedPage{Feed: feed}))
}

// make answers with the page itself and not with a redirect: the link would have to
// be kept somewhere for the next request, and it is kept nowhere.
func (f *feeds) make(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	token, err := diary.MakeFeed(r.Context(), tx)
	if err != nil {
		return err
	}
	feed, err := diary.FeedOf(r.Context(), tx)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Location", "/diary/feed") // where a second press leads
	return web.Render(w, r, http.StatusOK, feedScreen(feedPage{Feed: feed, URL: f.site(r) + "/feeds/" + token + ".ics"}))
}

func (f *feeds) end(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := diary.EndFeed(r.Context(), tx); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/diary/feed", "The link works no more. A calendar that has it gets nothing new.")
}

// site is how people reach this one.
func (f *feeds) site(r *http.Request) string {
	if f.app.Outbox != nil && f.app.Outbox.URL != "" {
		return strings.TrimSuffix(f.app.Outbox.URL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// serve gives the calendar. A link that was altered, ended or replaced is answered as
// one that never was.
func (f *feeds) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	h.Set("X-Robots-Tag", "noindex")
	if !f.asked.Allow(r) {
		h.Set("Retry-After", "60")
		return web.TooOften("Calendars were asked for too often from here within a minute. Wait a minute, and ask again.")
	}
	token := strings.TrimSuffix(chi.URLParam(r, "token"), ".ics")
	id, ok := diary.TenantOfFeed(token)
	if !ok {
		return errs.NotFound
	}
	var text []byte
	err := f.app.DB.Write(r.Context(), tenant.System(id), func(tx *tenant.Tx) (err error) {
		text, err = diary.ReadFeed(r.Context(), tx, token, func(key string) string { return f.site(r) + "/diary/entry?task=" + key })
		return err
	})
	if errors.Is(err, errs.NotFound) {
		return errs.NotFound
	}
	if err != nil {
		return err
	}
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="dunwell.ics"`)
	_, err = w.Write(text)
	return err
}
