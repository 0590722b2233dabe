package demo

import (
	"context"
	"fmt"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// vow is a promise that a customer made: so many days ago, for as many days from
// today, which may lie in the past, and how much of it came on its day.
type vow struct {
	ago, due int
	came     int // percent
	parts    int // instalments, a month apart
	text     string
}

var vows = []vow{
	{ago: 16, due: -12, came: 100, parts: 1, text: "The director pays it himself."},
	{ago: 17, due: -11, parts: 1, text: "Promised on the telephone, twice."},
	{ago: 15, due: -10, came: 55, parts: 1, text: "After the fair."},
	{ago: 4, due: 0, parts: 1, text: "They release it with today’s payment run."},
	{ago: 2, due: 1, parts: 1, text: "Salary comes tomorrow."},
	{ago: 1, due: 6, parts: 3, text: "Three parts, each on the day the rent is in."},
	{ago: 3, due: 4, came: 40, parts: 1, text: "A part came at once, the rest this week."},
}

// firstVow is how many entries of the agenda come before the first customer who
// promised something.
const firstVow = 4

// promised has customers of the agenda promise what they owe, and those whose day has
// passed decided.
func (l *loader) promised(ctx context.Context) error {
	now := l.tx.Now
	defer func() { l.tx.Now = now }()
	loaded := l.tx.Today().Time(l.tx.Actor.Tenant.Zone)
	l.tx.Actor.Tenant.PaymentsLoadedTo = &loaded
	entries, err := l.agenda(ctx, 1_000)
	if err != nil {
		return err
	}
	n := firstVow
	for _, v := range vows {
		for n < len(entries) && (entries[n].OwnerID == 0 || entries[n].Why == dunning.WhyChosenDay) {
			n++
		}
		if n >= len(entries) {
			return nil // a company as small as that has not so many
		}
		if err := l.vow(ctx, entries[n], v); err != nil {
			return fmt.Errorf("the promise of %s: %w", entries[n].Name, err)
		}
		n++
	}
	return nil
}

// vow has who owns the customer write the promise down on its day, and records what
// came of it.
func (l *loader) vow(ctx context.Context, e dunning.Entry, v vow) error {
	lines, err := dunning.Lines(ctx, l.tx, e.CustomerID)
	if err != nil || len(lines) == 0 || lines[0].Collectable < int64(v.parts) {
		return err
	}
	today, now := l.tx.Today(), l.tx.Now
	amount := money.New(lines[0].Collectable, lines[0].Currency)
	plan := promise.Plan{AccountID: lines[0].AccountID, Amount: amount, AssigneeID: e.OwnerID, DueOn: today.Add(v.due), Text: v.text, Confirmed: true}
	if v.parts > 1 {
		plan.Instalments = instalments(amount.Minor, v.parts, plan.DueOn)
	}
	l.tx.Now = now.AddDate(0, 0, -v.ago)
	if err := l.write(ctx, e, plan); err != nil {
		return err
	}
	l.tx.Now = now
	if v.came == 0 {
		return nil
	}
	on := min(v.due, 0)
	_, err = ledger.Record(ctx, l.tx, ledger.Payment{CustomerID: e.CustomerID, AccountID: plan.AccountID, Number: fmt.Sprintf("DEPOSIT-P%d", e.ID), ValueOn: today.Add(on),
		Amount: money.New(amount.Minor*int64(v.came)/100, amount.Currency)})
	return err
}

// write makes the promise as the customer's owner.
func (l *loader) write(ctx context.Context, e dunning.Entry, plan promise.Plan) error {
	defer l.as(e.OwnerID, l.nameOf(e.OwnerID))()
	l.tx.Actor.Role = tenant.Collector
	_, err := promise.Make(ctx, l.tx, e.CustomerID, plan)
	return err
}

// nameOf is the name of one of People.
func (l *loader) nameOf(id int64) string {
	for _, p := range People {
		if l.members[p.Email] == id {
			return p.Name
		}
	}
	return ""
}

// instalments divides an amount into parts a month apart.
func instalments(minor int64, n int, first day.Day) (parts []promise.Part) {
	for i := range n {
		part := minor / int64(n)
		if i == n-1 {
			part = minor - part*int64(n-1)
		}
		parts = append(parts, promise.Part{DueOn: first.AddMonths(i), Minor: part})
	}
	return parts
}
