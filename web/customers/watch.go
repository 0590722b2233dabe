package customers

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// reasonPage is a form that asks for a reason: of a watch flag or its end, of
// archiving or taking back.
type reasonPage struct {
	Customer customer.Customer
	On       bool // the flag stands, the customer is archived
	ui.Draft
}

func loadReason(r *http.Request, tx *tenant.Tx) (p reasonPage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	p.Open(0, 0, map[string]string{"reason": "", "until": ""})
	return p, nil
}

func loadWatch(r *http.Request, tx *tenant.Tx) (reasonPage, error) {
	p, err := loadReason(r, tx)
	if err != nil {
		return p, err
	}
	p.On = p.Customer.WatchReason != "" // also where its last day has passed
	p.Head, err = customer.JournalHead(r.Context(), tx, p.Customer.ID)
	return p, err
}

func watch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, watchScreen(p))
}

func setWatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = customer.Watch(r.Context(), tx, p.Customer.ID, p.Typed["reason"], typedDay(p.Typed["until"]))
	return web.Saved(w, r, &p.Draft, err, p.watching(r, tx, false, "The watch flag stands."))
}

func endWatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadWatch(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = customer.EndWatch(r.Context(), tx, p.Customer.ID, typedDay(r.PostFormValue("flag")), p.Typed["reason"])
	return web.Saved(w, r, &p.Draft, err, p.watching(r, tx, true, "The watch flag is ended."))
}

// watching is the saving of the flag, or of its end where on: one is gone once
// the other was done.
func (p *reasonPage) watching(r *http.Request, tx *tenant.Tx, on bool, flash string) web.Saving {
	return web.Saving{
		To: string(customerURL(p.Customer.ID, "")), Flash: flash,
		Again: func() (err error) {
			if *p, err = loadWatch(r, tx); err != nil {
				return err
			}
			p.Gone = p.On != on || p.Customer.ArchivedAt != nil
			return web.Rebase(r, tx, &p.Draft, p.Customer.ID, 0, "watch")
		},
		Screen: func() templ.Component { return watchScreen(*p) },
	}
}

func archive(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadReason(r, tx)
	if err != nil {
		return err
	}
	if !customer.CanArchive(tx.Actor) {
		return customer.ErrArchiving
	}
	if p.Customer.MergedInto != nil {
		return lead(w, r, p.Customer)
	}
	p.On = p.Customer.ArchivedAt != nil
	return web.Render(w, r, http.StatusOK, archiveScreen(p))
}

func setArchived(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changeArchived(w, r, tx, false)
}

func takeBack(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changeArchived(w, r, tx, true)
}

func changeArchived(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, takeBack bool) error {
	p, err := loadReason(r, tx)
	if err != nil {
		return err
	}
	p.On = p.Customer.ArchivedAt != nil
	web.ReadDraft(r, &p.Draft)
	change, flash := customer.Archive, "The customer is archived."
	if takeBack {
		change, flash = customer.TakeBack, "The customer is back."
	}
	err = change(r.Context(), tx, p.Customer.ID, p.Typed["reason"])
	if p.Customer.MergedInto != nil && errors.As(err, new(errs.Conflict)) {
		return web.Render(w, r, http.StatusConflict, archiveScreen(p))
	}
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: string(customerURL(p.Customer.ID, "")), Flash: flash, Screen: func() templ.Component { return archiveScreen(p) }})
}
