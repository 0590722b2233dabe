package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Pause keeps a customer from being reminded of anything up to and including a day.
type Pause struct {
	Version int // the customer's, as it was shown
	Until   day.Day
	Reason  string
}

// check brings the reason into form and refuses what cannot be.
func (p *Pause) check(today day.Day) error {
	var inv errs.Invalid
	inv.Check(!p.Until.IsZero(), "until", "Give the last day of the pause.")
	inv.Check(p.Until.IsZero() || !p.Until.Before(today), "until", "This day has passed. Give today or a later day.")
	last := today.AddMonths(furthest)
	inv.Check(!p.Until.After(last), "until", fmt.Sprintf("A pause ends by %s at the latest. Decide again then.", last.Long()))
	if err := inv.Err(); err != nil {
		return err
	}
	return checkReason(&p.Reason, "Say why nobody is to remind this customer.")
}

// ProposePause is the day that is proposed for a pause to end: two weeks of working
// days ahead.
func ProposePause(ctx context.Context, tx *tenant.Tx) (day.Day, error) {
	return tenant.NextWorkingDay(ctx, tx, tx.Today(), 10)
}

// PauseCustomer pauses all of a customer's items, or gives the pause another end and
// reason.
func PauseCustomer(ctx context.Context, tx *tenant.Tx, id int64, p Pause) error {
	was, err := holdReminding(ctx, tx, id, p.Version)
	if err != nil {
		return err
	}
	if err := p.check(tx.Today()); err != nil {
		return err
	}
	if err := writePause(ctx, tx, id, &p); err != nil {
		return err
	}
	text := fmt.Sprintf("Reminders are paused until %s: %s", p.Until.Long(), p.Reason)
	if was.Paused(tx.Today()) {
		text = fmt.Sprintf("Reminders were paused until %s and are now paused until %s: %s", was.PausedUntil.Long(), p.Until.Long(), p.Reason)
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: id, Kind: "pause", Text: text})
	return err
}

// EndPause ends the pause of a customer before its day. The version is the
// customer's, as it was shown.
func EndPause(ctx context.Context, tx *tenant.Tx, id int64, version int) error {
	was, err := holdReminding(ctx, tx, id, version)
	if err != nil {
		return err
	}
	if !was.Paused(tx.Today()) {
		return errs.Conflict("The reminders of this customer are not paused.")
	}
	if err := writePause(ctx, tx, id, nil); err != nil {
		return err
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: id, Kind: "pause",
		Text: fmt.Sprintf("The pause of all reminders, which was to last until %s, was ended.", was.PausedUntil.Long())})
	return err
}

func writePause(ctx context.Context, tx *tenant.Tx, id int64, p *Pause) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "member": tx.Actor.MemberID, "until": nil, "reason": nil}
	if p != nil {
		args["until"], args["reason"] = p.Until, p.Reason
	}
	_, err := tx.Exec(ctx, `
		UPDATE customers
		SET dunning_paused_until = @until::date, dunning_pause_reason = @reason,
			dunning_paused_by = CASE WHEN @until::date IS NOT NULL THEN nullif(@member::bigint, 0) END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, args)
	if err != nil {
		return fmt.Errorf("pause a customer: %w", err)
	}
	tx.Touch(id)
	return nil
}
