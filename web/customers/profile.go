package customers

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// profile is what stands on top of every tab of a customer.
type profile struct {
	Customer customer.Customer
	customer.Care
	ledger.Standing
	Account ledger.Account // the one that was chosen; zero: all
	Tab     string
	Today   day.Day
}

// latest is how many of the newest notes the summary shows.
const latest = 5

// loadProfile reads the customer of the address and what the header says about
// it: a fixed number of queries in three round trips, however much there is. Who
// looked is put on record.
func loadProfile(r *http.Request, tx *tenant.Tx, tab string) (p profile, err error) {
	ctx, id := r.Context(), web.ID(r, "customer")
	p.Tab, p.Today = tab, tx.Today()
	if p.Customer, err = customer.Find(ctx, tx, id); err != nil {
		return p, err
	}
	if p.Care, err = customer.CareOf(ctx, tx, id); err != nil {
		return p, err
	}
	if p.Standing, err = ledger.StandingOf(ctx, tx, id); err != nil {
		return p, err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: id, Data: map[string]string{"tab": tab}})
	return p, p.choose(r.URL.Query().Get("account"))
}

// choose finds the account that the address names.
func (p *profile) choose(account string) error {
	if account == "" {
		return nil
	}
	for _, a := range p.Accounts {
		if strconv.FormatInt(a.ID, 10) == account {
			p.Account = a
			return nil
		}
	}
	return errs.NotFound
}

// at is the address of a part of the customer, with the account that was chosen.
func (p profile) at(path string) templ.SafeURL {
	if p.Account.ID != 0 {
		path += fmt.Sprintf("?account=%d", p.Account.ID)
	}
	return customerURL(p.Customer.ID, path)
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
	Latest []note.Note
	Pinned []note.Note
	// Summaries are of the account that was chosen, and of all where one of them
	// is a loan; a trade account's figures stand above already.
	Summaries []ledger.Summary
}

func summary(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p summaryPage
	var err error
	if p.profile, err = loadProfile(r, tx, "summary"); err != nil {
		return err
	}
	if p.Latest, err = note.List(r.Context(), tx, note.Filter{CustomerID: p.Customer.ID, Limit: latest}); err != nil {
		return err
	}
	if p.Pinned, err = note.Pinned(r.Context(), tx, p.Customer.ID); err != nil {
		return err
	}
	if p.Account.ID != 0 || p.hasLoan() {
		if p.Summaries, err = p.summaries(r.Context(), tx); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, summaryScreen(p))
}

func (p profile) hasLoan() bool {
	return slices.ContainsFunc(p.Standing.Accounts, func(a ledger.Account) bool { return a.Kind == ledger.Loan })
}

// summaries reads how the accounts that were chosen stand.
func (p profile) summaries(ctx context.Context, tx *tenant.Tx) ([]ledger.Summary, error) {
	all, err := ledger.SummariesOf(ctx, tx, p.Customer.ID)
	if err != nil || p.Account.ID == 0 {
		return all, err
	}
	return slices.DeleteFunc(all, func(s ledger.Summary) bool { return s.ID != p.Account.ID }), nil
}
