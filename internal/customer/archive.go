package customer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// CanArchive tells who puts customers away and takes them back.
func CanArchive(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrArchiving refuses who may not archive.
const ErrArchiving = errs.Forbidden("Only managers archive customers and take them back. Ask yours.")

// Archive puts a customer away: out of lists and work, notes excepted. Nothing
// of what it owes changes.
func Archive(ctx context.Context, tx *tenant.Tx, customer int64, reason string) error {
	return setArchived(ctx, tx, customer, reason, true)
}

// TakeBack makes an archived customer one to be worked again.
func TakeBack(ctx context.Context, tx *tenant.Tx, customer int64, reason string) error {
	return setArchived(ctx, tx, customer, reason, false)
}

func setArchived(ctx context.Context, tx *tenant.Tx, customer int64, reason string, archived bool) error {
	if !CanArchive(tx.Actor) {
		return ErrArchiving
	}
	c, err := Lock(ctx, tx, customer)
	if err != nil && !errors.Is(err, Archived) {
		return err
	}
	if archived == (c.ArchivedAt != nil) {
		return errs.Conflict("Somebody else did this meanwhile. Open the customer again and look.")
	}
	var inv errs.Invalid
	explain(&inv, &reason, "reason", 500, "Say why.")
	if err := inv.Err(); err != nil {
		return err
	}
	var at *time.Time
	text := "Taken back from the archive: " + reason
	if archived {
		at, text = &tx.Now, "Archived: "+reason
	}
	_, err = tx.Exec(ctx, `
		UPDATE customers
		SET archived_at = @at, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": customer, "at": at})
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	tx.Touch(customer)
	return journal(ctx, tx, customer, "archive", text, "", 0)
}
