package dunning_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// scribble fills the company with customers who have a bit of everything.
func scribble(t testing.TB, d *desk, r *rand.Rand, customers int) {
	t.Helper()
	var policies []int64
	d.do(t, d.Admin, func(tx *tenant.Tx) error {
		for i, p := range []rules{{levels: []int{-5, 3, 17, 40}, wait: 6, climb: "highest", gap: 5}, {levels: []int{2, 20}, wait: 4, repeat: 12}, {}} {
			policies = append(policies, policy(t, tx, fmt.Sprint("Other ", i), p))
		}
		return nil
	})
	owner := d.Owner(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`SELECT set_config('app.tenant_id', $1::text, false)`, fmt.Sprint(d.ID))
	exec(`INSERT INTO policy_minimums (policy_id, currency, amount) SELECT id, 'EUR', 3000 FROM policies WHERE name IN ('House', 'Other 1') UNION ALL SELECT id, 'JPY', 900 FROM policies`)
	exec(`INSERT INTO policy_rules (position, policy_id, tag) VALUES (1, $1, 'hard')`, policies[0])
	exec(`INSERT INTO policy_rules (position, policy_id, kind, currency, open_from) VALUES (2, $1, 'consumer', 'EUR', 20000)`, policies[1])
	perhaps := func(n int, v any) any {
		if r.IntN(n) == 0 {
			return v
		}
		return nil
	}
	on := func(spread int) day.Day { return dbToday.Add(r.IntN(2*spread) - spread) }
	for n := range customers {
		var c int64
		err := owner.QueryRow(t.Context(), `
			INSERT INTO customers (number, name, kind, tags, policy_id, reminder_mode, next_reminder_on, last_reminded_on, archived_at, dunning_paused_until, dunning_pause_reason)
			VALUES ($1::text, $1::text, $2, $3, $4, $5, $6, $7, CASE WHEN $8 THEN now() END, $9::date, CASE WHEN $9::date IS NOT NULL THEN 'asked' END)
			RETURNING id`, fmt.Sprintf("R-%03d", n), []string{"business", "consumer"}[r.IntN(2)], []string{"x", []string{"hard", "soft"}[r.IntN(2)]},
			perhaps(6, policies[r.IntN(3)]), []string{"auto", "auto", "auto", "manual"}[r.IntN(4)], perhaps(2, on(9)), perhaps(3, dbToday.Add(-r.IntN(15))),
			r.IntN(25) == 0, perhaps(20, on(4))).Scan(&c)
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(20) == 0 {
			exec(`INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'attorney', 'has one', '2026-01-01', '2026-12-01')`, c)
		}
		scribbleItems(t, owner, r, c, n)
	}
	scribblePromises(t, exec, r)
	d.do(t, d.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(t.Context(), tx) })
}

var dbToday = day.Of(dbtest.Monday)

// scribblePromises has every sixth account promised, some items of it whole and
// others in part; a consumer's holds all of the account.
func scribblePromises(t testing.TB, exec func(string, ...any), r *rand.Rand) {
	t.Helper()
	exec(`
		INSERT INTO promises (customer_id, account_id, currency, amount, tolerance, collectable, known_to, assignee_id, made_on, made_at, holds_account)
		SELECT a.customer_id, a.id, i.currency, sum(i.amount), 0, 0, 0, (SELECT min(id) FROM members), '2026-03-10', now(), c.kind = 'consumer' AND i.currency = min(min(i.currency)) OVER (PARTITION BY a.id)
		FROM accounts a
		JOIN customers c ON c.id = a.customer_id
		JOIN items i ON i.account_id = a.id AND i.amount > 0 AND i.open_amount > 0
		WHERE a.id % 6 = $1
		GROUP BY a.customer_id, a.id, i.currency, c.kind`, r.IntN(6))
	exec(`INSERT INTO instalments (customer_id, promise_id, assignee_id, number, due_on, grace_on, amount)
		SELECT customer_id, id, assignee_id, 1, DATE '2026-03-10' + (id % 9)::integer, DATE '2026-03-12' + (id % 9 + id % 4)::integer, amount FROM promises`)
	exec(`INSERT INTO promise_items (promise_id, item_id, customer_id, account_id, currency, place, amount, still)
		SELECT p.id, i.id, p.customer_id, p.account_id, p.currency, row_number() OVER (PARTITION BY p.id ORDER BY i.id), i.amount, CASE WHEN i.id % 3 = 0 THEN i.open_amount / 2 ELSE i.open_amount END
		FROM promises p
		JOIN items i ON i.account_id = p.account_id AND i.currency = p.currency AND i.open_amount > 0
		WHERE i.id % 5 <> 0`)
}

// scribbleItems makes a customer's items on two accounts, what was paid of them,
// and credit.
func scribbleItems(t testing.TB, owner *pgx.Conn, r *rand.Rand, c int64, n int) {
	t.Helper()
	for a := range 1 + r.IntN(2) {
		var account int64
		number := fmt.Sprintf("R-%03d-%d", n, a)
		if err := owner.QueryRow(t.Context(), `INSERT INTO accounts (customer_id, kind, number) VALUES ($1, 'trade', $2) RETURNING id`, c, number).Scan(&account); err != nil {
			t.Fatal(err)
		}
		for i := range r.IntN(6) {
			due := dbToday.Add(12 - r.IntN(80))
			reached := any(nil)
			if r.IntN(2) == 0 && due.Before(dbToday) {
				reached = []int{-5, 2, 3, 9, 17, 20, 24, 40}[r.IntN(8)]
			}
			amount, paid := int64(100+r.IntN(9000)), int64(0)
			if r.IntN(8) == 0 {
				amount = -amount
			} else if r.IntN(3) == 0 {
				paid = 1 + r.Int64N(amount)
			}
			_, err := owner.Exec(t.Context(), `
				WITH made AS (
					INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id, paused_until, pause_reason, reached_days, reminded_on, pay_by)
					SELECT @customer, @account, CASE WHEN @amount::bigint < 0 THEN 'credit_note' ELSE 'invoice' END, @number, @due::date - 20, CASE WHEN @undated THEN NULL ELSE @due::date END,
						@currency, @amount, (SELECT id FROM item_statuses WHERE family = @family), @paused::date, CASE WHEN @paused::date IS NOT NULL THEN 'asked' END,
						@reached::integer, CASE WHEN @reached::integer IS NOT NULL THEN @reminded::date END, CASE WHEN @reached::integer IS NOT NULL THEN @reminded::date + 5 END
					RETURNING id, account_id, currency
				), money AS (
					INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount)
					SELECT @customer, @account, 'P-' || @number, @value::date, @currency, @paid::bigint + @over::bigint
					WHERE @paid::bigint > 0
					RETURNING id
				)
				INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on)
				SELECT m.account_id, m.currency, m.id, p.id, @paid, @value::date
				FROM made m, money p`,
				pgx.NamedArgs{"customer": c, "account": account, "number": fmt.Sprintf("%s-%d", number, i), "due": due, "undated": r.IntN(15) == 0, "amount": amount,
					"currency": []string{"EUR", "EUR", "JPY", "USD"}[r.IntN(4)], "family": []string{"ongoing", "ongoing", "ongoing", "ongoing", "dispute", "litigation", "promise", "dispute_resolved"}[r.IntN(8)],
					"paused": map[bool]any{true: dbToday.Add(r.IntN(8) - 4)}[r.IntN(8) == 0], "reached": reached, "reminded": dbToday.Add(-r.IntN(20)),
					"paid": paid, "over": r.Int64N(3000), "value": dbToday.Add(10 - r.IntN(40))})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestEvaluationIsThePlainOne: on scribbled ledgers, on days before, on and after
// today, the statement says of every customer and every item what a plain loop says.
func TestEvaluationIsThePlainOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, rules{levels: []int{5, 24}, wait: 9, gap: 3})
			scribble(t, d, rand.New(rand.NewPCG(seed, 7)), 120)
			m := readModel(t, d.Owner(t), dbToday)
			codes := map[string]int{}
			for _, shift := range []int{-10, -1, 0, 1, 13, 60} {
				on := dbToday.Add(shift)
				compareItems(t, d, m, on)
				for _, v := range compareVerdicts(t, d, m, on) {
					codes[v.Code]++
				}
			}
			for _, code := range []string{"level", "repeat", "last", "chosen_day", "manual", "credit", "minimum", "early", "gap", "stopped", "disputed", "promised", "by_hand"} {
				if codes[code] == 0 {
					t.Errorf("nobody came out as %s: the ledger is too plain", code)
				}
			}
		})
	}
}

func compareVerdicts(t *testing.T, d *desk, m *model, on day.Day) (want []modelVerdict) {
	t.Helper()
	var got []dunning.Verdict
	err := d.Read(t.Context(), d.System(), func(tx *tenant.Tx) (err error) {
		got, err = dunning.Evaluate(t.Context(), tx, on)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range m.customers {
		if v, told := m.verdict(c, on, "EUR"); told {
			want = append(want, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("as of %s there are %d verdicts, want %d", on, len(got), len(want))
	}
	by := map[string]string{}
	for _, g := range got {
		v := modelVerdict{Customer: g.Number, Code: string(g.Code), Opens: g.Opens, ComesOn: g.ComesOn}
		if v.Opens {
			v.Level, v.Items, v.Item = g.Level, g.Items, g.ItemNumber
		}
		for i, c := range g.Currencies {
			v.Amounts = append(v.Amounts, money.New(g.Amounts[i], c))
		}
		by[v.Customer] = fmt.Sprintf("%+v", v)
	}
	for _, w := range want {
		if w := fmt.Sprintf("%+v", w); by[want[0].Customer] == "" || by[w[len("{Customer:"):len("{Customer:R-000")]] != w {
			t.Errorf("as of %s the evaluation says\n%s\nwant\n%s", on, by[w[len("{Customer:"):len("{Customer:R-000")]], w)
		}
	}
	return want
}

// compareItems compares what may be chased, an item each.
func compareItems(t *testing.T, d *desk, m *model, on day.Day) {
	t.Helper()
	got, want := map[int64]string{}, map[int64]string{}
	err := d.Read(t.Context(), d.System(), func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT c.item_id, c.open_amount, c.collectable, c.held FROM collectable($2) c WHERE c.tenant_id = $1`, d.ID, on)
		var item, open, may int64
		var held string
		_, err := pgx.ForEachRow(rows, []any{&item, &open, &may, &held}, func() error {
			got[item] = fmt.Sprint(open, may, held)
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range m.customers {
		for _, i := range c.items {
			open, held, may := m.open(i, on), m.held(c, i, on), int64(0)
			if held == "free" {
				may = open - i.Still
			}
			if open > 0 && !i.DueOn.IsZero() {
				want[i.ID] = fmt.Sprint(open, may, held)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("as of %s %d items are open and due some day, want %d", on, len(got), len(want))
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("as of %s item %d is %q, want %q", on, id, got[id], w)
		}
	}
}
