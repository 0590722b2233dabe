package activity

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// unfinishedSQL reads the calls whose outcome is asked for; the condition on o
// follows.
const unfinishedSQL = callColumns + `
	JOIN open_calls o ON o.tenant_id = @tenant AND o.call_attempt_id = c.id
	WHERE c.tenant_id = @tenant`

// QueueUnfinished asks in a batch for the calls with the customer whose outcome
// nobody has said yet, the oldest first.
func QueueUnfinished(b *tenant.Batch, customerID int64, into *[]Call) {
	b.Seldom("list calls without an outcome", tenant.OpenCalls, []int64{customerID}, unfinishedSQL+` AND o.customer_id = @customer AND c.customer_id = @customer
		ORDER BY c.at, c.id
		LIMIT 20`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}, tenant.Into(into))
}

// CountUnfinished counts the actor's calls whose outcome is asked for.
func CountUnfinished(ctx context.Context, tx *tenant.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM open_calls o
		WHERE o.tenant_id = $1 AND o.member_id = $2`, tx.Actor.TenantID, tx.Actor.MemberID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count calls without an outcome: %w", err)
	}
	return n, nil
}
