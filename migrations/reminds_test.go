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

// What was written before is a reminder where it asks for money, has the text of its
// level, or is the program's, and so is what was done by hand; an answer is none. The
// rows are as protected as they were.
func TestRemindersOfBefore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "A", "2026-01-10", 600_01, "EUR")
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
	if _, err := p.ApplyVersion(t.Context(), 53, false); err != nil {
		t.Fatal(err)
	}
	owner := db.Owner(t)
	_, err = owner.Exec(t.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		INSERT INTO templates (channel, name, demands) VALUES ('letter', 'asks', true), ('letter', 'of the level', false), ('letter', 'thanks', false);
		INSERT INTO template_texts (template_id, language, subject, body) SELECT id, 'en', name, name FROM templates;
		INSERT INTO policies (name) VALUES ('Standard');
		INSERT INTO levels (policy_id, name, after_days) SELECT id, 'First', 5 FROM policies;
		INSERT INTO level_actions (level_id, position, kind, template_id) SELECT l.id, 1, 'letter', t.id FROM levels l, templates t WHERE t.name = 'of the level';
		INSERT INTO agenda_entries (customer_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies)
		SELECT i.customer_id, i.due_on, i.due_on, l.policy_id, l.id, 1, 'level', i.id, i.due_on, 1, i.currency, i.amount, 1 FROM items i, levels l;
		INSERT INTO messages (customer_id, channel, state, address, subject, body, sender, language, sent_at, text_id, demands, author_id)
		SELECT c.id, 'letter', 'sent', 'Oslo', v.subject, 'Please', 'Acme', 'en', now(),
			(SELECT x.id FROM template_texts x WHERE x.subject = v.text), v.demands, CASE WHEN NOT v.program THEN %[2]d::bigint END
		FROM customers c, (VALUES ('1 asks', NULL, true, false), ('2 has a text that asks', 'asks', false, false), ('3 has the text of the level', 'of the level', false, false),
			('4 says thanks', 'thanks', false, false), ('5 is in own words', NULL, false, false), ('6 is the program’s', 'thanks', false, true)) v (subject, text, demands, program);
		INSERT INTO agenda_actions (customer_id, entry_id, kind, level_id, level_number, level_name, message_id)
		SELECT e.customer_id, e.id, 'letter', e.level_id, 1, 'First', m.id FROM agenda_entries e, messages m;
		INSERT INTO agenda_actions (customer_id, entry_id, kind, level_id, level_number, level_name, text)
		SELECT e.customer_id, e.id, 'manual', e.level_id, 1, 'First', 'Visited' FROM agenda_entries e`, acme.ID, acme.CollectorID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApplyVersion(t.Context(), 53, true); err != nil {
		t.Fatal(err)
	}
	var got string
	err = owner.QueryRow(t.Context(), `
		SELECT string_agg(coalesce(left(m.subject, 1), 'by hand'), ' ' ORDER BY m.subject)
		FROM agenda_actions a
		LEFT JOIN messages m ON m.id = a.message_id
		WHERE a.reminds`).Scan(&got)
	if want := "1 2 3 6 by hand"; err != nil || got != want {
		t.Errorf("reminders are %q (%v), want %q", got, err, want)
	}
	for _, sql := range []string{`UPDATE agenda_actions SET reminds = false`, `DELETE FROM agenda_actions`} {
		if _, err := owner.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: was taken", sql)
		}
	}
	_, err = owner.Exec(t.Context(), `
		INSERT INTO agenda_actions (customer_id, entry_id, kind, level_id, level_number, level_name, text, reminds)
		SELECT customer_id, id, 'manual', level_id, 1, 'First', 'Visited', false FROM agenda_entries`)
	if err == nil {
		t.Error("what was done by hand is no reminder")
	}
}
