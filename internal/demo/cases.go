package demo

import (
	"context"
	"errors"
	"fmt"

	"dunwell/internal/cases"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// dispute is a case that was opened so many days ago, to be looked at so many days
// from today, about one item, or about a part of it.
type dispute struct {
	ago, next int
	title     string
	comment   string
	part      int64 // percent of the item that is in question; 0: all of it
	status    bool  // the item is disputed too
	resolver  int   // by the place in settlers; -1: none
	deadline  int   // of a complaint: days from today; 0: no complaint
	verdict   cases.Verdict
	answer    string
}

var quarrels = []dispute{
	{ago: 12, next: 2, title: "Price of the spring delivery", comment: "They were promised the list price of January.", part: 35, status: true, verdict: cases.Accept,
		answer: "The offer of January says so. Credit them the difference."},
	{ago: 9, next: -1, title: "Two pallets missing", comment: "Their gate signed for six of eight.", status: true, resolver: 1},
	{ago: 3, next: 4, title: "Complaint about a call in the evening", comment: "They ask in writing who called, and to have no more calls.", resolver: -1, deadline: 11},
	{ago: 5, next: 6, title: "Copy of the contract", comment: "They cannot find it, and look into it together with their auditor.", resolver: -1},
}

// settlers are the colleagues who settle disputes.
var settlers = []cases.Resolver{
	{Name: "Sunniva Moe", Email: "sunniva.moe@northwind.example", Settles: "prices"},
	{Name: "Pavel Urban", Email: "pavel.urban@northwind.example", Settles: "deliveries"},
}

// firstDispute is how many entries of the agenda come before the first customer with a
// case.
const firstDispute = 14

// disputed names the colleagues who settle disputes, has the status of a dispute
// suggest a case, and opens some.
func (l *loader) disputed(ctx context.Context) error {
	for _, s := range settlers {
		id, err := cases.SaveResolver(ctx, l.tx, s)
		if err != nil {
			return err
		}
		l.settlers = append(l.settlers, id)
	}
	s, err := ledger.FindStatus(ctx, l.tx, l.statuses[ledger.Disputed])
	if err != nil {
		return err
	}
	s.Reasons, s.DelayDays = []string{"Price", "Quantity", "Quality", "Never delivered"}, 5
	s.CaseRule = ledger.CaseSuggest
	if _, err := ledger.SaveStatus(ctx, l.tx, s); err != nil {
		return err
	}
	entries, err := l.agenda(ctx, 1_000)
	if err != nil {
		return err
	}
	n := firstDispute
	for _, d := range quarrels {
		for n < len(entries) && entries[n].OwnerID == 0 {
			n++
		}
		if n >= len(entries) {
			return nil // a company as small as that has not so many
		}
		if err := l.dispute(ctx, entries[n], d); err != nil {
			return fmt.Errorf("the case of %s: %w", entries[n].Name, err)
		}
		n++
	}
	return nil
}

// dispute has who owns the customer open the case, and the resolver answer it.
func (l *loader) dispute(ctx context.Context, e dunning.Entry, d dispute) error {
	lines, err := dunning.Lines(ctx, l.tx, e.CustomerID)
	if err != nil || len(lines) == 0 {
		return err
	}
	now, today := l.tx.Now, l.tx.Today()
	defer func() { l.tx.Now = now }()
	c := cases.Change{CustomerID: e.CustomerID, Comment: d.comment, Action: cases.NewCase, On: today.Add(d.next), Items: []cases.Ticked{{ID: lines[0].ItemID, Asked: lines[0].Open * d.part / 100}},
		Case: cases.Opening{Title: d.title, OwnerID: e.OwnerID}}
	if d.deadline > 0 {
		c.Case.Complaint, c.Case.DeadlineOn = true, today.Add(d.deadline)
	}
	if d.status {
		c.StatusID = l.statuses[ledger.Disputed]
	}
	if d.resolver >= 0 {
		c.ResolverID = l.settlers[d.resolver]
	}
	if err := l.tx.QueryRow(ctx, `SELECT i.version FROM items i WHERE i.tenant_id = $1 AND i.id = $2`, l.tx.Actor.TenantID, lines[0].ItemID).Scan(&c.Items[0].Version); err != nil {
		return fmt.Errorf("find the item: %w", err)
	}
	l.tx.Now = now.AddDate(0, 0, -d.ago)
	done, err := l.opened(ctx, e, c)
	if err != nil || d.answer == "" {
		return err
	}
	token, err := cases.MakeLink(ctx, l.tx, done.CaseID, cases.LinkDays)
	if err != nil {
		return err
	}
	l.tx.Now = now
	_, err = cases.Look(ctx, l.tx, token, "192.0.2.10")
	return errors.Join(err, cases.Give(ctx, l.tx, nil, token, cases.Answer{Verdict: d.verdict, Text: d.answer, Address: "192.0.2.10"}))
}

// opened makes the change as the customer's owner.
func (l *loader) opened(ctx context.Context, e dunning.Entry, c cases.Change) (cases.Done, error) {
	defer l.as(e.OwnerID, l.nameOf(e.OwnerID))()
	l.tx.Actor.Role = tenant.Collector
	return cases.Apply(ctx, l.tx, c)
}
