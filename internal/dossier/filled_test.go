package dossier_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// whole gives the customer one row, or two, of each table that the other fixtures
// leave empty. Ids are those of a database that is filled for the first time.
var whole = []string{
	`INSERT INTO branches (tenant_id, name) VALUES (@tenant, 'North')`,
	`INSERT INTO policies (tenant_id, name) VALUES (@tenant, 'House')`,
	`UPDATE customers SET city = 'Oslo', language = 'no', owner_id = @collector, branch_id = (SELECT id FROM branches), tags = '{hard,vip}', watch_reason = 'Threatens', watch_until = '2026-05-01',
		reminder_mode = 'manual', next_reminder_on = '2026-04-04', reminder_by = @manager, reminder_at = '2026-03-16 09:00Z', dunning_paused_until = '2026-03-30', dunning_pause_reason = 'Agreed',
		dunning_paused_by = @manager, policy_id = (SELECT id FROM policies WHERE name = 'House') WHERE id = @customer`,
	`UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE tenant_id = @tenant AND family = 'dispute'), paused_until = '2026-03-20', pause_reason = 'Goods are checked', paused_by = @manager WHERE id = @item`,
	`INSERT INTO item_status_changes (tenant_id, item_id, from_id, to_id, member_id, reason)
		SELECT @tenant, @item, f.id, i.status_id, @collector, 'Wrong price' FROM items i, item_statuses f WHERE i.id = @item AND f.tenant_id = @tenant AND f.family = 'ongoing'`,
	`INSERT INTO items (tenant_id, customer_id, account_id, kind, number, issued_on, currency, amount, status_id)
		SELECT @tenant, @customer, @account, 'fee', 'INV-2', '2026-02-01', 'JPY', 7501, id FROM item_statuses WHERE tenant_id = @tenant AND family = 'ongoing'`,
	`INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount, member_id)
		VALUES (@tenant, @customer, @account, 'P-1', '2026-02-03', 'EUR', 2501, @collector), (@tenant, @customer, @account, 'P-2', '2026-02-04', 'JPY', 7501, NULL)`,
	`INSERT INTO applications (tenant_id, account_id, currency, item_id, payment_id, amount, value_on, member_id) VALUES (@tenant, @account, 'EUR', @item, 1, 777, '2026-02-03', @collector)`,
	`INSERT INTO applications (tenant_id, account_id, currency, item_id, payment_id, amount, value_on, reverses, reason, member_id)
		VALUES (@tenant, @account, 'EUR', @item, 1, -777, '2026-02-10', 1, 'Of another invoice', @manager)`,
	`INSERT INTO applications (tenant_id, account_id, currency, item_id, payment_id, amount, value_on)
		SELECT @tenant, @account, i.currency, i.id, p.id, CASE i.currency WHEN 'EUR' THEN 1 ELSE 7501 END, p.value_on
		FROM items i JOIN payments p ON p.currency = i.currency ORDER BY i.id`,
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text, author_id, ended, ended_at, ended_by)
		VALUES (@tenant, @customer, @collector, '2026-03-20', '14:30', '=Ask for the slip', @manager, NULL, NULL, NULL),
			(@tenant, @customer, @collector, '2026-03-18', NULL, 'A slip', NULL, 'deleted', '2026-03-17 08:30Z', @manager)`,
	`UPDATE contact_points SET preferred = true WHERE id = 1`,
	`INSERT INTO contact_points (tenant_id, customer_id, kind, value, role, retired_at, former, bad_at, bad_why)
		VALUES (@tenant, @customer, 'email', 'old@berg.example', 'debtor', '2026-03-01 08:00Z', true, '2026-02-01 08:00Z', 'Unknown')`,
	`INSERT INTO contact_times (tenant_id, customer_id, contact_point_id, kind, weekdays, from_time, to_time, remark, member_id) VALUES (@tenant, @customer, 1, 'best', 31, '09:00', '11:00', 'At the desk', @collector)`,
	`INSERT INTO vehicles (tenant_id, customer_id, account_id, registration, make, year) VALUES (@tenant, @customer, @account, 'AB 12345', 'Volvo', 2019)`,
	`INSERT INTO contact_groups (tenant_id, name) VALUES (@tenant, 'Telephone')`,
	`INSERT INTO contact_types (tenant_id, group_id, code, name) SELECT @tenant, id, 'CALL', 'Call' FROM contact_groups`,
	`INSERT INTO contact_origins (tenant_id, name) VALUES (@tenant, 'Fair')`,
	`INSERT INTO contact_strengths (tenant_id, name) VALUES (@tenant, 'High')`,
	`INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on, due_at, origin_id, strength_id, vehicle_id, next_id, first_id, ended, ended_at, ended_by, closing)
		SELECT @tenant, @customer, t.id, 'CALL', 'Call', '', said, @collector, @manager, due_on::date, due_at::time, origin, strength, vehicle, next, first, ended, '2026-03-22 08:00Z', @manager, closing
		FROM contact_types t, (VALUES ('Asked for the invoice', '2026-03-18', NULL, 1, 1, 1, 2, NULL::bigint, 'followed', ''), ('Spoke about it', '2026-03-21', '09:15', NULL, NULL, NULL, NULL, 1, 'closed', 'Paid by card'))
			v (said, due_on, due_at, origin, strength, vehicle, next, first, ended, closing)`,
	`INSERT INTO resolvers (tenant_id, name, email) VALUES (@tenant, 'Rolf', 'rolf@acme.example')`,
	`INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, resolver_id, next_on, deadline_on, opened_on, opened_at, opened_by)
		SELECT @tenant, @customer, 'Wrong price', 'in_work', @collector, id, '2026-03-20', '2026-04-02', '2026-03-02', '2026-03-02 08:00Z', @manager FROM resolvers`,
	`INSERT INTO case_items (tenant_id, case_id, customer_id, account_id, currency, item_id, amount, joined_at, joined_by, left_at, left_by, left_why)
		VALUES (@tenant, 1, @customer, @account, 'EUR', @item, 3330, '2026-03-02 08:00Z', @manager, '2026-03-12 08:00Z', @collector, 'resolved')`,
	`UPDATE cases SET status = 'closed', closed_at = '2026-03-12 08:00Z', closed_on = '2026-03-12', closed_by = @collector`,
	`INSERT INTO item_returns (tenant_id, customer_id, item_id, case_id, since_reminder, member_id) VALUES (@tenant, @customer, @item, 1, 0, @manager)`,
	`INSERT INTO resolver_links (tenant_id, customer_id, case_id, resolver_id, token_hash, expires_at, created_at, author_id)
		VALUES (@tenant, @customer, 1, 1, sha256('a'), '2026-04-01', '2026-03-03', @manager)`,
	`INSERT INTO resolver_link_uses (tenant_id, link_id, kind, verdict, address) VALUES (@tenant, 1, 'looked', NULL, '192.0.2.7'), (@tenant, 1, 'answered', 'accept', '192.0.2.7')`,
	`WITH went AS (
			INSERT INTO messages (tenant_id, resolver_id, case_id, channel, state, address, language, subject, body, link)
			VALUES (@tenant, 1, 1, 'email', 'held', 'rolf@acme.example', 'en', 'Is the price right?', 'Please look.', 'answer') RETURNING id)
		INSERT INTO case_messages (tenant_id, message_id, case_id, customer_id) SELECT @tenant, id, 1, @customer FROM went`,
	`WITH entry AS (
			INSERT INTO agenda_entries (tenant_id, customer_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies, state, closed_at, closed_by, later_on, later_reason, later_by)
			SELECT @tenant, @customer, '2026-03-01', '2026-03-04', id, NULL, 2, 'level', @item, '2026-01-10', 1, 'EUR', 59999, 1, 'done', now(), @manager, '2026-03-05', 'Asked for time', @collector FROM policies WHERE name = 'House' RETURNING id),
		acted AS (
			INSERT INTO agenda_actions (tenant_id, customer_id, entry_id, kind, level_number, level_name, text, member_id) SELECT @tenant, @customer, id, 'manual', 2, 'Firm', 'Drove there', @manager FROM entry RETURNING id),
		named AS (
			INSERT INTO agenda_action_items (tenant_id, customer_id, action_id, item_id, level_id, level_number, after_days, pay_by, amount, currency)
			SELECT @tenant, @customer, acted.id, @item, l.id, 2, 20, '2026-03-10', 59888, 'EUR' FROM acted, levels l),
		batched AS (INSERT INTO batches (tenant_id, kind, on_day, member_id) VALUES (@tenant, 'print', '2026-03-01', @manager) RETURNING id)
		INSERT INTO batch_entries (tenant_id, batch_id, customer_id, entry_id, state, why, at) SELECT @tenant, batched.id, @customer, entry.id, 'left', 'Paused', now() FROM batched, entry`,
	`WITH run AS (INSERT INTO statement_runs (tenant_id, as_of, whom, member_id, finished_at) VALUES (@tenant, '2026-03-01', 'open', @manager, now()) RETURNING id)
		INSERT INTO statement_run_customers (tenant_id, run_id, customer_id, state, why, at) SELECT @tenant, id, @customer, 'left', 'No address', now() FROM run`,
	`INSERT INTO inbox_entries (tenant_id, kind, customer_id, message_id, why, assignee_id, state, outcome, handled_at, handled_by)
		VALUES (@tenant, 'failed', @customer, 1, 'No such mailbox', @collector, 'handled', 'Sent again', now(), @manager)`,
	`INSERT INTO note_pins (tenant_id, customer_id, seq, member_id) VALUES (@tenant, @customer, 1, @manager)`,
	// somebody else's, of whom nothing is to be seen
	`INSERT INTO accounts (tenant_id, customer_id, kind, number) VALUES (@tenant, @other, 'trade', 'foreign')`,
	`INSERT INTO items (tenant_id, customer_id, account_id, kind, number, issued_on, currency, amount, status_id)
		SELECT @tenant, @other, a.id, 'fee', 'foreign', '2026-02-01', 'EUR', 18, s.id FROM accounts a, item_statuses s WHERE a.number = 'foreign' AND s.tenant_id = @tenant AND s.family = 'ongoing'`,
	`INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount) SELECT @tenant, @other, id, 'foreign', '2026-02-03', 'EUR', 19 FROM accounts WHERE number = 'foreign'`,
	`INSERT INTO applications (tenant_id, account_id, currency, item_id, payment_id, amount, value_on)
		SELECT @tenant, i.account_id, 'EUR', i.id, p.id, 17, '2026-02-03' FROM items i JOIN payments p ON p.number = i.number WHERE i.number = 'foreign'`,
	`INSERT INTO item_status_changes (tenant_id, item_id, from_id, to_id, reason) SELECT @tenant, id, status_id, status_id, 'foreign' FROM items WHERE number = 'foreign'`,
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) VALUES (@tenant, @other, @collector, '2026-03-20', 'foreign')`,
	`INSERT INTO contact_points (tenant_id, customer_id, kind, value, role) VALUES (@tenant, @other, 'email', 'foreign@berg.example', 'debtor')`,
	`INSERT INTO vehicles (tenant_id, customer_id, registration) VALUES (@tenant, @other, 'foreign')`,
	`INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at) VALUES (@tenant, @other, 'foreign', 'in_work', @collector, '2026-03-20', '2026-03-02', now())`,
	`INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id) SELECT @tenant, @other, id, 'CALL', 'Call', '', 'foreign', @collector, @collector FROM contact_types`,
}

// filled gives the customer one of everything, and somebody else what must not be seen.
func (d *desk) filled(t testing.TB) {
	t.Helper()
	d.promised(t)
	point := d.cared(t)
	d.wrote(t, point)
	d.called(t, point)
	d.papers(t)
	d.reminded(t)
	args := pgx.NamedArgs{"tenant": d.acme.ID, "customer": d.id, "account": d.on, "item": d.item, "collector": d.acme.CollectorID, "manager": d.acme.ManagerID}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		var other int64
		err := tx.QueryRow(t.Context(), `INSERT INTO customers (number, name, kind) VALUES ('C-9', 'foreign', 'business') RETURNING id`).Scan(&other)
		args["other"] = other
		return err
	})
	owner := d.Owner(t)
	for _, sql := range whole {
		if _, err := owner.Exec(t.Context(), sql, args); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
