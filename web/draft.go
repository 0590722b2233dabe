package web

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// ReadDraft takes what was typed, and what it was made from. A field that the form
// did not have stays as it was seen; of a box to tick the last value counts, which
// follows a hidden one for the box that is not ticked.
func ReadDraft(r *http.Request, d *ui.Draft) {
	d.Version = Version(r)
	d.Head, _ = strconv.ParseInt(r.PostFormValue("head"), 10, 64)
	d.Seen, d.Typed = map[string]string{}, map[string]string{}
	for name, now := range d.Now {
		d.Seen[name] = now
		if r.PostForm.Has("seen_" + name) {
			d.Seen[name] = lines(r.PostFormValue("seen_" + name))
		}
		d.Typed[name] = d.Seen[name]
		if values := r.PostForm[name]; len(values) > 0 {
			d.Typed[name] = lines(values[len(values)-1])
		}
	}
}

// lines are as they are kept: browsers send them with a carriage return.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// Rebase brings what was typed to what stands there now, where somebody else was
// first: the notes of these kinds about the subject say who.
func Rebase(r *http.Request, tx *tenant.Tx, d *ui.Draft, customerID, subject int64, kinds ...string) (err error) {
	version, head := d.Version, d.Head
	ReadDraft(r, d)
	if d.Others, err = customer.EditsSince(r.Context(), tx, customerID, d.Head, subject, kinds...); err != nil {
		return err
	}
	d.Settle()
	d.Version, d.Head = version, head
	return nil
}

// Rebased brings what was typed to what the draft says stands there now, of what has
// no notes: the conflict says what somebody else did.
func Rebased(r *http.Request, d *ui.Draft, conflict error) {
	version := d.Version
	ReadDraft(r, d)
	d.Said = conflict.Error()
	d.Settle()
	d.Version = version
}

// Renamed puts what was refused of a field under the name that it has in the form.
func Renamed(err error, names map[string]string) error {
	var inv errs.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	out := errs.Invalid{}
	for name, why := range inv {
		out[cmp.Or(names[name], name)] = why
	}
	return out
}

// Saving is how the saving of a draft is answered.
type Saving struct {
	To, Flash string                 // where it is saved
	Look      [2]string              // beside the flash: words, and where they lead
	Again     func() error           // reads the page anew and rebases its draft
	Screen    func() templ.Component // the page with the form
}

// Saved answers the saving of a draft. Where something was refused, or somebody
// else was first, it shows the form again with what was typed.
func Saved(w http.ResponseWriter, r *http.Request, d *ui.Draft, err error, s Saving) error {
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		return Linked(w, r, s.To, s.Flash, s.Look[0], s.Look[1])
	case errors.As(err, new(errs.Conflict)) && s.Again != nil:
		status = http.StatusConflict
		if err := s.Again(); err != nil {
			return err
		}
	case !errors.As(err, &d.Errors):
		return err
	}
	return Render(w, r, status, s.Screen())
}
