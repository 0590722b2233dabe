package admin

import (
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// letterheadPage is the letterhead with its two forms: the words, and the logo.
type letterheadPage struct {
	Now  statement.Letterhead
	Edit bool
	ui.Draft
}

func loadLetterhead(r *http.Request, tx *tenant.Tx) (p letterheadPage, err error) {
	if p.Now, err = statement.LoadLetterhead(r.Context(), tx); err != nil {
		return p, err
	}
	l := p.Now
	p.Edit = statement.CanSetLetterhead(tx.Actor)
	p.Open(l.Version, 0, map[string]string{"sender": l.Sender, "address": l.Address, "bank": l.Bank, "phone": l.Phone, "reply_to": l.ReplyTo, "footer": l.Footer})
	return p, nil
}

func letterhead(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadLetterhead(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, letterheadScreen(p))
}

func saveLetterhead(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadLetterhead(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	t := p.Typed
	err = statement.SaveLetterhead(r.Context(), tx, statement.Letterhead{Sender: t["sender"], Address: t["address"], Bank: t["bank"],
		Phone: t["phone"], ReplyTo: t["reply_to"], Footer: t["footer"], Version: p.Version})
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/letterhead", Flash: "The letterhead is saved. It stands on what is made from now on.",
		Screen: func() templ.Component { return letterheadScreen(p) },
		Again: func() (err error) {
			if p, err = loadLetterhead(r, tx); err != nil {
				return err
			}
			version := p.Version
			web.ReadDraft(r, &p.Draft)
			p.Settle()
			p.Version = version
			return nil
		}})
}

// maxLogoForm is a logo that is just too large, with the form around it: the
// domain says so then.
const maxLogoForm = 2 * statement.MaxLogo

func setLogo(store document.Store) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		p, err := loadLetterhead(r, tx)
		if err != nil {
			return err
		}
		web.ReadDraft(r, &p.Draft)
		file, _, err := r.FormFile("logo")
		if err == nil {
			defer file.Close()
			err = statement.SetLogo(r.Context(), tx, store, p.Version, file)
		} else {
			err = errs.Invalid{"logo": "Choose a PNG or JPEG file."}
		}
		return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/letterhead", Flash: "The logo is set.",
			Screen: func() templ.Component { return letterheadScreen(p) }})
	}
}

func removeLogo(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadLetterhead(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	if err := statement.RemoveLogo(r.Context(), tx, p.Version); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/letterhead", "The logo is taken off.")
}
