package web

import (
	"io"
	"mime"
	"net/http"
	"strconv"

	"dunwell/internal/tenant"
)

// Download is a file as it goes out: what somebody brought in, or what was made.
type Download struct {
	Content   io.ReadCloser
	Name      string
	MediaType string
	Size      int64 // negative: it is not known beforehand
	// Show lets the browser show it instead of saving it: for what it shows without
	// running anything.
	Show bool
}

// Download makes a handler of one that opens a file inside the tenant. The file
// is sent after the transaction has ended: a slow client holds no connection.
func (a *App) Download(open func(r *http.Request, tx *tenant.Tx) (Download, error)) http.HandlerFunc {
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
		var d Download
		err := a.DB.Read(r.Context(), who, func(tx *tenant.Tx) (err error) {
			*r = *r.WithContext(a.pageContext(r, &tx.Actor, tx))
			d, err = open(r, tx)
			return err
		})
		if err != nil {
			d.close()
			a.fail(w, r, err)
			return
		}
		a.Serve(w, r, d)
	}
}

// Serve sends a file that is open, and closes it, for handlers outside In.
func (a *App) Serve(w http.ResponseWriter, r *http.Request, d Download) {
	defer d.close()
	d.head(w.Header())
	if _, err := io.Copy(w, d.Content); err != nil && r.Context().Err() == nil {
		a.Log.ErrorContext(r.Context(), "download broke off", "err", err)
		panic(http.ErrAbortHandler) // a cut file is not taken for a whole one
	}
}

func (d Download) close() {
	if d.Content != nil {
		_ = d.Content.Close()
	}
}

// head says what it is. Whatever a file holds, nothing of it runs here: it is
// saved, or shown by a page that may do nothing. Not every browser's viewer of
// PDF files works in a sandbox; it runs apart from the site's own pages anyway.
func (d Download) head(h http.Header) {
	disposition, policy := "attachment", "default-src 'none'; sandbox"
	if d.Show {
		disposition = "inline"
		if d.MediaType == "application/pdf" {
			policy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
		}
	}
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": d.Name}))
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", d.MediaType)
	if d.Size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	}
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
}
