package dunning

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Completion says that an entry is done. Version is the one that was shown.
type Completion struct {
	Version int
	// NextOn is when the customer comes back, where somebody is asked: see Next.
	NextOn day.Day
	// RaiseAnyway raises the levels although nobody answered the only call.
	RaiseAnyway bool
}

// CanComplete tells who says that an entry is done. After the last level a manager
// decides what comes next.
func CanComplete(a tenant.Actor, e Entry) bool {
	return CanWork(a) && (e.Why != WhyLast || a.Is(tenant.Manager))
}

// Completable is nil where the entry can be done, else the sentence why not yet.
func Completable(e Entry, actions []Action) error {
	switch {
	case e.State != Open:
		return errs.Conflict("This entry is closed.")
	case slices.ContainsFunc(actions, func(a Action) bool { return a.Counts }):
		return nil
	case e.DoneAskedAt != nil:
		return errs.Conflict("It is said to be done already. That waits for the message to be sent.")
	case slices.ContainsFunc(actions, Action.Pending):
		return nil
	case len(actions) == 0:
		return errs.Conflict("Nothing was done about it yet. Print the letter, send the e-mail, log a call or what you did; then it can be done.")
	}
	a := actions[len(actions)-1]
	why, out := "was not sent", "Do something else about it, then it can be done."
	switch a.MessageState {
	case message.Failed, message.Bounced:
		out = "A manager can have it sent again in the outbox, or do something else about it; then it can be done."
	case message.Held:
		why = "is held, because no way out is set up for it"
	case message.Unknown:
		why = "may or may not have arrived: a manager finds out and decides in the outbox"
	}
	return errs.Conflict(fmt.Sprintf("The %s %s, so it does not count. %s", a.Kind.Name(), why, out))
}

// Unraised tells that all that counts is a call that nobody answered: said to be
// done, the levels stay as they are, unless somebody asks for it.
func Unraised(actions []Action) bool {
	return slices.ContainsFunc(actions, func(a Action) bool { return a.Counts }) && !slices.ContainsFunc(actions, Action.heard)
}

// heard tells that the customer heard of it.
func (a Action) heard() bool { return a.Counts && (a.Kind != ByCall || a.Answered) }

// Complete says that an entry is done: what its actions named is raised to the
// level that they named. Where nothing counts yet because a message is on its way,
// that waits until it is sent.
func Complete(ctx context.Context, tx *tenant.Tx, entry int64, c Completion) error {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return err
	}
	if !CanComplete(tx.Actor, e) {
		return errs.Forbidden("The last level was sent, so a manager decides what comes next. Ask yours.")
	}
	if err := e.moved(ctx, tx, c.Version); err != nil {
		return err
	}
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	if err := Completable(e, actions); err != nil {
		return err
	}
	next, err := NextOf(ctx, tx, e, actions, c.RaiseAnyway)
	if err != nil {
		return err
	}
	if next.On, err = next.decide(tx, c.NextOn); err != nil {
		return err
	}
	return e.done(ctx, tx, actions, c.RaiseAnyway, next)
}

// done closes the entry, or has it wait for a message that is on its way.
func (e Entry) done(ctx context.Context, tx *tenant.Tx, actions []Action, anyway bool, next Next) error {
	f := finished{Entry: e.ID, Member: tx.Actor.MemberID, Raise: true, Next: next.On}
	switch {
	case slices.ContainsFunc(actions, Action.heard):
	case slices.ContainsFunc(actions, Action.Pending):
		return e.await(ctx, tx, next.On)
	default:
		f.Raise = anyway
	}
	return finish(ctx, tx, []finished{f})
}

// await keeps that the entry is said to be done.
func (e Entry) await(ctx context.Context, tx *tenant.Tx, next day.Day) error {
	_, err := tx.Exec(ctx, `
		UPDATE agenda_entries
		SET done_asked_at = @now, done_asked_by = nullif(@member::bigint, 0), done_next_on = @next, done_action_id = NULL, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": e.ID, "now": tx.Now, "member": tx.Actor.MemberID, "next": next})
	if err != nil {
		return fmt.Errorf("have an entry wait for its message: %w", err)
	}
	tx.Touch(e.CustomerID)
	return e.journal(ctx, tx, "agenda", "Done is said"+e.at()+". It waits for the message to be sent.")
}
