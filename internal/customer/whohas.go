package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// WhoHas finds the customer who has a number or an address, and its contact point;
// zeros where nobody does. Of several it is the one last written to there; with an id
// only that customer is looked at. A point in use goes before one that is not.
func WhoHas(ctx context.Context, tx *tenant.Tx, kind PointKind, value string, only int64) (customer, point int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT p.customer_id, p.id
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND p.kind = @kind AND p.value = @value AND NOT p.former AND (@only::bigint = 0 OR p.customer_id = @only)
		ORDER BY (
			SELECT max(m.id)
			FROM messages m
			WHERE m.tenant_id = @tenant AND m.customer_id = p.customer_id AND m.contact_point_id = p.id) DESC NULLS LAST,
			p.retired_at IS NOT NULL, p.id
		LIMIT 1`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "kind": kind, "value": value, "only": only}).Scan(&customer, &point)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fmt.Errorf("find who has an address: %w", err)
	}
	return customer, point, nil
}
