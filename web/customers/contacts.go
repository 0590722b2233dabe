package customers

import (
	"net/url"
	"strconv"

	"dunwell/internal/contact"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// chainsShown is how many chains of contacts stand on a page of the summary.
const chainsShown = 10

// contactList is the part of the summary with the customer's contacts.
type contactList struct {
	Chains  []contact.Chain
	Filter  contact.Filter
	Choices contact.Choices
	Next    int64 // the head of the last chain of this page, where more follow
}

// queue asks for the contacts that the address chooses. A state that is none shows all.
func (l *contactList) queue(b *tenant.Batch, customerID int64, q url.Values) {
	id := func(name string) int64 { return web.Number(q.Get(name)) }
	l.Filter = contact.Filter{CustomerID: customerID, DepartmentID: id("department"), GroupID: id("group"), BranchID: id("branch"), ExecutiveID: id("executive"),
		Before: id("before"), Limit: chainsShown + 1}
	if s := contact.State(q.Get("state")); s == contact.Open || s == contact.Closed {
		l.Filter.State = s
	}
	contact.QueueChains(b, l.Filter, &l.Chains)
	contact.QueueFilters(b, &l.Choices)
}

// cut leaves a page of what was read.
func (l *contactList) cut() {
	if len(l.Chains) > chainsShown {
		l.Chains = l.Chains[:chainsShown]
		l.Next = l.Chains[chainsShown-1].Head().ID
	}
}

// address is the summary with the filter that stands, behind a chain; 0: from the first.
func (l contactList) address(before int64) string {
	q := url.Values{}
	for name, n := range map[string]int64{"department": l.Filter.DepartmentID, "group": l.Filter.GroupID, "branch": l.Filter.BranchID, "executive": l.Filter.ExecutiveID, "before": before} {
		if n != 0 {
			q.Set(name, strconv.FormatInt(n, 10))
		}
	}
	if l.Filter.State != "" {
		q.Set("state", string(l.Filter.State))
	}
	if len(q) == 0 {
		return "/summary#contacts"
	}
	return "/summary?" + q.Encode() + "#contacts"
}

// first leads to the first page from a later one.
func (l contactList) first(customerID int64) string {
	if l.Filter.Before == 0 {
		return ""
	}
	return string(customerURL(customerID, l.address(0)))
}

func (l contactList) next(customerID int64) string {
	if l.Next == 0 {
		return ""
	}
	return string(customerURL(customerID, l.address(l.Next)))
}

// filterOptions are the lists of the filter, each with all of it first.
func filterOptions[T any](all string, list []T, option func(T) ui.Option) []ui.Option {
	options := []ui.Option{{Label: all}}
	for _, e := range list {
		options = append(options, option(e))
	}
	return options
}

func choiceOption(c contact.Choice) ui.Option { return ui.Option{Value: filterID(c.ID), Label: c.Name} }

func entryOption(e contact.Entry) ui.Option { return ui.Option{Value: filterID(e.ID), Label: e.Name} }

func personOption(p contact.Person) ui.Option { return ui.Option{Value: filterID(p.ID), Label: p.Name} }

// filterID is an id as the filter has it; 0 is whichever.
func filterID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// openOrClosed are whether a chain goes on.
var openOrClosed = []ui.Option{{Label: "Open and closed"}, {Value: string(contact.Open), Label: "Open"}, {Value: string(contact.Closed), Label: "Closed"}}
