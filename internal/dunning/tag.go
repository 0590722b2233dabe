package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Tag is a word that people put on customers, by which rules give policies.
type Tag struct {
	Name      string
	Customers int
}

// Tags lists the tags of customers who are not archived, and those that a rule
// names although nobody has them.
func Tags(ctx context.Context, tx *tenant.Tx) ([]Tag, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, `
		SELECT x.tag AS name, count(x.customer) AS customers
		FROM (
			SELECT unnest(c.tags) AS tag, c.id AS customer
			FROM customers c
			WHERE c.tenant_id = @tenant AND c.archived_at IS NULL AND c.tags <> '{}'
			UNION ALL
			SELECT r.tag, NULL
			FROM policy_rules r
			WHERE r.tenant_id = @tenant AND r.tag IS NOT NULL) x
		GROUP BY x.tag
		ORDER BY x.tag`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Tag])
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return list, nil
}
