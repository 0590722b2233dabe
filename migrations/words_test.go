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

// What numbers said before is known, and counts where it was forgotten: not where it
// counts already, was taken back by START, or was lifted since.
func TestWordsOfBefore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		dbtest.Customer(t, tx, "C-1")
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
	if _, err := p.ApplyVersion(t.Context(), 49, false); err != nil {
		t.Fatal(err)
	}
	owner := db.Owner(t)
	_, err = owner.Exec(t.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%d', false);
		INSERT INTO contact_points (customer_id, kind, value, role)
		SELECT c.id, 'phone', '+479061120' || n, 'debtor' FROM customers c, generate_series(1, 5) n;
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, at)
		SELECT p.customer_id, p.id, 'sms', x.state, x.at::date, x.source, x.review, x.evidence, x.at
		FROM (VALUES (1, 'opt_out', timestamptz '2026-03-02 09:59:59Z', 'Their own SMS', date '2027-03-02', 'STOP'),
			(3, 'opt_out', timestamptz '2026-03-02 09:59:59Z', 'Their own SMS', date '2027-03-02', 'STOP'),
			(3, 'lifted', timestamptz '2026-03-04 10:00:00Z', 'a call', NULL, 'she asked for it'),
			(5, 'opt_out', timestamptz '2026-03-05 10:00:00Z', 'The provider, which they told so', date '2027-03-05', 'Opted out with the provider.')) x (n, state, at, source, review, evidence)
		JOIN contact_points p ON p.value = '+479061120' || x.n ORDER BY x.at;
		INSERT INTO received (channel, provider_id, kind, from_address, body, at, taken_at)
		SELECT 'sms', 'SM' || row_number() OVER (), x.kind, x.number, x.body, x.at, x.at
		FROM (VALUES ('stop', '+4790611201', E' Stop \n please ', timestamptz '2026-03-02 10:00:00Z'), ('stop', '+4790611202', '', timestamptz '2026-03-02 23:30:00Z'),
			('stop', '+4790611203', 'STOP', timestamptz '2026-03-02 10:00:00Z'), ('stop', '+4790611204', 'STOP', timestamptz '2026-03-02 10:00:00Z'),
			('start', '+4790611204', 'START', timestamptz '2026-03-03 10:00:00Z'), ('stop', 'ACME', 'STOP', timestamptz '2026-03-02 10:00:00Z'),
			('reply', '+4790611205', 'Hello', timestamptz '2026-03-02 10:00:00Z')) x (kind, number, body, at)
		ORDER BY x.at;
		INSERT INTO messages (customer_id, contact_point_id, channel, state, address, subject, body, sender, language, reference, segments)
		SELECT p.customer_id, p.id, 'sms', 'failed', p.value, '', 'Please pay', 'Acme', 'en', gen_random_uuid(), 1 FROM contact_points p WHERE p.value = '+4790611205';
		INSERT INTO message_events (message_id, state, detail) SELECT id, 'failed', 'Opted out with the provider.' FROM messages`, acme.ID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApplyVersion(t.Context(), 49, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ sql, want string }{
		{`SELECT string_agg(concat_ws(' ', right(number, 1), state, given_on, review_on, evidence), ', ' ORDER BY number, id) FROM number_words`,
			"1 opt_out 2026-03-02 2027-03-02 Stop please, 2 opt_out 2026-03-03 2027-03-03 STOP, 3 opt_out 2026-03-02 2027-03-02 STOP, 4 opt_out 2026-03-02 2027-03-02 STOP, " +
				"4 lifted 2026-03-03 START, 5 opt_out 2026-03-05 2027-03-05 Opted out with the provider."},
		{`SELECT string_agg(concat_ws(' ', right(p.value, 1), s.state), ', ' ORDER BY p.value, s.id) FROM permissions s JOIN contact_points p ON p.id = s.contact_point_id`,
			"1 opt_out, 2 opt_out, 3 opt_out, 3 lifted, 5 opt_out"},
	} {
		var got string
		if err := owner.QueryRow(t.Context(), c.sql).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s\n%s (%v), want\n%s", c.sql, got, err, c.want)
		}
	}
}
