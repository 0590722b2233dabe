package documents

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// mostLooks is how many links one household or office opens in a minute.
const mostLooks = 30

// links serve the documents that messages link to, to whoever has the link.
type links struct {
	app   *web.App
	looks web.Limit
}

// open gives the document. A link that was altered, or whose time has passed, is
// answered as one that never was.
func (l *links) open(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	h.Set("X-Robots-Tag", "noindex")
	if !l.looks.Allow(r) {
		h.Set("Retry-After", "60")
		return web.TooOften("Too many documents were opened from here within a minute. Wait a minute, and open it again.")
	}
	box := l.app.Outbox
	link, err := box.DocumentOf(chi.URLParam(r, "token"))
	if err != nil {
		return err
	}
	var d web.Download
	err = l.app.DB.Write(r.Context(), tenant.System(link.Tenant), func(tx *tenant.Tx) error {
		doc, content, err := box.OpenDocument(r.Context(), tx, link)
		d = web.Download{Content: content, Name: doc.Name, MediaType: doc.MediaType, Size: doc.Size, Show: doc.Shows()}
		return err
	})
	var gone errs.Conflict // its content is not there any more, which is our own affair
	if errors.As(err, &gone) {
		return errs.NotFound
	}
	if err != nil {
		return err
	}
	l.app.Serve(w, r, d)
	return nil
}
