package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Watched tells whether the watch flag stands on that day, its last one
// included.
func (c Customer) Watched(on day.Day) bool { return c.WatchReason != "" && !on.After(c.WatchUntil) }

// Watch flags a customer to be careful with, up to and including the day until.
func Watch(ctx context.Context, tx *tenant.Tx, customer int64, reason string, until day.Day) error {
	c, err := Lock(ctx, tx, customer)
	if err != nil {
		return err
	}
	if c.Watched(tx.Today()) {
		return errs.Conflict(fmt.Sprintf("There is a watch flag already, until %s: %s. End that one, then set yours.", c.WatchUntil.Long(), c.WatchReason))
	}
	var inv errs.Invalid
	explain(&inv, &reason, "reason", 500, "Say why to be careful.")
	ahead(&inv, until, tx.Today(), "until")
	if err := inv.Err(); err != nil {
		return err
	}
	if err := setWatch(ctx, tx, customer, &reason, until); err != nil {
		return err
	}
	return journal(ctx, tx, customer, "watch", fmt.Sprintf("Watch flag until %s: %s", until.Long(), reason), "", 0)
}

// EndWatch takes the flag that was shown with the end until away: before its day,
// or after it, so that nobody is reminded of it any more.
func EndWatch(ctx context.Context, tx *tenant.Tx, customer int64, until day.Day, reason string) error {
	c, err := Lock(ctx, tx, customer)
	if err != nil {
		return err
	}
	if c.WatchReason == "" || c.WatchUntil != until {
		return errs.Conflict("Somebody else ended or changed this watch flag meanwhile. Open the customer again and look.")
	}
	var inv errs.Invalid
	explain(&inv, &reason, "reason", 500, "Say why it is no longer needed.")
	if err := inv.Err(); err != nil {
		return err
	}
	if err := setWatch(ctx, tx, customer, nil, day.Day{}); err != nil {
		return err
	}
	ended := "Watch flag ended before"
	if !c.Watched(tx.Today()) {
		ended = "Watch flag put away, it was until"
	}
	return journal(ctx, tx, customer, "watch", fmt.Sprintf("%s %s: %s (It said: %s)", ended, until.Long(), reason, c.WatchReason), "", 0)
}

func setWatch(ctx context.Context, tx *tenant.Tx, customer int64, reason *string, until day.Day) error {
	_, err := tx.Exec(ctx, `
		UPDATE customers
		SET watch_reason = @reason, watch_until = @until
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": customer, "reason": reason, "until": until})
	if err != nil {
		return fmt.Errorf("set watch flag: %w", err)
	}
	tx.Touch(customer)
	return nil
}
