// Package documents has the screens for uploading copies of many invoices at
// once, and the report on each, and gives documents to whoever was sent a link to
// them. A customer's own documents are a tab of the customer's page.
package documents

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// maxForm is the largest archive with what a form needs around it.
const maxForm = document.MaxArchive + 1<<20

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/documents/copies", app.In(list))
	r.Post("/documents/copies", app.InUpTo(maxForm, upload(app.Blobs)))
	r.Get("/documents/copies/{copy_upload}", app.In(show))
	r.Get("/d/{token}", app.Public((&links{app: app, looks: web.Limit{Most: mostLooks}}).open))
}

// perPage is how many archives the list shows at once.
const perPage = 30

// copiesPage is the form and what was uploaded before.
type copiesPage struct {
	Uploads     []document.CopyUpload
	First, Next string // addresses; empty: none
	Errors      errs.Invalid
}

func load(r *http.Request, tx *tenant.Tx) (p copiesPage, err error) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // what is no id starts at the newest
	if p.Uploads, err = document.CopyUploads(r.Context(), tx, before, perPage+1); err != nil {
		return p, err
	}
	if before != 0 {
		p.First = "/documents/copies"
	}
	if len(p.Uploads) > perPage {
		p.Uploads = p.Uploads[:perPage]
		p.Next = fmt.Sprintf("/documents/copies?before=%d", p.Uploads[perPage-1].ID)
	}
	return p, nil
}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, copiesScreen(p))
}

func upload(blobs document.Store) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		id, err := take(r, tx, blobs)
		var invalid errs.Invalid
		if errors.As(err, &invalid) {
			p, err := load(r, tx)
			if err != nil {
				return err
			}
			p.Errors = invalid
			return web.Render(w, r, http.StatusUnprocessableEntity, copiesScreen(p))
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, address(id), "")
	}
}

// take hands the archive over; it waits on disk and is read from there.
func take(r *http.Request, tx *tenant.Tx, blobs document.Store) (int64, error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		if !document.CanUploadCopies(tx.Actor) {
			return 0, document.ErrOnlyManagers
		}
		return 0, errs.Invalid{"file": "Choose the archive."}
	}
	defer file.Close()
	return document.UploadCopies(r.Context(), tx, blobs, head.Filename, file, head.Size)
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	u, err := document.FindCopyUpload(r.Context(), tx, web.ID(r, "copy_upload"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, reportScreen(u))
}

func address(id int64) string { return fmt.Sprintf("/documents/copies/%d", id) }
