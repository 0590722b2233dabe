package dunning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// do does with an entry of a batch, whose turn it is, what the batch is for. It returns
// the message that was made, 0 for none.
func (d *Desk) do(ctx context.Context, tx *tenant.Tx, batch, entry int64) (int64, error) {
	what, at := Bulk{program: tx.Actor.System(), begun: true}, time.Time{}
	err := tx.QueryRow(ctx, `SELECT kind, until, reason, at FROM batches WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, batch).
		Scan(&what.Kind, &what.Until, &what.Reason, &at)
	if err != nil {
		return 0, fmt.Errorf("read a batch: %w", err)
	}
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return 0, err
	}
	if what.Kind == BulkLater {
		return 0, e.postpone(ctx, tx, Postponement{Until: what.Until, Reason: what.Reason})
	}
	return d.send(ctx, tx, e, what, at)
}

// send writes about the entry what the bulk has, unless somebody did something about
// it after the bulk was started.
func (d *Desk) send(ctx context.Context, tx *tenant.Tx, e Entry, what Bulk, started time.Time) (id int64, err error) {
	if what.program {
		if err := mayStill(ctx, tx, e); err != nil {
			return 0, err
		}
	}
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(actions, func(a Action) bool { return a.At.After(started) }) {
		return 0, errs.Conflict("Somebody worked it meanwhile" + lastOf(tx, actions, ": ") + ".")
	}
	list, err := candidates(ctx, tx, Choice{IDs: []int64{e.ID}}, what)
	if err != nil {
		return 0, err
	}
	c := &list[0]
	if err := judge(ctx, tx, list, what); err != nil {
		return 0, err
	}
	if c.why != "" {
		return 0, errs.Conflict(c.why)
	}
	if c.kind != "" {
		if id, err = d.write(ctx, tx, e.ID, c.kind, Order{}); err != nil {
			return 0, err
		}
	}
	if what.Kind != BulkApprove {
		return id, nil
	}
	return id, e.approve(ctx, tx)
}

// approve says that the entry is done, with the day that is proposed. Where its
// message is held, that is remembered until the message is sent; the program writes
// none that is held, and tries again with the sums of another day.
func (e Entry) approve(ctx context.Context, tx *tenant.Tx) error {
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	if tx.Actor.System() {
		actions = slices.DeleteFunc(actions, func(a Action) bool { return !a.Alone })
	}
	held := e.State == Open && e.DoneAskedAt == nil && allHeld(actions)
	if held && tx.Actor.System() {
		return errs.Conflict("It would be held: no way out is set up for it.")
	}
	if err := Completable(e, actions); err != nil && !held {
		return err
	}
	next, err := NextOf(ctx, tx, e, actions, held)
	if err != nil {
		return err
	}
	if held {
		return e.await(ctx, tx, next.On)
	}
	return e.done(ctx, tx, actions, false, next)
}

// allHeld tells that nobody heard of it yet, and that a message is held.
func allHeld(actions []Action) bool {
	return !slices.ContainsFunc(actions, func(a Action) bool { return a.heard() || a.Pending() }) &&
		slices.ContainsFunc(actions, func(a Action) bool { return a.MessageState == message.Held })
}
