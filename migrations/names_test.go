package migrations_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"dunwell/internal/dbtest"
	"dunwell/migrations"
)

// Names that differed by capitals only are kept apart by a number.
func TestNamesInAnyCase(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	pool, err := sql.Open("pgx", db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	p, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApplyVersion(t.Context(), 45, false); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"branches", "departments"} {
		if _, err := pool.ExecContext(t.Context(), `
			INSERT INTO `+table+` (tenant_id, name, retired_at)
			VALUES ($1, 'Oslo', NULL), ($1, 'OSLO (2)', NULL), ($2, 'oslo', NULL), ($1, 'oslo', NULL), ($1, 'OSLO', NULL), ($1, repeat('a', 120), NULL), ($1, repeat('A', 120), NULL),
				($1, 'Gone', now()), ($1, 'gone', NULL)`, acme.ID, beta.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.ExecContext(t.Context(), `
		INSERT INTO item_statuses (tenant_id, name, family)
		SELECT tenant_id, upper(name), family FROM item_statuses WHERE tenant_id = $1
		UNION ALL
		VALUES ($1, repeat('a', 60), 'ongoing'), ($1, repeat('A', 60), 'ongoing')`, acme.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ApplyVersion(t.Context(), 45, true); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"branches", "departments"} {
		var got string
		if err := pool.QueryRowContext(t.Context(), `SELECT string_agg(left(name, 9), ', ' ORDER BY id) FROM `+table).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := "Oslo, OSLO (2), oslo, oslo (3), OSLO (4), aaaaaaaaa, AAAAAAAAA, Gone (2), gone"; got != want {
			t.Errorf("%s are %s, want %s", table, got, want)
		}
	}
	var statuses, told int
	if err := pool.QueryRowContext(t.Context(), `SELECT count(*) FILTER (WHERE name LIKE '% (2)'), (SELECT count(*) FROM audit_events WHERE kind = 'branch.renamed' AND data #>> '{before,name}' IN ('oslo', 'OSLO', 'Gone'))
		FROM item_statuses`).Scan(&statuses, &told); err != nil || statuses < 2 || told != 3 {
		t.Errorf("%d statuses have a number, %d new names are in the audit record: %v", statuses, told, err)
	}
	if _, err := pool.ExecContext(t.Context(), `INSERT INTO branches (tenant_id, name) VALUES ($1, 'oSLO')`, acme.ID); err == nil {
		t.Error("a name in other capitals is taken a second time")
	}
}
