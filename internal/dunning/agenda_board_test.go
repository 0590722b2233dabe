package dunning_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// board is a company with entries in its agenda; it is Monday 16 March 2026, 10:30
// in Oslo. Dunning is off, so that the entries stay as they are put there.
type board struct {
	*dbtest.Database
	acme   *dbtest.Company
	levels []int64 // a call first, then by hand, then nothing
	policy int64
}

func newBoard(t *testing.T) *board {
	t.Helper()
	b := &board{Database: dbtest.New(t)}
	b.acme = dbtest.Tenant(t, b.Database, "acme")
	b.write(t, func(tx *tenant.Tx) error {
		err := tx.QueryRow(t.Context(), `INSERT INTO policies (name) VALUES ('Board') RETURNING id`).Scan(&b.policy)
		if err != nil {
			return err
		}
		for i, name := range []string{"First", "Second", "Third"} {
			var id int64
			err := tx.QueryRow(t.Context(), `INSERT INTO levels (policy_id, name, after_days) VALUES ($1, $2, $3) RETURNING id`, b.policy, name, 5+i*15).Scan(&id)
			if err != nil {
				return err
			}
			b.levels = append(b.levels, id)
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO level_actions (level_id, position, kind, text) VALUES ($1, 2, 'manual', 'Look at the file'), ($1, 1, 'call', ''), ($2, 1, 'manual', 'Ask the sales office')`,
			b.levels[0], b.levels[1])
		return err
	})
	return b
}

func (b *board) write(t testing.TB, f func(*tenant.Tx) error) {
	t.Helper()
	if err := b.Write(t.Context(), b.acme.System(), f); err != nil {
		t.Fatal(err)
	}
}

func (b *board) read(t testing.TB, who tenant.Who, f func(*tenant.Tx) error) error {
	t.Helper()
	return b.Read(t.Context(), who, f)
}

// put gives a customer an entry; owner 0 is nobody.
type put struct {
	number   string
	owner    int64
	level    int
	due      string
	amount   int64
	currency string
	why      dunning.Why
	later    string
}

func (b *board) put(t testing.TB, all ...put) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	b.write(t, func(tx *tenant.Tx) error {
		for _, p := range all {
			id, account := dbtest.Customer(t, tx, p.number)
			item := dbtest.Item(t, tx, account, "INV7-"+p.number, p.due, p.amount, "EUR")
			why, currency, level := p.why, p.currency, (*int64)(nil)
			if why == "" {
				why = dunning.WhyLevel
			}
			if currency == "" {
				currency = "EUR"
			}
			if p.level > 0 {
				level = &b.levels[p.level-1]
			}
			var entry int64
			err := tx.QueryRow(t.Context(), `
				WITH c AS (UPDATE customers SET owner_id = nullif(@owner::bigint, 0) WHERE id = @customer)
				INSERT INTO agenda_entries (customer_id, owner_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies, later_on)
				VALUES (@customer, nullif(@owner::bigint, 0), @today, @today, @policy, @level, @number, @why, @item, @due::text::date, 1, @currency, @amount, 1, nullif(@later, '')::date)
				RETURNING id`,
				pgx.NamedArgs{"owner": p.owner, "customer": id, "today": tx.Today(), "policy": b.policy, "level": level, "number": p.level, "why": why, "item": item,
					"due": p.due, "currency": currency, "amount": p.amount, "later": p.later}).Scan(&entry)
			if err != nil {
				return err
			}
			ids[p.number] = entry
		}
		return nil
	})
	return ids
}

// list reads the agenda as somebody sees it.
func (b *board) list(t testing.TB, who tenant.Who, f dunning.Filter) (a dunning.Agenda) {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 25
	}
	if f.Sort == "" {
		f.Sort = dunning.ByRank
	}
	err := b.read(t, who, func(tx *tenant.Tx) (err error) {
		a, err = dunning.ReadAgenda(t.Context(), tx, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func numbers(a dunning.Agenda) string {
	var list []string
	for _, r := range a.Rows {
		list = append(list, r.Number)
	}
	return strings.Join(list, " ")
}

func (b *board) some(t testing.TB) map[string]int64 {
	t.Helper()
	me, other := b.acme.CollectorID, b.acme.ManagerID
	return b.put(t,
		put{number: "A", owner: me, level: 1, due: "2026-03-10", amount: 100},
		put{number: "B", owner: me, level: 3, due: "2026-02-01", amount: 7_200},
		put{number: "C", owner: me, level: 2, due: "2026-02-10", amount: 900, currency: "NOK"},
		put{number: "D", owner: me, level: 2, due: "2026-02-05", amount: 311, why: dunning.WhyReply},
		put{number: "E", owner: me, level: 1, due: "2026-03-09", amount: 45, later: "2026-03-17"},
		put{number: "F", owner: me, level: 0, due: "2026-01-05", amount: 46, why: dunning.WhyChosenDay, later: "2026-03-16"},
		put{number: "G", owner: other, level: 1, due: "2026-03-08", amount: 51, why: dunning.WhyBrokenPromise},
		put{number: "H", level: 2, due: "2026-02-20", amount: 88})
}
