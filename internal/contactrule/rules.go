package contactrule

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

const selectRules = `
	SELECT r.id, r.name, coalesce(r.country, '') AS country, coalesce(r.region, '') AS region, coalesce(r.kind, '') AS kind,
		coalesce(r.channel, '') AS channel, coalesce(r.weekdays, 0) AS weekdays, coalesce(to_char(r.from_time, 'HH24:MI'), '') AS from,
		coalesce(to_char(r.to_time, 'HH24:MI'), '') AS to, r.holidays, coalesce(r.max_attempts, 0) AS max_attempts,
		coalesce(r.attempt_days, 0) AS attempt_days, coalesce(r.quiet_days, 0) AS quiet_days, coalesce(r.max_a_day, 0) AS max_a_day,
		coalesce(r.hours_apart, 0) AS hours_apart, r.needs_consent, r.source, r.as_of, r.retired_at IS NOT NULL AS retired, r.version`

const fromRules = `
	FROM contact_rules r
	WHERE r.tenant_id = @tenant`

// List reads all rules by name, the retired ones last.
func List(ctx context.Context, tx *tenant.Tx) ([]Rule, error) {
	if !CanRead(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see the contact rules. What they say of a customer stands beside each number.")
	}
	rows, _ := tx.Query(ctx, selectRules+fromRules+`
		ORDER BY retired, lower(r.name), r.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Rule])
	if err != nil {
		return nil, fmt.Errorf("list contact rules: %w", err)
	}
	return list, nil
}

// Find reads one rule, retired or not.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Rule, error) {
	if !CanRead(tx.Actor) {
		return Rule{}, errs.Forbidden("Only managers and administrators see the contact rules.")
	}
	return find(ctx, tx, id, "")
}

func find(ctx context.Context, tx *tenant.Tx, id int64, hold string) (Rule, error) {
	rows, _ := tx.Query(ctx, selectRules+fromRules+` AND r.id = @id `+hold, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Rule])
	if errors.Is(err, pgx.ErrNoRows) {
		return Rule{}, fmt.Errorf("contact rule %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Rule{}, fmt.Errorf("find contact rule: %w", err)
	}
	return r, nil
}
