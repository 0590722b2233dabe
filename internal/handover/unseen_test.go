package handover_test

import (
	"errors"
	"maps"
	"testing"

	"dunwell/internal/handover"
	"dunwell/internal/tenant"
)

// What is open with customers whom the member does not see whose it is.
func TestUnseen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, branch := range []string{"north", "south", ""} {
		d.give(t, d.customer(t, branch, d.north), d.north)
	}
	gone := d.customer(t, "south", d.north)
	d.give(t, gone, d.north)
	times := func(n int) handover.Counts {
		c := handover.Counts{}
		for k, of := range everything() {
			if k != handover.Agenda && n > 0 {
				c[k] = n * of
			}
		}
		return c
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := d.owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name string, who tenant.Who, of int64, want handover.Counts) {
		t.Helper()
		if err := d.Read(t.Context(), who, func(tx *tenant.Tx) error {
			got, err := handover.Unseen(t.Context(), tx, of)
			if !maps.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	check("not limited", d.acme.Manager, 0, times(0))
	exec(`UPDATE tenants SET branch_limited = true`)
	check("limited", d.acme.Manager, 0, times(3))
	exec(`UPDATE customers SET archived_at = now() WHERE id = $1`, gone)
	check("one is archived", d.acme.Manager, d.north, times(2))
	check("another member's", d.acme.Manager, d.south, times(0))
	check("another company's", d.beta.Manager, 0, times(0))
	exec(`UPDATE members SET branch_id = NULL WHERE id = $1`, d.north)
	check("of no branch", d.acme.Manager, d.north, times(3))
	exec(`UPDATE members SET role = 'manager' WHERE id = $1`, d.north)
	check("a manager", d.acme.Manager, 0, times(0))
	exec(`UPDATE members SET role = 'collector', active = false WHERE id = $1`, d.north)
	check("who has left", d.acme.Manager, 0, times(0))
	err := d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := handover.Unseen(t.Context(), tx, 0)
		return err
	})
	if !errors.Is(err, handover.ErrHanding) {
		t.Errorf("a collector asks: %v", err)
	}
}
