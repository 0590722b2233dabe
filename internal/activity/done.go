package activity

import (
	"context"
	"errors"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Done says that the customer's open entry of the agenda is done.
type Done struct {
	// NextOn is when the customer comes back, where somebody has to choose it; see
	// AsksBack. Where nobody was spoken to, it is the outcome's day unless given.
	NextOn day.Day
}

// Finished is what became of the entry.
type Finished struct {
	EntryID int64 // 0: none was open
	Waits   bool  // until a message about it is sent
	// Why is why it could not be done, in a sentence; empty: it is.
	Why    string
	Raised bool    // the levels were
	NextOn day.Day // when the customer comes back, where that is known
}

// AsksBack tells whether somebody has to choose when the customer comes back once
// the open entry is done, whatever came of the call, and the day that is proposed.
func AsksBack(ctx context.Context, tx *tenant.Tx, e dunning.Entry) (asks bool, proposed day.Day, err error) {
	if e.ID == 0 {
		return false, day.Day{}, nil
	}
	next, err := dunning.NextOf(ctx, tx, e, nil, true)
	return next.Asked, next.On, err
}

// finish completes the open entry where it can be, and else says why not: what was
// said is kept all the same. A day that is wrong is refused.
func (d Done) finish(ctx context.Context, tx *tenant.Tx, customerID int64) (f Finished, err error) {
	e, open, err := dunning.OpenEntry(ctx, tx, customerID)
	if err != nil || !open {
		return f, err
	}
	f.EntryID = e.ID
	actions, err := dunning.Actions(ctx, tx, e.ID)
	if err != nil {
		return f, err
	}
	next, err := dunning.NextOf(ctx, tx, e, actions, false)
	if err != nil {
		return f, err
	}
	c := dunning.Completion{Version: e.Version}
	if next.Asked {
		if c.NextOn = d.NextOn; c.NextOn.IsZero() && next.Rests {
			c.NextOn = next.On
		}
	}
	var conflict errs.Conflict
	var forbidden errs.Forbidden
	switch err = dunning.Complete(ctx, tx, e.ID, c); {
	case errors.As(err, &conflict):
		f.Why = string(conflict)
		return f, nil
	case errors.As(err, &forbidden):
		f.Why = string(forbidden)
		return f, nil
	case err != nil:
		return f, err
	}
	f.NextOn, f.Raised = c.NextOn, !dunning.Unraised(actions)
	after, err := dunning.FindEntry(ctx, tx, e.ID)
	f.Waits = after.State == dunning.Open
	return f, err
}
