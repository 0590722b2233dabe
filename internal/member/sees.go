package member

// Sees is the condition that a member sees the customers of a branch, in a query that
// reads the tenant, the member and the branch under these names. Where collectors see
// their branch only, only managers and administrators see customers of no branch.
func Sees(tenant, member, branch string) string {
	return `(NOT ` + tenant + `.branch_limited OR ` + member + `.role <> 'collector' OR coalesce(` + member + `.branch_id = ` + branch + `, false))`
}

// OfNobody is the condition that nobody does what one member is to do with a customer,
// by the ids of both: that member has left or does not see the customer, or the id is 0.
// Those whom it may be are told first, so that an index of members is of use: where
// collectors are not limited, that is who has left.
func OfNobody(member, customer string) string {
	return member + ` = ANY(ARRAY(
			SELECT 0::bigint
			UNION ALL
			SELECT wm.id
			FROM tenants wt
			JOIN members wm ON wm.tenant_id = @tenant
			WHERE wt.id = @tenant AND (NOT wm.active OR wt.branch_limited AND wm.role = 'collector')))
			AND NOT coalesce(
				(SELECT wm.branch_id FROM members wm WHERE wm.tenant_id = @tenant AND wm.id = ` + member + ` AND wm.active)
				= (SELECT wc.branch_id FROM customers wc WHERE wc.tenant_id = @tenant AND wc.id = ` + customer + `), false)`
}
