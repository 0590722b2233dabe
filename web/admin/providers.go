package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/mailbox"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// providersPage is how messages leave and arrive: the account with the provider of
// SMS and calls, and the mailbox. Each has a form of its own.
type providersPage struct {
	Telephone provider.Settings
	Mailbox   provider.Mailbox
	Read      mailbox.State
	Incoming  string // the address that the provider is given for SMS; empty: there is no key
	Private   bool   // nobody outside reaches that address
	Held      string // why SMS are held; empty: they leave at once
	Key, Edit bool
	Number    string // that a test goes to, as typed
	NumberBad string

	Phone, Mail ui.Draft
}

// ways are the handlers of how messages leave and arrive.
type ways struct {
	app *web.App
	box *message.Outbox
}

func (s ways) load(r *http.Request, tx *tenant.Tx) (p providersPage, err error) {
	ctx := r.Context()
	if p.Telephone, p.Held, err = s.box.ReadySMS(ctx, tx); err != nil {
		return p, err
	}
	if p.Mailbox, err = provider.LoadMailbox(ctx, tx); err != nil {
		return p, err
	}
	if p.Read, err = mailbox.Load(ctx, tx); err != nil {
		return p, err
	}
	p.Key, p.Edit = s.box.Secrets.Ready(), provider.CanSet(tx.Actor)
	if p.Key && p.Edit {
		if p.Incoming, err = s.box.Incoming(tx); err != nil {
			return p, err
		}
		p.Private = !strings.HasPrefix(p.Incoming, "https://")
	}
	t, m := p.Telephone, p.Mailbox
	p.Phone.Open(t.Version, 0, map[string]string{"account_sid": t.AccountSID, "sms_from": t.SMSFrom, "call_from": t.CallFrom,
		"part_price": t.PartPrice, "part_currency": t.PartCurrency})
	p.Mail.Open(m.Version, 0, map[string]string{"host": m.Host, "port": strconv.Itoa(m.Port), "security": string(m.Security),
		"username": m.Username, "folder": m.Folder})
	return p, nil
}

func (s ways) show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, providersScreen(p))
}

// saved answers the saving of one of the two forms.
func (s ways) saved(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p *providersPage, draft func(*providersPage) *ui.Draft, err error, flash string) error {
	return web.Saved(w, r, draft(p), err, web.Saving{To: "/admin/providers", Flash: flash,
		Screen: func() templ.Component { return providersScreen(*p) },
		Again: func() (err error) {
			if *p, err = s.load(r, tx); err != nil {
				return err
			}
			d := draft(p)
			version := d.Version
			web.ReadDraft(r, d)
			d.Settle()
			d.Version = version
			return nil
		}})
}

func phoneDraft(p *providersPage) *ui.Draft { return &p.Phone }

func mailDraft(p *providersPage) *ui.Draft { return &p.Mail }

func (s ways) saveTelephone(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Phone)
	t := p.Phone.Typed
	err = keyless(provider.Save(r.Context(), tx, s.box.Secrets, provider.Typed{Token: r.PostFormValue("token"), Settings: provider.Settings{
		AccountSID: t["account_sid"], SMSFrom: t["sms_from"], CallFrom: t["call_from"], PartPrice: t["part_price"], PartCurrency: t["part_currency"], Version: p.Phone.Version}}), p)
	return s.saved(w, r, tx, &p, phoneDraft, err, "The provider is set up. Have a test sent to your own number.")
}

// keyless shows beside the form that nothing can be kept without a key: nobody was
// faster there.
func keyless(err error, p providersPage) error {
	var no errs.Conflict
	if !p.Key && errors.As(err, &no) {
		return errs.Invalid{"": string(no)}
	}
	return err
}

func (s ways) removeTelephone(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := provider.Remove(r.Context(), tx, web.Version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/providers", "The provider is removed. SMS are held from now on, and calls are dialled by hand.")
}

func (s ways) test(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx)
	if err != nil {
		return err
	}
	p.Number = r.PostFormValue("number")
	id, err := s.box.SendTest(r.Context(), tx, p.Number)
	var inv errs.Invalid
	if errors.As(err, &inv) {
		p.NumberBad = inv["number"]
		return web.Render(w, r, http.StatusUnprocessableEntity, providersScreen(p))
	}
	if err != nil {
		return err
	}
	return web.Linked(w, r, "/admin/providers", "The test is on its way.", "See how far it came", fmt.Sprintf("/outbox/%d", id))
}
