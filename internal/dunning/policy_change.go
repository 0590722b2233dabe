package dunning

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// AddPolicy makes a policy without levels. The first one of a company is its
// default.
func AddPolicy(ctx context.Context, tx *tenant.Tx, t Terms) (id int64, err error) {
	if err := maySet(tx.Actor); err != nil {
		return 0, err
	}
	if err := t.check(); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO policies (name, climb, min_gap_days, after_last, repeat_days, is_default)
		VALUES (@name, @climb, @gap, @after, nullif(@repeat::integer, 0),
			NOT EXISTS (SELECT FROM policies p WHERE p.tenant_id = @tenant AND p.is_default))
		RETURNING id`, t.args(tx, 0)).Scan(&id)
	if err != nil {
		return 0, policyTaken(err, t.Name)
	}
	if err := setMinimums(ctx, tx, id, t); err != nil {
		return 0, err
	}
	return id, auditSetup(ctx, tx, "policy.added", id, nil, t.facts())
}

// ChangePolicy changes the terms of a policy that still has the version which the
// actor saw.
func ChangePolicy(ctx context.Context, tx *tenant.Tx, id int64, version int, t Terms) error {
	was, err := lockPolicy(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this policy meanwhile. Look at what it says now, and save again.")
	}
	if was.Terms.equal(t) {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE policies
		SET name = @name, climb = @climb, min_gap_days = @gap, after_last = @after, repeat_days = nullif(@repeat::integer, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, t.args(tx, id))
	if err != nil {
		return policyTaken(err, t.Name)
	}
	if err := setMinimums(ctx, tx, id, t); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "policy.changed", id, was.facts(), t.facts())
}

func (t Terms) args(tx *tenant.Tx, id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": t.Name, "climb": t.Climb, "gap": t.MinGapDays,
		"after": t.AfterLast, "repeat": t.RepeatDays}
}

func setMinimums(ctx context.Context, tx *tenant.Tx, policy int64, t Terms) error {
	currencies, amounts := make([]string, len(t.Minimums)), make([]int64, len(t.Minimums))
	for i, m := range t.Minimums {
		currencies[i], amounts[i] = string(m.Currency), m.Minor
	}
	_, err := tx.Exec(ctx, `
		WITH gone AS (
			DELETE FROM policy_minimums
			WHERE tenant_id = @tenant AND policy_id = @policy AND currency <> ALL(@currencies::bpchar[])
		)
		INSERT INTO policy_minimums (policy_id, currency, amount)
		SELECT @policy, m.currency, m.amount
		FROM unnest(@currencies::bpchar[], @amounts::bigint[]) AS m (currency, amount)
		ON CONFLICT (tenant_id, policy_id, currency) DO UPDATE SET amount = excluded.amount`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "policy": policy, "currencies": currencies, "amounts": amounts})
	if err != nil {
		return fmt.Errorf("set minimums: %w", err)
	}
	return nil
}

// MakeDefault makes a policy that of all customers whom nobody and no rule gives
// another one.
func MakeDefault(ctx context.Context, tx *tenant.Tx, id int64) error {
	// The row alone would not do: two who make two policies the default take turns.
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('policies.default'), $1::bigint::integer)`, tx.Actor.TenantID)
	if err != nil {
		return fmt.Errorf("hold the default policy: %w", err)
	}
	p, err := lockPolicy(ctx, tx, id)
	if err != nil || p.Default {
		return err
	}
	if p.RetiredAt != nil {
		return errs.Conflict("This policy is retired. Take it back, then make it the default.")
	}
	var before int64
	err = tx.QueryRow(ctx, `
		UPDATE policies
		SET is_default = false, version = version + 1
		WHERE tenant_id = $1 AND is_default
		RETURNING id`, tx.Actor.TenantID).Scan(&before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("take the default away: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE policies
		SET is_default = true, version = version + 1
		WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("make the default: %w", err)
	}
	return auditSetup(ctx, tx, "policy.made_default", id, nil, map[string]any{"policy_before": before})
}

// RetirePolicy takes a policy out of use. Customers whom somebody gave it have the
// one that the rules say, until it is taken back. The default, and a policy that a
// rule names, stay in use.
func RetirePolicy(ctx context.Context, tx *tenant.Tx, id int64) error {
	p, err := lockPolicy(ctx, tx, id)
	if err != nil || p.RetiredAt != nil {
		return err
	}
	if p.Default {
		return errs.Conflict("This is the default policy, which customers without another one have. Make another one the default, then retire it.")
	}
	var rules int
	err = tx.QueryRow(ctx, `SELECT count(*) FROM policy_rules r WHERE r.tenant_id = $1 AND r.policy_id = $2`, tx.Actor.TenantID, id).Scan(&rules)
	if err != nil {
		return fmt.Errorf("look for rules: %w", err)
	}
	if rules > 0 {
		return errs.Conflict("A rule gives customers this policy. Remove the rule or have it give another policy, then retire this one.")
	}
	if err := setPolicyRetired(ctx, tx, p, true); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "policy.retired", id, p.facts(), nil)
}

// TakeBackPolicy puts a retired policy back into use.
func TakeBackPolicy(ctx context.Context, tx *tenant.Tx, id int64) error {
	p, err := lockPolicy(ctx, tx, id)
	if err != nil || p.RetiredAt == nil {
		return err
	}
	if err := setPolicyRetired(ctx, tx, p, false); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "policy.taken_back", id, nil, p.facts())
}

func setPolicyRetired(ctx context.Context, tx *tenant.Tx, p Policy, retired bool) error {
	_, err := tx.Exec(ctx, `
		UPDATE policies
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": p.ID, "retired": retired, "now": tx.Now})
	if errors.As(policyTaken(err, p.Name), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another policy in use is called %s too. Give one of the two another name, then take this one back.", p.Name))
	}
	if err != nil {
		return fmt.Errorf("retire policy: %w", err)
	}
	return nil
}

// lockPolicy asks for permission and holds the policy until the transaction ends.
func lockPolicy(ctx context.Context, tx *tenant.Tx, id int64) (Policy, error) {
	if err := maySet(tx.Actor); err != nil {
		return Policy{}, err
	}
	return findPolicy(ctx, tx, id, "FOR NO KEY UPDATE")
}

// policyTaken says so where another policy in use has the name; other errors pass.
func policyTaken(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case breaks(err, "policies_name"):
		return errs.Invalid{"name": fmt.Sprintf("There is a policy called %s already. Choose another name, or change that one.", name)}
	}
	return fmt.Errorf("save policy: %w", err)
}

// breaks tells that the error is a breach of that constraint.
func breaks(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

// auditSetup records a change of set-up: kind is the subject, a dot and what was
// done. Before or after may be nil.
func auditSetup(ctx context.Context, tx *tenant.Tx, kind string, id int64, before, after map[string]any) error {
	subject, _, _ := strings.Cut(kind, ".")
	change := tenant.Change{}
	if before != nil {
		change.Before = before
	}
	if after != nil {
		change.After = after
	}
	return tx.Audit(ctx, tenant.Event{Kind: kind, Subject: subject, SubjectID: id, Data: change})
}
