package activity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Way is how a conversation was had that this program did not place.
type Way string

// The ways.
const (
	Telephone Way = "telephone"
	InPerson  Way = "in_person"
	Other     Way = "other"
)

// Ways lists them in the order in which they are offered.
var Ways = []Way{Telephone, InPerson, Other}

// Name is the way as people read it.
func (w Way) Name() string { return strings.ReplaceAll(string(w), "_", " ") }

// Activity is a conversation that was had elsewhere.
type Activity struct {
	contactrule.Attempt // of which only the customer is looked at unless by Telephone
	Way                 Way
	DispositionID       int64
	Text                string
	// AssigneeID is who goes on with it, 0 for oneself, and DueOn when; with neither
	// nobody does. Who is given it without a day has it today.
	AssigneeID int64
	DueOn      day.Day
}

// Add writes down a conversation that was had elsewhere. One by telephone counts as
// any other call, and is held to the same rules.
func Add(ctx context.Context, tx *tenant.Tx, a Activity) error {
	if !CanWork(tx.Actor) {
		return mayNotWork
	}
	if err := ledger.Hold(ctx, tx, []int64{a.CustomerID}); err != nil {
		return err
	}
	if _, err := customer.Lock(ctx, tx, a.CustomerID); err != nil {
		return err
	}
	d, err := dunning.CheckOutcome(ctx, tx, a.DispositionID, &a.Text)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	inv.Check(slices.Contains(Ways, a.Way), "way", "Choose how it was said.")
	inv.Check(a.Way == Telephone || a.Text != "", "text", "Write down what was said.")
	if a.Way == Telephone {
		d.CheckCall(&inv, a.Incoming, a.Text)
	}
	if err := inv.Err(); err != nil {
		return err
	}
	keep := a.keepSpoken
	if a.Way == Telephone {
		keep = a.keepCall
	}
	if err := keep(ctx, tx, d); err != nil {
		return err
	}
	return a.assign(ctx, tx, d)
}

// keepCall keeps it as a call with its outcome.
func (a Activity) keepCall(ctx context.Context, tx *tenant.Tx, d dunning.Disposition) (err error) {
	if len(a.AccountIDs) == 0 {
		if a.AccountIDs, err = owedOn(ctx, tx, a.CustomerID); err != nil {
			return err
		}
	}
	id, err := contactrule.Record(ctx, tx, a.Attempt, d.Of(a.Text))
	if err != nil {
		return err
	}
	c, err := Find(ctx, tx, a.CustomerID, id)
	if err != nil {
		return err
	}
	return c.journal(ctx, tx, d, a.Text)
}

// keepSpoken keeps what was said otherwise. Where it was said to who owes, it is an
// action of the open entry, as a call would be.
func (a Activity) keepSpoken(ctx context.Context, tx *tenant.Tx, d dunning.Disposition) error {
	how := "In person. "
	if a.Way == Other {
		how = ""
	}
	_, err := note.Add(ctx, tx, note.New{CustomerID: a.CustomerID, Kind: "activity", Text: how + d.Words(a.Text),
		Data: map[string]any{"way": a.Way, "disposition": d.ID}})
	if err != nil || !d.RightParty {
		return err
	}
	return dunning.Acted(ctx, tx, a.CustomerID, d.Words(a.Text))
}

// assign puts it on somebody's list, where that was asked for.
func (a Activity) assign(ctx context.Context, tx *tenant.Tx, d dunning.Disposition) error {
	if a.DueOn.IsZero() && (a.AssigneeID == 0 || a.AssigneeID == tx.Actor.MemberID) {
		return nil
	}
	p := followup.Plan{AssigneeID: a.AssigneeID, DueOn: a.DueOn, Text: d.Words(a.Text)}
	if p.AssigneeID == 0 {
		p.AssigneeID = tx.Actor.MemberID
	}
	if p.DueOn.IsZero() {
		p.DueOn = tx.Today()
	}
	if _, err := followup.Schedule(ctx, tx, a.CustomerID, p); err != nil {
		return fmt.Errorf("go on with an activity: %w", under("follow_up-", err))
	}
	return nil
}
