package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// held is an item that is held by its row until the transaction ends.
type held struct {
	Number      string
	Owed        bool
	StatusID    int64
	Status      string
	PausedUntil day.Day // also where it has passed
	Version     int
}

// holdItem finds an item of the customer, who must be one that the actor may see,
// as it was shown: with that version.
func holdItem(ctx context.Context, tx *tenant.Tx, customer, item int64, version int) (held, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.number, i.open_amount > 0 AS owed, i.status_id, s.name AS status, i.paused_until, i.version
		FROM items i
		JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
		JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.id = @item
		FOR NO KEY UPDATE OF i`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "item": item})
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[held])
	if errors.Is(err, pgx.ErrNoRows) {
		return held{}, fmt.Errorf("item %d: %w", item, errs.NotFound)
	}
	if err != nil {
		return held{}, fmt.Errorf("find item: %w", err)
	}
	if h.Version != version {
		return held{}, errs.Conflict(fmt.Sprintf("Item %s was changed meanwhile: its status is %s, and it is %s. Nothing of yours was saved. Open it again and decide anew.",
			h.Number, h.Status, h.pause(tx.Today())))
	}
	return h, nil
}

func (h held) pause(today day.Day) string {
	if h.PausedUntil.IsZero() || h.PausedUntil.Before(today) {
		return "not paused"
	}
	return "paused until " + h.PausedUntil.String()
}

// StatusChange gives an item another status. Version is the item's as shown.
type StatusChange struct {
	ItemID   int64
	StatusID int64
	Reason   string
	Version  int
}

// SetStatus gives an item of the customer another status and records the change
// with its reason.
func SetStatus(ctx context.Context, tx *tenant.Tx, customer int64, c StatusChange) error {
	was, err := holdItem(ctx, tx, customer, c.ItemID, c.Version)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	n := len([]rune(c.Reason))
	inv.Check(n >= 1 && n <= 500, "status_reason", "Say why, in at most 500 characters.")
	inv.Check(c.StatusID != was.StatusID, "status", fmt.Sprintf("The item has the status %s already.", was.Status))
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "item": c.ItemID, "from": was.StatusID, "to": c.StatusID, "reason": c.Reason, "member": tx.Actor.MemberID}
	var name string
	err = tx.QueryRow(ctx, `SELECT name FROM item_statuses WHERE tenant_id = @tenant AND id = @to AND retired_at IS NULL`, args).Scan(&name)
	inv.Check(!errors.Is(err, pgx.ErrNoRows), "status", "Choose a status from the list.")
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("find status: %w", err)
	}
	if err := inv.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE items
		SET status_id = @to, version = version + 1
		WHERE tenant_id = @tenant AND id = @item`, args); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO item_status_changes (item_id, from_id, to_id, member_id, reason)
		VALUES (@item, @from, @to, nullif(@member, 0), @reason)`, args); err != nil {
		return fmt.Errorf("record status: %w", err)
	}
	tx.Touch(customer)
	text := fmt.Sprintf("Item %s: %s becomes %s. %s", was.Number, was.Status, name, c.Reason)
	return journal(ctx, tx, note.New{CustomerID: customer, Kind: "status", Text: text, Subject: "item", SubjectID: c.ItemID})
}
