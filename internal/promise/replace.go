package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// replacedSQL is what tells of a promise p whether it may be replaced once more.
const replacedSQL = `(SELECT t.promise_replacements FROM tenants t WHERE t.id = @tenant) AS allowed,
		EXISTS (SELECT FROM instalments n WHERE n.tenant_id = @tenant AND n.promise_id = p.id AND n.state = 'open' AND n.due_on >= @today) AS running`

// CanReplace tells that another promise can be made in the place of this one, or
// after it.
func CanReplace(a tenant.Actor, p Promise) bool {
	return CanMake(a) && p.State == Open && p.FollowedBy == nil && p.ReplacedEnough() == ""
}

// ReplacedEnough says why an open promise cannot be replaced once more; empty where it
// can. One whose dates are past is not replaced by the next, which comes after it.
func (p Promise) ReplacedEnough() string {
	if p.State != Open || !p.Running || p.Replacements < p.Allowed {
		return ""
	}
	return fmt.Sprintf("Replacements before this promise: %d, and %d is the most that is allowed. "+
		"Let it run: it is decided when its date has passed. A manager can withdraw it.", p.Replacements, p.Allowed)
}

// earlier is a promise that another one is made after.
type earlier struct {
	Promise
	replaced []Instalment // those whose date has not passed
}

// count is how many promises were replaced, one by the next, with this one.
func (e *earlier) count() int {
	if e == nil || !e.Running {
		return 0
	}
	return e.Replacements + 1
}

// words say what becomes of it.
func (e *earlier) words() string {
	name := fmt.Sprintf("the promise of %s, made on %s", e.Amount(), e.MadeOn.Long())
	if len(e.replaced) == 0 {
		return fmt.Sprintf("It comes after %s, whose date has passed: that counts as not kept unless the money came in time.", name)
	}
	if waits := len(e.open()) - len(e.replaced); waits > 0 {
		return fmt.Sprintf("It replaces what was still to come of %s; what was due before counts as not kept unless the money came in time.", name)
	}
	return fmt.Sprintf("It replaces %s.", name)
}

func (p Promise) open() (list []Instalment) {
	for _, i := range p.Instalments {
		if i.State == Open {
			list = append(list, i)
		}
	}
	return list
}

// Replace makes a promise in the place of an open one of the same account, whose
// version is the one that was shown. What of that one is not past its date is
// replaced, which is counted, and refused more often than the company allows. What
// is past its date stays to be decided: it was not kept, unless the money came in
// time. The plan's account is the old promise's.
func Replace(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, p Plan) (int64, error) {
	if !CanMake(tx.Actor) {
		return 0, mayNotMake
	}
	old, err := hold(ctx, tx, customerID, id, version)
	if err != nil {
		return 0, err
	}
	if p.Amount.Currency != old.Currency {
		return 0, errs.Invalid{"amount": fmt.Sprintf("The promise that is replaced is in %s. Keep its currency, or make a promise of its own.", old.Currency)}
	}
	e := &earlier{Promise: old}
	for _, i := range old.open() {
		if !i.DueOn.Before(tx.Today()) {
			e.replaced = append(e.replaced, i)
		}
	}
	if why := old.ReplacedEnough(); why != "" {
		return 0, errs.Invalid{"": why}
	}
	if err := e.letGo(ctx, tx); err != nil {
		return 0, err
	}
	p.AccountID = old.AccountID
	next, err := write(ctx, tx, customerID, p, e)
	if err != nil {
		return 0, err
	}
	return next, e.follow(ctx, tx, next)
}

// letGo ends what is replaced, and frees the items for the next promise.
func (e *earlier) letGo(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		UPDATE promise_items
		SET passed_on = true
		WHERE tenant_id = $1 AND promise_id = $2`, tx.Actor.TenantID, e.ID)
	if err != nil {
		return fmt.Errorf("pass items on: %w", err)
	}
	return end(ctx, tx, e.Promise, e.replaced, Replaced)
}

// follow names the next promise in this one, and keeps what was decided.
func (e *earlier) follow(ctx context.Context, tx *tenant.Tx, next int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE promises
		SET followed_by = @next, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": e.ID, "next": next})
	if err != nil {
		return fmt.Errorf("name the next promise: %w", err)
	}
	return record(ctx, tx, ended(tx, e.Promise, e.replaced, Replaced, Inputs{FollowedBy: next}))
}

// end gives instalments of a promise that are open another state, and the promise
// the one that follows.
func end(ctx context.Context, tx *tenant.Tx, p Promise, list []Instalment, as State) error {
	ids := make([]int64, len(list))
	for n, i := range list {
		ids[n] = i.ID
	}
	_, err := tx.Exec(ctx, `
		UPDATE instalments
		SET state = @as
		WHERE tenant_id = @tenant AND id = ANY(@ids)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "as": as})
	if err != nil {
		return fmt.Errorf("end instalments: %w", err)
	}
	tx.Touch(p.CustomerID)
	return settle(ctx, tx, []int64{p.ID})
}

// ended are the decisions of what somebody ended; in says why.
func ended(tx *tenant.Tx, p Promise, list []Instalment, as State, in Inputs) []verdict {
	all := make([]verdict, len(list))
	for n, i := range list {
		all[n] = verdict{Outcome: Outcome{CustomerID: p.CustomerID, PromiseID: p.ID, ID: i.ID, From: i.State, State: as,
			Amount: money.New(i.Minor, p.Currency), Received: i.Received}, inputs: in}
		all[n].inputs.Amount, all[n].inputs.Tolerance, all[n].inputs.DueOn, all[n].inputs.GraceOn = i.Minor, p.Tolerance, i.DueOn, i.GraceOn
		all[n].inputs.LoadedTo = tx.Actor.Tenant.PaymentsLoadedTo
	}
	return all
}
