package migrations_test

import (
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/migrations"
)

func TestUpDownUp(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if err := migrations.Down(t.Context(), db.OwnerURL); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := db.Owner(t).QueryRow(t.Context(), `
		SELECT count(*) FROM pg_class c
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') AND relname <> 'goose_db_version'`).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d tables are left after the last step down", left)
	}
	if err := migrations.Up(t.Context(), db.OwnerURL); err != nil {
		t.Fatal(err)
	}
	if pending, err := migrations.Pending(t.Context(), db.Pool); err != nil || pending {
		t.Errorf("pending = %v, %v; want none", pending, err)
	}
}
