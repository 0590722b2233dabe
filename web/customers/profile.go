package customers

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/a-h/templ"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
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
	May   contactrule.Rulings // whom it may be contacted through now
	Entry dunning.Entry       // of the agenda, the open one; its ID is 0 where there is none
	duns  bool                // the company reminds
	// Unfinished are the calls whose outcome is asked for.
	Unfinished []activity.Call
	Line       activity.Line // where one is rung for a call; only where calls are placed
	Followups  followup.Panel
	Walk       diary.Step     // where it stands in the list that the person walks today
	Account    ledger.Account // the one that was chosen; zero: all
	Tab        string
	again      bool           // a part is brought up to date: nobody opened it anew
	reaches    func() []reach // made once, where it is asked for
	Today      day.Day
}

// latest is how many of the newest notes the summary shows.
const latest = 5

// ask begins a batch with what the header says about the customer of the address.
// The tab adds its own questions, so that all are one round trip, and a fixed
// number however much there is.
func (p *profile) ask(r *http.Request, tx *tenant.Tx, tab string) *tenant.Batch {
	id := web.ID(r, "customer")
	p.Tab, p.Today, p.Customer.ID, p.duns = tab, tx.Today(), id, tx.Actor.Tenant.Duns
	p.reaches = sync.OnceValue(p.allReaches)
	p.again = r.Header.Get("HX-Request") != ""
	if r.URL.Query().Get("account") != "" {
		p.Account.ID = cmp.Or(queryID(r, "account"), -1) // what is no id is no account
	}
	b := tx.Batch()
	b.PlanOnce()
	customer.QueueFind(b, id, &p.Customer)
	customer.QueueCare(b, id, &p.Care)
	ledger.QueueStanding(b, id, &p.Standing)
	followup.QueuePanel(b, id, &p.Followups)
	diary.QueueAt(b, id, &p.Walk)
	dunning.QueueOpen(b, id, &p.Entry)
	activity.QueueUnfinished(b, id, &p.Unfinished)
	contactrule.QueueOf(b, &p.Customer, &p.Care, &p.May)
	return b
}

// load sends what was asked. Who looked is put on record.
func (p *profile) load(ctx context.Context, b *tenant.Batch) error {
	if err := b.Send(ctx); err != nil {
		return err
	}
	if !p.again {
		b.Tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.Customer.ID, Data: map[string]string{"tab": p.Tab}})
	}
	if p.Account.ID == 0 {
		return nil
	}
	for _, a := range p.Accounts {
		if a.ID == p.Account.ID {
			p.Account = a
			return nil
		}
	}
	return errs.NotFound
}

// at is the address of a part of the customer, with the account that was chosen.
func (p *profile) at(path string) templ.SafeURL {
	if p.Account.ID != 0 {
		path += fmt.Sprintf("?account=%d", p.Account.ID)
	}
	return customerURL(p.Customer.ID, path)
}

// promisedWord names what promises hold back: a consumer's, the whole of their account.
func (p *profile) promisedWord() string {
	if p.Customer.Kind == customer.Consumer {
		return "held back by a promise"
	}
	return "promised"
}

// openItems counts the open items that are owed, over all currencies.
func (p *profile) openItems() (n int) {
	for _, f := range p.Figures {
		n += f.Items
	}
	return n
}

// ageingIn is the ageing in that currency, empty where nothing is open in it.
func (p *profile) ageingIn(f ledger.Figure) ledger.Ageing {
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
	contactList
	// Summaries are of the account that was chosen, and of all where one of them
	// is a loan; a trade account's figures stand above already.
	Summaries []ledger.Summary
}

func summary(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p summaryPage
	b := p.ask(r, tx, "summary")
	note.QueueList(b, note.Filter{CustomerID: p.Customer.ID, Limit: latest}, &p.Latest)
	note.QueuePinned(b, p.Customer.ID, &p.Pinned)
	p.contactList.queue(b, p.Customer.ID, r.URL.Query())
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if p.Customer.MergedInto != nil {
		return lead(w, r, p.Customer)
	}
	if err := p.together(r.Context(), tx, url.Values{}, note.Filter{CustomerID: p.Customer.ID, Limit: latest}, &p.Latest); err != nil {
		return err
	}
	p.cut()
	if p.Account.ID != 0 || p.hasLoan() {
		b := tx.Batch()
		ledger.QueueSummaries(b, p.Customer.ID, &p.Accounts, &p.Summaries)
		if err := b.Send(r.Context()); err != nil {
			return err
		}
		p.Summaries = p.chosen(p.Summaries)
	}
	return web.Render(w, r, http.StatusOK, summaryScreen(p))
}

func (p *profile) hasLoan() bool {
	return slices.ContainsFunc(p.Standing.Accounts, func(a ledger.Account) bool { return a.Kind == ledger.Loan })
}

// chosen are the summaries of the accounts that were chosen.
func (p *profile) chosen(all []ledger.Summary) []ledger.Summary {
	return slices.DeleteFunc(all, func(s ledger.Summary) bool { return p.Account.ID != 0 && s.ID != p.Account.ID })
}
