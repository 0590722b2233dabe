package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// OptByWord records that a number opted out of SMS by the person's own word, or
// takes that back, for every customer who has the number. It tells whether anything
// changed by it. Nobody has to lift an opt-out whom the person tells to. The caller
// holds the customers.
func OptByWord(ctx context.Context, tx *tenant.Tx, number string, out bool, source, words string) (bool, error) {
	said := Permission{Channel: SMS, State: Lifted, GivenOn: tx.Today(), Source: source, Evidence: words}
	if out {
		said.State, said.ReviewOn = OptOut, tx.Today().AddMonths(12)
	}
	rows, _ := tx.Query(ctx, `
		WITH said AS (
			INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
			SELECT p.customer_id, p.id, 'sms', @state, @given, @source, @review, @evidence
			FROM contact_points p
			WHERE p.tenant_id = @tenant AND p.kind = 'phone' AND p.value = @number AND @out = coalesce((
				SELECT s.state <> 'opt_out'
				FROM permissions s
				WHERE s.tenant_id = @tenant AND s.customer_id = p.customer_id AND s.contact_point_id = p.id AND s.channel = 'sms'
				ORDER BY s.id DESC
				LIMIT 1), true)
			ORDER BY p.customer_id, p.id
			RETURNING customer_id, contact_point_id)
		SELECT customer_id, min(contact_point_id)
		FROM said
		GROUP BY customer_id
		ORDER BY customer_id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "number": number, "out": out, "state": said.State, "given": said.GivenOn, "source": said.Source,
			"review": said.ReviewOn, "evidence": said.Evidence})
	text := said.describe(ContactPoint{Kind: Phone, Value: number})
	var customer, point int64
	var lines []note.New
	_, err := pgx.ForEachRow(rows, []any{&customer, &point}, func() error {
		tx.Touch(customer)
		lines = append(lines, note.New{CustomerID: customer, Kind: "permission", Text: text, Subject: "contact_point", SubjectID: point})
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("record what a number asked for: %w", err)
	}
	return len(lines) > 0, note.AddMany(ctx, tx, lines)
}
