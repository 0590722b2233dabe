package customer_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// A customer who changes is found by the new words, and however many there are beside,
// none of them is read for it. Many who change at once are found too.
func TestWordsOfOneAndOfMany(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	change := func(sql string) (read int) {
		t.Helper()
		const reads = `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE relname IN ('customers', 'accounts', 'contact_points')`
		var before, after int
		write(t, db, acme.Manager, func(tx *tenant.Tx) error {
			err := tx.QueryRow(t.Context(), reads).Scan(&before)
			if err == nil {
				_, err = tx.Exec(t.Context(), sql)
			}
			if err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), reads).Scan(&after)
		})
		return after - before
	}
	change(`INSERT INTO customers (number, name, kind) SELECT 'n' || n, 'Vessel ' || n, 'business' FROM generate_series(1, 3000) n`)
	change(`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers`)
	if _, err := db.Owner(t).Exec(t.Context(), `ANALYZE`); err != nil {
		t.Fatal(err)
	}
	one := `(SELECT id FROM customers WHERE tenant_id = ` + fmt.Sprint(acme.ID) + ` AND number = 'n7')`
	for _, sql := range []string{
		`UPDATE customers SET watch_reason = 'x', watch_until = '2026-04-01' WHERE id = ` + one,
		`UPDATE customers SET name = 'Barge' WHERE id = ` + one,
		`INSERT INTO contact_points (customer_id, kind, value, role, person) SELECT ` + one + `, 'phone', '+4722410933', 'debtor', 'Quentin'`,
	} {
		if read := change(sql); read > 50 {
			t.Errorf("%d rows were read for %s", read, sql)
		}
	}
	for typed, want := range map[string]string{"barge": "n7", "quentin": "n7 person Quentin"} {
		if got := found(search(t, db, acme.Collector, typed)); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	for most, name := range map[int]string{1000: "Ketch", 1001: "Yawl"} {
		change(fmt.Sprintf(`UPDATE customers SET name = '%s ' || number WHERE id IN (SELECT id FROM customers ORDER BY id LIMIT %d)`, name, most))
		var words int
		if err := db.Owner(t).QueryRow(t.Context(), `SELECT count(DISTINCT customer_id) FROM search_words WHERE word = lower($1) AND kind = 'name'`, name).Scan(&words); err != nil {
			t.Fatal(err)
		}
		if words != most {
			t.Errorf("%d of %d are found", words, most)
		}
	}
}
