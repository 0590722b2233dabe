package dunning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Mode is how a customer comes up: by itself when its next level is reached, or on a
// chosen day and not before it.
type Mode struct {
	Version int // the customer's, as it was shown
	Manual  bool
	NextOn  day.Day // where Manual
}

// Reminding is how a customer is reminded, and who says so.
type Reminding struct {
	customer.Reminders
	By       string     // who chose mode and day; empty: the program
	At       *time.Time // nil: nobody ever did
	PausedBy string
	Version  int // the customer's
}

// String says the mode in a few words.
func (r Reminding) String() string {
	switch {
	case !r.Manual:
		return "automatic"
	case r.NextOn.IsZero():
		return "manual, with no day chosen"
	}
	return "manual, next on " + r.NextOn.Long()
}

// RemindingOf reads how a customer is reminded.
func RemindingOf(ctx context.Context, tx *tenant.Tx, id int64) (Reminding, error) {
	rows, _ := tx.Query(ctx, `
		SELECT c.reminder_mode = 'manual' AS manual, c.next_reminder_on AS next_on, coalesce(su.name, '') AS by, c.reminder_at AS at,
			c.dunning_paused_until AS paused_until, coalesce(c.dunning_pause_reason, '') AS pause_reason, coalesce(pu.name, '') AS paused_by, c.version
		FROM customers c
		LEFT JOIN members s ON s.tenant_id = @tenant AND s.id = c.reminder_by
		LEFT JOIN users su ON su.id = s.user_id
		LEFT JOIN members p ON p.tenant_id = @tenant AND p.id = c.dunning_paused_by
		LEFT JOIN users pu ON pu.id = p.user_id
		WHERE c.tenant_id = @tenant AND c.id = @id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Reminding])
	if errors.Is(err, pgx.ErrNoRows) {
		return r, errs.NotFound
	}
	if err != nil {
		return r, fmt.Errorf("read how a customer is reminded: %w", err)
	}
	return r, nil
}

// holdReminding reads it for a change and holds the customer until the transaction
// ends.
func holdReminding(ctx context.Context, tx *tenant.Tx, id int64, version int) (Reminding, error) {
	if !CanWork(tx.Actor) {
		return Reminding{}, errs.Forbidden("Only members of the company say how customers are reminded.")
	}
	if _, err := customer.Lock(ctx, tx, id); err != nil {
		return Reminding{}, err
	}
	r, err := RemindingOf(ctx, tx, id)
	if err != nil || r.Version == version {
		return r, err
	}
	text := "Somebody changed this customer meanwhile. Reminders are " + r.String()
	if r.Paused(tx.Today()) {
		text += ", paused until " + r.PausedUntil.Long() + " by " + r.PausedBy
	}
	return r, errs.Conflict(text + ". Look at it as it is now, then decide.")
}

// SetMode sets how a customer comes up. In manual mode a level that is reached
// before the chosen day does not bring it up.
func SetMode(ctx context.Context, tx *tenant.Tx, id int64, m Mode) error {
	was, err := holdReminding(ctx, tx, id, m.Version)
	if err != nil {
		return err
	}
	if m.Manual {
		if err := checkAhead(tx.Today(), m.NextOn, "next_on"); err != nil {
			return err
		}
	} else {
		m.NextOn = day.Day{}
	}
	if was.Manual == m.Manual && was.NextOn == m.NextOn {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE customers
		SET reminder_mode = CASE WHEN @manual THEN 'manual' ELSE 'auto' END, next_reminder_on = @next, reminder_by = nullif(@member::bigint, 0),
			reminder_at = @now, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "manual": m.Manual, "next": m.NextOn, "member": tx.Actor.MemberID, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("set how a customer is reminded: %w", err)
	}
	tx.Touch(id)
	now := Reminding{Reminders: customer.Reminders{Manual: m.Manual, NextOn: m.NextOn}}
	_, err = note.Add(ctx, tx, note.New{CustomerID: id, Kind: "agenda", Text: fmt.Sprintf("Reminders are %s; they were %s.", now, was)})
	return err
}

// ModeDates offers days for the next appearance of a customer in manual mode.
func ModeDates(today day.Day) []followup.Quick { return weeksAndMonths(today) }
