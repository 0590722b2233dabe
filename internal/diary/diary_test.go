package diary_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/diary"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Rank: what has its hour today by the hour, then what is late, the longest
// first, then what is due today at any time, by what is to be collected; what is
// equal by name.
func TestRank(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		due  map[string][]string // follow-ups by customer
		owes map[string][]string
		want string
	}{
		"by day: yesterday and today, not tomorrow": {
			due: map[string][]string{"a": {"2026-03-17"}, "b": {"2026-03-16"}, "c": {"2026-03-15"}, "d": {"2026-03-17 00:00"}}, want: "c, b"},
		"hours of today, past ones too, midnight first": {
			due: map[string][]string{"a": {"2026-03-16 23:59"}, "b": {"2026-03-16 10:29"}, "c": {"2026-03-16 10:31"}, "d": {"2026-03-16 00:00"}}, want: "d, b, c, a"},
		"an hour of today before the longest late": {
			due: map[string][]string{"a": {"2025-03-16"}, "b": {"2026-03-16 23:59"}, "c": {"2026-03-16"}}, want: "b, a, c"},
		"an hour of yesterday is late, and no more": {
			due: map[string][]string{"a": {"2026-03-15 08:00"}, "b": {"2026-03-14"}, "c": {"2026-03-15"}}, want: "b, a, c"},
		"once each, by the first of the reasons": {
			due:  map[string][]string{"a": {"2026-03-16", "2026-03-12"}, "b": {"2026-03-13", "2026-03-16 09:00", "2026-03-16 08:00"}, "c": {"2026-03-16", "2026-03-16"}},
			want: "b, a, c"},
		"late alike: by name, whatever they owe": {
			due:  map[string][]string{"b": {"2026-03-13"}, "A": {"2026-03-13"}, "c": {"2026-03-12"}},
			owes: map[string][]string{"b": {"EUR 900"}}, want: "c, A, b"},
		"at one hour: by name, whatever else is late": {
			due: map[string][]string{"b": {"2026-03-16 09:00", "2026-03-02"}, "a": {"2026-03-16 09:00"}}, want: "a, b"},
		"any time today: the most to collect first": {
			due:  map[string][]string{"a": {"2026-03-16"}, "b": {"2026-03-16"}, "c": {"2026-03-16"}, "d": {"2026-03-16"}},
			owes: map[string][]string{"a": {"EUR 100"}, "b": {"EUR 0"}, "c": {"EUR 101"}}, want: "c, a, b, d"},
		"other currencies after the company's own, never added": {
			due:  map[string][]string{"a": {"2026-03-16"}, "b": {"2026-03-16"}, "c": {"2026-03-16"}, "d": {"2026-03-16"}, "e": {"2026-03-16"}},
			owes: map[string][]string{"a": {"NOK 90000"}, "b": {"EUR 10"}, "c": {"EUR 9", "NOK 50000"}, "d": {"JPY 1", "NOK 99999"}, "e": {"NOK 90001"}},
			want: "b, c, d, e, a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			for number, when := range c.due {
				d.due(t, number, when...)
			}
			for number, amounts := range c.owes {
				d.owes(t, number, amounts...)
			}
			page := d.read(t)
			if got := ranked(page); got != c.want {
				t.Errorf("ranked %s, want %s", got, c.want)
			}
			if page.Total != len(page.Entries) || page.Entries[0].Rank != 1 || page.Entries[page.Total-1].Rank != page.Total {
				t.Errorf("%d in all, ranks %+v", page.Total, page.Entries)
			}
		})
	}
}

// What is shown of a customer: the first reasons in their order, what is to be
// collected a currency each, what was said last.
func TestEntry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "a", "2026-03-16", "2026-03-13", "2026-03-16 14:00", "2026-03-11 09:00", "2026-03-16 12:00", "2026-03-17")
	d.due(t, "b", "2026-03-16")
	d.owes(t, "a", "NOK 70000", "EUR 1250", "JPY 0")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return note.AddMany(t.Context(), tx, []note.New{{CustomerID: d.ids["a"], Kind: note.Typed, Text: "Called, nobody there"},
			{CustomerID: d.ids["a"], Kind: note.Typed, Text: "Pays on Friday"}, {CustomerID: d.ids["a"], Kind: "payment", Text: "Paid"}})
	})
	page := d.read(t)
	a, b := entry(t, page, "a"), entry(t, page, "b")
	if got := because(a); got != "follow_up 2026-03-16 12:00, follow_up 2026-03-16 14:00, follow_up 2026-03-11 09:00" || a.More != 2 {
		t.Errorf("a stands there for %s and %d more", got, a.More)
	}
	if a.Reasons[0].Text != "Do it 2026-03-16 12:00" || a.Reasons[2].Lateness(today) != 5 || a.Reasons[0].Lateness(today) != 0 {
		t.Errorf("the reasons are %+v", a.Reasons)
	}
	if got := fmt.Sprint(a.ToCollect); got != "[EUR 12.50 NOK 700.00]" {
		t.Errorf("to collect %s", got)
	}
	if a.Said == nil || a.Said.Text != "Pays on Friday" || a.Said.Author != "acme collector" || a.Said.At.IsZero() {
		t.Errorf("said %+v", a.Said)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		all, err := diary.Reasons(t.Context(), tx, d.acme.CollectorID, d.ids["a"])
		if got := because(diary.Entry{Reasons: all[3:]}); got != "follow_up 2026-03-13, follow_up 2026-03-16" {
			t.Errorf("the rest are %s", got)
		}
		return err
	})
	if b.More != 0 || b.ToCollect != nil || b.Said != nil {
		t.Errorf("b is %+v", b)
	}
	if page.Total != 2 || page.Late != 1 || page.Reviews != 0 {
		t.Errorf("%d in all, %d late, %d reviews", page.Total, page.Late, page.Reviews)
	}
}

func TestLeftOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, number := range []string{"done", "deleted", "archived", "another's", "here"} {
		d.due(t, number, "2026-03-13")
	}
	d.due(t, "archived", "2026-03-16 09:00")
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'archived'`)
	d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE customer_id = $1`, d.ids["done"])
	d.exec(t, `UPDATE follow_ups SET ended = 'deleted', ended_at = now() WHERE customer_id = $1`, d.ids["deleted"])
	d.exec(t, `UPDATE follow_ups SET assignee_id = $2 WHERE customer_id = $1`, d.ids["another's"], d.acme.ManagerID)
	page := d.read(t)
	if ranked(page) != "here" || page.Total != 1 || page.Late != 1 || len(page.Timed) != 0 {
		t.Errorf("the list is %s, %d in all, %d late; hours %+v", ranked(page), page.Total, page.Late, page.Timed)
	}
}

func TestWhoSeesWhoseDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "a", "2026-03-16")
	for _, c := range []struct {
		who    tenant.Who
		member int64
		may    bool
	}{
		{d.acme.Collector, d.acme.CollectorID, true}, {d.acme.Collector, d.acme.ManagerID, false}, {d.acme.Collector, diary.NoOwner, false},
		{d.acme.Manager, d.acme.CollectorID, true}, {d.acme.Manager, diary.NoOwner, true}, {d.acme.Admin, d.acme.CollectorID, true},
	} {
		err := d.Write(t.Context(), c.who, func(tx *tenant.Tx) error {
			_, err := diary.Read(t.Context(), tx, c.member, 0, diary.Counts{})
			_, serr := diary.Since(t.Context(), tx, c.member)
			_, rerr := diary.Reasons(t.Context(), tx, c.member, d.ids["a"])
			if (serr == nil) != c.may || (rerr == nil) != c.may {
				t.Errorf("%v asks what came in for %d: %v; for reasons: %v", c.who, c.member, serr, rerr)
			}
			_, werr := diary.Start(t.Context(), tx, c.member)
			if forbidden(werr) == c.may {
				t.Errorf("%v starts the day of %d: %v", c.who, c.member, werr)
			}
			return err
		})
		if c.may && err != nil || !c.may && !forbidden(err) {
			t.Errorf("%v asks for the day of %d: %v", c.who, c.member, err)
		}
	}
	if page := d.readAs(t, d.acme.Manager, d.beta.CollectorID, 0); page.Total != 0 {
		t.Errorf("another company's member has %s", ranked(page))
	}
	if page := d.readAs(t, d.beta.Manager, d.acme.CollectorID, 0); page.Total != 0 {
		t.Errorf("another company sees %s", ranked(page))
	}
}

func TestLimitedToABranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, number := range []string{"here", "there"} {
		d.due(t, number, "2026-03-16 11:00")
		d.exec(t, `INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'attorney', 'wrote', '2026-03-01', '2026-03-15')`, d.ids[number])
	}
	d.exec(t, `UPDATE customers SET watch_reason = 'x', watch_until = '2026-03-15'`)
	d.exec(t, `
		WITH b AS (INSERT INTO branches (name) VALUES ('here'), ('there') RETURNING id, name),
			c AS (UPDATE customers SET branch_id = b.id FROM b WHERE b.name = number)
		UPDATE members SET branch_id = b.id FROM b WHERE b.name = 'here'`)
	first, err := d.start(t, d.acme.Collector, d.acme.CollectorID)
	if err != nil || first != d.ids["here"] {
		t.Fatalf("the walk begins with %d: %v", first, err)
	}
	d.owner(t, `UPDATE tenants SET branch_limited = true`)
	if next, err := d.next(t, d.acme.Collector, first); !errors.Is(err, diary.ErrWalked) {
		t.Errorf("the walk leads to %d of another branch, %v", next, err)
	}
	page := d.read(t)
	if ranked(page) != "here" || page.Total != 1 || len(page.Timed) != 1 {
		t.Errorf("a limited collector has %s, %d in all, hours %+v", ranked(page), page.Total, page.Timed)
	}
	if page := d.readAs(t, d.acme.Manager, d.acme.CollectorID, 0); ranked(page) != "here, there" {
		t.Errorf("a manager sees %s", ranked(page))
	}
}

// No owner: what is assigned to somebody who left, and the reviews of customers
// whom nobody owns who still works here.
func TestNoOwner(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, number := range []string{"leaver's follow-up", "leaver's customer", "nobody's customer", "looked after"} {
		d.customer(t, number)
	}
	d.due(t, "leaver's follow-up", "2026-03-16 09:00")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.ManagerID)
	d.exec(t, `UPDATE customers SET owner_id = $1 WHERE number = 'leaver''s customer'`, d.acme.ManagerID)
	d.exec(t, `UPDATE customers SET owner_id = NULL WHERE number = 'nobody''s customer'`)
	d.exec(t, `UPDATE customers SET watch_reason = 'x', watch_until = '2026-03-15' WHERE number <> 'leaver''s follow-up'`)
	if page := d.readAs(t, d.acme.Admin, diary.NoOwner, 0); ranked(page) != "nobody's customer" {
		t.Errorf("before anybody left: %s", ranked(page))
	}
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID)
	page := d.readAs(t, d.acme.Admin, diary.NoOwner, 0)
	if ranked(page) != "leaver's follow-up, leaver's customer, nobody's customer" || page.Reviews != 2 || len(page.Timed) != 1 {
		t.Errorf("nobody's are %s; %d reviews, hours %+v", ranked(page), page.Reviews, page.Timed)
	}
	if page := d.read(t); ranked(page) != "looked after" {
		t.Errorf("the collector has %s", ranked(page))
	}
}

// Pages: each customer on one of them, in the same order however often one asks.
func TestPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var want []string
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH c AS (
				INSERT INTO customers (number, name, kind, owner_id)
				SELECT 'p' || lpad(n::text, 3, '0'), CASE WHEN n > 90 THEN 'Alike' ELSE 'Name ' || lpad(n::text, 3, '0') END, 'business', $1
				FROM generate_series(1, 120) n
				RETURNING id, number)
			INSERT INTO follow_ups (customer_id, assignee_id, due_on, text)
			SELECT id, $1, CASE WHEN number < 'p020' THEN DATE '2026-03-10' WHEN number < 'p110' THEN DATE '2026-03-11' ELSE DATE '2026-03-16' END, 'x'
			FROM c`, d.acme.CollectorID)
		return err
	})
	for _, part := range [][2]int{{1, 19}, {91, 109}, {20, 90}, {110, 120}} { // alike: as they were made
		for n := part[0]; n <= part[1]; n++ {
			want = append(want, fmt.Sprintf("p%03d", n))
		}
	}
	var got []string
	for from := 0; from < 120; from += diary.PageSize {
		page := d.readAs(t, d.acme.Collector, d.acme.CollectorID, from)
		if page.Total != 120 || page.Late != 109 || page.Entries[0].Rank != from+1 {
			t.Errorf("from %d: %d in all, %d late, the first is number %d", from, page.Total, page.Late, page.Entries[0].Rank)
		}
		if again := d.readAs(t, d.acme.Collector, d.acme.CollectorID, from); ranked(again) != ranked(page) {
			t.Errorf("from %d: %s, then %s", from, ranked(page), ranked(again))
		}
		got = append(got, strings.Split(ranked(page), ", ")...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages hold %v, want %v", got, want)
	}
	if page := d.readAs(t, d.acme.Collector, d.acme.CollectorID, 120); page.Total != 120 || len(page.Entries) != 0 {
		t.Errorf("after the last: %d of %d", len(page.Entries), page.Total)
	}
}

// A day costs as many questions with 2,000 customers as with two.
func TestQuestions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "a", "2026-03-16 15:00", "2026-03-12")
	d.due(t, "b", "2026-03-16")
	asked := func() int64 {
		d.read(t)
		d.Queries.Take()
		d.read(t)
		return d.Queries.Take()
	}
	few := asked()
	d.exec(t, `
		WITH c AS (INSERT INTO customers (number, name, kind, owner_id) SELECT 'n' || n, 'N', 'business', $1 FROM generate_series(1, 2000) n RETURNING id)
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, text)
		SELECT id, $1, DATE '2026-03-16' - (id % 3)::int, 'x' FROM c`, d.acme.CollectorID)
	if many := asked(); many != few || few != 9 { // begin, the tenant named, who acts, how to plan, four of the day, commit
		t.Errorf("%d questions for two, %d for 2,000; want 9", few, many)
	}
	if page := d.read(t); page.Total != 2002 {
		t.Errorf("%d in all", page.Total)
	}
	lately := func() int64 {
		d.Queries.Take()
		d.readLately(t, 0, diary.Counts{Total: 2002})
		return d.Queries.Take()
	}
	if ties := lately(); ties != 10 {
		t.Errorf("%d questions where those who are first are not known at once, want 10", ties)
	}
	d.exec(t, `UPDATE follow_ups SET due_on = due_on - (id % 500)::int`)
	if n := lately(); n != 9 {
		t.Errorf("%d questions for a day that was counted lately, want 9", n)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "a", "2026-03-16", "2026-03-15", "2026-03-17")
	d.due(t, "archived", "2026-03-15")
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'archived'`)
	d.due(t, "left", "2026-03-15")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1 WHERE customer_id = $2`, d.acme.ManagerID, d.ids["left"])
	list := func(who tenant.Who) (list []diary.Person, err error) {
		err = d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
			list, err = diary.People(t.Context(), tx)
			return err
		})
		return list, err
	}
	nobody, admin, collector := diary.Person{ID: diary.NoOwner}, diary.Person{ID: d.acme.AdminID, Name: "acme admin"}, diary.Person{ID: d.acme.CollectorID, Name: "acme collector", Due: 2}
	got, err := list(d.acme.Manager)
	if want := []diary.Person{nobody, admin, collector, {ID: d.acme.ManagerID, Name: "acme manager", Due: 1}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the people are %+v (%v), want %+v", got, err, want)
	}
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID)
	nobody.Due = 1
	if got, err = list(d.acme.Admin); err != nil || !slices.Equal(got, []diary.Person{nobody, admin, collector}) {
		t.Errorf("after one left they are %+v (%v)", got, err)
	}
	if _, err := list(d.acme.Collector); !forbidden(err) {
		t.Errorf("a collector asks: %v", err)
	}
}

// What people are said to have to do is all that their day lists, of every kind.
func TestPeopleHaveWhatTheDayLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	list := func(want int) (nobodys int) {
		t.Helper()
		var people []diary.Person
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
			people, err = diary.People(t.Context(), tx)
			return err
		})
		reasons := map[int64]int{}
		for _, p := range people {
			for _, e := range d.readAs(t, d.acme.Manager, p.ID, 0).Entries {
				reasons[p.ID] += len(e.Reasons) + e.More
			}
			if p.Due != reasons[p.ID] {
				t.Errorf("%d of %q are due, the day has %d", p.Due, p.Name, reasons[p.ID])
			}
		}
		if want >= 0 && reasons[d.acme.CollectorID] != want {
			t.Errorf("the collector has %d, want %d", reasons[d.acme.CollectorID], want)
		}
		return reasons[diary.NoOwner]
	}
	list(0)
	d.oneOfEach(t) // but none of the agenda
	list(4)
	d.stop(t, d.customer(t, "stopped"), today)
	d.watch(t, d.customer(t, "watched"), today)
	d.watch(t, d.customer(t, "stopped"), today.Add(1))
	list(6)
	phone, asked := d.point(t, d.customer(t, "watched")), d.point(t, d.customer(t, "asked"))
	d.optOut(t, phone, customer.SMS, today)
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return contactrule.Request(t.Context(), tx, contactrule.Wish{CustomerID: d.ids["asked"], PointID: asked, Channel: customer.Call, Source: "an e-mail"})
	})
	list(8)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := activity.Place(t.Context(), tx, contactrule.Attempt{CustomerID: d.ids["watched"], PointID: phone})
		return err
	})
	for _, number := range []string{"mine", "given"} {
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
			e, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.SMS, ProviderID: number, Kind: inbox.Reply, From: "+4790012345", Body: "Call me", CustomerID: d.customer(t, number)})
			if err == nil && number == "given" {
				_, err = tx.Exec(t.Context(), `UPDATE inbox_entries SET assignee_id = $1 WHERE id = $2`, d.acme.AdminID, e.ID)
			}
			return err
		})
	}
	list(10)
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
	if n := list(-1); n != 10 {
		t.Errorf("nobody has %d, want 10", n)
	}
	d.owner(t, `UPDATE members SET active = true WHERE id = $1`, d.acme.CollectorID)
	d.exec(t, `UPDATE customers SET owner_id = NULL WHERE number = 'watched'`)
	list(8)
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'stopped'`)
	list(7)
}
