package customers

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// correctionPage is the form that corrects one note.
type correctionPage struct {
	Customer customer.Customer
	Note     note.Note
	Own      bool   // what is typed becomes a note of its own: this one is another's
	Text     string // as typed
	Errors   errs.Invalid
}

// loadCorrection reads the note of the address, and refuses where it is not the
// actor's to correct. Where it was corrected already, the page is about what it says
// now, and says so.
func loadCorrection(r *http.Request, tx *tenant.Tx) (p correctionPage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Note, err = note.Find(r.Context(), tx, p.Customer.ID, web.ID(r, "seq")); err != nil {
		return p, err
	}
	err = note.Correctable(tx.Actor, p.Note)
	if !errors.As(err, new(errs.Conflict)) {
		return p, err
	}
	for p.Note.CorrectedBy != nil {
		if p.Note, err = note.Find(r.Context(), tx, p.Customer.ID, *p.Note.CorrectedBy); err != nil {
			return p, err
		}
	}
	p.Errors = errs.Invalid{"": "This note has been corrected already: here is what it says now. Look whether you still want to correct the correction."}
	if note.Correctable(tx.Actor, p.Note) != nil {
		p.Own, p.Errors[""] = true, "This note has been corrected already, and only the author or a manager can correct the correction. You can add what it should say as a note of your own."
	}
	return p, nil
}

func newCorrection(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadCorrection(r, tx)
	if err != nil {
		return err
	}
	if !p.Own {
		p.Text = p.Note.Text
	}
	if p.Errors != nil {
		return web.Render(w, r, http.StatusConflict, correctionScreen(p))
	}
	return web.Render(w, r, http.StatusOK, correctionScreen(p))
}

func correct(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadCorrection(r, tx)
	if err != nil {
		return err
	}
	p.Text = r.PostFormValue("text")
	if p.Errors != nil {
		return web.Render(w, r, http.StatusConflict, correctionScreen(p))
	}
	_, err = note.Correct(r.Context(), tx, p.Customer.ID, p.Note.Seq, p.Text)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, correctionScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/customers/%d/notes", p.Customer.ID), fmt.Sprintf("Note %d is corrected.", p.Note.Seq))
}

func journalPDF(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	c, err := customer.Find(r.Context(), tx, web.ID(r, "customer"))
	if err != nil {
		return err
	}
	var pdf bytes.Buffer
	if err := note.WritePDF(r.Context(), tx, &pdf, c.ID, c.Number, c.Name, c.Merged); err != nil {
		return err
	}
	exported(tx, c.ID, "pdf")
	web.Attachment(w, "application/pdf", journalFile(c, tx)+".pdf")
	_, err = w.Write(pdf.Bytes())
	return err
}

func journalCSV(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	c, err := customer.Find(r.Context(), tx, web.ID(r, "customer"))
	if err != nil {
		return err
	}
	exported(tx, c.ID, "csv")
	web.Attachment(w, "text/csv; charset=utf-8", journalFile(c, tx)+".csv")
	return note.WriteCSV(r.Context(), tx, w, c.ID, c.Merged)
}

// journalFile is what a journal that is taken out is called, such as
// journal-10482-2026-03-16; by the customer's id where their number has no letter or
// digit that any disk takes.
func journalFile(c customer.Customer, tx *tenant.Tx) string {
	of := document.Slug(c.Number)
	if of == "" {
		of = fmt.Sprintf("id%d", c.ID)
	}
	return "journal-" + of + "-" + tx.Today().String()
}

// exported puts on record who took a journal out.
func exported(tx *tenant.Tx, customerID int64, as string) {
	tx.Later(tenant.Event{Kind: "customer.exported", Subject: "customer", SubjectID: customerID, Data: map[string]string{"as": as}})
}
