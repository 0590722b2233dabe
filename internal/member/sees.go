package member

// Sees is the condition that a member sees the customers of a branch, in a query that
// reads the tenant, the member and the branch under these names. Where collectors see
// their branch only, only managers and administrators see customers of no branch.
func Sees(tenant, member, branch string) string {
	return `(NOT ` + tenant + `.branch_limited OR ` + member + `.role <> 'collector' OR coalesce(` + member + `.branch_id = ` + branch + `, false))`
}
