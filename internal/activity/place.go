package activity

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Unsaid refuses to place a call: one that the same person placed to the customer
// has no outcome yet. It is errs.Conflict for whoever does not ask which.
type Unsaid struct{ CallID int64 }

func (u Unsaid) Error() string {
	return "Your last call to this customer has no outcome yet. Say what came of it; then place the next one."
}

// Unwrap makes it a conflict.
func (u Unsaid) Unwrap() error { return errs.Conflict(u.Error()) }

// Place keeps a call at the moment at which it is placed, or taken, and returns its
// id: it counts from now on, whatever becomes of it, and its outcome is asked for
// until Conclude says it. Unless told otherwise it is about all accounts on which
// something is owed. What the rules bar is refused, as contactrule.Check does.
func Place(ctx context.Context, tx *tenant.Tx, a contactrule.Attempt) (id int64, err error) {
	if !CanWork(tx.Actor) {
		return 0, mayNotWork
	}
	if _, err := customer.Lock(ctx, tx, a.CustomerID); err != nil {
		return 0, err
	}
	if !a.Incoming {
		if err := allSaid(ctx, tx, a.CustomerID); err != nil {
			return 0, err
		}
	}
	if len(a.AccountIDs) == 0 {
		if a.AccountIDs, err = owedOn(ctx, tx, a.CustomerID); err != nil {
			return 0, err
		}
	}
	if id, err = contactrule.Place(ctx, tx, a); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO open_calls (customer_id, call_attempt_id, member_id, at)
		VALUES (@customer, @call, @member, @now)`,
		pgx.NamedArgs{"customer": a.CustomerID, "call": id, "member": tx.Actor.MemberID, "now": tx.Now})
	if err != nil {
		return 0, fmt.Errorf("ask for the outcome of a call: %w", err)
	}
	return id, nil
}

// allSaid refuses with Unsaid where the actor placed a call to the customer before
// and has not said what came of it.
func allSaid(ctx context.Context, tx *tenant.Tx, customerID int64) error {
	var before Unsaid
	err := tx.QueryRow(ctx, `
		SELECT o.call_attempt_id
		FROM open_calls o
		JOIN call_attempts c ON c.tenant_id = @tenant AND c.id = o.call_attempt_id AND c.direction = 'out'
		WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.member_id = @me
		ORDER BY o.at
		LIMIT 1`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "me": tx.Actor.MemberID}).Scan(&before.CallID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for a call without an outcome: %w", err)
	}
	return before
}

// owedOn are the accounts on which something is owed; where nothing is, none, which
// stands for all.
func owedOn(ctx context.Context, tx *tenant.Tx, customerID int64) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT i.account_id
		FROM items i
		WHERE i.tenant_id = $1 AND i.customer_id = $2 AND i.open_amount > 0
		ORDER BY i.account_id`, tx.Actor.TenantID, customerID)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("list accounts on which something is owed: %w", err)
	}
	return ids, nil
}
