package admin

import (
	"errors"
	"net/http"

	"dunwell/internal/activity"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// scriptsPage has the script for each kind of customers, each with its form.
type scriptsPage struct {
	Scripts []scriptForm
	Edit    bool
}

// scriptForm is a script as typed, and as it reads for a made-up customer.
type scriptForm struct {
	activity.Script
	Identity, Text string // as they would read; empty where they cannot be filled
	Errors         errs.Invalid
	Moved          string // that somebody else changed it meanwhile
}

func scripts(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadScripts(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, scriptsScreen(p))
}

func loadScripts(r *http.Request, tx *tenant.Tx) (p scriptsPage, err error) {
	list, err := activity.Scripts(r.Context(), tx)
	if err != nil {
		return p, err
	}
	p.Edit = activity.CanSetScripts(tx.Actor)
	for _, s := range list {
		f := scriptForm{Script: s}
		if f.Identity, f.Text, err = s.Preview(r.Context()); err != nil {
			return p, err
		}
		p.Scripts = append(p.Scripts, f)
	}
	return p, nil
}

// saveScript saves one of them, or shows it with what was typed and why it was not
// taken.
func saveScript(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadScripts(r, tx)
	if err != nil {
		return err
	}
	s := activity.Script{Kind: customer.Kind(r.PostFormValue("kind")), Identity: r.PostFormValue("identity"), Text: r.PostFormValue("text"), Version: web.Version(r)}
	err = activity.SaveScript(r.Context(), tx, s)
	var conflict errs.Conflict
	var invalid errs.Invalid
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/admin/dunning/scripts#"+string(s.Kind), "The script is saved. The next call has it.")
	case errors.As(err, &conflict):
		status = http.StatusConflict
	case !errors.As(err, &invalid) || invalid["kind"] != "":
		return err
	}
	for i := range p.Scripts {
		if f := &p.Scripts[i]; f.Kind == s.Kind {
			s.Version = f.Version
			f.Script, f.Errors, f.Moved = s, invalid, string(conflict)
		}
	}
	return web.Render(w, r, status, scriptsScreen(p))
}

// field is a control of the form; the page has two of them.
func (f scriptForm) field(label, name, value, hint string, rows int) ui.Field {
	return ui.Field{Label: label, Name: name, ID: string(f.Kind) + "-" + name, Value: value, Error: f.Errors[name], Hint: hint, Rows: rows}
}
