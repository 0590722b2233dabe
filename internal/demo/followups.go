package demo

import (
	"context"
	"fmt"
	"math/rand/v2"

	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// reminders are what people write down to remember.
var reminders = []string{
	"Ask for the remittance advice: the last payment names no invoice.",
	"Send copies of the two oldest invoices, to the new address in accounts payable.",
	"An answer about the price difference was promised; ask what the sales office said.",
	"The bookkeeper is back from leave: ask when the next payment run is.",
	"The cheque came back unpaid. Ask for a transfer instead.",
	"Wants to pay in two parts. Ask for both dates in writing.",
	"Check whether the goods note has arrived, then ask for payment.",
	"Asked to be called again after the end of the month.",
}

// coming is when something is due: days from today, and the hour.
type coming struct {
	in int
	at string // empty: any time
}

var comings = []weighed[coming]{
	{1, coming{-6, ""}}, {2, coming{-3, "15:00"}}, {2, coming{-1, ""}}, {2, coming{0, ""}}, {1, coming{0, "08:30"}}, {1, coming{0, "10:00"}},
	{1, coming{0, "13:15"}}, {1, coming{0, "15:00"}}, {3, coming{1, ""}}, {2, coming{2, "09:00"}}, {3, coming{7, ""}}, {2, coming{14, "11:30"}},
}

// leaver is who worked here until lately: what is still hers has no owner.
var leaver = member.Invitation{Email: "birgit.aalto@northwind.example", Name: "Birgit Aalto", Role: tenant.Collector}

// followups gives the customers in arrears something to be remembered by, and
// leaves two of them with somebody who has gone.
func (l *loader) followups(ctx context.Context) error {
	gone, err := member.Invite(ctx, l.tx, leaver)
	if err != nil {
		return err
	}
	n, orphans := 0, 2
	for c := range Generate(l.options) {
		if n++; n > reachable {
			break
		}
		if c.Owner == "" || c.overdue(l.options.Today) == nil {
			continue
		}
		d := &dice{rand.New(rand.NewPCG(l.options.Seed+2, uint64(n)))}
		if err := l.remind(ctx, d, c, l.members[c.Owner]); err != nil {
			return fmt.Errorf("follow-ups of %s: %w", c.Name, err)
		}
		if orphans > 0 {
			orphans--
			if err := l.plan(ctx, c, coming{-2, ""}, followup.Plan{AssigneeID: gone.MemberID, Text: one(d, reminders)}); err != nil {
				return err
			}
		}
	}
	return member.Deactivate(ctx, l.tx, gone.MemberID, 1)
}

// remind plans up to three; now and then one is copied into the notes, and one
// is done already.
func (l *loader) remind(ctx context.Context, d *dice, c Customer, owner int64) error {
	for range d.between(0, 3) {
		if err := l.plan(ctx, c, pick(d, comings), followup.Plan{AssigneeID: owner, Text: one(d, reminders), InNotes: d.chance(25)}); err != nil {
			return err
		}
	}
	if !d.chance(20) {
		return nil
	}
	id, err := l.planned(ctx, c, coming{0, ""}, followup.Plan{AssigneeID: owner, Text: one(d, reminders)})
	if err != nil {
		return err
	}
	defer l.as(owner, c.owner())()
	return followup.Complete(ctx, l.tx, l.idOf(c), id, "Spoke to them: the money comes with the next payment run.")
}

// as lets a member act until the function that is returned is called.
func (l *loader) as(member int64, name string) (back func()) {
	was := l.tx.Actor
	l.tx.Actor.MemberID, l.tx.Actor.Name = member, name
	return func() { l.tx.Actor = was }
}

func (l *loader) plan(ctx context.Context, c Customer, due coming, p followup.Plan) error {
	_, err := l.planned(ctx, c, due, p)
	return err
}

// planned plans a follow-up ten days ago: nothing is planned for a day that is
// past.
func (l *loader) planned(ctx context.Context, c Customer, due coming, p followup.Plan) (int64, error) {
	now := l.tx.Now
	defer func() { l.tx.Now = now }()
	defer l.as(l.members[c.Owner], c.owner())()
	l.tx.Now = now.AddDate(0, 0, -10)
	p.DueOn, p.Timed, p.DueAt = l.options.Today.Add(due.in), due.at != "", due.at
	return followup.Schedule(ctx, l.tx, l.idOf(c), p)
}
