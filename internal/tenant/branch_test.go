package tenant_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// twoBranches has a customer with one of everything in each of two branches and
// one in none; the collector belongs to the first.
func twoBranches(t *testing.T, db *dbtest.Database, c *dbtest.Company) (first, second, none int64) {
	t.Helper()
	must(t, db.Write(t.Context(), c.System(), func(tx *tenant.Tx) error {
		var ids []int64
		for i, name := range []string{"North", "South", ""} {
			id, account := dbtest.Customer(t, tx, "K-"+name)
			item := dbtest.Item(t, tx, account, "I-"+name, "2026-02-01", int64(1000+i), "EUR")
			for _, sql := range []string{
				`WITH b AS (INSERT INTO branches (name) SELECT @name WHERE @name <> '' RETURNING id) UPDATE customers SET branch_id = (SELECT id FROM b) WHERE id = @id`,
				`WITH p AS (INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) VALUES (@id, @account, 'P-' || @name, '2026-02-02', 'EUR', 10) RETURNING id)
				INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on) SELECT @account, 'EUR', @item, id, 10, '2026-02-02' FROM p`,
				`INSERT INTO item_status_changes (item_id, from_id, to_id, reason) SELECT @item, status_id, status_id, 'tried' FROM items WHERE id = @item`,
				`INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES (@id, 'attorney', 'wrote', '2026-02-01', '2026-06-01')`,
				`INSERT INTO vehicles (customer_id, registration) VALUES (@id, 'EL ' || @name)`,
				`INSERT INTO contact_times (customer_id, kind, weekdays, from_time, to_time) VALUES (@id, 'best', 1, '09:00', '10:00')`,
				`WITH p AS (INSERT INTO contact_points (customer_id, kind, value, role) VALUES (@id, 'email', 'a@b.example', 'debtor') RETURNING id)
				INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source) SELECT @id, id, 'email', 'consent', '2026-02-01', 'a letter' FROM p`,
			} {
				if _, err := tx.Exec(t.Context(), sql, pgx.NamedArgs{"name": name, "id": id, "account": account, "item": item}); err != nil {
					return fmt.Errorf("%s: %w", sql, err)
				}
			}
			if _, err := note.Add(t.Context(), tx, note.New{CustomerID: id, Kind: "note", Text: "hello"}); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `INSERT INTO note_pins (customer_id, seq, member_id) VALUES ($1, 1, $2)`, id, c.CollectorID); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		first, second, none = ids[0], ids[1], ids[2]
		_, err := tx.Exec(t.Context(), `UPDATE members SET branch_id = (SELECT branch_id FROM customers WHERE id = $1) WHERE role = 'collector'`, first)
		return err
	}))
	return first, second, none
}

// limitedTables are those whose rows belong to a customer, with how to reach it.
var limitedTables = map[string]string{
	"customers": "id", "accounts": "customer_id", "items": "customer_id", "payments": "customer_id", "customer_totals": "customer_id",
	"note_heads": "customer_id", "notes": "customer_id", "note_pins": "customer_id", "contact_points": "customer_id", "permissions": "customer_id",
	"contact_times": "customer_id", "vehicles": "customer_id", "stops": "customer_id",
	"applications":        "(SELECT i.customer_id FROM items i WHERE i.id = item_id)",
	"item_status_changes": "(SELECT i.customer_id FROM items i WHERE i.id = item_id)",
}

func TestCollectorsMayBeLimitedToTheirBranch(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	first, second, none := twoBranches(t, db, acme)
	twoBranches(t, db, beta)
	// sees tells whose rows of each table somebody sees.
	sees := func(name string, who tenant.Who, want ...int64) {
		t.Helper()
		must(t, db.Read(t.Context(), who, func(tx *tenant.Tx) error {
			for table, customer := range limitedTables {
				rows, _ := tx.Query(t.Context(), `SELECT DISTINCT `+customer+` AS c FROM `+table+` ORDER BY c`)
				got, err := pgx.CollectRows(rows, pgx.RowTo[int64])
				if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s sees of %s the customers %v, want %v (%v)", name, table, got, want, err)
				}
			}
			var open int64
			err := tx.QueryRow(t.Context(), `SELECT count(*) FROM open_items('2026-03-16')`).Scan(&open)
			if open != int64(len(want)) {
				t.Errorf("%s sees %d open items", name, open)
			}
			var everywhere bool
			eerr := tx.QueryRow(t.Context(), `SELECT everywhere()`).Scan(&everywhere)
			if everywhere != (len(want) == 3) {
				t.Errorf("%s has a connection that sees everything: %v", name, everywhere)
			}
			return errors.Join(err, eerr)
		}))
	}
	owner := db.Owner(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	sees("a collector where nobody is limited", acme.Collector, first, second, none)
	exec(`UPDATE tenants SET branch_limited = true WHERE id = $1`, acme.ID)
	sees("a limited collector", acme.Collector, first)
	sees("a manager", acme.Manager, first, second, none)
	sees("an admin", acme.Admin, first, second, none)
	sees("the program", acme.System(), first, second, none)
	exec(`UPDATE members SET branch_id = (SELECT branch_id FROM customers WHERE id = $1) WHERE id = $2`, second, acme.CollectorID)
	sees("a limited collector who has moved", acme.Collector, second)
	exec(`UPDATE members SET branch_id = NULL WHERE id = $1`, acme.CollectorID)
	sees("a limited collector without a branch", acme.Collector)
	exec(`UPDATE members SET role = 'manager' WHERE id = $1`, acme.CollectorID)
	sees("who has become a manager", acme.Collector, first, second, none)
}

func TestLimitedCollectorsCannotWriteElsewhere(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	first, second, _ := twoBranches(t, db, acme)
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	write := func(sql string, args ...any) (n int64, err error) {
		err = db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			tag, err := tx.Exec(t.Context(), sql, args...)
			n = tag.RowsAffected()
			return err
		})
		return n, err
	}
	const add = `INSERT INTO notes (customer_id, author, kind, text) VALUES ($1, 'me', 'note', 'hello')`
	if _, err := write(add, first); err != nil {
		t.Errorf("a note in the own branch: %v", err)
	}
	if _, err := write(add, second); err == nil {
		t.Error("a note in another branch was taken")
	}
	if n, err := write(`UPDATE customers SET city = 'Elsewhere' WHERE id = $1`, second); n != 0 || err != nil {
		t.Errorf("%d customers of another branch changed, %v", n, err)
	}
	if _, err := write(`UPDATE customers SET branch_id = (SELECT max(id) FROM branches) WHERE id = $1`, first); err == nil {
		t.Error("a customer was moved to another branch")
	}
}
