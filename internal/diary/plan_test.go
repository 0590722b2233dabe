package diary_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// However many contacts a company has, a diary is read from the indexes of its member:
// no table of work, nor the customers, is gone through.
func TestDiaryIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.contact(t, "C", d.acme.CollectorID, "2026-03-16")
	d.owner(t, `
		INSERT INTO customers (tenant_id, number, name, kind) SELECT $1, 'n' || n, 'Name', 'business' FROM generate_series(1, 4000) n`, d.acme.ID)
	d.owner(t, `ANALYZE customers`) // or each row below looks for its customer among all
	d.owner(t, `
		INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on, ended, ended_at, closing)
		SELECT c.tenant_id, c.id, (SELECT min(id) FROM contact_types), 'CALL', 'Call', '', 'x', $2::bigint, CASE c.id % 20 WHEN 0 THEN $2::bigint ELSE $3::bigint END, DATE '2026-03-01' + (c.id % 60)::int,
			CASE WHEN n % 4 > 0 THEN 'closed' END, CASE WHEN n % 4 > 0 THEN now() END, CASE WHEN n % 4 > 0 THEN 'x' ELSE '' END
		FROM customers c, generate_series(1, 4) n
		WHERE c.tenant_id = $1`, d.acme.ID, d.acme.CollectorID, d.acme.ManagerID)
	d.owner(t, `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text)
		SELECT c.tenant_id, c.id, CASE c.id % 20 WHEN 0 THEN $2::bigint ELSE $3::bigint END, DATE '2026-03-01' + (c.id % 60)::int, 'x'
		FROM customers c, generate_series(1, 2) n
		WHERE c.tenant_id = $1`, d.acme.ID, d.acme.CollectorID, d.acme.ManagerID)
	d.owner(t, `ANALYZE`)
	l := week
	l.Member = d.acme.CollectorID
	err := d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		shown := []int64{1, 2, 3, 4, 5, 6}
		for sql, args := range diary.Questions(tx, l, shown) {
			rows, _ := tx.Query(t.Context(), `EXPLAIN `+sql, args)
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			plan := strings.Join(lines, "\n")
			for _, table := range []string{"contacts", "follow_ups", "customers"} {
				if strings.Contains(plan, "Seq Scan on "+table+" ") {
					t.Errorf("%s are gone through:\n%s", table, plan)
				}
			}
			if strings.Contains(sql, "int8send") && (!strings.Contains(plan, "contacts_of_member") || !strings.Contains(plan, "follow_ups_of_member")) {
				t.Errorf("the member's indexes are not used:\n%s", plan)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
