package admin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/mailbox"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

func (s ways) saveMailbox(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Mail)
	t := p.Mail.Typed
	port, _ := strconv.Atoi(strings.TrimSpace(t["port"])) // what is no number is refused as none
	err = keyless(provider.SaveMailbox(r.Context(), tx, s.box.Secrets, provider.TypedMailbox{Password: r.PostFormValue("password"), Mailbox: provider.Mailbox{
		Host: t["host"], Port: port, Security: provider.Security(t["security"]), Username: t["username"], Folder: t["folder"], Version: p.Mail.Version}}), p)
	return s.saved(w, r, tx, &p, mailDraft, err, "The mailbox is set up. Try it now: it is read every minute.")
}

func (s ways) removeMailbox(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := provider.RemoveMailbox(r.Context(), tx, web.Version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/providers", "The mailbox is removed. Answers by e-mail are not read any more.")
}

// tryMailbox signs in to the mailbox, after the transaction that read how: nobody
// waits for another server while one is open.
func (s ways) tryMailbox(w http.ResponseWriter, r *http.Request) error {
	who, ok := s.app.Who(r)
	if !ok {
		s.app.SignInFirst(w, r)
		return nil
	}
	var m provider.Mailbox
	var password string
	err := s.app.DB.Read(r.Context(), who, func(tx *tenant.Tx) (err error) {
		if !provider.CanSet(tx.Actor) {
			return errs.Forbidden("Only administrators try the mailbox. Ask one of yours.")
		}
		m, password, err = provider.OpenMailbox(r.Context(), tx, s.box.Secrets)
		return err
	})
	if err != nil {
		return err
	}
	said := "The mailbox can be read."
	var no errs.Conflict
	switch err := mailbox.Try(r.Context(), m, password, nil); {
	case errors.As(err, &no):
		said = string(no)
	case err != nil:
		return err
	}
	s.app.Sessions.Put(r.Context(), "flash", said)
	return web.SeeOther(w, r, "/admin/providers", "")
}

// securities are the ways in which the connection is protected.
func securities() []ui.Option {
	return []ui.Option{{Value: string(provider.TLS), Label: "TLS from the first byte (port 993)"}, {Value: string(provider.StartTLS), Label: "STARTTLS (port 143)"},
		{Value: string(provider.Plain), Label: "none, on this machine only"}}
}
