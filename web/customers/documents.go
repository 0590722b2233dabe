package customers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// documentsPageSize is how many documents stand on a page.
const documentsPageSize = 50

// maxUpload is how much is uploaded at once, in bytes; document.MaxFile holds
// for each file.
const maxUpload = 200 << 20

// documentsPage is the tab with the files of the customer.
type documentsPage struct {
	profile
	Item      ledger.Posting // whose documents are shown; zero: all
	Documents []document.Document
	First     string // the address of the first page; empty: this is it
	Next      string
	Number    string // of the item, as typed
	Errors    errs.Invalid
}

func documents(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadDocuments(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, documentsScreen(p))
}

// loadDocuments reads the page that the address asks for.
func loadDocuments(r *http.Request, tx *tenant.Tx) (p documentsPage, err error) {
	ctx := r.Context()
	if err = p.load(ctx, p.ask(r, tx, "documents")); err != nil {
		return p, err
	}
	f := document.Filter{CustomerID: p.Customer.ID, ItemID: queryID(r, "item"), Before: queryID(r, "before"), Limit: documentsPageSize + 1}
	if f.ItemID != 0 {
		of := ledger.PostingFilter{CustomerID: p.Customer.ID, AsOf: p.Today, Show: ledger.ShowAll}
		if p.Item, err = ledger.FindPosting(ctx, tx, of, ledger.OfItem, f.ItemID); err != nil {
			return p, err
		}
	}
	if p.Documents, err = document.List(ctx, tx, f); err != nil {
		return p, err
	}
	p.Number = p.Item.Number
	p.page(f.Before)
	return p, nil
}

// page cuts the list to one page and makes the addresses around it.
func (p *documentsPage) page(before int64) {
	q := url.Values{}
	if p.Item.ID != 0 {
		q.Set("item", strconv.FormatInt(p.Item.ID, 10))
	}
	if before > 0 {
		p.First = documentsAddress(p.Customer.ID, q)
	}
	if len(p.Documents) > documentsPageSize {
		p.Documents = p.Documents[:documentsPageSize]
		q.Set("before", strconv.FormatInt(p.Documents[documentsPageSize-1].ID, 10))
		p.Next = documentsAddress(p.Customer.ID, q)
	}
}

func documentsAddress(customer int64, q url.Values) string {
	at := fmt.Sprintf("/customers/%d/documents", customer)
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// addDocuments keeps the files of the form. It goes back to the list of the item
// where the form stood there.
func addDocuments(blobs document.Store) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		number := r.PostFormValue("number")
		docs, err := uploadAll(r, tx, blobs, number)
		var invalid errs.Invalid
		if errors.As(err, &invalid) {
			p, err := loadDocuments(r, tx)
			if err != nil {
				return err
			}
			p.Number, p.Errors = number, invalid
			return web.Render(w, r, http.StatusUnprocessableEntity, documentsScreen(p))
		}
		if err != nil {
			return err
		}
		q := url.Values{}
		if queryID(r, "item") == docs[0].SubjectID && docs[0].SubjectID != 0 {
			q.Set("item", strconv.FormatInt(docs[0].SubjectID, 10))
		}
		flash := docs[0].Name + " is kept."
		if len(docs) > 1 {
			flash = ui.Count(len(docs), "document is", "documents are") + " kept."
		}
		return web.SeeOther(w, r, documentsAddress(web.ID(r, "customer"), q), flash)
	}
}

// uploadAll hands the form's files over.
func uploadAll(r *http.Request, tx *tenant.Tx, blobs document.Store, number string) ([]document.Document, error) {
	files, done, err := web.Files(r)
	if err != nil {
		return nil, err
	}
	defer done()
	return document.Upload(r.Context(), tx, blobs, web.ID(r, "customer"), number, files)
}

// openDocument sends one; ?show=1 shows it where a browser does that safely.
func openDocument(blobs document.Store) func(r *http.Request, tx *tenant.Tx) (web.Download, error) {
	return func(r *http.Request, tx *tenant.Tx) (web.Download, error) {
		d, err := document.Find(r.Context(), tx, web.ID(r, "customer"), web.ID(r, "document"))
		if err != nil {
			return web.Download{}, err
		}
		_, content, err := document.Open(r.Context(), tx, blobs, d.ID)
		if err != nil {
			return web.Download{}, err
		}
		tx.Later(tenant.Event{Kind: "document.opened", Subject: "document", SubjectID: d.ID})
		return web.Download{Content: content, Name: d.Name, MediaType: d.MediaType, Size: d.Size,
			Show: d.Shows() && r.URL.Query().Get("show") == "1"}, nil
	}
}

func removeDocument(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	d, err := document.Remove(r.Context(), tx, web.ID(r, "customer"), web.ID(r, "document"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, documentsAddress(d.CustomerID, nil), d.Name+" is removed from the list.")
}
