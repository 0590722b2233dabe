// Package customers has the screens of one customer and of all: the list, the
// profile with its items and its journal. It shows and asks; who may do what, and
// what a figure is, the domains say.
package customers

import (
	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/customers", app.In(list))
	r.Post("/customers", app.In(create))
	r.Get("/customers/new", app.In(newCustomer))
	r.Get("/customers/search", app.In(search))
	r.Get("/customers/export.csv", app.Stream(exportCSV))
	r.Get("/customers/export.xlsx", app.Stream(exportXLSX))
	r.Get("/customers/assignment", app.In(newAssignment))
	r.Post("/customers/assignment", app.In(assign))
	r.Route("/customers/{customer}", func(r chi.Router) {
		r.Get("/", app.In(summary))
		r.Get("/items", app.In(items))
		r.Post("/items/{item}/status", app.In(setStatus))
		r.Post("/items/{item}/pause", app.In(pauseItem))
		r.Post("/items/{item}/pause/end", app.In(endPause))
		r.Post("/items/{item}/applications", app.In(applyNote))
		r.Get("/payments/new", app.In(newPayment))
		r.Post("/payments", app.In(recordPayment))
		r.Post("/payments/{payment}/applications", app.In(applyPayment))
		r.Get("/payments/{payment}/return", app.In(newReturn))
		r.Post("/payments/{payment}/return", app.In(returnPayment))
		r.Get("/applications/{application}/reversal", app.In(newReversal))
		r.Post("/applications/{application}/reversal", app.In(reverse))
		r.Get("/notes", app.In(notes))
		r.Post("/notes", app.In(addNote))
		r.Get("/notes/{seq}/correction", app.In(newCorrection))
		r.Post("/notes/{seq}/correction", app.In(correct))
		r.Post("/notes/{seq}/pin", app.In(pin))
		r.Post("/notes/{seq}/unpin", app.In(unpin))
		r.Get("/journal.pdf", app.In(journalPDF))
		r.Get("/journal.csv", app.Stream(journalCSV))
		r.Get("/documents", app.In(documents))
		r.Post("/documents", app.InUpTo(maxUpload, addDocuments(app.Blobs)))
		r.Get("/documents/{document}", app.Download(openDocument(app.Blobs)))
		r.Post("/documents/{document}/removal", app.In(removeDocument))
		r.Get("/dunning", app.In(showDunning))
		r.Get("/dunning/mode", app.In(showMode))
		r.Post("/dunning/mode", app.In(setMode))
		r.Post("/dunning/pause", app.In(pauseDunning))
		r.Post("/dunning/pause/end", app.In(endDunningPause))
		r.Get("/account", app.In(account))
		r.Get("/details", app.In(edit))
		r.Post("/details", app.In(saveEdit))
		r.Get("/contactpoints/new", app.In(showPoint))
		r.Post("/contactpoints", app.In(addPoint))
		r.Get("/contactpoints/{contact_point}", app.In(showPoint))
		r.Post("/contactpoints/{contact_point}", app.In(editPoint))
		r.Post("/contactpoints/{contact_point}/permissions", app.In(permit))
		r.Post("/contactpoints/{contact_point}/request", app.In(requestContact))
		r.Post("/contactpoints/{contact_point}/retirement", app.In(retirePoint))
		r.Get("/times", app.In(times))
		r.Post("/times", app.In(addTime))
		r.Post("/times/{contact_time}/removal", app.In(removeTime))
		r.Get("/vehicles/new", app.In(showVehicle))
		r.Post("/vehicles", app.In(addVehicle))
		r.Get("/vehicles/{vehicle}", app.In(showVehicle))
		r.Post("/vehicles/{vehicle}", app.In(editVehicle))
		r.Post("/vehicles/{vehicle}/retirement", app.In(retireVehicle))
		r.Get("/stops/new", app.In(showStop))
		r.Post("/stops", app.In(placeStop))
		r.Get("/stops/{stop}", app.In(showStop))
		r.Post("/stops/{stop}/review", app.In(reviewStop))
		r.Post("/stops/{stop}/lifting", app.In(liftStop))
		r.Get("/watch", app.In(watch))
		r.Post("/watch", app.In(setWatch))
		r.Post("/watch/end", app.In(endWatch))
		r.Get("/archive", app.In(archive))
		r.Post("/archive", app.In(setArchived))
		r.Post("/archive/end", app.In(takeBack))
	})
}

// errDamaged answers an address that no form or link of ours makes.
var errDamaged = errs.Invalid{"": "This address of the list is damaged. Start again from its first page."}
