package activity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// CallBack is when the debtor asked to be called, by the company's wall clock.
type CallBack struct {
	On day.Day
	At string // HH:MM
}

// early and grace are how long before and after the hour that was agreed a call counts
// as asked for.
const (
	early = 15 * time.Minute
	grace = 2 * time.Hour
)

// moment reads it, which has to be to come and within as long as a wish counts.
func (c CallBack) moment(tx *tenant.Tx) (time.Time, error) {
	var inv errs.Invalid
	clock, err := time.Parse("15:04", c.At)
	inv.Check(!c.On.IsZero(), "on", "Give the day on which they want to be called.")
	inv.Check(err == nil, "at", "Give the hour at which they want to be called, such as 14:30.")
	if len(inv) > 0 {
		return time.Time{}, inv
	}
	y, m, d := c.On.Date()
	at := time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, tx.Actor.Tenant.Zone)
	inv.Check(!at.Before(tx.Now), "at", "This hour is past. Give one to come.")
	inv.Check(!at.After(tx.Now.Add(contactrule.Longest)), "on", "A wish to be called counts for seven days at most. Give a day within them, or plan a follow-up.")
	return at, inv.Err()
}

// plan puts the call on the actor's list at its hour, and records that the debtor
// asked for it, so that then it goes before hours and frequency.
func (c CallBack) plan(ctx context.Context, tx *tenant.Tx, was Call, text string) error {
	at, err := c.moment(tx)
	if err != nil {
		return err
	}
	words := fmt.Sprintf("Call back %s, as asked for.", was.With())
	if text != "" {
		words += " " + text
	}
	id, err := followup.Schedule(ctx, tx, was.CustomerID, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: c.On, Timed: true,
		DueAt: at.Format("15:04"), Text: note.Cut(words, followup.MaxText, "…")})
	if err != nil || !was.onFile() {
		return err
	}
	until := at.Add(grace)
	if last := tx.Now.Add(contactrule.Longest); until.After(last) {
		until = last
	}
	err = contactrule.Request(ctx, tx, contactrule.Wish{CustomerID: was.CustomerID, PointID: was.PointID, Channel: customer.Call, From: at.Add(-early), Until: until,
		Source: "said on the telephone to " + tx.Actor.Name, FollowupID: id})
	if errors.As(err, new(errs.Conflict)) { // the number is out of use meanwhile: the follow-up is left
		return nil
	}
	return err
}

// Copies are those that the debtor asked for.
type Copies struct {
	Items []int64 // none: which ones the text says
}

// planCopies puts the copies of the items of these numbers on the actor's list of today.
func planCopies(ctx context.Context, tx *tenant.Tx, was Call, numbers []string) error {
	text := "Send the copies that they asked for"
	if len(numbers) > 0 {
		text = "Send copies of " + strings.Join(numbers, ", ")
	}
	_, err := followup.Schedule(ctx, tx, was.CustomerID, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: tx.Today(),
		Text: note.Cut(text+", "+was.With()+".", followup.MaxText, "…")})
	return err
}
