package tenant_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// What a row leaves empty is not what the one before had, and what one points to the
// next does not change.
func TestCollect(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64
		Name string
		Of   *int64
		Tags []string
	}
	s := dbtest.New(t)
	acme := dbtest.Tenant(t, s, "acme")
	err := s.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `
			SELECT id, name, of, tags
			FROM (VALUES (1::bigint, 'a', 7::bigint, ARRAY['x', 'y']), (2, 'b', NULL, NULL), (3, 'c', 8, ARRAY['z'])) AS v (id, name, of, tags)`)
		list, err := tenant.Collect(rows, pgx.RowToAddrOfStructByName[row])
		if err != nil {
			return err
		}
		got := ""
		for _, r := range list {
			got += fmt.Sprintln(r.ID, r.Name, r.Of != nil && *r.Of == r.ID/2+7, r.Tags)
		}
		if want := "1 a true [x y]\n2 b false []\n3 c true [z]\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		rows, _ = tx.Query(t.Context(), `SELECT 1::bigint AS id WHERE false`)
		if none, err := tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[row]); err != nil || none == nil || len(none) != 0 {
			t.Errorf("no rows are %v (%v)", none, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = s.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT 1::bigint AS id, 'a' AS name`)
		_, err := tenant.Collect(rows, pgx.RowToAddrOfStructByName[row])
		return err
	})
	if err == nil {
		t.Error("columns that miss are not refused")
	}
	err = s.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT n::bigint AS id, CASE n WHEN 1 THEN 'a' END AS name FROM generate_series(1, 2) n`)
		_, err := tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[row])
		return err
	})
	if err == nil {
		t.Error("a row that does not fit is not refused")
	}
}
