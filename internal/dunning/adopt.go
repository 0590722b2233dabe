package dunning

import (
	"context"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// adopt makes letters and messages that were written from other screens, and calls
// that were logged there, actions of the open entry of their customer.
func adopt(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		SELECT e.id, m.channel, m.id, 0, NULL::boolean, ''`+writtenSQL+`
		UNION ALL
		SELECT e.id, 'call', 0, c.id, v.conversation, coalesce(v.data->>'name', '')`+calledSQL+`
		ORDER BY 1, 3, 4`, args)
	var list []deed
	var ids []int64
	var d deed
	var id int64
	_, err := pgx.ForEachRow(rows, []any{&id, &d.kind, &d.messageID, &d.callID, &d.answered, &d.text}, func() error {
		list, ids = append(list, d), append(ids, id)
		return nil
	})
	if err != nil || len(list) == 0 {
		return err
	}
	entries, err := FindEntries(ctx, tx, ids)
	if err != nil {
		return err
	}
	of, err := mattersOf(ctx, tx, entries)
	if err != nil {
		return err
	}
	return keepAll(ctx, tx, list, of)
}
