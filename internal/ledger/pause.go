package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Pause keeps an item from being chased up to and including a day. Version is
// the item's as shown.
type Pause struct {
	ItemID  int64
	Until   day.Day
	Reason  string
	Version int
}

// pauseMonths is how far ahead a pause may end.
const pauseMonths = 12

func (p Pause) validate(today day.Day) error {
	var inv errs.Invalid
	n := len([]rune(p.Reason))
	inv.Check(n >= 1 && n <= 500, "pause_reason", "Say why, in at most 500 characters.")
	inv.Check(!note.HasCard(p.Reason), "pause_reason", note.NoCard)
	inv.Check(!p.Until.IsZero(), "until", "Give the last day of the pause.")
	inv.Check(!p.Until.Before(today), "until", "This day has passed. Give today or a later day.")
	last := today.AddMonths(pauseMonths)
	inv.Check(!p.Until.After(last), "until", fmt.Sprintf("A pause ends by %s at the latest. Pause it again then, or set a status.", last.Long()))
	return inv.Err()
}

// ProposePause is the day that is proposed for a pause to end: two weeks of
// working days ahead.
func ProposePause(ctx context.Context, tx *tenant.Tx) (day.Day, error) {
	return tenant.NextWorkingDay(ctx, tx, tx.Today(), 10)
}

// PauseItem pauses an item of the customer of which something is owed, or gives
// its pause another end and reason.
func PauseItem(ctx context.Context, tx *tenant.Tx, customer int64, p Pause) error {
	was, err := holdItem(ctx, tx, customer, p.ItemID, p.Version)
	if err != nil {
		return err
	}
	if err := p.validate(tx.Today()); err != nil {
		return err
	}
	if !was.Owed {
		return errs.Conflict(fmt.Sprintf("Nothing of %s is owed: there is nothing to pause.", was.Number))
	}
	if err := writePause(ctx, tx, customer, p.ItemID, &p); err != nil {
		return err
	}
	text := fmt.Sprintf("Item %s is paused until %s: %s", was.Number, p.Until.Long(), p.Reason)
	if !was.PausedUntil.IsZero() && !was.PausedUntil.Before(tx.Today()) {
		text = fmt.Sprintf("Item %s was paused until %s and is now paused until %s: %s", was.Number, was.PausedUntil.Long(), p.Until.Long(), p.Reason)
	}
	return journal(ctx, tx, note.New{CustomerID: customer, Kind: "pause", Text: text, Subject: "item", SubjectID: p.ItemID})
}

// EndPause ends the pause of an item before its day.
func EndPause(ctx context.Context, tx *tenant.Tx, customer, item int64, version int) error {
	was, err := holdItem(ctx, tx, customer, item, version)
	if err != nil {
		return err
	}
	if was.PausedUntil.IsZero() || was.PausedUntil.Before(tx.Today()) {
		return errs.Conflict(fmt.Sprintf("Item %s is not paused.", was.Number))
	}
	if err := writePause(ctx, tx, customer, item, nil); err != nil {
		return err
	}
	text := fmt.Sprintf("The pause of item %s, which was to last until %s, was ended.", was.Number, was.PausedUntil.Long())
	return journal(ctx, tx, note.New{CustomerID: customer, Kind: "pause", Text: text, Subject: "item", SubjectID: item})
}

func writePause(ctx context.Context, tx *tenant.Tx, customer, item int64, p *Pause) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "item": item, "member": tx.Actor.MemberID, "until": nil, "reason": nil}
	if p != nil {
		args["until"], args["reason"] = p.Until, p.Reason
	}
	_, err := tx.Exec(ctx, `
		UPDATE items
		SET paused_until = @until::date, pause_reason = @reason,
			paused_by = CASE WHEN @until::date IS NOT NULL THEN nullif(@member, 0) END, version = version + 1
		WHERE tenant_id = @tenant AND id = @item`, args)
	if err != nil {
		return fmt.Errorf("pause item: %w", err)
	}
	tx.Touch(customer)
	return nil
}
