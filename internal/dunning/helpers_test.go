package dunning_test

import (
	"encoding/json"
	"testing"
)

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pay records money of C-1 on a day, applied to the item as far as it is one.
func (d *desk) pay(t testing.TB, item, minor int64, on string) {
	t.Helper()
	d.sql(t, `
		WITH money AS (
			INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount)
			SELECT $1, $2, 'P-' || (SELECT count(*) FROM payments), $5::date, coalesce((SELECT i.currency FROM items i WHERE i.id = $3), 'EUR'), $4
			RETURNING id, account_id, currency, amount
		)
		INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on)
		SELECT m.account_id, m.currency, $3, m.id, m.amount, $5::date
		FROM money m
		WHERE $3 > 0`, d.customer, d.account, item, minor, on)
}

func (d *desk) count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// agenda is the open entries in short, past row security.
func (d *desk) agenda(t testing.TB) (s string) {
	t.Helper()
	err := d.Owner(t).QueryRow(t.Context(), `
		SELECT coalesce(string_agg(concat_ws(' ', c.number, e.level_number, e.why, i.number, e.items, e.to_collect, e.currency, e.currencies), '; ' ORDER BY c.number), '')
		FROM agenda_entries e
		JOIN customers c ON c.id = e.customer_id
		JOIN items i ON i.id = e.item_id
		WHERE e.state = 'open'`).Scan(&s)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
