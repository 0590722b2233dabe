package followup_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// given has the collector's follow-ups with both customers, some late, and returns
// their ids by their texts.
func (d *desk) given(t *testing.T, plans ...string) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		for _, p := range plans {
			where, when, _ := strings.Cut(p, " ")
			on, at, _ := strings.Cut(when, " ")
			var id int64
			err := tx.QueryRow(t.Context(), `
				INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
				VALUES (@customer, @member, @on::text::date, nullif(@at, '')::time, @text)
				RETURNING id`,
				pgx.NamedArgs{"customer": map[string]int64{"C-1": d.id, "C-2": d.other}[where], "member": d.acme.CollectorID, "on": on, "at": at, "text": p}).Scan(&id)
			if err != nil {
				return err
			}
			ids[p] = id
		}
		return nil
	})
	return ids
}

func (d *desk) reassign(t *testing.T, who tenant.Who, ids []int64, to int64) (h followup.Handed, err error) {
	t.Helper()
	err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		h, err = followup.Reassign(t.Context(), tx, ids, to)
		return err
	})
	return h, err
}

// of lists the texts of the member's active follow-ups.
func (d *desk) of(t *testing.T, member int64) string {
	t.Helper()
	rows, _ := d.Owner(t).Query(t.Context(), `SELECT text FROM follow_ups WHERE assignee_id = $1 AND ended IS NULL ORDER BY text`, member)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(texts, ", ")
}

func TestReassign(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.given(t, "C-1 2026-03-12", "C-1 2026-03-16 15:00", "C-1 2026-03-17", "C-2 2026-03-16", "C-1 2026-03-13")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return followup.Complete(t.Context(), tx, d.id, ids["C-1 2026-03-13"], "") })
	h, err := d.reassign(t, d.acme.Manager, []int64{ids["C-1 2026-03-12"], ids["C-1 2026-03-16 15:00"], ids["C-1 2026-03-13"], 999_999}, d.acme.AdminID)
	if err != nil || h != (followup.Handed{To: "acme admin", Moved: 2}) {
		t.Errorf("of one customer: %+v, %v", h, err)
	}
	if got := d.of(t, d.acme.AdminID); got != "C-1 2026-03-12, C-1 2026-03-16 15:00" {
		t.Errorf("the admin has %s", got)
	}
	if got := d.of(t, d.acme.CollectorID); got != "C-1 2026-03-17, C-2 2026-03-16" {
		t.Errorf("the collector keeps %s", got)
	}
	d.wrote(t, "follow_up: 2 follow-ups of acme collector given to acme admin, due Thu 12 Mar 2026; Mon 16 Mar 2026, 15:00.")
	if f := d.find(t, ids["C-1 2026-03-12"]); f.Version != 2 || f.Assignee != "acme admin" {
		t.Errorf("it is %+v", f)
	}
	last := []int64{ids["C-2 2026-03-16"]}
	h, err = d.reassign(t, d.acme.Admin, last, d.acme.ManagerID)
	if err != nil || h != (followup.Handed{To: "acme manager", Moved: 1}) || d.of(t, d.acme.ManagerID) != "C-2 2026-03-16" {
		t.Errorf("the other one: %+v, %v; the manager has %s", h, err, d.of(t, d.acme.ManagerID))
	}
	if h, err = d.reassign(t, d.acme.Admin, last, d.acme.ManagerID); err != nil || h.Moved != 0 {
		t.Errorf("twice: %+v, %v", h, err)
	}
	d.wrote(t, "follow_up: 2 follow-ups of acme collector given to acme admin, due Thu 12 Mar 2026; Mon 16 Mar 2026, 15:00.") // nothing after it
}

func TestReassignRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	day := slices.Collect(maps.Values(d.given(t, "C-1 2026-03-16")))
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.reassign(t, d.acme.Collector, day, d.acme.AdminID); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("by a collector: %v", err)
	}
	for name, to := range map[string]int64{"to nobody": 0, "to one who left": d.acme.ManagerID, "another company's": d.beta.AdminID} {
		if _, err := d.reassign(t, d.acme.Admin, day, to); !invalid(err, "assignee") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h, err := d.reassign(t, d.acme.Admin, day, d.acme.CollectorID); err != nil || h.Moved != 0 {
		t.Errorf("to the same: %+v, %v", h, err)
	}
	if h, err := d.reassign(t, d.beta.Admin, day, d.beta.ManagerID); err != nil || h.Moved != 0 {
		t.Errorf("another company: %+v, %v", h, err)
	}
	if got := d.of(t, d.acme.CollectorID); got != "C-1 2026-03-16" {
		t.Errorf("the collector has %s", got)
	}
}

// What the new assignee could not see is left, and counted; so are archived
// customers' follow-ups left, which nobody works.
func TestReassignWithinTheBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.given(t, "C-1 2026-03-16", "C-2 2026-03-15", "C-2 2026-03-16")
	day := slices.Collect(maps.Values(ids))
	owner := d.Owner(t)
	for _, sql := range []string{
		`UPDATE tenants SET branch_limited = true`,
		fmt.Sprintf(`INSERT INTO branches (tenant_id, name) VALUES (%d, 'North')`, d.acme.ID),
		fmt.Sprintf(`UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE id = %d`, d.id),
		fmt.Sprintf(`UPDATE members SET branch_id = (SELECT id FROM branches), role = 'collector' WHERE id = %d`, d.acme.ManagerID),
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	h, err := d.reassign(t, d.acme.Admin, day, d.acme.ManagerID)
	if err != nil || h != (followup.Handed{To: "acme manager", Moved: 1, Left: 2}) {
		t.Errorf("to a limited collector: %+v, %v", h, err)
	}
	if got := d.of(t, d.acme.CollectorID); got != "C-2 2026-03-15, C-2 2026-03-16" {
		t.Errorf("left are %s", got)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, d.other); err != nil {
		t.Fatal(err)
	}
	delete(ids, "C-1 2026-03-16")
	if h, err := d.reassign(t, d.acme.Admin, slices.Collect(maps.Values(ids)), d.acme.AdminID); err != nil || h.Moved != 0 {
		t.Errorf("of an archived customer: %+v, %v", h, err)
	}
}

// What nobody is left to do comes from several who left; each is named.
func TestReassignNobodys(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.given(t, "C-1 2026-03-12", "C-1 2026-03-13", "C-2 2026-03-16")
	owner := d.Owner(t)
	for _, sql := range []string{
		fmt.Sprintf(`UPDATE follow_ups SET assignee_id = %d WHERE id = %d`, d.acme.ManagerID, ids["C-1 2026-03-13"]),
		fmt.Sprintf(`UPDATE members SET active = false WHERE id IN (%d, %d)`, d.acme.ManagerID, d.acme.CollectorID),
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	h, err := d.reassign(t, d.acme.Admin, slices.Collect(maps.Values(ids)), d.acme.AdminID)
	if err != nil || h.Moved != 3 {
		t.Errorf("%+v, %v", h, err)
	}
	if lines := d.notes(t); !slices.Equal(lines, []string{"follow_up: Follow-up of acme collector given to acme admin, due Thu 12 Mar 2026.",
		"follow_up: Follow-up of acme manager given to acme admin, due Fri 13 Mar 2026."}) {
		t.Errorf("the journal says %q", lines)
	}
}

// A note names so many follow-ups of a customer and counts the rest.
func TestReassignVeryMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []int64
	d.must(t, d.acme.System(), func(tx *tenant.Tx) (err error) {
		rows, _ := tx.Query(t.Context(), `
			INSERT INTO follow_ups (customer_id, assignee_id, due_on, text)
			SELECT $1, $2, DATE '2026-03-16' - n, 'x' FROM generate_series(1, 500) n
			RETURNING id`, d.id, d.acme.CollectorID)
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if h, err := d.reassign(t, d.acme.Manager, ids, d.acme.AdminID); err != nil || h.Moved != 500 {
		t.Errorf("%+v, %v", h, err)
	}
	lines := d.notes(t)
	if len(lines) != 1 || len(lines[0]) > note.MaxTyped || !strings.HasSuffix(lines[0], " and 480 more.") {
		t.Errorf("the journal says %q", lines)
	}
}
