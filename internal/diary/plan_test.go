package diary_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// busy is a company of 4,000 customers, with 8,000 follow-ups and as many open contacts,
// one of twenty the collector's and the others the manager's.
func (d *desk) busy(t *testing.T) {
	t.Helper()
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
}

// However many contacts a company has, a diary is read from the indexes of its member:
// no table of work, nor the customers, is gone through.
func TestDiaryIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.contact(t, "C", d.acme.CollectorID, "2026-03-16")
	d.busy(t)
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

// What is nobody's is found without going through the work of the company: where
// collectors are not limited to their branch, by who has left, and else by the collectors.
func TestNoOwnerIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.contact(t, "C", d.acme.CollectorID, "2026-03-16")
	d.busy(t)
	d.owner(t, `UPDATE follow_ups SET due_on = due_on + 20`) // of nobody is anything due, so that People counts nothing
	d.owner(t, `UPDATE contacts SET due_on = due_on + 20`)
	d.owner(t, `VACUUM ANALYZE`)
	l := week
	l.Member, l.Until = diary.NoOwner, today.Add(60)
	read := func() (all, through int) {
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
			_, err := diary.People(t.Context(), tx)
			_, serr := diary.ReadSheet(t.Context(), tx, l)
			_, rerr := diary.Read(t.Context(), tx, diary.NoOwner, 0, diary.Counts{})
			if err := errors.Join(err, serr, rerr); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `
				SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), sum(seq_tup_read)
				FROM pg_stat_xact_user_tables
				WHERE relname IN ('customers', 'follow_ups', 'contacts', 'cases', 'instalments')`).Scan(&all, &through)
		})
		return all, through
	}
	if all, _ := read(); all > 100 {
		t.Errorf("%d rows were looked at where collectors see all", all)
	}
	d.owner(t, `UPDATE tenants SET branch_limited = true`)
	if all, through := read(); all < 100 || all > 4000 || through > 0 {
		t.Errorf("%d rows were looked at where collectors are limited, %d of them by going through tables", all, through)
	}
}

// However long the agenda of another member is, a diary does not go through it.
func TestDiaryLeavesTheAgendaOfOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, sql := range []string{
		`INSERT INTO customers (number, name, kind, owner_id) SELECT 'n' || n, 'Name', 'business', $1 FROM generate_series(1, 3000) n`,
		`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers WHERE owner_id = $1`,
		`INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
			SELECT a.customer_id, a.id, 'invoice', a.number, '2026-01-02', '2026-02-01', 'EUR', 1234, (SELECT min(id) FROM item_statuses WHERE tenant_id = a.tenant_id)
			FROM accounts a JOIN customers c ON c.tenant_id = a.tenant_id AND c.id = a.customer_id WHERE c.owner_id = $1`,
		`WITH p AS (INSERT INTO policies (name) VALUES ('Trade') RETURNING id)
			INSERT INTO agenda_entries (customer_id, owner_id, opened_on, as_of, policy_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies)
			SELECT i.customer_id, $1, '2026-03-10', '2026-03-10', p.id, 1, 'chosen_day', i.id, i.due_on, 1, 'EUR', 1234, 1
			FROM p, items i JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id WHERE c.owner_id = $1`,
	} {
		d.exec(t, sql, d.acme.ManagerID)
	}
	d.owner(t, `ANALYZE`)
	l := week
	l.Member = d.acme.CollectorID
	err := d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		s, err := diary.ReadSheet(t.Context(), tx, l)
		if err != nil || s.Waiting.N != 0 {
			t.Errorf("%d wait, %v", s.Waiting.N, err)
		}
		var touched int
		err = tx.QueryRow(t.Context(), `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'agenda_entries'`).Scan(&touched)
		if touched > 100 {
			t.Errorf("%d entries were looked at", touched)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
