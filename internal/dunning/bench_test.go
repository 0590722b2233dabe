package dunning_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// What the run is held to on a machine of two cores, at 1,000,000 items.
const (
	mostShare = 2.5
	mostTime  = 8 * time.Second
)

// BenchmarkRun makes a first run, the same run again, and that of the next day, over
// 10,000, 100,000 and 1,000,000 open items of a tenth as many customers. The last
// is compared to the same rules as one plain INSERT ... SELECT of a superuser, whom
// no row security holds, into a table like that of the entries.
func BenchmarkRun(b *testing.B) {
	for _, items := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			for range b.N {
				d := bulk(b, items/10, items)
				floor := plainInsert(b, d)
				first, again := timeRun(b, d, dbToday), timeRun(b, d, dbToday)
				next := timeRun(b, d, dbToday.Add(1))
				b.ReportMetric(floor.Seconds(), "floor-s")
				b.ReportMetric(first.Seconds(), "run-s")
				b.ReportMetric(again.Seconds(), "again-s")
				b.ReportMetric(next.Seconds(), "next-day-s")
				b.ReportMetric(first.Seconds()/floor.Seconds(), "of-floor")
				b.ReportMetric(0, "ns/op")
				if items == 1_000_000 && (first > mostTime || first.Seconds() > mostShare*floor.Seconds() || again > first) {
					b.Errorf("the run takes %s, again %s, and the floor %s; want at most %s, %.1f times the floor, and no more the second time", first, again, floor, mostTime, mostShare)
				}
			}
		})
	}
}

// bulk is a company with so many customers and open items, most of them overdue;
// some items are disputed, some customers stopped or with credit, and a fifth of the
// items were reminded of before.
func bulk(b *testing.B, customers, items int) *desk {
	b.Helper()
	d := newDesk(b, rules{levels: []int{5, 20, 40, 60}, wait: 8, pays: 7, gap: 7})
	owner := d.Owner(b)
	for _, sql := range []string{
		fmt.Sprintf(`SELECT set_config('app.tenant_id', '%d', false)`, d.ID),
		`INSERT INTO item_statuses (name, family) SELECT 'In dispute', 'dispute' WHERE NOT EXISTS (SELECT FROM item_statuses WHERE family = 'dispute')`,
		fmt.Sprintf(`INSERT INTO customers (number, name, kind) SELECT 'B' || n, 'Customer ' || n, 'business' FROM generate_series(1, %d) n`, customers),
		`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers WHERE number LIKE 'B%'`,
		fmt.Sprintf(`
			INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id, reached_days, reminded_on, pay_by)
			SELECT a.customer_id, a.id, 'invoice', to_char(n, 'FM0000000'), DATE '2026-03-16' - 120 - n %% 30, DATE '2026-03-16' + 20 - n %% 97, 'EUR', 100 * (n %% 5000 + 1) + n %% 100,
				CASE WHEN n %% 37 = 0 THEN d.id ELSE s.id END,
				CASE WHEN r.was THEN 5 END, CASE WHEN r.was THEN DATE '2026-03-16' - n %% 30 END, CASE WHEN r.was THEN DATE '2026-03-16' - n %% 30 + 7 END
			FROM generate_series(0, %d - 1) n
			CROSS JOIN LATERAL (SELECT n %% 5 = 0 AND n %% 97 > 40 AS was) r
			JOIN accounts a ON a.number = 'B' || (n::bigint * 7919 %% %d + 1)
			JOIN item_statuses s ON s.family = 'ongoing'
			JOIN item_statuses d ON d.family = 'dispute'
			ORDER BY n`, items, customers),
		`INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) SELECT customer_id, id, 'P' || id, '2026-03-01', 'EUR', 5000 FROM accounts WHERE id % 10 = 0`,
		`INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, 'attorney', 'has one', '2026-01-01', '2026-12-01' FROM customers WHERE id % 100 = 0`,
		`VACUUM ANALYZE`,
		`CHECKPOINT`,
	} {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatalf("%s: %v", sql, err)
		}
	}
	return d
}

func timeRun(b *testing.B, d *desk, on day.Day) time.Duration {
	b.Helper()
	d.TrialDay = on
	began := time.Now()
	err := d.Write(b.Context(), d.System(), func(tx *tenant.Tx) error {
		_, err := dunning.RunOnly(b.Context(), tx, on)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// plainInsert is how long a superuser takes for the same rules.
func plainInsert(b *testing.B, d *desk) time.Duration {
	b.Helper()
	owner := d.Owner(b)
	for _, sql := range []string{
		fmt.Sprintf(`SELECT set_config('app.tenant_id', '%d', false), set_config('app.branches', 'all', false), set_config('work_mem', '64MB', false), set_config('jit', 'off', false)`, d.ID),
		`CREATE TABLE plain (LIKE agenda_entries INCLUDING ALL,
			FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id))`,
	} {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	done, err := owner.Exec(b.Context(), dunning.EvaluateSQL+`
		INSERT INTO plain (tenant_id, customer_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies)
		SELECT @tenant, j.customer_id, @as_of, @as_of, j.policy_id, j.level_id, j.level, j.code, j.item_id, j.due_on, j.items, j.currency, j.to_collect, j.currencies
		FROM judged j
		WHERE j.opens
		ORDER BY j.customer_id`, pgx.NamedArgs{"tenant": d.ID, "as_of": dbToday, "own": "EUR"})
	if err != nil || done.RowsAffected() == 0 {
		b.Fatal(done, err)
	}
	return time.Since(began)
}
