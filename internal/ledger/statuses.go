package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Statused gives items of one customer another status, all for the same reason.
type Statused struct {
	Items    []Seen
	StatusID int64
	Reason   string
}

// SetStatuses gives items of the customer another status and records each change
// with its reason. Those that have the status already are left as they are; where
// all have it, that is the answer.
func SetStatuses(ctx context.Context, tx *tenant.Tx, customer int64, c Statused) error {
	was, err := holdItems(ctx, tx, customer, c.Items)
	if err != nil {
		return err
	}
	changing := slices.DeleteFunc(slices.Clone(was), func(h held) bool { return h.StatusID == c.StatusID })
	to, err := c.check(ctx, tx, was, changing)
	if err != nil {
		return err
	}
	ids := make([]int64, len(changing))
	lines := make([]note.New, len(changing))
	for n, h := range changing {
		ids[n] = h.ID
		lines[n] = note.New{CustomerID: customer, Kind: "status", Text: fmt.Sprintf("Item %s: %s becomes %s. %s", h.Number, h.Status, to.Name, c.Reason),
			Subject: "item", SubjectID: h.ID}
	}
	if _, err := tx.Exec(ctx, `
		WITH changed AS (
			UPDATE items i
			SET status_id = @to, version = i.version + 1
			FROM items was
			WHERE i.tenant_id = @tenant AND i.id = ANY(@items) AND was.tenant_id = @tenant AND was.id = i.id
			RETURNING i.id, was.status_id AS from_id)
		INSERT INTO item_status_changes (item_id, from_id, to_id, member_id, reason)
		SELECT c.id, c.from_id, @to, nullif(@member::bigint, 0), @reason
		FROM changed c
		ORDER BY c.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "items": ids, "to": to.ID, "member": tx.Actor.MemberID, "reason": c.Reason}); err != nil {
		return fmt.Errorf("set statuses: %w", err)
	}
	tx.Touch(customer)
	return note.AddMany(ctx, tx, lines)
}

// check finds the status, and refuses what does not fit.
func (c Statused) check(ctx context.Context, tx *tenant.Tx, all, changing []held) (to Status, err error) {
	var inv errs.Invalid
	n := utf8.RuneCountInString(c.Reason)
	inv.Check(n >= 1 && n <= 500, "status_reason", "Say why, in at most 500 characters.")
	inv.Check(!note.HasCard(c.Reason), "status_reason", note.NoCard)
	if len(all) > 0 && len(changing) == 0 {
		inv.Check(false, "status", fmt.Sprintf("The item has the status %s already.", all[0].Status))
	}
	err = tx.QueryRow(ctx, `
		SELECT s.id, s.name, s.family
		FROM item_statuses s
		WHERE s.tenant_id = $1 AND s.id = $2 AND s.retired_at IS NULL`, tx.Actor.TenantID, c.StatusID).Scan(&to.ID, &to.Name, &to.Family)
	inv.Check(!errors.Is(err, pgx.ErrNoRows), "status", "Choose a status from the list.")
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return to, fmt.Errorf("find status: %w", err)
	}
	if to.Family == Promised {
		if err := promised(ctx, tx, changing, &inv); err != nil {
			return to, err
		}
	}
	return to, inv.Err()
}

// promised refuses to call an item promised of which no promise is written down.
func promised(ctx context.Context, tx *tenant.Tx, items []held, inv *errs.Invalid) error {
	ids := make([]int64, len(items))
	for n, h := range items {
		ids[n] = h.ID
	}
	var number string
	err := tx.QueryRow(ctx, `
		SELECT i.number
		FROM items i
		WHERE i.tenant_id = $1 AND i.id = ANY($2) AND NOT EXISTS (
			SELECT FROM promise_items p
			WHERE p.tenant_id = $1 AND p.item_id = i.id AND p.open AND NOT p.passed_on)
		ORDER BY i.id
		LIMIT 1`, tx.Actor.TenantID, ids).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for promises: %w", err)
	}
	inv.Check(false, "status", fmt.Sprintf("No open promise is written down for item %s. Write the promise down first: it alone holds the item back until its day.", number))
	return nil
}
