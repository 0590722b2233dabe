package member

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// SetPhone says at which number the telephone system rings who acts, before it rings
// a customer for them. It is theirs in this company alone; empty: it rings nobody.
func SetPhone(ctx context.Context, tx *tenant.Tx, phone string) error {
	phone, err := parsePhone(phone)
	if err != nil {
		return err
	}
	was, err := lock(ctx, tx, tx.Actor.MemberID)
	if err != nil || was.Phone == phone {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE members
		SET phone = @phone, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": was.ID, "phone": phone})
	if err != nil {
		return fmt.Errorf("change the telephone number: %w", err)
	}
	return auditChange(ctx, tx, "account.phone_changed", was)
}

// PhoneOf is the number at which who acts is rung; empty: none.
func PhoneOf(ctx context.Context, tx *tenant.Tx) (phone string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT m.phone
		FROM members m
		WHERE m.tenant_id = $1 AND m.id = $2`, tx.Actor.TenantID, tx.Actor.MemberID).Scan(&phone)
	if err != nil {
		return "", fmt.Errorf("read the telephone number: %w", err)
	}
	return phone, nil
}

// ShownPhone writes the number with spaces, as people read it.
func ShownPhone(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// parsePhone reads a number with its country code into E.164; nothing is nothing.
func parsePhone(text string) (string, error) {
	if text = strings.TrimSpace(text); text == "" {
		return "", nil
	}
	n, err := phonenumbers.Parse(text, "")
	if err != nil || !strings.HasPrefix(text, "+") || !phonenumbers.IsValidNumber(n) || n.GetExtension() != "" {
		return "", errs.Invalid{"phone": "Give a number that exists, with + and its country code and without an extension, such as +47 22 41 09 33."}
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}
