package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Switch says whether anybody is dunned at all, and at which hour of the company's
// day the run starts.
type Switch struct {
	On   bool
	Hour int
}

// SwitchOf reads the switch, for everybody.
func SwitchOf(ctx context.Context, tx *tenant.Tx) (Switch, error) { return switchOf(ctx, tx, "") }

// switchOf may hold the row, by a locking clause, until the transaction ends.
func switchOf(ctx context.Context, tx *tenant.Tx, hold string) (s Switch, err error) {
	err = tx.QueryRow(ctx, `
		SELECT t.dunning_on, t.dunning_hour
		FROM tenants t
		WHERE t.id = $1 `+hold, tx.Actor.TenantID).Scan(&s.On, &s.Hour)
	if err != nil {
		return s, fmt.Errorf("read the switch of dunning: %w", err)
	}
	return s, nil
}

// SwitchOn lets the company dun, with a run each day at that hour, or moves the
// hour. What a company needs for it and does not have yet is made: the first
// policies with their texts, and the dispositions.
func SwitchOn(ctx context.Context, tx *tenant.Tx, hour int) error {
	if err := maySwitch(tx.Actor); err != nil {
		return err
	}
	if hour < 0 || hour > 23 {
		return errs.Invalid{"hour": "Choose an hour of the day."}
	}
	was, err := switchOf(ctx, tx, "FOR NO KEY UPDATE") // two who press at once take turns
	if err != nil {
		return err
	}
	if err := Seed(ctx, tx); err != nil {
		return err
	}
	return setSwitch(ctx, tx, was, Switch{On: true, Hour: hour})
}

// SwitchOff ends the runs. What is in the agenda stays there and nobody is added.
func SwitchOff(ctx context.Context, tx *tenant.Tx) error {
	if err := maySwitch(tx.Actor); err != nil {
		return err
	}
	was, err := switchOf(ctx, tx, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	return setSwitch(ctx, tx, was, Switch{Hour: was.Hour})
}

func maySwitch(a tenant.Actor) error {
	if !CanSet(a) {
		return errs.Forbidden("Only administrators switch dunning on or off. Ask one of yours.")
	}
	return nil
}

func setSwitch(ctx context.Context, tx *tenant.Tx, was, s Switch) error {
	if was == s {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE tenants
		SET dunning_on = @on, dunning_hour = @hour
		WHERE id = @tenant`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "on": s.On, "hour": s.Hour})
	if err != nil {
		return fmt.Errorf("switch dunning: %w", err)
	}
	kind := "dunning.switched_off"
	switch {
	case s.On && was.On:
		kind = "dunning.hour_changed"
	case s.On:
		kind = "dunning.switched_on"
	}
	return tx.Audit(ctx, tenant.Event{Kind: kind, Data: tenant.Change{Before: was.facts(), After: s.facts()}})
}

func (s Switch) facts() map[string]any { return map[string]any{"on": s.On, "hour": s.Hour} }
