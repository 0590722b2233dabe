package member

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// SeesAsMuch is the condition that member c sees all customers whom member m sees, in
// a query that reads both and their tenant t: where collectors see their branch only,
// a cover of another one would find nothing in the other's diary.
const SeesAsMuch = `(NOT t.branch_limited OR c.role <> 'collector' OR m.role = 'collector' AND m.branch_id IS NOT DISTINCT FROM c.branch_id)`

// Blind lists the absences that are not over, of the member or covered by them, whose
// cover does not see all that the other sees: one of the two changed since, or the
// company's limit.
func Blind(ctx context.Context, tx *tenant.Tx, member int64) ([]Absence, error) {
	return absences(ctx, tx, ` AND @member IN (a.member_id, a.cover_id) AND a.until_on >= @today AND NOT `+SeesAsMuch+`
		ORDER BY a.from_on, a.id`, pgx.NamedArgs{"member": member})
}

// sees refuses a cover who does not see what the member sees. The names are theirs.
func (l Leave) sees(ctx context.Context, tx *tenant.Tx, member int64, name, cover string) error {
	var yes bool
	var role tenant.Role
	err := tx.QueryRow(ctx, `
		SELECT `+SeesAsMuch+`, m.role
		FROM tenants t
		JOIN members m ON m.tenant_id = @tenant AND m.id = @member
		JOIN members c ON c.tenant_id = @tenant AND c.id = @cover
		WHERE t.id = @tenant`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": member, "cover": l.CoverID}).Scan(&yes, &role)
	switch {
	case err != nil:
		return fmt.Errorf("see whose customers the cover sees: %w", err)
	case yes:
		return nil
	case role == tenant.Collector:
		return errs.Invalid{"cover": fmt.Sprintf("%s does not see the customers of %s’s branch. Choose somebody of that branch, a manager or an administrator.", cover, name)}
	}
	return errs.Invalid{"cover": fmt.Sprintf("%s sees the customers of one branch only, and %s sees all. Choose a manager or an administrator.", cover, name)}
}
