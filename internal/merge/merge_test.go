package merge_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// full gives a customer, with its account, one row of every table that is about
// customers; x is a word that tells the two apart.
var full = []string{
	`INSERT INTO contact_points (tenant_id, customer_id, account_id, kind, value, person, role, preferred)
		VALUES (@tenant, @customer, @account, 'email', @x || '@debtor.example', @x, 'debtor', true), (@tenant, @customer, NULL, 'phone', '+4722000001', 'Kari', 'debtor', false)`,
	`INSERT INTO permissions (tenant_id, customer_id, contact_point_id, channel, state, given_on, source)
		SELECT @tenant, @customer, id, 'email', 'consent', '2026-01-02', 'Letter' FROM contact_points WHERE customer_id = @customer AND kind = 'email'`,
	`INSERT INTO contact_requests (tenant_id, customer_id, contact_point_id, channel, until, source)
		SELECT @tenant, @customer, id, 'call', '2026-03-18', 'On the telephone' FROM contact_points WHERE customer_id = @customer AND kind = 'phone'`,
	`INSERT INTO contact_times (tenant_id, customer_id, contact_point_id, kind, weekdays, from_time, to_time)
		SELECT @tenant, @customer, id, 'best', 31, '09:00', '11:00' FROM contact_points WHERE customer_id = @customer AND kind = 'phone'`,
	`INSERT INTO vehicles (tenant_id, customer_id, account_id, registration) VALUES (@tenant, @customer, @account, 'AB 1' || @x), (@tenant, @customer, NULL, 'CD 2' || @x)`,
	`INSERT INTO stops (tenant_id, customer_id, kind, reason, since, review_on) VALUES (@tenant, @customer, CASE @x WHEN 'gone' THEN 'attorney' ELSE 'hardship' END, @x, '2026-01-01', '2026-06-01')`,
	`INSERT INTO documents (tenant_id, customer_id, subject, name, media_type, size, sha256, blob_key)
		VALUES (@tenant, @customer, 'customer', @x || '.txt', 'text/plain', 1, sha256(''), 'blob-' || @x)`,
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) VALUES (@tenant, @customer, @member, '2026-03-20', @x)`,
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text, ended, ended_at) VALUES (@tenant, @customer, @member, '2026-03-20', @x, 'done', now())`,
	`WITH grouped AS (INSERT INTO contact_groups (tenant_id, name) VALUES (@tenant, @x) RETURNING id),
			kind AS (INSERT INTO contact_types (tenant_id, group_id, code, name) SELECT @tenant, id, upper(@x), 'Call' FROM grouped RETURNING id),
			next AS (INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, first_id)
				OVERRIDING SYSTEM VALUE SELECT @tenant, @customer, id, 'CALL', 'Call', '', 'Spoke', @member, @member, NULL FROM kind RETURNING id)
		SELECT id FROM next`,
	`WITH made AS (
			INSERT INTO promises (tenant_id, customer_id, account_id, currency, amount, tolerance, collectable, known_to, assignee_id, made_on, made_at)
			VALUES (@tenant, @customer, @account, 'EUR', 10, 0, 100, 0, @member, '2026-03-16', now()) RETURNING id), parts AS (
			INSERT INTO instalments (tenant_id, customer_id, promise_id, assignee_id, number, due_on, grace_on, amount)
			SELECT @tenant, @customer, id, @member, 1, '2026-03-20', '2026-03-24', 10 FROM made RETURNING id), decided AS (
			INSERT INTO promise_decisions (tenant_id, customer_id, instalment_id, from_state, state, received, inputs, on_day) SELECT @tenant, @customer, id, 'open', 'open', 0, '{}', '2026-03-16' FROM parts)
		INSERT INTO promise_items (tenant_id, promise_id, item_id, customer_id, account_id, currency, place, amount, still)
		SELECT @tenant, made.id, i.id, @customer, @account, 'EUR', 1, 10, 10 FROM made, items i WHERE i.account_id = @account`,
	`INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount) VALUES (@tenant, @customer, @account, 'P-' || @x, '2026-03-01', 'EUR', 5)`,
	`WITH letter AS (
			INSERT INTO messages (tenant_id, customer_id, contact_point_id, channel, state, address, language, body, sent_at)
			SELECT @tenant, @customer, id, 'email', 'sent', value, 'en', @x, now() FROM contact_points WHERE customer_id = @customer AND kind = 'email' RETURNING id), opened AS (
			INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at)
			VALUES (@tenant, @customer, @x, 'in_work', @member, '2026-03-20', '2026-03-16', now()) RETURNING id), resolver AS (
			INSERT INTO resolvers (tenant_id, name, email) VALUES (@tenant, @x, @x || '@acme.example') RETURNING id), link AS (
			INSERT INTO resolver_links (tenant_id, customer_id, case_id, resolver_id, token_hash, expires_at, created_at)
			SELECT @tenant, @customer, opened.id, resolver.id, sha256(@x::bytea), now(), now() FROM opened, resolver), went AS (
			INSERT INTO case_messages (tenant_id, message_id, case_id, customer_id) SELECT @tenant, letter.id, opened.id, @customer FROM letter, opened), back AS (
			INSERT INTO item_returns (tenant_id, customer_id, item_id, case_id, since_reminder) SELECT @tenant, @customer, i.id, opened.id, 0 FROM opened, items i WHERE i.account_id = @account)
		INSERT INTO case_items (tenant_id, case_id, customer_id, account_id, currency, item_id, amount, joined_at)
		SELECT @tenant, opened.id, @customer, @account, 'EUR', i.id, 1, now() FROM opened, items i WHERE i.account_id = @account`,
	`WITH came AS (INSERT INTO received (tenant_id, customer_id, channel, provider_id, kind, at) VALUES (@tenant, @customer, 'sms', @x, 'reply', now()) RETURNING id)
		INSERT INTO inbox_entries (tenant_id, kind, customer_id, contact_point_id, received_id)
		SELECT @tenant, 'reply', @customer, p.id, came.id FROM came, contact_points p WHERE p.customer_id = @customer AND p.kind = 'phone'`,
	`WITH called AS (
			INSERT INTO call_attempts (tenant_id, customer_id, contact_point_id, direction, number, member_id, at)
			SELECT @tenant, @customer, id, 'out', value, @member, '2026-03-15 10:00Z' FROM contact_points WHERE customer_id = @customer AND kind = 'phone' RETURNING id), about AS (
			INSERT INTO call_attempt_accounts (tenant_id, customer_id, call_attempt_id, account_id) SELECT @tenant, @customer, id, @account FROM called)
		INSERT INTO call_events (tenant_id, customer_id, call_attempt_id, kind) SELECT @tenant, @customer, id, 'outcome' FROM called`,
	`WITH run AS (
			INSERT INTO statement_runs (tenant_id, as_of, whom, member_id, finished_at) VALUES (@tenant, '2026-03-01', 'open', @member, now()) RETURNING id)
		INSERT INTO statement_run_customers (tenant_id, run_id, customer_id, state, why, at) SELECT @tenant, id, @customer, 'left', @x, now() FROM run`,
	`WITH entry AS (
			INSERT INTO agenda_entries (tenant_id, customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies, state, closed_at)
			VALUES (@tenant, @customer, '2026-03-01', '2026-03-01', 0, 'level', 0, '2026-03-01', 1, 'EUR', 100, 1, 'done', now()) RETURNING id), acted AS (
			INSERT INTO agenda_actions (tenant_id, customer_id, entry_id, kind, level_number, level_name) SELECT @tenant, @customer, id, 'manual', 1, 'Friendly' FROM entry RETURNING id, entry_id), named AS (
			INSERT INTO agenda_action_items (tenant_id, customer_id, action_id, item_id, level_id, level_number, after_days, pay_by, amount, currency)
			SELECT @tenant, @customer, acted.id, i.id, l.id, 1, 10, '2026-03-10', 10, 'EUR' FROM acted, items i, levels l WHERE i.account_id = @account), batched AS (
			INSERT INTO batches (tenant_id, kind, on_day) SELECT @tenant, 'print', '2026-03-01' RETURNING id), listed AS (
			INSERT INTO batch_entries (tenant_id, batch_id, customer_id, entry_id) SELECT @tenant, batched.id, @customer, entry.id FROM batched, entry)
		INSERT INTO reminders (tenant_id, customer_id, item_id, entry_id, action_id, level_id, level_number, after_days, reminded_on, pay_by, amount, currency)
		SELECT @tenant, @customer, i.id, acted.entry_id, acted.id, l.id, 1, 10, '2026-03-01', '2026-03-10', 10, 'EUR' FROM acted, items i, levels l WHERE i.account_id = @account`,
}

// fill gives both customers one of everything.
func (d *desk) fill(t *testing.T) {
	t.Helper()
	for x, of := range map[string][2]int64{"gone": {d.gone, d.of}, "keep": {d.keep, d.on}} {
		for _, sql := range full {
			if _, err := d.owner.Exec(t.Context(), sql, pgx.NamedArgs{"tenant": d.acme.ID, "customer": of[0], "account": of[1], "member": d.acme.CollectorID, "x": x}); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			seq, err := note.Add(t.Context(), tx, note.New{CustomerID: of[0], Kind: note.Typed, Text: "Said " + x})
			if err != nil {
				return err
			}
			return note.Pin(t.Context(), tx, of[0], seq)
		})
	}
}

// stay are the records: they keep the customer of their time. contact_points are there
// out of use, with what was said through them; a journal has its head.
var stay = []string{"agenda_action_items", "agenda_actions", "agenda_entries", "batch_entries", "call_attempt_accounts", "call_attempts", "call_events", "case_messages",
	"contact_points", "contact_requests", "customer_has", "item_returns", "note_heads", "note_pins", "notes", "permissions", "promise_decisions", "received", "reminders", "search_words", "statement_run_customers"}

// added is how many rows a merging adds to both together.
var added = map[string]int{"notes": 2, "contact_points": 1, "permissions": 1, "contact_requests": 1, "customer_has": 1}

// Every row about either is there afterwards; what is worked is the other's, and what
// is a record stands where it stood. A new table joins by itself.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.fill(t)
	before := d.rows(t)
	d.merged(t)
	after := d.rows(t)
	for table, was := range before {
		is := after[table]
		if was[0] == 0 && !slices.Contains([]string{"customer_totals", "open_calls"}, table) {
			t.Errorf("%s: the duplicate has none to be merged: give it one", table)
		}
		if slices.Contains([]string{"customer_totals", "search_words", "agenda_entries", "agenda_actions"}, table) && is[0]+is[1] >= was[1] {
			continue // kept by the hook and the triggers
		}
		if is[0]+is[1] != was[0]+was[1]+added[table] {
			t.Errorf("%s: %d and %d rows before, %d and %d after", table, was[0], was[1], is[0], is[1])
		}
		if !slices.Contains(stay, table) && is[0] != 0 {
			t.Errorf("%s: %d rows stayed with the duplicate", table, is[0])
		}
		if slices.Contains(stay, table) && table != "notes" && is[0] != was[0] {
			t.Errorf("%s: %d rows of the duplicate before, %d after: records stay", table, was[0], is[0])
		}
	}
	for _, rare := range []tenant.Rare{tenant.Calls, tenant.OpenCalls, tenant.Requests, tenant.Times, tenant.Permissions, tenant.Stops, tenant.Promises, tenant.CaseItems, tenant.Inbox, tenant.Pins} {
		d.is(t, string(rare)+" of which is not said that there are any", fmt.Sprintf(`
			SELECT count(*)::text FROM %s x WHERE NOT EXISTS (SELECT FROM customer_has h WHERE h.customer_id = x.customer_id AND h.what = '%[1]s')`, rare), "0")
	}
	d.is(t, "instalments and items of promises went along", `
		SELECT count(*)::text FROM promises p JOIN instalments i ON i.promise_id = p.id AND i.customer_id = p.customer_id
		JOIN promise_items x ON x.promise_id = p.id AND x.customer_id = p.customer_id WHERE p.customer_id = @keep`, "2")
	d.is(t, "what names a number names the one in use", `
		SELECT string_agg((p.customer_id = x.customer_id AND p.retired_at IS NULL)::text, ', ') FROM (
			SELECT customer_id, contact_point_id FROM messages UNION ALL SELECT customer_id, contact_point_id FROM inbox_entries
			UNION ALL SELECT customer_id, contact_point_id FROM contact_times) x JOIN contact_points p ON p.id = x.contact_point_id`, "true, true, true, true, true, true")
	d.is(t, "one address is preferred", `SELECT value FROM contact_points WHERE preferred`, "keep@debtor.example")
	d.is(t, "the copy belongs to the account", `SELECT (account_id = @of)::text FROM contact_points WHERE value = 'gone@debtor.example' AND customer_id = @keep`, "true")
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		faults, err := note.Verify(t.Context(), tx)
		if len(faults) > 0 {
			t.Errorf("journals are broken: %v", faults)
		}
		return err
	})
}

// rows counts, for each table that names a customer, those of gone and those of keep.
func (d *desk) rows(t *testing.T) map[string][2]int {
	t.Helper()
	names := strings.Split(d.says(t, `
		SELECT c.table_name::text
		FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'customer_id'
		ORDER BY 1`), "; ")
	all := map[string][2]int{}
	for _, table := range names {
		var n [2]int
		err := d.owner.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) FILTER (WHERE customer_id = $1), count(*) FILTER (WHERE customer_id = $2) FROM %s`, table),
			d.gone, d.keep).Scan(&n[0], &n[1])
		if err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	return all
}

// Balance and agenda are right when the transaction ends.
func TestBalanceAndAgendaAfterwards(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.is(t, "before", `SELECT (customer_id = @keep) || ' ' || to_collect FROM agenda_entries WHERE state = 'open' ORDER BY to_collect`, "false 3002; true 10001")
	d.merged(t)
	d.is(t, "totals", `SELECT (customer_id = @keep) || ' ' || overdue FROM customer_totals WHERE overdue > 0`, "true 13003")
	d.is(t, "agenda", `SELECT (customer_id = @keep) || ' ' || to_collect FROM agenda_entries WHERE state = 'open'`, "true 13003")
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		_, locked := customer.Lock(t.Context(), tx, d.gone)
		if taken := customer.TakeBack(t.Context(), tx, d.gone, "Oslo is another one"); !errors.Is(locked, customer.Merged) || !errors.Is(taken, customer.Merged) {
			t.Errorf("work with the duplicate: %v; taken back: %v", locked, taken)
		}
		return nil
	})
	d.is(t, "the duplicate", `SELECT (merged_into = @keep) || ' ' || (archived_at = merged_at) FROM customers WHERE id = @gone`, "true true")
	d.is(t, "journals", `SELECT c.number || ': ' || n.text FROM notes n JOIN customers c ON c.id = n.customer_id WHERE n.kind = 'merge' ORDER BY 1`,
		"C-1: Customer C-2, Customer C-2, was merged into this one: The same tax number. Moved: 1 account, 1 open item.; C-2: Merged into customer C-1, Customer C-1: The same tax number.")
}

// A "later" that was agreed with the duplicate holds, where the other has no entry.
func TestLaterIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sql(t, `UPDATE items SET due_on = '2026-12-01' WHERE account_id = @on`)
	d.sql(t, `UPDATE agenda_entries SET state = 'withdrawn', closed_at = now() WHERE customer_id = @keep`)
	d.sql(t, `UPDATE agenda_entries SET later_on = '2026-04-01', later_reason = 'Agreed' WHERE customer_id = @gone`)
	d.merged(t)
	d.is(t, "agenda", `SELECT (customer_id = @keep) || ' ' || later_on || ' ' || later_reason FROM agenda_entries WHERE state = 'open'`, "true 2026-04-01 Agreed")
}

func TestWhatCountsOfEither(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sql(t, `UPDATE customers SET watch_reason = 'Threatens', watch_until = '2026-05-01', tags = '{vip}', owner_id = @member, last_reminded_on = '2026-03-12',
		dunning_paused_until = '2026-03-30', dunning_pause_reason = 'Agreed' WHERE id = @gone`)
	d.sql(t, `UPDATE customers SET watch_reason = 'Ill', watch_until = '2026-04-01', tags = '{north,vip}', last_reminded_on = '2026-03-02' WHERE id = @keep`)
	d.sql(t, `INSERT INTO stops (tenant_id, customer_id, kind, reason, since, review_on) VALUES
		(@tenant, @gone, 'attorney', 'A', '2026-01-01', '2026-05-01'), (@tenant, @keep, 'attorney', 'B', '2026-02-01', '2026-07-01'), (@tenant, @gone, 'deceased', 'C', '2026-01-01', '2026-08-01')`)
	d.merged(t)
	c := d.find(t, d.keep)
	if c.WatchReason != "Ill; Threatens" || c.WatchUntil.String() != "2026-05-01" || strings.Join(c.Tags, ",") != "north,vip" || c.OwnerID == nil || !slices.Equal(c.Merged, []int64{d.gone}) {
		t.Errorf("the one who stays: %+v", c)
	}
	d.is(t, "reminded and paused", `SELECT last_reminded_on || ' ' || dunning_paused_until || ' ' || dunning_pause_reason FROM customers WHERE id = @keep`, "2026-03-12 2026-03-30 Agreed")
	d.is(t, "stops", `SELECT kind || ' ' || review_on FROM stops WHERE customer_id = @keep AND lifted_at IS NULL ORDER BY kind`, "attorney 2026-05-01; deceased 2026-08-01")
	if gone := d.find(t, d.gone); gone.OwnerID != nil || gone.WatchReason != "" {
		t.Errorf("the duplicate: %+v", gone)
	}
}

// An opt-out of either counts; else what was said later.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, keep, gone, want string // states of calls to one number
		person                 string // of the duplicate's number; the other's is Kari
	}{
		{"the duplicate opted out", "consent", "opt_out", "Kari opt_out", "Kari"},
		{"the other opted out", "opt_out", "consent", "Kari opt_out", "Kari"},
		{"an opt-out was lifted there", "lifted", "opt_out", "Kari opt_out", "Kari"},
		{"said later", "consent", "withdrawn", "Kari withdrawn", "Kari"},
		{"nothing was said here", "", "consent", "Kari consent", "Kari"},
		{"nothing was said there", "consent", "", "Kari consent", "Kari"},
		{"the same number of two people", "consent", "opt_out", "Kari opt_out; Ola opt_out", "Ola"},
		{"the same number, opted out here", "opt_out", "", "Kari opt_out; Ola opt_out", "Ola"},
		{"two people who said different things", "consent", "withdrawn", "Kari consent; Ola withdrawn", "Ola"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			say := func(customer, person, state string) {
				d.sql(t, fmt.Sprintf(`INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role) VALUES (@tenant, %s, 'phone', '+4722000001', '%s', 'debtor')`, customer, person))
				if state != "" {
					d.sql(t, fmt.Sprintf(`INSERT INTO permissions (tenant_id, customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
						SELECT @tenant, %s, id, 'call', '%[2]s', '2026-01-02', 'Said', CASE '%[2]s' WHEN 'opt_out' THEN date '2026-09-01' END, 'Letter' FROM contact_points WHERE customer_id = %[1]s`, customer, state))
				}
			}
			say("@keep", "Kari", c.keep)
			say("@gone", c.person, c.gone)
			d.merged(t)
			d.is(t, "counts now", `
				SELECT p.person || ' ' || coalesce((SELECT s.state FROM permissions s WHERE s.contact_point_id = p.id ORDER BY s.id DESC LIMIT 1), '')
				FROM contact_points p WHERE p.customer_id = @keep AND p.retired_at IS NULL ORDER BY p.person`, c.want)
		})
	}
}
