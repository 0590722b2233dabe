package inbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Put opens an entry about each message that failed or of which nobody knows. One
// that is open already stays the only one. Of one to a resolver it is about the case.
func Put(ctx context.Context, tx *tenant.Tx, kind Kind, messages []int64, why string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO inbox_entries (kind, customer_id, contact_point_id, message_id, case_id, assignee_id, why, at)
		SELECT @kind, coalesce(m.customer_id, k.customer_id), m.contact_point_id, m.id, k.id, k.owner_id, @why, @now
		FROM messages m
		LEFT JOIN cases k ON k.tenant_id = @tenant AND k.id = m.case_id
		WHERE m.tenant_id = @tenant AND m.id = ANY(@messages)
		ORDER BY m.id
		ON CONFLICT (tenant_id, message_id, kind) WHERE state = 'open' AND kind IN ('bounce', 'failed', 'unknown') DO NOTHING`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "kind": kind, "messages": messages, "why": note.Cut(clean(why), 1000, "…"), "now": tx.Now})
	if err != nil {
		return fmt.Errorf("put a message into the inbox: %w", err)
	}
	return nil
}

// Settle closes the entries about messages that are in no trouble any more: one that
// was unknown arrived, one that failed is sent again.
func Settle(ctx context.Context, tx *tenant.Tx, messages []int64, outcome string) error {
	_, err := tx.Exec(ctx, `
		UPDATE inbox_entries
		SET state = 'handled', outcome = @outcome, handled_at = @now, handled_by = nullif(@me::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND message_id = ANY(@messages) AND state = 'open' AND kind IN ('bounce', 'failed', 'unknown')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "messages": messages, "outcome": line(outcome, 500), "now": tx.Now})
	if err != nil {
		return fmt.Errorf("settle entries of the inbox: %w", err)
	}
	return nil
}

// PutAnswer opens an entry about what a resolver answered, for the owner of the case.
func PutAnswer(ctx context.Context, tx *tenant.Tx, customerID, caseID, ownerID int64, text string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO inbox_entries (kind, customer_id, case_id, assignee_id, why)
		VALUES (@kind, @customer, @case, @owner, @why)`,
		pgx.NamedArgs{"kind": Answer, "customer": customerID, "case": caseID, "owner": ownerID, "why": note.Cut(text, 1000, "…")})
	if err != nil {
		return fmt.Errorf("put an answer into the inbox: %w", err)
	}
	return nil
}
