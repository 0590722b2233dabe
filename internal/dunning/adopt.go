package dunning

import (
	"context"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Adopt makes what was said to the customer from other screens an action of the open
// entry now, which else happens before the commit: so that it names what may be
// chased before a promise holds it back, and the entry can be done. The caller holds
// the customer with what it owes.
func Adopt(ctx context.Context, tx *tenant.Tx, customer int64) error {
	return adopt(ctx, tx, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": []int64{customer}, "zone": tx.Actor.Tenant.Zone.String()})
}

// adopt makes letters and messages that were written from other screens, and calls
// that were logged there, actions of the open entry of their customer.
func adopt(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		SELECT e.id, m.channel, m.id, 0, NULL::boolean, ''`+writtenSQL+`
		UNION ALL
		SELECT e.id, 'call', 0, c.id, coalesce((v.data->>'right_party')::boolean, v.conversation), concat_ws(': ', v.data->>'name', nullif(v.data->>'text', ''))`+calledSQL+`
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
