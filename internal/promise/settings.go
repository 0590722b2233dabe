package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Settings are the company's rules for promises. They hold for those that are made
// from then on.
type Settings struct {
	GraceDays    int // days of work after its date on which money still counts
	Replacements int // how often a promise may be replaced
	// Tolerances say by how much an instalment may be short, a currency each; none
	// where the currency is not named.
	Tolerances []money.Amount
	// Version is the one of the company's settings that was shown.
	Version int
}

// Tolerance is by how much an instalment of the currency may be short.
func (s Settings) Tolerance(c money.Currency) int64 {
	for _, t := range s.Tolerances {
		if t.Currency == c {
			return t.Minor
		}
	}
	return 0
}

// CanSet tells who changes the rules for promises.
func CanSet(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// SettingsOf reads the rules, for everybody.
func SettingsOf(ctx context.Context, tx *tenant.Tx) (Settings, error) { return settingsOf(ctx, tx, "") }

// settingsOf may hold the company's row, by a locking clause.
func settingsOf(ctx context.Context, tx *tenant.Tx, hold string) (s Settings, err error) {
	b := tx.Batch()
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID}
	b.Queue("read the rules for promises", `
		SELECT t.promise_grace_days, t.promise_replacements, t.version
		FROM tenants t
		WHERE t.id = @tenant `+hold, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&s.GraceDays, &s.Replacements, &s.Version}, func() error { return nil })
		return err
	})
	b.Queue("read tolerances", `
		SELECT o.amount, o.currency
		FROM promise_tolerances o
		WHERE o.tenant_id = @tenant
		ORDER BY o.currency`, args, func(rows pgx.Rows) error {
		s.Tolerances, err = pgx.CollectRows(rows, pgx.RowToStructByPos[money.Amount])
		return err
	})
	err = b.Send(ctx)
	return s, err
}

func (s *Settings) check() error {
	var inv errs.Invalid
	inv.Check(s.GraceDays >= 0 && s.GraceDays <= 30, "grace_days", "Give a whole number of days, from 0 to 30.")
	inv.Check(s.Replacements >= 0 && s.Replacements <= 20, "replacements", "Give a whole number, from 0 to 20.")
	s.Tolerances = slices.Clone(s.Tolerances)
	slices.SortFunc(s.Tolerances, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
	for n, t := range s.Tolerances {
		_, err := money.ParseCurrency(string(t.Currency))
		inv.Check(err == nil, "tolerances", "Give a currency code such as EUR.")
		inv.Check(t.Minor > 0 && t.Minor <= money.Max, "tolerances", "Give an amount above zero, or leave the currency out.")
		inv.Check(n == 0 || s.Tolerances[n-1].Currency != t.Currency, "tolerances", fmt.Sprintf("%s is there twice. Give each currency once.", t.Currency))
	}
	return inv.Err()
}

// SaveSettings replaces the rules.
func SaveSettings(ctx context.Context, tx *tenant.Tx, s Settings) error {
	if !CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators change the rules for promises. Ask one of yours.")
	}
	if err := s.check(); err != nil {
		return err
	}
	was, err := settingsOf(ctx, tx, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	if was.Version != s.Version {
		return errs.Conflict(fmt.Sprintf("The company’s settings were changed meanwhile: now %d days of grace, replaced %d times at most.", was.GraceDays, was.Replacements))
	}
	if err := s.write(ctx, tx); err != nil {
		return fmt.Errorf("save the rules for promises: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "promises.settings_changed", Data: tenant.Change{Before: was.facts(), After: s.facts()}})
}

func (s Settings) write(ctx context.Context, tx *tenant.Tx) error {
	currencies, amounts := make([]string, len(s.Tolerances)), make([]int64, len(s.Tolerances))
	for n, t := range s.Tolerances {
		currencies[n], amounts[n] = string(t.Currency), t.Minor
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "grace": s.GraceDays, "replacements": s.Replacements, "currencies": currencies, "amounts": amounts}
	for _, sql := range []string{`
		UPDATE tenants
		SET promise_grace_days = @grace, promise_replacements = @replacements, version = version + 1
		WHERE id = @tenant`, `
		DELETE FROM promise_tolerances
		WHERE tenant_id = @tenant AND currency <> ALL(@currencies)`, `
		INSERT INTO promise_tolerances (currency, amount)
		SELECT n.currency, n.amount
		FROM unnest(@currencies::text[], @amounts::bigint[]) AS n (currency, amount)
		ON CONFLICT (tenant_id, currency) DO UPDATE
		SET amount = excluded.amount`} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return err
		}
	}
	return nil
}

func (s Settings) facts() map[string]any {
	tolerances := make([]string, len(s.Tolerances))
	for n, t := range s.Tolerances {
		tolerances[n] = t.String()
	}
	return map[string]any{"grace_days": s.GraceDays, "replacements": s.Replacements, "tolerances": tolerances}
}
