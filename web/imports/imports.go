// Package imports has the screens for bringing files in: upload, columns, check,
// apply.
package imports

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// maxUpload is the largest file that is taken over the web; a command takes any.
const maxUpload = 200 << 20

// Routes are this area's.
func Routes(r chi.Router, app *web.App, enqueue importer.Enqueue) {
	r.Get("/imports", app.In(list))
	r.Get("/imports/new", app.In(newImport))
	r.Post("/imports", app.InUpTo(maxUpload, upload))
	r.Get("/imports/{import}", app.In(show))
	r.Get("/imports/{import}/mapping", app.In(columns))
	r.Post("/imports/{import}/mapping", app.In(mapping(enqueue)))
	r.Post("/imports/{import}/application", app.In(application(enqueue)))
	r.Post("/imports/{import}/disposal", app.In(disposal))
	r.Get("/imports/{import}/rejects.csv", app.Stream(rejects))
}

// perPage is how many imports the list shows at once.
const perPage = 30

type listPage struct {
	Imports     []importer.Import
	First, Next string // addresses; empty: none
}

func list(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // what is no id starts at the newest
	all, err := importer.List(r.Context(), tx, before, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Imports: all}
	if before != 0 {
		p.First = "/imports"
	}
	if len(all) > perPage {
		p.Imports = all[:perPage]
		p.Next = fmt.Sprintf("/imports?before=%d", all[perPage-1].ID)
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

func newImport(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !importer.CanImport(tx.Actor) {
		return importer.ErrOnlyManagers
	}
	f := uploadForm{Kind: r.FormValue("kind"), Currency: string(tx.Actor.Tenant.Currency)}
	return web.Render(w, r, http.StatusOK, uploadScreen(f))
}

func upload(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := readUpload(r)
	options, err := f.options(tx)
	var id int64
	if err == nil {
		id, err = store(r, tx, options)
	}
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, uploadScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, address(id)+"/mapping", "")
}

// shownRejects is how many refused rows the page lists.
const shownRejects = 50

// importPage is one import at any of its stages.
type importPage struct {
	Import   importer.Import
	Rejects  []importer.Reject
	Conflict string // why it is not applied
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return render(w, r, tx, http.StatusOK, "")
}

func render(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, status int, conflict string) (err error) {
	p := importPage{Conflict: conflict}
	if p.Import, err = importer.Find(r.Context(), tx, web.ID(r, "import")); err != nil {
		return err
	}
	err = importer.EachReject(r.Context(), tx, p.Import.ID, shownRejects, func(j importer.Reject) error {
		p.Rejects = append(p.Rejects, j)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, importScreen(p))
}

func columns(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, err := findMapping(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, mappingScreen(f))
}

func mapping(enqueue importer.Enqueue) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		f, err := findMapping(r, tx)
		if err != nil {
			return err
		}
		f.read(r)
		err = importer.Submit(r.Context(), tx, f.Import.ID, f.Map, enqueue)
		if errors.As(err, &f.Errors) {
			return web.Render(w, r, http.StatusUnprocessableEntity, mappingScreen(f))
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, address(f.Import.ID), "")
	}
}

func application(enqueue importer.Enqueue) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		id := web.ID(r, "import")
		err := importer.Start(r.Context(), tx, id, r.PostFormValue("mark"), enqueue)
		if conflict := errs.Conflict(""); errors.As(err, &conflict) {
			return render(w, r, tx, http.StatusConflict, string(conflict))
		}
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, address(id), "")
	}
}

func disposal(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "import")
	if err := importer.Discard(r.Context(), tx, id); err != nil {
		return err
	}
	return web.SeeOther(w, r, address(id), "The import is discarded. Nothing of it was applied.")
}

func rejects(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	i, err := importer.Find(r.Context(), tx, web.ID(r, "import"))
	if err != nil {
		return err
	}
	web.Attachment(w, "text/csv; charset=utf-8", fmt.Sprintf("import-%d-refused.csv", i.ID))
	return importer.WriteRejects(r.Context(), tx, w, i)
}

func address(id int64) string { return fmt.Sprintf("/imports/%d", id) }
