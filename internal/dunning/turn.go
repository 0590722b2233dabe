package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// turn is an entry of a batch whose turn it is.
type turn struct {
	Bulk
	Entry  int64
	At     time.Time // when the batch was started
	Member int64     // who started it; 0: the program
	User   int64
	Name   string
	Role   tenant.Role
	Active bool
}

// takeTurn holds the next entry that waits and that nobody else holds.
func takeTurn(ctx context.Context, tx *tenant.Tx, batch int64, skip []int64) (t turn, err error) {
	err = tx.QueryRow(ctx, `
		SELECT w.entry_id, b.kind, b.until, b.reason, b.at, coalesce(b.member_id, 0), coalesce(m.user_id, 0), coalesce(u.name, ''), coalesce(m.role, ''),
			coalesce(m.active, true)
		FROM batch_entries w
		JOIN batches b ON b.tenant_id = @tenant AND b.id = w.batch_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = b.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE w.tenant_id = @tenant AND w.batch_id = @batch AND w.state = 'waiting' AND w.entry_id <> ALL(@skip)
		ORDER BY w.entry_id
		LIMIT 1
		FOR NO KEY UPDATE OF w SKIP LOCKED`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "batch": batch, "skip": skip}).
		Scan(&t.Entry, &t.Kind, &t.Until, &t.Reason, &t.At, &t.Member, &t.User, &t.Name, &t.Role, &t.Active)
	if errors.Is(err, pgx.ErrNoRows) {
		return turn{}, nil
	}
	if err != nil {
		return t, fmt.Errorf("take the next entry of a batch: %w", err)
	}
	t.program = t.Member == 0
	return t, nil
}

// do does it with the entry, in the name of whoever started the batch. It returns
// the message that was made, 0 for none.
func (d *Desk) do(ctx context.Context, tx *tenant.Tx, t turn) (int64, error) {
	if t.Member != 0 {
		tx.Actor.MemberID, tx.Actor.UserID, tx.Actor.Name, tx.Actor.Role = t.Member, t.User, t.Name, t.Role
		if !t.Active || !CanBulk(tx.Actor) {
			return 0, errs.Forbidden(t.Name + ", who started this, may no longer do it. Somebody else starts it again.")
		}
	}
	e, err := hold(ctx, tx, t.Entry)
	if err != nil {
		return 0, err
	}
	if t.Kind == BulkLater {
		return 0, e.postpone(ctx, tx, Postponement{Until: t.Until, Reason: t.Reason})
	}
	return d.send(ctx, tx, t, e)
}

// send writes about the entry what the bulk has, unless somebody did something about
// it after the bulk was started.
func (d *Desk) send(ctx context.Context, tx *tenant.Tx, t turn, e Entry) (id int64, err error) {
	if t.program {
		if err := mayStill(ctx, tx, e); err != nil {
			return 0, err
		}
	}
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(actions, func(a Action) bool { return a.At.After(t.At) }) {
		return 0, errs.Conflict("Somebody worked it meanwhile" + lastOf(tx, actions, ": ") + ".")
	}
	list, err := candidates(ctx, tx, Choice{IDs: []int64{e.ID}}, t.Bulk)
	if err != nil {
		return 0, err
	}
	c := &list[0]
	c.Waits = false // in this very batch
	if err := judge(ctx, tx, list, t.Bulk); err != nil {
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
	if t.Kind != BulkApprove {
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
