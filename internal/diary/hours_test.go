package diary_test

import (
	"fmt"
	"testing"

	"dunwell/internal/diary"
)

// hoursOf are the hours of a page.
func hoursOf(page diary.Day) (list []string) {
	for _, h := range page.Timed {
		list = append(list, fmt.Sprintf("%s %s %d", h.DueAt, h.Customer, h.ID))
	}
	return list
}

// The hours of today are the same on each page, whoever stands on it, the first
// ones where they are many, and all of a customer's.
func TestHours(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "late", "2026-03-13", "2026-03-12 07:00")
	d.due(t, "busy", "2026-03-16 10:00", "2026-03-16 08:00", "2026-03-16 09:00", "2026-03-16 11:00", "2026-03-16 07:30", "2026-03-13", "2026-03-17 06:00")
	first := hoursOf(d.read(t))
	if len(first) != 5 || first[0][:5] != "07:30" || first[4][:5] != "11:00" {
		t.Errorf("the hours of one customer are %v", first)
	}
	if second := hoursOf(d.readAs(t, d.acme.Collector, d.acme.CollectorID, 1)); fmt.Sprint(second) != fmt.Sprint(first) {
		t.Errorf("on the page from the second on they are %v, before %v", second, first)
	}
	if e := entry(t, d.read(t), "busy"); len(e.Reasons) != 3 || e.More != 3 {
		t.Errorf("busy has %d reasons and %d more", len(e.Reasons), e.More)
	}
	for n := range diary.TimedShown {
		d.due(t, fmt.Sprintf("n%02d", n), "2026-03-16 08:30", "2026-03-13")
	}
	first = hoursOf(d.read(t))
	if len(first) != diary.TimedShown || first[2][:5] != "08:30" || first[diary.TimedShown-1][:5] != "08:30" {
		t.Errorf("the first hours are %v", first)
	}
	for _, from := range []int{1, diary.PageSize, 1_000} {
		if got := hoursOf(d.readAs(t, d.acme.Collector, d.acme.CollectorID, from)); fmt.Sprint(got) != fmt.Sprint(first) {
			t.Errorf("from %d the hours are %v, on the first page %v", from, got, first)
		}
	}
}

// A customer who is archived is in none of the parts, however many are.
func TestManyArchived(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-13", "2026-03-16 08:00")
	d.exec(t, `
		WITH c AS (
			INSERT INTO customers (number, name, kind, archived_at) SELECT 'n' || n, 'Name', 'business', now() FROM generate_series(1, 500) n
			RETURNING id)
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
		SELECT id, $1, DATE '2026-03-16' - (id % 2)::int, '09:00', 'x' FROM c`, d.acme.CollectorID)
	d.owner(t, `ANALYZE`)
	for _, from := range []int{0, 1} {
		if page := d.readAs(t, d.acme.Collector, d.acme.CollectorID, from); page.Total != 1 || page.Late != 1 || len(page.Entries) != 1-from || len(page.Timed) != 1 {
			t.Errorf("from %d: %d in all, %d late, %d entries, %d hours", from, page.Total, page.Late, len(page.Entries), len(page.Timed))
		}
	}
}
