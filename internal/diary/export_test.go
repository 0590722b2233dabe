package diary

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Questions are those that a diary asks of the database: where its tasks are, and what
// is shown of some of each kind.
func Questions(tx *tenant.Tx, l Look, shown []int64) map[string]pgx.NamedArgs {
	r := refs{}
	for _, w := range works {
		r[w.kind] = shown
	}
	sql := sheetOfMember
	if l.Member == NoOwner {
		sql = sheetOfNobody
	}
	return map[string]pgx.NamedArgs{sql: sheetArguments(tx, l.Member, l.From, l.Until), tellSQL: r.arguments(tx)}
}
