package diary_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// many gives a member follow-ups with n customers more, named by a letter and counted
// from 1; due is SQL of the day and the hour of the n-th.
func (d *desk) many(t *testing.T, letter string, n int, member int64, due string) {
	t.Helper()
	d.exec(t, `
		WITH c AS (
			INSERT INTO customers (number, name, kind) SELECT $1::text || lpad(n::text, 4, '0'), $1::text || lpad(n::text, 4, '0'), 'business' FROM generate_series(1, $2::int) n
			RETURNING id, right(number, 4)::int AS n)
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
		SELECT c.id, $3, `+due+`, 'x' FROM c`, letter, n, member)
}

// whole are all pages of the collector's day, one behind the other.
func (d *desk) whole(t *testing.T) (numbers []string) {
	t.Helper()
	for {
		page := d.readAs(t, d.acme.Collector, d.acme.CollectorID, len(numbers))
		if len(page.Entries) == 0 {
			if page.Total != len(numbers) {
				t.Errorf("behind the last of %d: %d in all", len(numbers), page.Total)
			}
			return numbers
		}
		numbers = append(numbers, strings.Split(ranked(page), ", ")...)
	}
}

// numbered are the numbers that many made, from one to another.
func numbered(letter string, from, to int) (list []string) {
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprintf("%s%04d", letter, n))
	}
	return list
}

// A long day is counted to the last customer. Somebody else's work counts for nobody.
func TestCounted(t *testing.T) {
	t.Parallel()
	for _, due := range []string{`DATE '2026-03-15' - n, NULL::time`, `DATE '2026-03-15', NULL::time`, `DATE '2026-03-16', NULL::time`, `DATE '2026-03-16', TIME '08:00' + n % 600 * interval '1 minute'`} {
		t.Run(due, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.many(t, "x", 700, d.acme.ManagerID, due)
			d.many(t, "a", 801, d.acme.CollectorID, due)
			page, late := d.read(t), 0
			if strings.Contains(due, "03-15") {
				late = 801
			}
			if page.Total != 801 || page.Late != late || len(page.Entries) != diary.PageSize {
				t.Errorf("%d in all, %d late, %d entries", page.Total, page.Late, len(page.Entries))
			}
		})
	}
}

// However long a day is, its pages hold everybody in the order of the whole: within
// places that many share, and where a few customers have hundreds of reasons. The walk has all of them in the same order.
func TestPagesOfALongDay(t *testing.T) {
	t.Parallel()
	late := append(numbered("l", 541, 700), numbered("l", 1, 540)...) // 160 of the 14th, 540 of the 15th
	for name, c := range map[string]struct {
		make func(*desk)
		want []string
	}{
		"many at one place": {func(d *desk) {
			d.many(t, "l", 700, d.acme.CollectorID, `DATE '2026-03-15' - (n > 540)::int, NULL::time`)
			d.many(t, "h", 30, d.acme.CollectorID, `DATE '2026-03-16', TIME '09:00' + n / 10 * interval '1 hour'`)
			d.many(t, "t", 40, d.acme.CollectorID, `DATE '2026-03-16', NULL::time`)
		}, slices.Concat(numbered("h", 1, 30), late, numbered("t", 1, 40))},
		"a day each, many hours": {func(d *desk) {
			d.many(t, "l", 620, d.acme.CollectorID, `DATE '2026-03-16' - (700 - n), NULL::time`)
			d.many(t, "h", 580, d.acme.CollectorID, `DATE '2026-03-16', TIME '01:00' + n * interval '1 minute'`)
		}, slices.Concat(numbered("h", 1, 580), numbered("l", 1, 620))},
		"a few with hundreds of reasons": {func(d *desk) {
			d.many(t, "f", 3, d.acme.CollectorID, `DATE '2026-01-01' + n, NULL::time`)
			d.exec(t, `INSERT INTO follow_ups (customer_id, assignee_id, due_on, text) SELECT f.customer_id, f.assignee_id, f.due_on + g / 10, 'x' FROM follow_ups f, generate_series(1, 400) g`)
			d.many(t, "l", 540, d.acme.CollectorID, `DATE '2026-03-15', NULL::time`)
			d.many(t, "t", 20, d.acme.CollectorID, `DATE '2026-03-16', NULL::time`)
		}, slices.Concat(numbered("f", 1, 3), numbered("l", 1, 540), numbered("t", 1, 20))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c.make(d)
			if got := d.whole(t); !slices.Equal(got, c.want) {
				t.Errorf("the pages hold %d: %v", len(got), got)
			}
			if _, err := d.start(t, d.acme.Collector, d.acme.CollectorID); err != nil {
				t.Fatal(err)
			}
			var walked []string
			d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
				return tx.QueryRow(t.Context(), `
					SELECT array_agg(c.number ORDER BY w.nth)
					FROM walks, unnest(customers) WITH ORDINALITY w (id, nth)
					JOIN customers c ON c.id = w.id`).Scan(&walked)
			})
			if !slices.Equal(walked, c.want) {
				t.Errorf("the walk has %d: %v", len(walked), walked)
			}
		})
	}
}

// A long day that was counted lately has the same pages, and is not counted again: the
// counts are exact where the page looks at all there is.
func TestCountedLately(t *testing.T) {
	t.Parallel()
	lately := diary.Counts{Total: 901, Late: 702, Reviews: 33}
	for name, c := range map[string]struct {
		make func(*desk)
		kept int // so many pages, every ten customers, need not be counted
	}{
		"a day each": {func(d *desk) {
			d.many(t, "l", 400, d.acme.CollectorID, `DATE '2026-03-16' - n, NULL::time`)
		}, 29},
		"at one place": {func(d *desk) {
			d.many(t, "l", 300, d.acme.CollectorID, `DATE '2026-03-15', TIME '08:00' + n * interval '1 minute'`)
			d.many(t, "h", 30, d.acme.CollectorID, `DATE '2026-03-16', TIME '09:00' + n / 10 * interval '1 hour'`)
		}, 2},
		"today at any time": {func(d *desk) {
			d.many(t, "h", 25, d.acme.CollectorID, `DATE '2026-03-16', TIME '09:00'`)
			d.many(t, "l", 20, d.acme.CollectorID, `DATE '2026-03-15', NULL::time`)
			d.many(t, "t", 300, d.acme.CollectorID, `DATE '2026-03-16', NULL::time`)
		}, 3},
		"a few with hundreds": {func(d *desk) {
			d.many(t, "f", 3, d.acme.CollectorID, `DATE '2026-01-01' + n, NULL::time`)
			d.exec(t, `INSERT INTO follow_ups (customer_id, assignee_id, due_on, text) SELECT f.customer_id, f.assignee_id, f.due_on + g / 10, 'x' FROM follow_ups f, generate_series(1, 400) g`)
			d.many(t, "l", 240, d.acme.CollectorID, `DATE '2026-03-15', NULL::time`)
		}, 0},
		"contacts besides": {func(d *desk) {
			d.contact(t, "C", d.acme.CollectorID, "2026-03-01")
			d.many(t, "l", 250, d.acme.CollectorID, `DATE '2026-03-16' - n, NULL::time`)
			d.exec(t, `INSERT INTO contacts (customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on)
				SELECT f.customer_id, k.type_id, k.code, k.type_name, '', 'Contact of ' || f.id, k.executive_id, k.assignee_id, DATE '2026-03-15' - (f.id % 2)::int
				FROM follow_ups f, contacts k`)
		}, 14},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c.make(d)
			d.exec(t, `INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, 'attorney', 'wrote', '2026-01-05', '2026-03-15' FROM customers WHERE number = 'l0250'`)
			total, kept := d.read(t).Total, 0
			for from := 0; from <= total; from += diary.PageSize / 2 {
				want := d.readAs(t, d.acme.Collector, d.acme.CollectorID, from)
				got := d.readLately(t, from, lately)
				if got.Counts == lately {
					kept++
					got.Counts = want.Counts
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("from %d: %+v, want %+v", from, got, want)
				}
			}
			if kept != c.kept {
				t.Errorf("%d pages were not counted, want %d", kept, c.kept)
			}
		})
	}
}

// What was counted lately is not told where less is left to do than a page looks at, nor
// of a day that is not long.
func TestCountedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.many(t, "l", 119, d.acme.CollectorID, `DATE '2026-03-16' - n, NULL::time`)
	if page := d.readLately(t, 0, diary.Counts{Total: 201}); page.Counts != (diary.Counts{Total: 119, Late: 119}) {
		t.Errorf("%+v for 119", page.Counts)
	}
	d.many(t, "m", 1, d.acme.CollectorID, `DATE '2026-03-16' - n, NULL::time`)
	if page := d.readLately(t, 0, diary.Counts{Total: 201}); page.Counts != (diary.Counts{Total: 201}) {
		t.Errorf("%+v for 120, of which more may come", page.Counts)
	}
	if page := d.readLately(t, 0, diary.Counts{Total: 200}); page.Counts != (diary.Counts{Total: 120, Late: 120}) {
		t.Errorf("%+v for 120 where 200 were counted", page.Counts)
	}
	if page := d.readLately(t, 20, diary.Counts{Total: 201}); page.Counts != (diary.Counts{Total: 120, Late: 120}) {
		t.Errorf("%+v on the second page", page.Counts)
	}
}
