package diary

import (
	"context"
	"fmt"
	"slices"

	"dunwell/internal/diary"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// opened is what is shown of a customer that is opened in place: what is to be
// done, to be worked there.
type opened struct {
	CustomerID int64 // 0: none is opened
	Followups  []followup.Followup
	Reviews    []diary.Reason
	Others     int // active follow-ups that are for later, or for somebody else
	Quick      []followup.Quick
}

// inPlace is how many follow-ups are worked in place; the customer has them all.
const inPlace = 30

// open reads it for a customer of the page; any other one stays closed.
func (p *dayPage) open(ctx context.Context, tx *tenant.Tx, id int64) (o opened, err error) {
	if !slices.ContainsFunc(p.Entries, func(e diary.Entry) bool { return e.CustomerID == id }) {
		return o, nil
	}
	o.CustomerID = id
	reasons, err := diary.Reasons(ctx, tx, p.Member, id)
	if err != nil {
		return o, err
	}
	due := map[int64]bool{}
	for _, r := range reasons {
		if r.Kind == diary.FollowUp {
			due[r.ID] = true
		} else {
			o.Reviews = append(o.Reviews, r)
		}
	}
	active, err := followup.List(ctx, tx, followup.Filter{CustomerID: id, State: followup.Active, Limit: inPlace})
	if err != nil {
		return o, err
	}
	for _, f := range active {
		if due[f.ID] {
			o.Followups = append(o.Followups, f)
		} else {
			o.Others++
		}
	}
	o.Quick, err = followup.QuickDates(ctx, tx)
	return o, err
}

// reviewURL leads to where something is looked at and decided.
func reviewURL(customer int64, r diary.Reason) string {
	switch r.Kind {
	case diary.Stop:
		return fmt.Sprintf("/customers/%d/stops/%d", customer, r.ID)
	case diary.OptOut:
		return fmt.Sprintf("/customers/%d/contactpoints/%d", customer, r.ID)
	case diary.Watch:
		return fmt.Sprintf("/customers/%d/watch", customer)
	case diary.Promise:
		return fmt.Sprintf("/promises/%d", r.ID)
	case diary.Case:
		return fmt.Sprintf("/cases/%d", r.ID)
	case diary.Contact:
		return fmt.Sprintf("/customers/%d/summary#contact-%d", customer, r.ID)
	case diary.Reply:
		return fmt.Sprintf("/inbox/%d", r.ID)
	case diary.Call:
		return fmt.Sprintf("/customers/%d/calls/%d", customer, r.ID)
	case diary.CallBack:
		return fmt.Sprintf("/customers/%d/calls/new?point=%d", customer, r.ID)
	}
	return fmt.Sprintf("/customers/%d", customer)
}
