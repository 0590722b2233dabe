package customers

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// stopPage is one stop with its review and lifting, or the form of a new one.
type stopPage struct {
	Customer                 customer.Customer
	Stop                     customer.Stop // as it stands; zero: a new one
	Placing, Review, Lifting ui.Draft
}

func loadStop(r *http.Request, tx *tenant.Tx) (p stopPage, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if chi.URLParam(r, "stop") == "" {
		p.Placing.Open(0, 0, map[string]string{"kind": "", "reason": "", "since": tx.Today().String(), "review_on": ""})
		p.Placing.Gone = p.Customer.ArchivedAt != nil
		return p, nil
	}
	head, err := customer.JournalHead(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	if p.Stop, err = customer.FindStop(ctx, tx, p.Customer.ID, web.ID(r, "stop")); err != nil {
		return p, err
	}
	p.Review.Open(p.Stop.Version, head, map[string]string{"review_on": p.Stop.ReviewOn.String(), "finding": ""})
	p.Review.Typed["review_on"] = "" // the next day is one to be thought of
	p.Lifting.Open(p.Stop.Version, head, map[string]string{"reason": "", "evidence": ""})
	p.Review.Gone = p.Stop.LiftedAt != nil || p.Customer.ArchivedAt != nil
	p.Lifting.Gone = p.Review.Gone
	return p, nil
}

func (p *stopPage) screen() templ.Component { return stopScreen(*p) }

func showStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, stopScreen(p))
}

func placeStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Placing)
	t := p.Placing.Typed
	_, err = customer.PlaceStop(r.Context(), tx, p.Customer.ID, customer.Stop{Kind: customer.StopKind(t["kind"]), Reason: t["reason"],
		Since: typedDay(t["since"]), ReviewOn: typedDay(t["review_on"])})
	return web.Saved(w, r, &p.Placing, err, web.Saving{To: string(customerURL(p.Customer.ID, "")), Flash: "The stop stands. The debtor is not to be contacted.", Screen: p.screen,
		Again: late(r, &p.Placing, err, func() (err error) { p, err = loadStop(r, tx); return err })})
}

func reviewStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	f := &p.Review
	web.ReadDraft(r, f)
	err = customer.ReviewStop(r.Context(), tx, p.Customer.ID, p.Stop.ID, f.Version, typedDay(f.Typed["review_on"]), f.Typed["finding"])
	return web.Saved(w, r, f, err, p.saving(r, tx, f, "The stop was reviewed and stays."))
}

func liftStop(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStop(r, tx)
	if err != nil {
		return err
	}
	f := &p.Lifting
	web.ReadDraft(r, f)
	err = customer.LiftStop(r.Context(), tx, p.Customer.ID, p.Stop.ID, f.Version, f.Typed["reason"], f.Typed["evidence"])
	return web.Saved(w, r, f, err, p.saving(r, tx, f, "The stop is lifted."))
}

// saving is that of one of the page's two forms.
func (p *stopPage) saving(r *http.Request, tx *tenant.Tx, f *ui.Draft, flash string) web.Saving {
	return web.Saving{To: string(customerURL(p.Customer.ID, "")), Flash: flash, Screen: p.screen, Again: func() (err error) {
		if *p, err = loadStop(r, tx); err != nil {
			return err
		}
		return web.Rebase(r, tx, f, p.Customer.ID, p.Stop.ID, "stop")
	}}
}

func stopOptions() []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, k := range customer.StopKinds {
		options = append(options, ui.Option{Value: string(k), Label: k.Name()})
	}
	return options
}
