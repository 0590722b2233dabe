package contactrule

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// theirOwn is the source of what a message of the debtor's own opens.
const theirOwn = "Their own message"

// Answerable records that the debtor wrote through a point of their own: for seven
// days an answer on that channel goes before hours and frequency, as what the debtor
// asked for does. Third parties open nothing by writing. It writes no note: what was
// written is one. Of many messages in an hour the first one counts.
func Answerable(ctx context.Context, tx *tenant.Tx, pointID int64, ch customer.Channel) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO contact_requests (customer_id, contact_point_id, channel, until, source, member_id, at)
		SELECT p.customer_id, p.id, @channel, @until, @source, nullif(@member::bigint, 0), @now
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND p.id = @point AND p.retired_at IS NULL AND p.role <> 'third_party' AND NOT EXISTS (
			SELECT FROM contact_requests r
			WHERE r.tenant_id = @tenant AND r.customer_id = p.customer_id AND r.contact_point_id = p.id AND r.channel = @channel
				AND r.until > @until::timestamptz - interval '1 hour')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": pointID, "channel": ch, "until": tx.Now.Add(Longest), "source": theirOwn,
			"member": tx.Actor.MemberID, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("record that an answer is expected: %w", err)
	}
	return nil
}
