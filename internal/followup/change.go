package followup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Change makes an active follow-up what p says, the version given being the one
// that was shown. The journal tells day, hour and assignee before and after, and
// that the text was changed.
func Change(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, p Plan) error {
	f, err := standing(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	if f.Version != version {
		return errs.Conflict("Somebody else changed this follow-up meanwhile. Look at what it says now, then save again.")
	}
	if err := p.check(tx, f); err != nil {
		return err
	}
	who := f.Assignee
	if p.AssigneeID != f.AssigneeID {
		if who, err = assignee(ctx, tx, customerID, p.AssigneeID); err != nil {
			return err
		}
	}
	changed := changes(f, p, who)
	if len(changed) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE follow_ups
		SET assignee_id = @assignee, due_on = @on, due_at = nullif(@at, '')::time, text = @text, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "assignee": p.AssigneeID, "on": p.DueOn, "at": p.DueAt, "text": p.Text})
	if err != nil {
		return fmt.Errorf("change follow-up: %w", err)
	}
	return journal(ctx, tx, customerID, id, "Follow-up changed: "+strings.Join(changed, "; ")+".")
}

func changes(f Followup, p Plan, who string) (list []string) {
	if was, is := f.When(), when(p.DueOn, p.DueAt); was != is {
		list = append(list, fmt.Sprintf("due %s instead of %s", is, was))
	}
	if p.AssigneeID != f.AssigneeID {
		list = append(list, fmt.Sprintf("%s instead of %s", who, f.Assignee))
	}
	if p.Text != f.Text {
		list = append(list, "another text")
	}
	return list
}

// Reschedule moves an active follow-up to another day, at any time of the day
// where at is empty, and leaves the rest.
func Reschedule(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, on day.Day, at string) error {
	f, err := Find(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	return Change(ctx, tx, customerID, id, version,
		Plan{AssigneeID: f.AssigneeID, DueOn: on, Timed: at != "", DueAt: at, Text: f.Text})
}

// standing locks the customer and reads a follow-up that is active.
func standing(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Followup, error) {
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return Followup{}, err
	}
	f, err := Find(ctx, tx, customerID, id)
	if err == nil && f.State != Active {
		err = Over(tx, f)
	}
	return f, err
}

// Over says who ended a follow-up, and when.
func Over(tx *tenant.Tx, f Followup) error {
	return errs.Conflict(fmt.Sprintf("This follow-up was %s by %s on %s. Nothing was changed; look at the list again.",
		map[State]string{Done: "completed", Deleted: "deleted"}[f.State], f.EndedBy,
		f.EndedAt.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04")))
}

func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
