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

// Of cases that are open already, what was applied before the item joined is known, and
// what came since is asked about; an outcome that is called a wrong number asks for it.
func TestCreditsAndWrongNumbersOfBefore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var item int64
	err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		item = dbtest.Item(t, tx, account, "A", "2026-01-10", 600_01, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("pgx", db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, down := range []int64{47, 46} {
		if _, err := p.ApplyVersion(t.Context(), down, false); err != nil {
			t.Fatal(err)
		}
	}
	_, err = db.Owner(t).Exec(t.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		INSERT INTO dispositions (name) VALUES ('Wrong number');
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT customer_id, account_id, 'credit_note', 'CN', due_on, due_on, currency, -10000, status_id FROM items WHERE id = %[2]d;
		INSERT INTO applications (account_id, currency, item_id, credit_id, amount, value_on, made_at)
		SELECT account_id, currency, %[2]d, id, x.amount, x.on, x.on FROM items, (VALUES (1001, DATE '2026-03-02'), (2002, DATE '2026-03-04')) x (amount, "on") WHERE number = 'CN' ORDER BY x.on;
		INSERT INTO cases (customer_id, title, status, owner_id, next_on, opened_on, opened_at)
		SELECT customer_id, 'Price', 'in_work', %[3]d, DATE '2026-03-20', DATE '2026-03-03', DATE '2026-03-03' FROM items WHERE id = %[2]d;
		INSERT INTO case_items (case_id, customer_id, account_id, currency, item_id, amount, joined_at)
		SELECT k.id, i.customer_id, i.account_id, i.currency, i.id, 5000, k.opened_at FROM cases k, items i WHERE i.id = %[2]d`, acme.ID, item, acme.CollectorID))
	if err != nil {
		t.Fatal(err)
	}
	for _, up := range []int64{46, 47} {
		if _, err := p.ApplyVersion(t.Context(), up, true); err != nil {
			t.Fatal(err)
		}
	}
	var known int64
	if err := pool.QueryRowContext(t.Context(), `SELECT a.amount FROM case_items q JOIN applications a ON a.id = q.credits_to WHERE q.item_id = $1`, item).Scan(&known); err != nil || known != 10_01 {
		t.Errorf("known up to the application of %d: %v", known, err)
	}
	var opens string
	if err := pool.QueryRowContext(t.Context(), `SELECT opens FROM dispositions WHERE tenant_id = $1 AND name = 'Wrong number'`, acme.ID).Scan(&opens); err != nil || opens != "wrong_number" {
		t.Errorf("a wrong number opens %q: %v", opens, err)
	}
}
