package session

import (
	"errors"
	"net/http"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// account shows the person what the company knows of them, and lets them change
// their name and the number at which they are rung.
func account(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	phone, err := member.PhoneOf(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, accountPage(tx.Actor, accountForm{Name: tx.Actor.Name, Phone: member.ShownPhone(phone)}))
}

func rename(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	phone, err := member.PhoneOf(r.Context(), tx)
	if err != nil {
		return err
	}
	f := accountForm{Name: r.PostFormValue("name"), Phone: member.ShownPhone(phone)}
	err = member.Rename(r.Context(), tx, f.Name)
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, accountPage(tx.Actor, f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account", "Your name is saved.")
}

// changePhone says where the telephone system rings the person.
func changePhone(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := accountForm{Name: tx.Actor.Name, Phone: r.PostFormValue("phone")}
	err := member.SetPhone(r.Context(), tx, f.Phone)
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, accountPage(tx.Actor, f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account", "Your telephone number is saved.")
}

func passwordPage(w http.ResponseWriter, r *http.Request, _ *tenant.Tx) error {
	return web.Render(w, r, http.StatusOK, passwordForm(nil))
}

// changePassword gives the session a new token too: whoever copied the old one
// loses it.
func (s screens) changePassword(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	password, err := typedTwice(r)
	if err == nil {
		err = member.ChangePassword(r.Context(), tx, s.app.DB.Pool, member.PasswordChange{
			Old: r.PostFormValue("old"), New: password, Address: address(r)})
	}
	var messages errs.Invalid
	if status, ok := refused(w, err, &messages); ok {
		return web.Render(w, r, status, passwordForm(messages))
	}
	if err != nil {
		return err
	}
	if err := s.app.Sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account", "Your password is changed. Everywhere else you are signed out.")
}

// typedTwice is the new password, where both fields hold the same.
func typedTwice(r *http.Request) (string, error) {
	password := r.PostFormValue("password")
	if r.PostFormValue("again") != password {
		return "", errs.Invalid{"again": "This is not the same as above. Type the new password twice."}
	}
	return password, nil
}
