package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// CanAssign tells who gives a promise that is open to somebody else: managers, and
// who follows it up.
func CanAssign(a tenant.Actor, p Promise) bool {
	return p.State == Open && (a.Is(tenant.Manager) || a.Is(tenant.Collector) && p.AssigneeID == a.MemberID)
}

// Assign gives an open promise to another member, who is reminded of it from then on.
// What somebody was reminded of already stays with them. Version is the one that was
// shown.
func Assign(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, to int64) error {
	p, err := hold(ctx, tx, customerID, id, version)
	if err != nil {
		return err
	}
	if !CanAssign(tx.Actor, p) {
		return errs.Forbidden("Only managers give away what somebody else follows up. Ask one of yours, or " + p.Assignee + ".")
	}
	name, err := followup.Assignee(ctx, tx, customerID, to)
	if err != nil || to == p.AssigneeID {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE promises
		SET assignee_id = @to, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "to": to})
	if err != nil {
		return fmt.Errorf("give a promise to another member: %w", err)
	}
	return journal(ctx, tx, customerID, id, fmt.Sprintf("The promise of %s, made on %s, is followed up by %s, no longer by %s.", p.Amount(), p.MadeOn.Long(), name, p.Assignee), nil)
}
