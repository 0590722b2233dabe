package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// dunningPage is the switch and the list of policies.
type dunningPage struct {
	Switch   dunning.Switch
	Hour     string // as typed
	Policies []dunning.Policy
	Use      map[int64]int // customers by policy
	Edit     bool
	Errors   errs.Invalid
}

func loadDunning(r *http.Request, tx *tenant.Tx) (p dunningPage, err error) {
	p.Edit = dunning.CanSet(tx.Actor)
	if p.Switch, err = dunning.SwitchOf(r.Context(), tx); err != nil {
		return p, err
	}
	p.Hour = strconv.Itoa(p.Switch.Hour)
	if p.Policies, err = dunning.Policies(r.Context(), tx); err != nil {
		return p, err
	}
	p.Use, err = dunning.PolicyUse(r.Context(), tx)
	return p, err
}

func dunningOverview(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadDunning(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, dunningScreen(p))
}

// switchDunning switches it on, at the hour, or off.
func switchDunning(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadDunning(r, tx)
	if err != nil {
		return err
	}
	said := "Dunning is off: no run is made any more, and nobody is added to the agenda."
	if r.PostFormValue("on") == "on" {
		p.Hour, said = r.PostFormValue("hour"), "Dunning is on. The next run finds who is to be reminded."
		if p.Switch.On {
			said = "The run starts at the hour that you chose."
		}
		err = dunning.SwitchOn(r.Context(), tx, days(p.Hour))
	} else {
		err = dunning.SwitchOff(r.Context(), tx)
	}
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, dunningScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/dunning", said)
}

// dunningTabs are the parts of the set-up of dunning.
func dunningTabs(path string) []ui.Tab {
	list := []ui.Tab{
		{Label: "Policies", URL: "/admin/dunning"},
		{Label: "Rules and tags", URL: "/admin/dunning/rules"},
		{Label: "Outcomes of calls", URL: "/admin/dunning/dispositions"},
		{Label: "Call scripts", URL: "/admin/dunning/scripts"},
	}
	for i := range list {
		list[i].Active = list[i].URL == path
	}
	return list
}

func hourOptions() (options []ui.Option) {
	for h := range 24 {
		options = append(options, ui.Option{Value: strconv.Itoa(h), Label: fmt.Sprintf("%02d:00", h)})
	}
	return options
}

// levelDays says at which days a policy's levels are: "5, 15, 30 and 45 days".
func levelDays(p dunning.Policy) string {
	text := ""
	for i, l := range p.Levels {
		switch {
		case i > 0 && i == len(p.Levels)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += signed(l.AfterDays)
	}
	if text == "" {
		return "no levels: by hand"
	}
	return text + " days"
}

// signed writes a number of days with a minus that people read.
func signed(n int) string {
	if n < 0 {
		return "−" + strconv.Itoa(-n)
	}
	return strconv.Itoa(n)
}
