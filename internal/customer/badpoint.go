package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Bad tells that what was sent there came back: nothing more is written to it until
// somebody says that it works again. A number can still be called.
func (p ContactPoint) Bad() bool { return p.BadAt != nil }

// usable tells that the point is offered.
func (p ContactPoint) usable() bool { return !p.Retired && (p.Kind == Phone || !p.Bad()) }

// MarkBad writes down that what was sent to the value of a contact point came back,
// and why. Where the point has another value by now, or is known to be bad, it
// changes nothing; archived customers' points are marked too.
func MarkBad(ctx context.Context, tx *tenant.Tx, customer, point int64, value, why string) error {
	marked, err := tx.Exec(ctx, `
		UPDATE contact_points
		SET bad_at = @now, bad_why = @why, version = version + 1
		WHERE tenant_id = @tenant AND customer_id = @customer AND id = @point AND value = @value AND bad_at IS NULL`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "point": point, "value": value, "why": note.Cut(why, 300, "…"), "now": tx.Now})
	if err != nil {
		return fmt.Errorf("mark a contact point bad: %w", err)
	}
	if marked.RowsAffected() == 0 {
		return nil
	}
	tx.Touch(customer)
	p, err := FindPoint(ctx, tx, customer, point)
	if err != nil {
		return err
	}
	return journal(ctx, tx, customer, "contact_point", fmt.Sprintf("Does not work: %s. What was sent there came back: %s", p.point().describe(), why), "contact_point", point)
}

// Works writes down how it is known that a bad contact point works again. The
// version is the one that the person saw.
func Works(ctx context.Context, tx *tenant.Tx, customer, point int64, version int, why string) error {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return err
	}
	p, err := livePoint(ctx, tx, customer, point, version)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	explain(&inv, &why, "why", 300, "Say how you know: who said it, or what arrived.")
	if err := inv.Err(); err != nil {
		return err
	}
	if !p.Bad() {
		return errs.Conflict("Nobody says that this does not work. Use it.")
	}
	return unmark(ctx, tx, p, why)
}

// Wrote writes down that a contact point works again because somebody wrote from it.
// Of one that was not bad it says nothing.
func Wrote(ctx context.Context, tx *tenant.Tx, customer, point int64) error {
	p, err := FindPoint(ctx, tx, customer, point)
	if err != nil || !p.Bad() {
		return err
	}
	return unmark(ctx, tx, p, "A message came from it.")
}

func unmark(ctx context.Context, tx *tenant.Tx, p ContactPoint, why string) error {
	_, err := tx.Exec(ctx, `
		UPDATE contact_points
		SET bad_at = NULL, bad_why = '', version = version + 1
		WHERE tenant_id = @tenant AND id = @point`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": p.ID})
	if err != nil {
		return fmt.Errorf("mark a contact point as working: %w", err)
	}
	tx.Touch(p.CustomerID)
	return journal(ctx, tx, p.CustomerID, "contact_point", fmt.Sprintf("Works again: %s. %s", p.point().describe(), why), "contact_point", p.ID)
}
