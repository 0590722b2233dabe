package customers

import (
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// profile is what stands on top of every tab of a customer.
type profile struct {
	Customer customer.Customer
	Figures  []ledger.Figure
	Ageing   []ledger.Ageing // as of today
	Latest   []note.Note     // the newest notes, the first of them in the header
	Tab      string
	Today    day.Day
}

// latest is how many of the newest notes the summary shows.
const latest = 5

// loadProfile reads the customer of the address and what the header says about
// it: four queries, however much there is. Who looked is put on record.
func loadProfile(r *http.Request, tx *tenant.Tx, tab string) (p profile, err error) {
	ctx, id := r.Context(), web.ID(r, "customer")
	p.Tab, p.Today = tab, tx.Today()
	if p.Customer, err = customer.Find(ctx, tx, id); err != nil {
		return p, err
	}
	figures, err := ledger.Figures(ctx, tx, []int64{id})
	if err != nil {
		return p, err
	}
	p.Figures = figures[id]
	if p.Ageing, err = ledger.AgeingOf(ctx, tx, id, p.Today); err != nil {
		return p, err
	}
	if p.Latest, err = note.List(ctx, tx, note.Filter{CustomerID: id, Limit: latest}); err != nil {
		return p, err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: id, Data: map[string]string{"tab": tab}})
	return p, nil
}

// openItems counts the open items that are owed, over all currencies.
func (p profile) openItems() (n int) {
	for _, f := range p.Figures {
		n += f.Items
	}
	return n
}

// ageingIn is the ageing in that currency, empty where nothing is open in it.
func (p profile) ageingIn(f ledger.Figure) ledger.Ageing {
	for _, a := range p.Ageing {
		if a.Currency == f.Currency {
			return a
		}
	}
	return ledger.Ageing{Currency: f.Currency}
}

// summaryPage is the tab that a profile opens with.
type summaryPage struct {
	profile
	Pinned []note.Note
}

func summary(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p summaryPage
	var err error
	if p.profile, err = loadProfile(r, tx, "summary"); err != nil {
		return err
	}
	if p.Pinned, err = note.Pinned(r.Context(), tx, p.Customer.ID); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, summaryScreen(p))
}
