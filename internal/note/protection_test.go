package note_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// attempts are the ways to change or remove a note. The role app lacks the right
// to try most of them; the trigger stops the owner and the superuser.
var attempts = []struct{ name, sql string }{
	{"UPDATE", `UPDATE notes SET text = 'x'`},
	{"UPDATE of nothing", `UPDATE notes SET text = 'x' WHERE false`},
	{"UPDATE of the hash", `UPDATE notes SET hash = ''`},
	{"DELETE", `DELETE FROM notes`},
	{"DELETE of nothing", `DELETE FROM notes WHERE false`},
	{"TRUNCATE", `TRUNCATE notes CASCADE`},
	{"TRUNCATE of its parent", `TRUNCATE note_heads CASCADE`},
	{"TRUNCATE of customers", `TRUNCATE customers CASCADE`},
	{"MERGE that updates", `MERGE INTO notes n USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET text = 'x'`},
	{"MERGE that deletes", `MERGE INTO notes n USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`},
	{"ON CONFLICT DO UPDATE", `
		INSERT INTO notes (customer_id, author, kind, text)
		SELECT customer_id, author, kind, text FROM notes
		ON CONFLICT (tenant_id, customer_id, seq) DO UPDATE SET text = 'x'`},
}

// superuser is the role of the connection itself.
const superuser = "none"

// S1.21.
func TestNobodyChangesANote(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "Promised 13,000 by Friday.")
	conn := db.Owner(t)
	for _, who := range []string{"app", "owner", superuser} {
		for _, c := range attempts {
			expectRefused(t, conn, acme, who, c.name, c.sql)
		}
	}
	for _, c := range attempts {
		expectRefused(t, conn, acme, superuser, "replica: "+c.name, `SET LOCAL session_replication_role = replica; `+c.sql)
	}
	for _, who := range []string{"app", "owner"} {
		expectRefused(t, conn, acme, who, "replica", `SET LOCAL session_replication_role = replica`)
	}
	for name, sql := range map[string]string{
		"disable the trigger": `ALTER TABLE notes DISABLE TRIGGER append_only`,
		"drop the trigger":    `DROP TRIGGER append_only ON notes`,
		"switch off security": `ALTER TABLE notes DISABLE ROW LEVEL SECURITY`,
		"move the head":       `UPDATE note_heads SET seq = 0`,
		"remove the head":     `DELETE FROM note_heads`,
	} {
		expectRefused(t, conn, acme, "app", name, sql)
	}
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer})
	if len(notes) != 1 || notes[0].Text != "Promised 13,000 by Friday." {
		t.Errorf("the journal is now %+v", notes)
	}
}

// A foreign key with ON DELETE CASCADE, were a later migration to make one, must
// not reach the notes either.
// S1.21.
func TestCascadeStopsAtNotes(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	add(t, db, acme.Collector, newCustomer(t, db, acme, "1001"), "Called.")
	conn := db.Owner(t)
	_, err := conn.Exec(t.Context(), `
		ALTER TABLE notes DROP CONSTRAINT notes_tenant_id_customer_id_fkey,
			ADD FOREIGN KEY (tenant_id, customer_id) REFERENCES note_heads (tenant_id, customer_id) ON DELETE CASCADE ON UPDATE CASCADE;
		GRANT DELETE ON note_heads TO app`)
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"app", "owner", superuser} {
		expectRefused(t, conn, acme, who, "cascading DELETE", `DELETE FROM note_heads`)
	}
	for _, who := range []string{"owner", superuser} {
		expectRefused(t, conn, acme, who, "cascading UPDATE", `UPDATE note_heads SET customer_id = customer_id + 1`)
	}
}

// expectRefused runs the statements as the role and wants one of them refused: by
// the trigger or for the lack of a right.
func expectRefused(t *testing.T, conn *pgx.Conn, c *dbtest.Company, role, name, sql string) {
	t.Helper()
	ctx := t.Context()
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('app.tenant_id', $1::bigint::text, true), set_config('app.branches', 'all', true), set_config('role', $2, true)`, c.ID, role); err != nil {
			return err
		}
		if _, err := tx.Conn().PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			return err
		}
		return errUnrefused
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42501" && pg.Code != "23001" {
		t.Errorf("%s as %s: %v", name, role, err)
	}
}

var errUnrefused = errors.New("it was done")

func verify(t testing.TB, db *dbtest.Database, c *dbtest.Company) (faults []note.Fault) {
	t.Helper()
	err := db.Read(context.Background(), c.System(), func(tx *tenant.Tx) (err error) {
		faults, err = note.Verify(context.Background(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return faults
}
