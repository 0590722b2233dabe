package customers

import (
	"net/http"
	"slices"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// saidForm is what somebody said of a channel.
type saidForm struct {
	Channel customer.Channel
	ui.Draft
}

func permit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	ch := customer.Channel(r.PostFormValue("channel"))
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	p.Said = p.said(ch)
	f := &p.Said
	web.ReadDraft(r, &f.Draft)
	err = customer.Permit(r.Context(), tx, p.Customer.ID, p.Point.ID, int64(f.Version), customer.Permission{Channel: ch, State: customer.State(f.Typed["state"]),
		GivenOn: typedDay(f.Typed["given_on"]), Source: f.Typed["source"], ReviewOn: typedDay(f.Typed["review_on"]), Evidence: f.Typed["evidence"]})
	return web.Saved(w, r, &f.Draft, err, web.Saving{To: string(pointURL(p.Customer.ID, p.Point.ID)), Flash: "What was said is on record.", Screen: p.screen, Again: func() (err error) {
		if p, err = loadPoint(r, tx); err != nil {
			return err
		}
		p.Said = p.said(ch)
		return web.Rebase(r, tx, &p.Said.Draft, p.Customer.ID, 0, "permission")
	}})
}

// said is the form of a channel: as typed where it was refused, else empty.
func (p pointPage) said(ch customer.Channel) saidForm {
	if p.Said.Channel == ch {
		return p.Said
	}
	f := saidForm{Channel: ch}
	f.Open(int(p.Point.Permission(ch).ID), p.Head, map[string]string{"state": "", "given_on": p.Today.String(), "source": "", "review_on": "", "evidence": ""})
	f.Choices = map[string][]ui.Option{"state": stateOptions(customer.States, "")}
	f.Gone = p.Gone
	return f
}

// stateOptions are what a person can say. What was chosen stays to be seen where
// it no longer follows on what counts.
func stateOptions(next []customer.State, chosen string) []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, s := range customer.States {
		if slices.Contains(next, s) || string(s) == chosen {
			options = append(options, ui.Option{Value: string(s), Label: saidWords[s]})
		}
	}
	return options
}

var saidWords = map[customer.State]string{customer.Consent: "consents", customer.Withdrawn: "withdraws the consent",
	customer.OptOut: "wants none of it (opt-out)", customer.Lifted: "takes the opt-out back"}
