package dunning

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Postponement puts an entry away until it comes back on a day. Version is the one
// that was shown.
type Postponement struct {
	Version int
	Until   day.Day
	Reason  string
}

// CanPostpone tells that the entry can be put away: nothing waits to be sent.
func (e Entry) CanPostpone() bool { return e.State == Open && e.DoneAskedAt == nil }

// check brings the reason into form and refuses what cannot be.
func (p *Postponement) check(today day.Day) error {
	if err := checkAhead(today, p.Until, "until"); err != nil {
		return err
	}
	return checkReason(&p.Reason, "Say why it can wait.")
}

// checkReason brings a reason into form; missing says what to do where there is none.
func checkReason(reason *string, missing string) error {
	var inv errs.Invalid
	tenant.OneLine(&inv, reason, "reason")
	inv.Check(*reason != "", "reason", missing)
	inv.Check(utf8.RuneCountInString(*reason) <= 500, "reason", "This holds 500 characters at most. Shorten it.")
	inv.Check(!note.HasCard(*reason), "reason", note.NoCard)
	return inv.Err()
}

// Postpone puts an entry away, before or after anything was done about it. It is in
// nobody's list until that day, and the work of its cycle goes on then.
func Postpone(ctx context.Context, tx *tenant.Tx, entry int64, p Postponement) error {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return err
	}
	if err := e.moved(ctx, tx, p.Version); err != nil {
		return err
	}
	return e.postpone(ctx, tx, p)
}

// postpone is Postpone of an entry that is held.
func (e Entry) postpone(ctx context.Context, tx *tenant.Tx, p Postponement) error {
	if !e.CanPostpone() {
		return errs.Conflict("It is said to be done, which waits for the message to be sent. It cannot be put away as well.")
	}
	if err := p.check(tx.Today()); err != nil {
		return err
	}
	if err := e.putAway(ctx, tx, p.Until, p.Reason); err != nil {
		return err
	}
	return e.journal(ctx, tx, "agenda", fmt.Sprintf("Done later%s, on %s: %s", e.at(), p.Until.Long(), p.Reason))
}

// BringBack takes a postponement back, which is its Undo. The version is the one
// that was shown.
func BringBack(ctx context.Context, tx *tenant.Tx, entry int64, version int) error {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return err
	}
	if err := e.moved(ctx, tx, version); err != nil {
		return err
	}
	if e.LaterOn.IsZero() {
		return errs.Conflict("This entry is not put away.")
	}
	if err := e.putAway(ctx, tx, day.Day{}, ""); err != nil {
		return err
	}
	return e.journal(ctx, tx, "agenda", e.broughtBack(e.LaterOn))
}

func (e Entry) broughtBack(from day.Day) string {
	return fmt.Sprintf("Brought back before %s%s.", from.Long(), e.at())
}

// putAway keeps until when; no day brings the entry back.
func (e Entry) putAway(ctx context.Context, tx *tenant.Tx, until day.Day, reason string) error {
	_, err := tx.Exec(ctx, `
		UPDATE agenda_entries
		SET later_on = @until, later_reason = @reason, later_by = CASE WHEN @until::date IS NOT NULL THEN nullif(@member::bigint, 0) END,
			later_at = CASE WHEN @until::date IS NOT NULL THEN clock_timestamp() END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": e.ID, "until": until, "reason": reason, "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("put an entry away: %w", err)
	}
	tx.Touch(e.CustomerID)
	return nil
}

// LaterDates offers days to put an entry away until. The first one is proposed: the
// next day that is worked.
func LaterDates(ctx context.Context, tx *tenant.Tx) ([]followup.Quick, error) {
	next, err := tenant.NextWorkingDay(ctx, tx, tx.Today(), 1)
	if err != nil {
		return nil, err
	}
	list := []followup.Quick{{Label: "Tomorrow", On: tx.Today().Add(1)}}
	if next != list[0].On {
		list = append([]followup.Quick{{Label: "Next working day", On: next}}, list...)
	}
	return append(list, weeksAndMonths(tx.Today())...), nil
}

// weeksAndMonths are the four shortcuts to a day to come.
func weeksAndMonths(today day.Day) []followup.Quick {
	return []followup.Quick{{Label: "One week", On: today.Add(7)}, {Label: "Two weeks", On: today.Add(14)},
		{Label: "One month", On: today.AddMonths(1)}, {Label: "Two months", On: today.AddMonths(2)}}
}
