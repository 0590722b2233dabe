package diary_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// give gives tasks of the collector's to the admin, as somebody.
func (d *desk) give(t *testing.T, as tenant.Who, s diary.Share, to int64) (h diary.Handed, err error) {
	t.Helper()
	err = d.Write(t.Context(), as, func(tx *tenant.Tx) (err error) {
		h, err = diary.Give(t.Context(), tx, s, to)
		return err
	})
	return h, err
}

// A manager gives one, several or all entries of a diary, of every kind, to somebody
// else (S3.44); each of their customers has a note of it.
func TestGive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "F", "2026-03-13", "2026-03-16 09:00", "2026-04-30")
	contact := d.contact(t, "C", d.acme.CollectorID, "")
	d.agenda(t, "A", 1, "")
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
	share := diary.Share{Of: d.acme.CollectorID, Key: []string{fmt.Sprintf("contact-%d", contact)}}
	to := d.acme.AdminID
	if _, err := d.give(t, d.acme.Collector, share, to); !forbidden(err) {
		t.Errorf("a collector gives: %v", err)
	}
	var inv errs.Invalid
	for name, c := range map[string]struct {
		share diary.Share
		to    int64
		field string
	}{
		"nothing":            {diary.Share{Of: d.acme.CollectorID}, to, "task"},
		"to the same":        {diary.Share{Of: d.acme.CollectorID, All: true}, d.acme.CollectorID, "assignee"},
		"to nobody":          {share, 0, "assignee"},
		"to another company": {share, d.beta.AdminID, "assignee"},
	} {
		if _, err := d.give(t, d.acme.Manager, c.share, c.to); !errors.As(err, &inv) || inv[c.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h, err := d.give(t, d.beta.Manager, share, d.beta.AdminID); err != nil || h.Moved != 0 || h.Left != 1 {
		t.Errorf("another company moves %+v, %v", h, err)
	}
	twice := share // what is late stands under its day besides
	twice.Key = append(twice.Key, share.Key...)
	if h, err := d.give(t, d.acme.Manager, twice, to); err != nil || !reflect.DeepEqual(h, diary.Handed{To: "acme admin", Moved: 1}) {
		t.Errorf("one, ticked twice: %+v, %v", h, err)
	}
	if h, err := d.give(t, d.acme.Manager, share, to); err != nil || h.Moved != 0 || h.Left != 1 {
		t.Errorf("the same again: %+v, %v", h, err)
	}
	if h, err := d.give(t, d.acme.Manager, diary.Share{Of: d.acme.CollectorID, On: today}, to); err != nil || !reflect.DeepEqual(h, diary.Handed{To: "acme admin", Moved: 1, Stay: 1}) {
		t.Errorf("a day: %+v, %v", h, err)
	}
	d.Queries.Take()
	if h, err := d.give(t, d.acme.Manager, diary.Share{Of: d.acme.CollectorID, All: true}, to); err != nil || !reflect.DeepEqual(h, diary.Handed{To: "acme admin", Moved: 4, Stay: 1}) {
		t.Errorf("all: %+v, %v", h, err)
	}
	asked := d.Queries.Take()
	l := week
	l.Until, l.ByHour = today.Add(60), false
	if s := d.sheet(t, l); s.Overdue.Total+s.NoDate.Total != 0 || len(s.Cells) != 1 {
		t.Errorf("the collector keeps %+v", s.Cells)
	}
	var notes int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(DISTINCT customer_id) FROM notes WHERE author = 'acme manager' AND text LIKE '%acme admin%'`).Scan(&notes); err != nil || notes != 4 {
		t.Errorf("%d customers have a note, %v", notes, err)
	}
	for n := range 300 {
		d.due(t, fmt.Sprintf("n%d", n%5), "2026-03-20")
	}
	d.exec(t, `UPDATE cases SET owner_id = $1`, d.acme.CollectorID)
	d.exec(t, `UPDATE contacts SET assignee_id = $1`, d.acme.CollectorID)
	d.exec(t, `UPDATE promises SET assignee_id = $1`, d.acme.CollectorID)
	d.Queries.Take()
	if h, err := d.give(t, d.acme.Manager, diary.Share{Of: d.acme.CollectorID, All: true}, to); err != nil || h.Moved != 303 {
		t.Errorf("all of many: %+v, %v", h, err)
	}
	if many := d.Queries.Take(); many > asked+8 {
		t.Errorf("%d statements for many, %d for few", many, asked)
	}
}

// What the day of a member lists goes as its packages move it, of some customers or of
// all; what goes with the owner of the customer is counted, and what is for later stays.
func TestGiveToday(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.oneOfEach(t)
	d.due(t, "F", "2026-03-12", "2026-03-17")
	for _, number := range []string{"K", "S"} {
		d.stop(t, d.customer(t, number), today)
	}
	d.watch(t, d.customer(t, "S"), today.Add(-1))
	d.owner(t, `UPDATE instalments SET due_on = '2026-03-17'`) // the day lists what is promised for tomorrow
	share := func(numbers ...string) diary.Share {
		s := diary.Share{Of: d.acme.CollectorID, Customers: []int64{d.beta.CollectorID}}
		for _, n := range numbers {
			s.Customers = append(s.Customers, d.ids[n])
		}
		return s
	}
	all := diary.Share{Of: d.acme.CollectorID, Today: true}
	for _, c := range []struct {
		share diary.Share
		want  diary.Handed
		left  string
	}{
		{share("C"), diary.Handed{Moved: 1}, "F, S, K, P"},
		{share("C"), diary.Handed{}, "F, S, K, P"},
		{share("K", "P", "S"), diary.Handed{Moved: 2, Stay: 3}, "F, S, K"},
		{all, diary.Handed{Moved: 2, Stay: 3}, "S, K"},
		{all, diary.Handed{Stay: 3}, "S, K"},
	} {
		c.want.To = "acme manager"
		if h, err := d.give(t, d.acme.Admin, c.share, d.acme.ManagerID); err != nil || !reflect.DeepEqual(h, c.want) {
			t.Errorf("%+v: %+v, %v, want %+v", c.share, h, err, c.want)
		}
		if got := ranked(d.read(t)); got != c.left {
			t.Errorf("%+v: left are %s, want %s", c.share, got, c.left)
		}
	}
	later := diary.Look{Member: d.acme.CollectorID, From: today.Add(1), Until: today.Add(1), Cell: diary.Window{Size: 9}}
	if got := told(d.sheet(t, later).Cells[diary.Place{On: today.Add(1), Hour: diary.AnyTime}].Tasks); got != "follow_up F 2026-03-17" {
		t.Errorf("tomorrow has %s", got)
	}
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID)
	if h, err := d.give(t, d.acme.Admin, diary.Share{Of: diary.NoOwner, Today: true}, d.acme.CollectorID); err != nil || h.Moved != 5 {
		t.Errorf("of who left: %+v, %v", h, err)
	}
}

// Of what is ticked that goes which is as it was shown. What somebody changed, ended or
// gave away meanwhile is left, and named with who did it and how; a promise has no
// version, and goes unless it is somebody else's.
func TestGiveAsShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tasks := d.oneOfEach(t)
	d.due(t, "done", "2026-03-16")
	d.due(t, "taken", "2026-03-17")
	d.due(t, "same", "2026-03-18")
	key := func(number string) string {
		var id int64
		if err := d.Owner(t).QueryRow(t.Context(), `SELECT id FROM follow_ups WHERE customer_id = $1`, d.ids[number]).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("follow_up-%d", id)
	}
	keys := []string{tasks[diary.Contact].Key(), tasks[diary.Promise].Key(), tasks[diary.Case].Key(), key("done"), key("taken"), key("same")}
	shown := map[string]int{}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		for _, k := range keys {
			task, err := diary.Find(t.Context(), tx, k)
			if err != nil {
				return err
			}
			if shown[k] = task.Version; k == key("done") {
				err = followup.Complete(t.Context(), tx, task.CustomerID, task.ID, "")
			}
			if err != nil {
				return err
			}
		}
		if _, err := diary.Give(t.Context(), tx, diary.Share{Of: d.acme.CollectorID, Key: []string{key("taken")}}, d.acme.ManagerID); err != nil {
			return err
		}
		return diary.Reschedule(t.Context(), tx, tasks[diary.Case], diary.Move{Version: tasks[diary.Case].Version, On: today.Add(3)})
	})
	d.Queries.Take()
	h, err := d.give(t, d.acme.Manager, diary.Share{Of: d.acme.CollectorID, Key: keys, Shown: shown}, d.acme.AdminID)
	said := map[string]string{}
	for _, c := range h.Changed {
		said[c.Key()] = c.Said
	}
	if err != nil || h.Moved != 3 || h.Left != 0 || len(said) != 3 {
		t.Errorf("given: %+v, %v", h, err)
	}
	for k, words := range map[string]string{
		key("done"):             "acme admin changed this meanwhile: Follow-up for Mon 16 Mar 2026, acme collector: done.",
		key("taken"):            "acme admin changed this meanwhile: Follow-up of acme collector given to acme manager",
		tasks[diary.Case].Key(): "acme admin changed this meanwhile: ",
	} {
		if !strings.HasPrefix(said[k], words) {
			t.Errorf("of %s it is said: %q", k, said[k])
		}
	}
}

// Those whom the new one does not see stay, and are counted.
func TestGiveWithinTheBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-16")
	d.due(t, "there", "2026-03-16")
	d.contact(t, "there", d.acme.CollectorID, "")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1`, d.acme.AdminID)
	d.exec(t, `UPDATE contacts SET assignee_id = $1`, d.acme.AdminID)
	d.exec(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, d.acme.ID)
	d.exec(t, `UPDATE tenants SET branch_limited = true`)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE number = 'here'`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.acme.CollectorID)
	if h, err := d.give(t, d.acme.Manager, diary.Share{Of: d.acme.AdminID, All: true}, d.acme.CollectorID); err != nil || h.Moved != 1 || h.Left != 2 {
		t.Errorf("given: %+v, %v", h, err)
	}
}

// Two managers who give the same at once: it goes to one of them, and the other is
// told that nothing was left.
func TestTwoGiveAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range 20 {
		d.due(t, fmt.Sprintf("n%d", n), "2026-03-16")
	}
	var wg sync.WaitGroup
	moved, failed := make([]int, 2), make([]error, 2)
	for i, to := range []int64{d.acme.AdminID, d.acme.ManagerID} {
		wg.Go(func() {
			var h diary.Handed
			failed[i] = d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) (err error) {
				h, err = diary.Give(t.Context(), tx, diary.Share{Of: d.acme.CollectorID, All: i == 0, Today: i == 1}, to)
				return err
			})
			moved[i] = h.Moved
		})
	}
	wg.Wait()
	if errors.Join(failed...) != nil || moved[0]+moved[1] != 20 || moved[0]*moved[1] != 0 {
		t.Errorf("moved %v, %v", moved, failed)
	}
}

// A task is moved as the package says whose it is: agenda entries with a reason, cases
// not beyond a complaint's deadline, promises not at all.
func TestReschedule(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tasks := d.oneOfEach(t)
	move := func(kind diary.Kind, m diary.Move) error {
		t.Helper()
		return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
			k, err := diary.Find(t.Context(), tx, tasks[kind].Key())
			if err != nil {
				return err
			}
			if k.Customer == "" || k.MemberID != d.acme.CollectorID {
				t.Errorf("found is %+v", k)
			}
			m.Version = k.Version
			return diary.Reschedule(t.Context(), tx, k, m)
		})
	}
	field := func(err error) string {
		var inv errs.Invalid
		if errors.As(err, &inv) {
			for name := range inv {
				return name
			}
		}
		return fmt.Sprint(err)
	}
	if err := move(diary.Promise, diary.Move{On: today.Add(1)}); !conflict(err) {
		t.Errorf("a promise moves: %v", err)
	}
	if got := field(move(diary.Agenda, diary.Move{On: today.Add(2)})); got != "reason" {
		t.Errorf("the agenda is moved without a reason: %s", got)
	}
	if got := field(move(diary.Agenda, diary.Move{On: today.Add(-2), Reason: "x"})); got != "due_on" {
		t.Errorf("the agenda is moved back: %s", got)
	}
	if err := move(diary.Agenda, diary.Move{On: today.Add(2), Reason: "They are on leave"}); err != nil {
		t.Error(err)
	}
	for in, want := range map[int]string{-1: "due_on", 4: "due_on"} {
		if got := field(move(diary.Case, diary.Move{On: today.Add(in)})); got != want {
			t.Errorf("a complaint moves %d days: %s", in, got)
		}
	}
	if got := field(move(diary.Case, diary.Move{})); got != "due_on" {
		t.Errorf("a case is moved to no day: %s", got)
	}
	if err := move(diary.Case, diary.Move{On: today.Add(3)}); err != nil {
		t.Error(err)
	}
	s := d.sheet(t, week)
	if got := told(s.Cells[diary.Place{On: today.Add(2), Hour: diary.AnyTime}].Tasks); got != "agenda_entry A 2026-03-18" {
		t.Errorf("put away is %s", got)
	}
	if got := told(s.Cells[diary.Place{On: today.Add(3), Hour: diary.AnyTime}].Tasks); got != "case K 2026-03-19" {
		t.Errorf("the case stands as %s", got)
	}
	stale := tasks[diary.Case]
	err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		return diary.Reschedule(t.Context(), tx, stale, diary.Move{Version: stale.Version, On: today.Add(1)})
	})
	if !conflict(err) {
		t.Errorf("an older version of a case moves it: %v", err)
	}
}
