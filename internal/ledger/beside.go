package ledger

import (
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// queueBeside asks for what stands beside few of a customer's items: what of them is
// promised, and the case that they are in.
func (p *PostingPage) queueBeside(b *tenant.Batch, of []int64, args pgx.NamedArgs) {
	promised := map[int64]int64{}
	b.Seldom("list what is promised", tenant.Promises, of, `
		SELECT n.item_id, n.still
		FROM promises o
		JOIN promise_items n ON n.tenant_id = @tenant AND n.promise_id = o.id AND n.open AND NOT n.passed_on
		WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.open`, args, func(rows pgx.Rows) error {
		var item, still int64
		_, err := pgx.ForEachRow(rows, []any{&item, &still}, func() error {
			promised[item] = still
			return nil
		})
		return err
	})
	disputed := map[int64]Posting{}
	b.Seldom("list what stands in cases", tenant.CaseItems, of, `
		SELECT q.item_id, k.id, k.title, coalesce(q.amount, 0)
		FROM case_items q
		JOIN cases k ON k.tenant_id = @tenant AND k.id = q.case_id
		WHERE q.tenant_id = @tenant AND q.customer_id = @customer AND q.open`, args, func(rows pgx.Rows) error {
		var item int64
		var in Posting
		_, err := pgx.ForEachRow(rows, []any{&item, &in.CaseID, &in.Case, &in.InQuestion}, func() error {
			disputed[item] = in
			return nil
		})
		return err
	})
	b.Lastly(func() {
		for i := range p.Rows {
			if r := &p.Rows[i]; r.Source == OfItem {
				in := disputed[r.ID]
				r.Promised, r.CaseID, r.Case, r.InQuestion = min(promised[r.ID], max(r.Open, 0)), in.CaseID, in.Case, in.InQuestion
			}
		}
	})
}

// queuePausers asks for the names of the members who paused rows of the page.
func (p *PostingPage) queuePausers(b *tenant.Batch, paused map[int64][]int) {
	b.Queue("name who paused", `
		SELECT m.id, u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant AND m.id = ANY(@members)`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "members": slices.Collect(maps.Keys(paused))}, func(rows pgx.Rows) error {
			var id int64
			var name string
			_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
				for _, i := range paused[id] {
					p.Rows[i].PausedBy = name
				}
				return nil
			})
			return err
		})
}
