package migrations_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/migrations"
)

// Of payments that files of items made it is known that they did, and whether the item
// came with them; what somebody called alike is theirs.
func TestOriginsOfBefore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	pool, err := sql.Open("pgx", db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApplyVersion(t.Context(), 55, false); err != nil {
		t.Fatal(err)
	}
	var account int64
	pays := `
		INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount)
		SELECT customer_id, account_id, v.payment, '2026-03-16', 'EUR', v.amount FROM items i JOIN (VALUES %s) v (item, payment, amount) ON v.item = i.number;
		INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on)
		SELECT i.account_id, 'EUR', i.id, p.id, p.amount, '2026-03-16' FROM items i JOIN (VALUES %[1]s) v (item, payment, amount) ON v.item = i.number JOIN payments p ON p.number = v.payment`
	for i, sql := range []string{fmt.Sprintf(pays, `('A', 'open:7:A', 11), ('B', 'settled:B', 500)`), fmt.Sprintf(pays, `('A', 'open:8:A', 12), ('C', 'settled:C', 501), ('D', 'settled:A', 13), ('D', 'P-1', 14)`)} {
		err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
			if i == 0 {
				_, account = dbtest.Customer(t, tx, "C-1")
			}
			for _, number := range [][]string{{"A", "B", "C", "D:E"}, {"D"}}[i] {
				dbtest.Item(t, tx, account, number, "2026-01-10", map[string]int64{"B": 500, "C": 501}[number]+int64(len(number))*100, "EUR")
			}
			_, err := tx.Conn().PgConn().Exec(t.Context(), sql).ReadAll()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.ApplyVersion(t.Context(), 55, true); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := pool.QueryRowContext(t.Context(), `SELECT string_agg(number || ' ' || origin, ', ' ORDER BY amount) FROM payments`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "open:7:A carried, open:8:A reported, settled:A recorded, P-1 recorded, settled:B settled_before, settled:C reported"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
