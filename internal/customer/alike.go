package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Alike finds the customers who have a telephone number, an e-mail address or a plate of
// this one's, also one that is out of use: who shares one may be the same. Archived ones
// come last, and merged ones not at all.
func Alike(ctx context.Context, tx *tenant.Tx, id int64, limit int) ([]Hit, error) {
	rows, _ := tx.Query(ctx, `
		WITH shared AS (
			(SELECT o.customer_id, p.kind AS by, p.value AS match
			FROM contact_points p
			JOIN contact_points o ON o.tenant_id = @tenant AND o.value = p.value AND o.kind = p.kind AND o.customer_id <> @customer AND NOT o.former
			WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND NOT p.former
			LIMIT @candidates)
			UNION ALL
			(SELECT o.customer_id, 'registration', v.registration
			FROM vehicles v
			JOIN vehicles o ON o.tenant_id = @tenant AND o.registration_key = v.registration_key AND o.customer_id <> @customer
			WHERE v.tenant_id = @tenant AND v.customer_id = @customer AND v.registration_key <> ''
			LIMIT @candidates)
		), alike AS (
			SELECT DISTINCT ON (s.customer_id) s.customer_id, s.by, s.match
			FROM shared s
			ORDER BY s.customer_id, s.by DESC, s.match
		)
		SELECT c.id, c.number, c.name, c.kind, c.city, c.archived_at IS NOT NULL AS archived, a.by, a.match
		FROM alike a
		JOIN customers c ON c.tenant_id = @tenant AND c.id = a.customer_id AND c.merged_into IS NULL
		ORDER BY c.archived_at IS NOT NULL, c.name_key, c.id
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": id, "candidates": candidates, "limit": limit})
	hits, err := pgx.CollectRows(rows, pgx.RowToStructByName[Hit])
	if err != nil {
		return nil, fmt.Errorf("find who shares a number: %w", err)
	}
	shown(hits)
	return hits, nil
}
