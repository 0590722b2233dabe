package contactrule

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Add makes a new rule, in force at once.
func Add(ctx context.Context, tx *tenant.Tx, r Rule) (id int64, err error) {
	if err := maySet(tx.Actor); err != nil {
		return 0, err
	}
	if err := r.check(tx.Today()); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO contact_rules (name, country, region, kind, channel, weekdays, from_time, to_time, holidays,
			max_attempts, attempt_days, quiet_days, max_a_day, hours_apart, needs_consent, source, as_of)
		VALUES (@name, nullif(@country, ''), nullif(@region, ''), nullif(@kind, ''), nullif(@channel, ''),
			nullif(@weekdays::smallint, 0), nullif(@from, '')::time, nullif(@to, '')::time, @holidays,
			nullif(@max_attempts::integer, 0), nullif(@attempt_days::integer, 0), nullif(@quiet_days::integer, 0),
			nullif(@max_a_day::integer, 0), nullif(@hours_apart::integer, 0), @needs_consent, @source, @as_of)
		RETURNING id`, r.args(tx)).Scan(&id)
	if err != nil {
		return 0, taken(err)
	}
	return id, audit(ctx, tx, "added", id, nil, &r)
}

// Change replaces a rule that still has the version which the actor saw.
func Change(ctx context.Context, tx *tenant.Tx, r Rule) error {
	was, err := lock(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if err := r.check(tx.Today()); err != nil {
		return err
	}
	if was.Version != r.Version {
		return errs.Conflict("Somebody else changed this rule meanwhile. It now says: " + was.String() + ".")
	}
	r.Retired = was.Retired
	if r == was {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_rules
		SET name = @name, country = nullif(@country, ''), region = nullif(@region, ''), kind = nullif(@kind, ''), channel = nullif(@channel, ''),
			weekdays = nullif(@weekdays::smallint, 0), from_time = nullif(@from, '')::time, to_time = nullif(@to, '')::time, holidays = @holidays,
			max_attempts = nullif(@max_attempts::integer, 0), attempt_days = nullif(@attempt_days::integer, 0),
			quiet_days = nullif(@quiet_days::integer, 0), max_a_day = nullif(@max_a_day::integer, 0),
			hours_apart = nullif(@hours_apart::integer, 0), needs_consent = @needs_consent, source = @source, as_of = @as_of,
			version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, r.args(tx))
	if err != nil {
		return taken(err)
	}
	return audit(ctx, tx, "changed", r.ID, &was, &r)
}

// Retire takes a rule out of force.
func Retire(ctx context.Context, tx *tenant.Tx, id int64) error { return setRetired(ctx, tx, id, true) }

// Reopen puts a retired rule into force again.
func Reopen(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setRetired(ctx, tx, id, false)
}

func setRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, err := lock(ctx, tx, id)
	if err != nil || was.Retired == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_rules
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now})
	if err != nil {
		return taken(err)
	}
	if retired {
		return audit(ctx, tx, "retired", id, &was, nil)
	}
	return audit(ctx, tx, "reopened", id, nil, &was)
}

func maySet(a tenant.Actor) error {
	if !CanSet(a) {
		return errs.Forbidden("Only administrators change the contact rules. Ask one of yours.")
	}
	return nil
}

// lock asks for permission and holds the rule until the transaction ends.
func lock(ctx context.Context, tx *tenant.Tx, id int64) (Rule, error) {
	if err := maySet(tx.Actor); err != nil {
		return Rule{}, err
	}
	return find(ctx, tx, id, "FOR NO KEY UPDATE")
}

func (r Rule) args(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": r.ID, "name": r.Name, "country": r.Country, "region": r.Region, "kind": r.Kind,
		"channel": r.Channel, "weekdays": r.Weekdays, "from": r.From, "to": r.To, "holidays": r.Holidays, "max_attempts": r.MaxAttempts,
		"attempt_days": r.AttemptDays, "quiet_days": r.QuietDays, "max_a_day": r.MaxADay, "hours_apart": r.HoursApart,
		"needs_consent": r.NeedsConsent, "source": r.Source, "as_of": r.AsOf}
}

// taken says so where the name is another one's; other errors pass.
func taken(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "contact_rules_name" {
		return errs.Invalid{"name": "Another rule in force has this name. Give a different one, or change that rule."}
	}
	return fmt.Errorf("save contact rule: %w", err)
}

func audit(ctx context.Context, tx *tenant.Tx, verb string, id int64, before, after *Rule) error {
	return tx.Audit(ctx, tenant.Event{Kind: "contact_rule." + verb, Subject: "contact_rule", SubjectID: id,
		Data: tenant.Change{Before: before.facts(), After: after.facts()}})
}

// facts are what the audit record keeps of the rule, nil for none.
func (r *Rule) facts() any {
	if r == nil {
		return nil
	}
	return map[string]string{"name": r.Name, "rule": r.String(), "source": r.Source, "as_of": r.AsOf.String()}
}
