package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Hold makes who changes what is known of these customers' items take turns with
// those who move their money and change their items: it holds accounts, open items
// and customers until the transaction ends, in the order in which these do.
func Hold(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	b := &pgx.Batch{}
	for _, sql := range []string{`
		SELECT a.id
		FROM accounts a
		WHERE a.tenant_id = $1 AND a.customer_id = ANY($2)
		ORDER BY a.id
		FOR NO KEY UPDATE`, `
		SELECT i.id
		FROM items i
		WHERE i.tenant_id = $1 AND i.customer_id = ANY($2) AND i.open_amount > 0
		ORDER BY i.id
		FOR NO KEY UPDATE`, `
		SELECT c.id
		FROM customers c
		WHERE c.tenant_id = $1 AND c.id = ANY($2)
		ORDER BY c.id
		FOR NO KEY UPDATE`} {
		b.Queue(sql, tx.Actor.TenantID, customers)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("hold customers: %w", err)
	}
	return nil
}
