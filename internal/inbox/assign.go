package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// CanAssign tells who gives entries to somebody.
func CanAssign(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Assign gives open entries to a member, or back to nobody with 0, and tells how
// many it were. Those that are handled by now, and those of customers whom the
// member does not see, stay where they are.
func Assign(ctx context.Context, tx *tenant.Tx, ids []int64, memberID int64) (int, error) {
	if !CanAssign(tx.Actor) {
		return 0, errs.Forbidden("Only managers and administrators give entries of the inbox to others. Take it yourself, or ask one of them.")
	}
	if len(ids) == 0 {
		return 0, errs.Invalid{"entry": "Tick the entries that somebody else is to work."}
	}
	if memberID != 0 {
		if err := working(ctx, tx, memberID); err != nil {
			return 0, err
		}
	}
	return give(ctx, tx, ids, memberID)
}

// Claim takes an entry that nobody owns, one's own, or one of whom one covers, for
// oneself.
func Claim(ctx context.Context, tx *tenant.Tx, id int64) error {
	e, err := hold(ctx, tx, id, visible)
	switch {
	case err != nil:
		return err
	case tx.Actor.System():
		return errs.Forbidden("Only people take entries of the inbox.")
	case e.State == Handled:
		return errs.Conflict("This is handled already. Open it again where something is left to do.")
	case e.AssigneeID == tx.Actor.MemberID:
		return nil
	}
	_, err = give(ctx, tx, []int64{id}, tx.Actor.MemberID)
	return err
}

// give writes the assignee of open entries whose customers the member sees.
func give(ctx context.Context, tx *tenant.Tx, ids []int64, memberID int64) (int, error) {
	done, err := tx.Exec(ctx, `
		UPDATE inbox_entries e
		SET assignee_id = nullif(@member::bigint, 0), version = version + 1
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND e.assignee_id IS DISTINCT FROM nullif(@member::bigint, 0)
			AND e.id IN (SELECT l.id FROM inbox_entries l WHERE l.tenant_id = @tenant AND l.id = ANY(@ids) ORDER BY l.id FOR NO KEY UPDATE)
			AND (@member::bigint = 0 OR e.customer_id IS NULL OR EXISTS (
				SELECT FROM members m
				JOIN tenants t ON t.id = @tenant
				JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
				WHERE m.tenant_id = @tenant AND m.id = @member AND `+member.Sees("t", "m", "c.branch_id")+`))`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "member": memberID})
	if err != nil {
		return 0, fmt.Errorf("assign entries of the inbox: %w", err)
	}
	n := int(done.RowsAffected())
	if n == 0 {
		return 0, nil
	}
	slices.Sort(ids)
	return n, tx.Audit(ctx, tenant.Event{Kind: "inbox.assigned", Subject: "member", SubjectID: memberID, Data: map[string]any{"entries": ids, "moved": n}})
}

// working refuses who is not there any more.
func working(ctx context.Context, tx *tenant.Tx, id int64) error {
	var active bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM members m WHERE m.tenant_id = @tenant AND m.id = @id AND m.active)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id}).Scan(&active)
	if err != nil {
		return fmt.Errorf("find who gets the entries: %w", err)
	}
	if !active {
		return errs.Invalid{"assignee": "Choose who is to work it: somebody of the list."}
	}
	return nil
}

func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
