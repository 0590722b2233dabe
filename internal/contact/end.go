package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Close ends a chain at the contact of that version, with what came of it. It stays
// in the customer's history and leaves the diary.
func Close(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, text string) error {
	c, err := standing(ctx, tx, customerID, id, version)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	words(&inv, &text, "closing", "Write what came of it: a contact is not closed without.")
	if err := inv.Err(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contacts
		SET ended = 'closed', ended_at = @now, ended_by = nullif(@member::bigint, 0), closing = @text, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now, "member": tx.Actor.MemberID, "text": text})
	if err != nil {
		return fmt.Errorf("close a contact: %w", err)
	}
	return journal(ctx, tx, customerID, id, said, fmt.Sprintf("Contact %s closed: %s", c.Type(), text))
}

// MaxAttempts is how many attempts in a row may fail before somebody has to decide
// how it goes on.
const MaxAttempts = 5

// Exhausted tells that no more attempts can be logged until somebody decides.
func (c Contact) Exhausted() bool { return c.Attempts >= MaxAttempts }

// Fail logs an attempt to follow a contact up that failed, and moves it to the next
// working day, at the hour it had; one that is for later stays there. It returns the
// contact as it stands then.
func Fail(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, text string) (Contact, error) {
	c, err := standing(ctx, tx, customerID, id, version)
	if err != nil {
		return c, err
	}
	if c.Exhausted() {
		return c, errs.Conflict(fmt.Sprintf("%d attempts in a row have failed. Decide how it goes on: follow it up in another way, give it another day or another person, or close it.", MaxAttempts))
	}
	var inv errs.Invalid
	words(&inv, &text, "attempt", "")
	if err := inv.Err(); err != nil {
		return c, err
	}
	next, err := tenant.NextWorkingDay(ctx, tx, tx.Today(), 1)
	if err != nil {
		return c, err
	}
	if c.DueOn.Before(next) {
		c.DueOn = next
	}
	c.Attempts, c.Version = c.Attempts+1, c.Version+1
	_, err = tx.Exec(ctx, `
		UPDATE contacts
		SET attempts = @attempts, due_on = @on, version = @version
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "attempts": c.Attempts, "on": c.DueOn, "version": c.Version})
	if err != nil {
		return c, fmt.Errorf("log a failed attempt: %w", err)
	}
	line := fmt.Sprintf("Failed attempt %d of %d to follow up %s; again on %s.", c.Attempts, MaxAttempts, c.Type(), c.When())
	if text != "" {
		line += " " + text
	}
	return c, journal(ctx, tx, customerID, id, said, line)
}
