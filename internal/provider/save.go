package provider

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// Save sets the provider up. The version is the one that was seen. A token of
// another account is never kept: a new account needs its own.
func Save(ctx context.Context, tx *tenant.Tx, box *secret.Box, t Typed) error {
	was, sealed, err := t.begin(ctx, tx)
	if err != nil {
		return err
	}
	if !box.Ready() {
		return secret.ErrNoKey
	}
	if err := t.check(sealed != nil && was.AccountSID == t.AccountSID); err != nil {
		return err
	}
	if t.Token != "" {
		if sealed, err = box.Seal(tx.Actor.TenantID, forToken, t.Token); err != nil {
			return err
		}
	}
	return t.keep(ctx, tx, was, sealed)
}

// Remove takes the provider away: from then on SMS are held, and calls are dialled
// by hand.
func Remove(ctx context.Context, tx *tenant.Tx, version int) error {
	t := Typed{Settings: Settings{Version: version}}
	was, _, err := t.begin(ctx, tx)
	if err != nil || was.AccountSID == "" {
		return err
	}
	return t.keep(ctx, tx, was, nil)
}

// begin asks for permission, takes turns with whoever else changes it, and reads
// what there is.
func (t Typed) begin(ctx context.Context, tx *tenant.Tx) (Settings, []byte, error) {
	if !CanSet(tx.Actor) {
		return Settings{}, nil, onlyAdmins
	}
	if err := takeTurns(ctx, tx); err != nil {
		return Settings{}, nil, err
	}
	was, sealed, err := load(ctx, tx)
	if err == nil && was.Version != t.Version {
		err = moved
	}
	return was, sealed, err
}

// takeTurns has those who change a company's ways in and out wait for each other:
// there may be no row yet that could be held.
func takeTurns(ctx context.Context, tx *tenant.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('dunwell.providers'), hashtext($1::text))`, fmt.Sprint(tx.Actor.TenantID)); err != nil {
		return fmt.Errorf("take turns: %w", err)
	}
	return nil
}

func (t Typed) keep(ctx context.Context, tx *tenant.Tx, was Settings, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO providers AS p (account_sid, sealed_token, sms_from, call_from, part_price, part_currency)
		VALUES (@sid, @token, @sms, @call, nullif(@price::text, '')::numeric, nullif(@currency, ''))
		ON CONFLICT (tenant_id) DO UPDATE
		SET account_sid = excluded.account_sid, sealed_token = excluded.sealed_token, sms_from = excluded.sms_from, call_from = excluded.call_from,
			part_price = excluded.part_price, part_currency = excluded.part_currency, version = p.version + 1`,
		pgx.NamedArgs{"sid": t.AccountSID, "token": sealed, "sms": t.SMSFrom, "call": t.CallFrom, "price": t.PartPrice, "currency": t.PartCurrency})
	if err != nil {
		return fmt.Errorf("keep the provider: %w", err)
	}
	after := t.shown()
	if t.Token != "" {
		after["token"] = "given anew"
	}
	return tx.Audit(ctx, tenant.Event{Kind: "providers.telephone_changed", Data: tenant.Change{Before: was.shown(), After: after}})
}
