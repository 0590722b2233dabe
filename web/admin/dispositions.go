package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// dispositionPage is one disposition with its form, or the form of a new one.
type dispositionPage struct {
	Disposition dunning.Disposition // the zero one is new
	ui.Draft
}

func dispositions(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := dunning.AllDispositions(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, dispositionsScreen(list, dunning.CanSet(tx.Actor)))
}

// showDisposition is the form; who may only read finds all of it in the list.
func showDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadDisposition(r, tx)
	if err != nil {
		return err
	}
	if !dunning.CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators change outcomes. What they say stands in their list.")
	}
	return web.Render(w, r, http.StatusOK, dispositionScreen(p))
}

// loadDisposition reads the disposition of the address; without one the form of a
// new one.
func loadDisposition(r *http.Request, tx *tenant.Tx) (p dispositionPage, err error) {
	p.Disposition.DelayDays = -1
	if chi.URLParam(r, "disposition") != "" {
		if p.Disposition, err = dunning.FindDisposition(r.Context(), tx, web.ID(r, "disposition")); err != nil {
			return p, err
		}
	}
	d, again := p.Disposition, ""
	if d.DelayDays >= 0 {
		again = strconv.Itoa(d.DelayDays)
	}
	boxes := []ui.Option{{Value: "on", Label: "yes"}, {Label: "no"}}
	p.Choices = map[string][]ui.Option{"right_party": boxes, "conversation": boxes, "nobody": boxes, "opens": openingOptions()}
	p.Open(d.Version, 0, map[string]string{"name": d.Name, "right_party": ticked(d.RightParty), "conversation": ticked(d.Conversation), "nobody": ticked(d.Nobody),
		"delay_days": again, "opens": string(d.Opens)})
	return p, nil
}

func (p dispositionPage) typed() dunning.Outcome {
	t := p.Typed
	o := dunning.Outcome{Name: t["name"], RightParty: t["right_party"] == "on", Conversation: t["conversation"] == "on", Nobody: t["nobody"] == "on",
		DelayDays: -1, Opens: dunning.Opening(t["opens"])}
	if strings.TrimSpace(t["delay_days"]) != "" {
		if o.DelayDays = days(t["delay_days"]); o.DelayDays == -1 {
			o.DelayDays = -2 // which is no number of days either
		}
	}
	return o
}

func addDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveDisposition(w, r, tx, "The outcome is added, at the end of the list.", func(p dispositionPage) error {
		_, err := dunning.AddDisposition(r.Context(), tx, p.typed())
		return err
	})
}

func changeDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveDisposition(w, r, tx, "The outcome is saved.", func(p dispositionPage) error {
		return dunning.ChangeDisposition(r.Context(), tx, p.Disposition.ID, p.Version, p.typed())
	})
}

func saveDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, said string, save func(dispositionPage) error) error {
	p, err := loadDisposition(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	return web.Saved(w, r, &p.Draft, save(p), web.Saving{To: "/admin/dunning/dispositions", Flash: said,
		Screen: func() templ.Component { return dispositionScreen(p) }, Again: func() (err error) {
			if p, err = loadDisposition(r, tx); err != nil {
				return err
			}
			rebase(r, &p.Draft)
			return nil
		}})
}

func moveDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, up := web.ID(r, "disposition"), r.PostFormValue("direction") != "down"
	if err := dunning.MoveDisposition(r.Context(), tx, id, up); err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/admin/dunning/dispositions#disposition-%d", id), "The order is changed.")
}

func retireDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setDisposition(w, r, tx, dunning.RetireDisposition, "The outcome is retired: nobody picks it any more. Calls that were logged with it keep it.")
}

func takeBackDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setDisposition(w, r, tx, dunning.TakeBackDisposition, "The outcome is in use again, at the end of the list.")
}

func setDisposition(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "disposition")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/dunning/dispositions", said)
}

func (p dispositionPage) title() string { return cmp.Or(p.Disposition.Name, "New outcome") }

// url is where the form is sent.
func (p dispositionPage) url() string {
	if p.Disposition.ID == 0 {
		return "/admin/dunning/dispositions"
	}
	return dispositionURL(p.Disposition.ID)
}

func dispositionURL(id int64) string { return fmt.Sprintf("/admin/dunning/dispositions/%d", id) }

// openingOptions are what an outcome may ask for.
func openingOptions() (options []ui.Option) {
	for _, o := range dunning.Openings {
		options = append(options, ui.Option{Value: string(o), Label: strings.ToUpper(o.Name()[:1]) + o.Name()[1:]})
	}
	return options
}

// nextTry says when the next try is proposed.
func nextTry(o dunning.Outcome) string {
	switch {
	case o.DelayDays < 0:
		return "not proposed"
	case o.DelayDays == 0:
		return "the same day"
	}
	return "after " + ui.Count(o.DelayDays, "working day", "working days")
}
