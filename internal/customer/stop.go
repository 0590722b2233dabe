package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// StopKind is a reason in law or decency not to contact a debtor.
type StopKind string

// StopKinds lists the kinds of stops.
var StopKinds = []StopKind{"attorney", "bankruptcy", "cease_contact", "complaint", "deceased", "hardship", "identity_theft", "moratorium"}

// Name is the kind as people read it: "cease contact".
func (k StopKind) Name() string { return strings.ReplaceAll(string(k), "_", " ") }

// Stop bars contact with the debtor until a manager lifts it. It never ends by
// itself: on ReviewOn somebody has to look whether it still holds.
type Stop struct {
	ID           int64
	CustomerID   int64
	Kind         StopKind
	Reason       string
	Since        day.Day
	ReviewOn     day.Day
	PlacedBy     string
	PlacedAt     time.Time
	LiftedBy     string
	LiftedAt     *time.Time // nil: in force
	LiftReason   string
	LiftEvidence string
	Version      int
}

// stopsSQL reads stops as s; selectStops reads those of one customer.
const stopsSQL = `
	SELECT s.id, s.customer_id, s.kind, s.reason, s.since, s.review_on, coalesce(pu.name, 'Dunwell') AS placed_by, s.placed_at,
		coalesce(lu.name, '') AS lifted_by, s.lifted_at, s.lift_reason, s.lift_evidence, s.version
	FROM stops s
	LEFT JOIN members pm ON pm.tenant_id = @tenant AND pm.id = s.placed_by
	LEFT JOIN users pu ON pu.id = pm.user_id
	LEFT JOIN members lm ON lm.tenant_id = @tenant AND lm.id = s.lifted_by
	LEFT JOIN users lu ON lu.id = lm.user_id
	WHERE s.tenant_id = @tenant`

const selectStops = stopsSQL + ` AND s.customer_id = @customer`

// FindStop reads one stop of the customer, lifted or not.
func FindStop(ctx context.Context, tx *tenant.Tx, customer, id int64) (Stop, error) {
	rows, _ := tx.Query(ctx, selectStops+` AND s.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id})
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Stop])
	if errors.Is(err, pgx.ErrNoRows) {
		return s, errs.NotFound
	}
	if err != nil {
		return s, fmt.Errorf("find stop: %w", err)
	}
	return s, nil
}

func (s *Stop) check(today day.Day) error {
	var inv errs.Invalid
	tell(&inv, &s.Reason, "reason", 1000, "Say what happened and how we know.")
	inv.Check(slices.Contains(StopKinds, s.Kind), "kind", "Choose why there is to be no contact.")
	inv.Check(!s.Since.IsZero() && !s.Since.After(today), "since", "Give the day from which it holds, not one to come.")
	inv.Check(!s.Since.Before(today.AddMonths(-120)), "since", "This is more than ten years ago. Look at the year again.")
	ahead(&inv, s.ReviewOn, today, "review_on")
	return inv.Err()
}

// PlaceStop bars contact; anybody who works the customer may and must.
func PlaceStop(ctx context.Context, tx *tenant.Tx, customer int64, s Stop) (id int64, err error) {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return 0, err
	}
	if err := s.check(tx.Today()); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO stops (customer_id, kind, reason, since, review_on, placed_by, placed_at)
		VALUES (@customer, @kind, @reason, @since, @review, nullif(@member, 0), @now)
		RETURNING id`,
		pgx.NamedArgs{"customer": customer, "kind": s.Kind, "reason": s.Reason, "since": s.Since, "review": s.ReviewOn,
			"member": tx.Actor.MemberID, "now": tx.Now}).Scan(&id)
	if violates(err, "stops_in_force") {
		return 0, errs.Invalid{"kind": "This stop is in force already. Open it to review it."}
	}
	if err != nil {
		return 0, fmt.Errorf("place stop: %w", err)
	}
	tx.Touch(customer)
	text := fmt.Sprintf("Stop: %s, since %s, to be reviewed on %s. %s", s.Kind.Name(), s.Since.Long(), s.ReviewOn.Long(), s.Reason)
	return id, journal(ctx, tx, customer, "stop", text, "stop", id)
}

// ReviewStop says that the stop still holds, why, and when to look again.
func ReviewStop(ctx context.Context, tx *tenant.Tx, customer, id int64, version int, on day.Day, finding string) error {
	s, err := standingStop(ctx, tx, customer, id, version)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	tell(&inv, &finding, "finding", 1000, "Say what you found.")
	ahead(&inv, on, tx.Today(), "review_on")
	if err := inv.Err(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE stops
		SET review_on = @on, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "on": on})
	if err != nil {
		return fmt.Errorf("review stop: %w", err)
	}
	text := fmt.Sprintf("Stop %s reviewed: it stays, to be reviewed again on %s instead of %s. %s", s.Kind.Name(), on.Long(), s.ReviewOn.Long(), finding)
	return journal(ctx, tx, customer, "stop", text, "stop", id)
}

// LiftStop lets the debtor be contacted again.
func LiftStop(ctx context.Context, tx *tenant.Tx, customer, id int64, version int, reason, evidence string) error {
	if !CanLift(tx.Actor) {
		return errs.Forbidden("Only a manager lifts a stop, with reason and evidence. Ask yours.")
	}
	s, err := standingStop(ctx, tx, customer, id, version)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	tell(&inv, &reason, "reason", 1000, "Say why the debtor may be contacted again.")
	tell(&inv, &evidence, "evidence", 1000, "Say what proves it: a letter, a court's decision, with its date.")
	if err := inv.Err(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE stops
		SET lifted_by = @member, lifted_at = @now, lift_reason = @reason, lift_evidence = @evidence, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "member": tx.Actor.MemberID, "now": tx.Now, "reason": reason, "evidence": evidence})
	if err != nil {
		return fmt.Errorf("lift stop: %w", err)
	}
	tx.Touch(customer)
	text := fmt.Sprintf("Stop %s lifted. Reason: %s. Evidence: %s.", s.Kind.Name(), strings.TrimSuffix(reason, "."), strings.TrimSuffix(evidence, "."))
	return journal(ctx, tx, customer, "stop", text, "stop", id)
}

// standingStop locks the customer and reads a stop that is in force.
func standingStop(ctx context.Context, tx *tenant.Tx, customer, id int64, version int) (Stop, error) {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return Stop{}, err
	}
	s, err := FindStop(ctx, tx, customer, id)
	switch {
	case err != nil:
		return s, err
	case s.LiftedAt != nil:
		return s, errs.Conflict("This stop was lifted meanwhile by " + s.LiftedBy + ". Nothing is left to be done with it.")
	case s.Version != version:
		return s, errs.Conflict("Somebody else reviewed this stop meanwhile. Open it again and look at what it says now.")
	}
	return s, nil
}
