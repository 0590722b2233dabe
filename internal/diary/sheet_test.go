package diary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/diary"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// week is the one of today, a Monday.
var week = diary.Look{From: today, Until: today.Add(6), ByHour: true, Cell: diary.Window{Size: 6}, Overdue: diary.Window{Size: 20}, NoDate: diary.Window{Size: 20}}

// sheet is what the collector sees of the own diary.
func (d *desk) sheet(t *testing.T, l diary.Look) diary.Sheet {
	t.Helper()
	if l.Member == 0 {
		l.Member = d.acme.CollectorID
	}
	s, err := d.sheetAs(t, d.acme.Collector, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// standing is how many stand on today, whatever their hours.
func standing(s diary.Sheet) (total int) {
	for place, list := range s.Cells {
		if place.On == today {
			total += list.Total
		}
	}
	return total
}

func (d *desk) sheetAs(t *testing.T, who tenant.Who, l diary.Look) (s diary.Sheet, err error) {
	t.Helper()
	err = d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		s, err = diary.ReadSheet(t.Context(), tx, l)
		return err
	})
	return s, err
}

// contact writes an open contact of the member's as it stands after its day; an empty
// day is none.
func (d *desk) contact(t *testing.T, number string, member int64, when string) (id int64) {
	t.Helper()
	customer := d.customer(t, number)
	on, at, _ := strings.Cut(when, " ")
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH typed AS (
				INSERT INTO contact_groups (name) SELECT 'Calls' WHERE NOT EXISTS (SELECT FROM contact_groups)
				RETURNING id
			), kind AS (
				INSERT INTO contact_types (group_id, code, name) SELECT id, 'CALL', 'Call' FROM typed
				RETURNING id
			)
			INSERT INTO contacts (customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on, due_at)
			SELECT @customer, id, 'CALL', 'Call', '', 'Wants to  pay ' || @when::text, @member, @member, nullif(@on, '')::date, nullif(@at, '')::time
			FROM (SELECT id FROM kind UNION ALL SELECT id FROM contact_types) k
			LIMIT 1
			RETURNING id`,
			pgx.NamedArgs{"customer": customer, "when": when, "member": member, "on": on, "at": at}).Scan(&id)
	})
	return id
}

// told are the tasks of a list: "follow_up C-1 2026-03-16 10:00".
func told(list []diary.Task) string {
	var all []string
	for _, k := range list {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", k.Kind, k.Customer, k.On, k.At)))
	}
	return strings.Join(all, ", ")
}

// agenda puts an entry of that level into the agenda of the collector, maybe put away
// until a day.
func (d *desk) agenda(t *testing.T, number string, level int, later string) {
	t.Helper()
	customer := d.customer(t, number)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT min(id) FROM accounts WHERE customer_id = $1`, customer).Scan(&account); err != nil {
			return err
		}
		item := dbtest.Item(t, tx, account, "I "+number, "2026-02-01", 12_34, "EUR")
		_, err := tx.Exec(t.Context(), `
			WITH p AS (INSERT INTO policies (name) VALUES ('Policy of ' || $5::text) RETURNING id)
			INSERT INTO agenda_entries (customer_id, owner_id, opened_on, as_of, policy_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies, later_on, later_reason)
			SELECT $1, $2, '2026-03-10', '2026-03-10', p.id, $3, 'chosen_day', $6, '2026-02-01', 1, 'EUR', 1234, 1, nullif($4, '')::date, 'x' FROM p`,
			customer, d.acme.CollectorID, level, later, number, item)
		return err
	})
}

// A diary has everything by its day and hour (S3.30), what is overdue apart (S3.31),
// the days of the week (S3.32), and what has no date (S3.43): in one list over
// follow-ups, contacts, promises, cases and the agenda.
func TestSheet(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "F", "2026-03-13", "2026-03-16 09:45", "2026-03-16", "2026-03-22 14:00", "2026-03-23")
	d.contact(t, "C", d.acme.CollectorID, "2026-03-16 09:15")
	d.contact(t, "C", d.acme.CollectorID, "2026-03-12 16:00")
	d.contact(t, "N", d.acme.CollectorID, "")
	d.contact(t, "hers", d.acme.ManagerID, "2026-03-16 09:15")
	d.agenda(t, "A", 2, "")
	d.agenda(t, "later", 1, "2026-03-18")
	d.agenda(t, "next week", 1, "2026-03-25")
	d.owes(t, "P", "EUR 90000")
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		if _, err := cases.Open(t.Context(), tx, d.customer(t, "K"), cases.Opening{Title: "Wrong price", OwnerID: d.acme.CollectorID, NextOn: today.Add(2)}, nil); err != nil {
			return err
		}
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT min(id) FROM accounts WHERE customer_id = $1`, d.customer(t, "P")).Scan(&account); err != nil {
			return err
		}
		_, err := promise.Make(t.Context(), tx, d.customer(t, "P"), promise.Plan{AccountID: account, Amount: money.New(123_45, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: today.Add(2), Confirmed: true})
		return err
	})
	s := d.sheet(t, week)
	if got, want := told(s.Overdue.Tasks), "contact C 2026-03-12 16:00, follow_up F 2026-03-13"; got != want || s.Overdue.Total != 2 {
		t.Errorf("overdue are %d: %s, want %s", s.Overdue.Total, got, want)
	}
	if got := told(s.NoDate.Tasks); got != "contact N" || s.NoDate.Total != 1 {
		t.Errorf("without a date are %d: %s", s.NoDate.Total, got)
	}
	if s.NoDate.Tasks[0].Text != "Call: Wants to pay" {
		t.Errorf("the contact says %q", s.NoDate.Tasks[0].Text)
	}
	want := map[diary.Place]string{
		{On: today, Hour: 9}:                    "contact C 2026-03-16 09:15, follow_up F 2026-03-16 09:45",
		{On: today, Hour: diary.AnyTime}:        "follow_up F 2026-03-16, agenda_entry A 2026-03-16",
		{On: today.Add(2), Hour: diary.AnyTime}: "promise P 2026-03-18, case K 2026-03-18, agenda_entry later 2026-03-18",
		{On: day.New(2026, 3, 22), Hour: 14}:    "follow_up F 2026-03-22 14:00",
	}
	if len(s.Cells) != len(want) {
		t.Errorf("the week has %d cells, want %d", len(s.Cells), len(want))
	}
	for place, tasks := range want {
		if list := s.Cells[place]; list == nil || told(list.Tasks) != tasks || list.Rest() != 0 {
			t.Errorf("%v has %+v, want %s", place, list, tasks)
		}
	}
	if s.Waiting.N != 1 || standing(s) != 4 {
		t.Errorf("%d wait in the agenda, %d stand on today; want 1 and 4", s.Waiting.N, standing(s))
	}
	for _, k := range s.Cells[diary.Place{On: today.Add(2), Hour: diary.AnyTime}].Tasks {
		if text := map[diary.Kind]string{diary.Promise: "EUR 123.45", diary.Case: "Wrong price", diary.Agenda: "Level 1"}[k.Kind]; k.Text != text || k.ID == 0 {
			t.Errorf("the %s is %d %q, want %q", k.Kind, k.ID, k.Text, text)
		}
	}
	next := week
	next.From, next.Until, next.ByHour = today.Add(7), today.Add(13), false
	s = d.sheet(t, next)
	if got := told(s.Cells[diary.Place{On: today.Add(7), Hour: diary.AnyTime}].Tasks); got != "follow_up F 2026-03-23" || s.Overdue.Total != 2 || s.Waiting.N != 1 {
		t.Errorf("the next week has %s, %d overdue, %d waiting", got, s.Overdue.Total, s.Waiting.N)
	}
}

// What is done or closed leaves the diary (S3.42), as does what is of a customer who
// is archived.
func TestSheetLeaves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "F", "2026-03-16")
	d.due(t, "gone", "2026-03-16", "2026-03-10")
	id := d.contact(t, "C", d.acme.CollectorID, "2026-03-16")
	if total := standing(d.sheet(t, week)); total != 3 {
		t.Fatalf("%d stand there", total)
	}
	d.exec(t, `UPDATE contacts SET ended = 'closed', ended_at = now(), closing = 'Paid', ended_by = $2 WHERE id = $1`, id, d.acme.CollectorID)
	d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE customer_id = $1`, d.ids["F"])
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE id = $1`, d.ids["gone"])
	if s := d.sheet(t, week); len(s.Cells) != 0 || s.Overdue.Total != 0 {
		t.Errorf("%d cells and %d overdue are left", len(s.Cells), s.Overdue.Total)
	}
}

// A cell folds, and a list is read on from where it was left.
func TestSheetFolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range 9 {
		d.due(t, fmt.Sprintf("n%d", n), "2026-03-17 10:30", fmt.Sprintf("2026-03-%02d", n+1))
	}
	s := d.sheet(t, week)
	if cell := s.Cells[diary.Place{On: today.Add(1), Hour: 10}]; len(cell.Tasks) != 6 || cell.Total != 9 || cell.Rest() != 3 {
		t.Errorf("the cell shows %d of %d, %d left", len(cell.Tasks), cell.Total, cell.Rest())
	}
	l := week
	l.Overdue = diary.Window{From: 7, Size: 5}
	if s := d.sheet(t, l); told(s.Overdue.Tasks) != "follow_up n7 2026-03-08, follow_up n8 2026-03-09" || s.Overdue.Total != 9 || s.Overdue.Rest() != 0 {
		t.Errorf("from the eighth on: %s of %d", told(s.Overdue.Tasks), s.Overdue.Total)
	}
	l.Overdue.From = 99
	if s := d.sheet(t, l); len(s.Overdue.Tasks) != 0 || s.Overdue.Rest() != 0 {
		t.Errorf("beyond the end are %s", told(s.Overdue.Tasks))
	}
}

// Where much stands in a week, its cells fold sooner, down to one of each; what is
// counted stays, and what is overdue is not of the cells.
func TestSheetFoldsSooner(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range 5 {
		d.due(t, fmt.Sprintf("n%d", n), "2026-03-17 10:30", "2026-03-17 10:15", "2026-03-18", "2026-03-10")
	}
	d.due(t, "one", "2026-03-19")
	ten, three := diary.Place{On: today.Add(1), Hour: 10}, diary.Place{On: today.Add(2), Hour: diary.AnyTime}
	for _, c := range []struct{ most, ten, three int }{{0, 6, 5}, {12, 6, 5}, {11, 5, 5}, {10, 4, 4}, {7, 3, 3}, {6, 2, 2}, {3, 1, 1}, {1, 1, 1}} {
		l := week
		l.Most = c.most
		s := d.sheet(t, l)
		if got, any := s.Cells[ten], s.Cells[three]; len(got.Tasks) != c.ten || got.Rest() != 10-c.ten || len(any.Tasks) != c.three || any.Rest() != 5-c.three || len(s.Overdue.Tasks) != 5 {
			t.Errorf("of %d at most there are %d and %d, %d overdue; want %d and %d", c.most, len(got.Tasks), len(any.Tasks), len(s.Overdue.Tasks), c.ten, c.three)
		}
		if got := told(s.Cells[ten].Tasks[:1]); got != "follow_up n0 2026-03-17 10:15" {
			t.Errorf("of %d at most the first is %s", c.most, got)
		}
	}
}

// Whose diary may be looked at: one's own; as a manager anybody's, and what those who
// left had to do.
func TestSheetOf(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "F", "2026-03-16")
	l := week
	for _, of := range []int64{d.acme.ManagerID, diary.NoOwner} {
		if l.Member = of; !forbidden(second(d.sheetAs(t, d.acme.Collector, l))) {
			t.Errorf("a collector sees the diary of %d", of)
		}
	}
	l.Member = d.acme.CollectorID
	if s, err := d.sheetAs(t, d.acme.Manager, l); err != nil || standing(s) != 1 {
		t.Errorf("a manager sees %d entries, %v", standing(s), err)
	}
	if s, err := d.sheetAs(t, d.beta.Admin, l); err != nil || standing(s) != 0 {
		t.Errorf("another company sees %d entries, %v", standing(s), err)
	}
	d.exec(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
	d.agenda(t, "A", 1, "")
	l.Member = diary.NoOwner
	if s, err := d.sheetAs(t, d.acme.Manager, l); err != nil || standing(s) != 2 || s.Waiting.N != 1 {
		t.Errorf("of those who left there are %d entries, %v", standing(s), err)
	}
}

func second[T any](_ T, err error) error { return err }

// Everybody may know when somebody is busy on a day (S3.23); of customers in another
// branch they learn nothing but the hour.
func TestOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-16 10:00", "2026-03-16", "2026-03-17 08:00")
	d.due(t, "there", "2026-03-16 11:00", "2026-03-16")
	d.contact(t, "there", d.acme.CollectorID, "2026-03-16 09:30")
	d.contact(t, "here", d.acme.CollectorID, "2026-03-16 15:00")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.AdminID)
	d.exec(t, `UPDATE contacts SET assignee_id = $1`, d.acme.AdminID)
	on := func(who tenant.Who) (list []diary.Task) {
		t.Helper()
		err := d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
			list, err = diary.On(t.Context(), tx, d.acme.AdminID, today)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	all := "contact there 2026-03-16 09:30, follow_up here 2026-03-16 10:00, follow_up there 2026-03-16 11:00, contact here 2026-03-16 15:00, follow_up here 2026-03-16, follow_up there 2026-03-16"
	if got := told(on(d.acme.Collector)); got != all {
		t.Errorf("the day has %s, want %s", got, all)
	}
	d.exec(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, d.acme.ID)
	d.exec(t, `UPDATE tenants SET branch_limited = true`)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE number = 'here'`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.acme.CollectorID)
	list := on(d.acme.Collector)
	if got, want := told(list), "contact  2026-03-16 09:30, follow_up here 2026-03-16 10:00, follow_up  2026-03-16 11:00, contact here 2026-03-16 15:00, follow_up here 2026-03-16"; got != want {
		t.Errorf("who sees one branch sees %s, want %s", got, want)
	}
	if slices.ContainsFunc(list, func(k diary.Task) bool { return k.Customer == "" && (k.Text != "" || k.ID != 0 || k.CustomerID != 0) }) {
		t.Errorf("something is told of another branch: %+v", list)
	}
	if got := on(d.beta.Collector); len(got) != 0 {
		t.Errorf("another company sees %s", told(got))
	}
}
