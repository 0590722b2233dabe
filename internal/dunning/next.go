package dunning

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Next is when a customer comes back after Done.
type Next struct {
	// Asked tells that somebody has to choose the day: in manual mode, after the last
	// level, and where no level is raised. Else the next level says it.
	Asked bool
	On    day.Day // the day that is proposed
	// Rests tells that no level is raised, so that nothing else holds the customer
	// back until that day.
	Rests bool
	// Case tells that a case follows, which is looked at on that day.
	Case bool
}

// comesBack is how many days later a customer is proposed to come back whom no
// level brings back.
const comesBack = 14

// NextOf says when the customer comes back once the entry is done. anyway tells
// that the levels are raised although nobody answered.
func NextOf(ctx context.Context, tx *tenant.Tx, e Entry, actions []Action, anyway bool) (n Next, err error) {
	if Unraised(actions) && !anyway && !slices.ContainsFunc(actions, Action.Pending) {
		n = Next{Asked: true, Rests: true}
		n.On, err = nextTry(ctx, tx, e.ID)
		return n, err
	}
	var manual, last bool
	var after AfterLast
	err = tx.QueryRow(ctx, `
		SELECT c.reminder_mode = 'manual', p.after_last, NOT EXISTS (
			SELECT FROM levels l
			WHERE l.tenant_id = @tenant AND l.policy_id = p.id AND l.retired_at IS NULL AND l.after_days > coalesce((
				SELECT v.after_days
				FROM levels v
				WHERE v.tenant_id = @tenant AND v.id = @level), -366))
		FROM customers c
		JOIN policies p ON p.tenant_id = @tenant AND p.id = @policy
		WHERE c.tenant_id = @tenant AND c.id = @customer`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": e.CustomerID, "policy": e.PolicyID, "level": e.LevelID}).Scan(&manual, &after, &last)
	if err != nil {
		return n, fmt.Errorf("find when the customer comes back: %w", err)
	}
	n.Asked, n.Case = manual || last && after != RepeatLast, last && after == OpenCase
	if n.Asked {
		n.On = tx.Today().Add(comesBack)
	}
	return n, nil
}

// nextTry is the day that the outcome of the last call proposes, else the next one
// that is worked.
func nextTry(ctx context.Context, tx *tenant.Tx, entry int64) (day.Day, error) {
	var delay int
	err := tx.QueryRow(ctx, `
		SELECT coalesce((
			SELECT (v.data->>'delay_days')::integer
			FROM agenda_actions a
			JOIN call_events v ON v.tenant_id = @tenant AND v.customer_id = a.customer_id AND v.call_attempt_id = a.call_attempt_id
			WHERE a.tenant_id = @tenant AND a.entry_id = @entry
			ORDER BY a.id DESC, v.id
			LIMIT 1), 1)`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "entry": entry}).Scan(&delay)
	if err != nil {
		return day.Day{}, fmt.Errorf("find when to call again: %w", err)
	}
	return tenant.NextWorkingDay(ctx, tx, tx.Today(), max(delay, 1))
}

// furthest is how many months ahead somebody may put a customer off.
const furthest = 12

// decide is the day that was chosen. Nobody but the program leaves the choice out.
func (n Next) decide(tx *tenant.Tx, chosen day.Day) (day.Day, error) {
	switch {
	case !n.Asked:
		return day.Day{}, nil
	case chosen.IsZero() && tx.Actor.System():
		return n.On, nil
	case chosen.IsZero():
		return chosen, errs.Invalid{"next_on": "Say when the customer is to come back: no level brings it back by itself."}
	}
	return chosen, checkAhead(tx.Today(), chosen, "next_on")
}

// checkAhead refuses a day that is not to come, or too far.
func checkAhead(today, on day.Day, field string) error {
	var inv errs.Invalid
	inv.Check(!on.IsZero(), field, "Give a day.")
	inv.Check(on.IsZero() || on.After(today), field, "Give a day to come: tomorrow at the earliest.")
	last := today.AddMonths(furthest)
	inv.Check(!on.After(last), field, fmt.Sprintf("Give a day up to %s; decide again then.", last.Long()))
	return inv.Err()
}
