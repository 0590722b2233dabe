package customers

import (
	"net/http"
	"slices"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// accountPage is the tab with the accounts, whom to contact, and what secures or
// bars the work.
type accountPage struct {
	profile
	customer.Security
	Summaries []ledger.Summary
}

func account(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p accountPage
	b := p.ask(r, tx, "account")
	ledger.QueueSummaries(b, p.Customer.ID, &p.Accounts, &p.Summaries)
	customer.QueueSecurity(b, p.Customer.ID, &p.Security)
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	p.Summaries = p.chosen(p.Summaries)
	return web.Render(w, r, http.StatusOK, accountScreen(p))
}

// parties are the people who stand for a loan: those of the account itself, and
// those of all accounts. Each is named once in a role.
func (p *profile) parties(accountID int64, role customer.Role) (names []string) {
	for _, c := range p.InUse() {
		if c.Role == role && (c.AccountID == nil || *c.AccountID == accountID) && !slices.Contains(names, c.Whose()) {
			names = append(names, c.Whose())
		}
	}
	return names
}

// secured are the vehicles of an account.
func secured(vehicles []customer.Vehicle, accountID int64) (of []customer.Vehicle) {
	for _, v := range vehicles {
		if v.AccountID != nil && *v.AccountID == accountID && !v.Retired {
			of = append(of, v)
		}
	}
	return of
}

// lifted are the stops of the past.
func (p accountPage) lifted() []customer.Stop {
	return slices.DeleteFunc(slices.Clone(p.Security.Stops), func(s customer.Stop) bool { return s.LiftedAt == nil })
}

// retired are the contact points out of use.
func (p accountPage) retired() []customer.ContactPoint {
	return slices.DeleteFunc(slices.Clone(p.Points), func(c customer.ContactPoint) bool { return !c.Retired })
}

// worked tells that forms are shown: nothing of an archived customer changes.
func (p *profile) worked() bool { return p.Customer.ArchivedAt == nil }
