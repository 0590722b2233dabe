package diary_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// nobodys are the customers of the day under No owner, and the tasks of that week.
func (d *desk) nobodys(t *testing.T, who tenant.Who) (day, tasks string) {
	t.Helper()
	var numbers []string
	for _, e := range d.readAs(t, who, diary.NoOwner, 0).Entries {
		numbers = append(numbers, e.Number)
	}
	slices.Sort(numbers)
	l := week
	l.Member = diary.NoOwner
	s, err := d.sheetAs(t, who, l)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, place := range s.Places() {
		for _, k := range s.Cells[place].Tasks {
			list = append(list, string(k.Kind)+" "+k.Customer)
		}
	}
	for _, k := range s.NoDate.Tasks {
		list = append(list, string(k.Kind)+" "+k.Customer)
	}
	slices.Sort(list)
	return strings.Join(numbers, ", "), strings.Join(list, ", ")
}

// Where collectors see their own branch only, what is with one who does not see the
// customer is nobody's, until it is with somebody who does.
func TestUnseenIsNobodys(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.oneOfEach(t)
	d.contact(t, "undated", d.acme.CollectorID, "")
	d.contact(t, "hers", d.acme.ManagerID, "2026-03-16")
	d.due(t, "archived", "2026-03-16")
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'archived'`)
	d.customer(t, "watched")
	d.exec(t, `UPDATE customers SET watch_reason = 'x', watch_until = '2026-03-15' WHERE number = 'watched'`)
	for _, id := range []int64{d.acme.ID, d.beta.ID} {
		d.owner(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North'), ($1, 'South')`, id)
		d.owner(t, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE tenant_id = $1 AND name = 'North') WHERE tenant_id = $1 AND role = 'collector'`, id)
		d.owner(t, `UPDATE customers SET branch_id = (SELECT id FROM branches WHERE tenant_id = $1 AND name = 'South') WHERE tenant_id = $1`, id)
	}
	place := func(customers, collectors string) {
		t.Helper()
		d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches WHERE name = $1)`, customers)
		d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = $1) WHERE id = $2`, collectors, d.acme.CollectorID)
	}
	const allDay, allTasks = "C, F, K, P, watched", "case K, contact C, contact undated, follow_up F, promise P"
	check := func(name, day, tasks string) {
		t.Helper()
		if gotDay, gotTasks := d.nobodys(t, d.acme.Manager); gotDay != day || gotTasks != tasks {
			t.Errorf("%s: nobody's are %q and %q, want %q and %q", name, gotDay, gotTasks, day, tasks)
		}
	}
	check("not limited, of another branch", "", "")
	d.owner(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.beta.ID)
	check("another company limits its own", "", "")
	d.owner(t, `UPDATE tenants SET branch_limited = true`)
	check("of another branch", allDay, allTasks)
	if day, tasks := d.nobodys(t, d.beta.Manager); day != "theirs" || tasks != "follow_up Customer theirs" {
		t.Errorf("the other company has %q and %q", day, tasks)
	}
	for _, c := range []struct {
		customers, collector string
		all                  bool
	}{{"North", "North", false}, {"", "North", true}, {"North", "", true}, {"", "", true}, {"South", "South", false}} {
		place(c.customers, c.collector)
		if c.all {
			check("customers of "+c.customers+", the collector of "+c.collector, allDay, allTasks)
		} else {
			check("customers of "+c.customers+", the collector of "+c.collector, "", "")
		}
	}
	place("South", "North")
	d.owner(t, `UPDATE members SET role = 'manager' WHERE id = $1`, d.acme.CollectorID)
	check("a manager of another branch", "", "")
	d.owner(t, `UPDATE members SET role = 'collector' WHERE id = $1`, d.acme.CollectorID)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE number = 'F'`)
	check("one of the own branch", "C, K, P, watched", "case K, contact C, contact undated, promise P")
}

// What is nobody's because its assignee does not see the customer is counted, and given
// to somebody who does, from the day and from the diary.
func TestUnseenIsGivenOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-16")
	d.due(t, "there", "2026-03-16", "2026-03-13")
	d.contact(t, "there", d.acme.CollectorID, "2026-03-12")
	d.contact(t, "there", d.acme.CollectorID, "")
	d.exec(t, `INSERT INTO branches (name) VALUES ('North')`)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE number = 'here'`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.acme.CollectorID)
	due := func() (n int) {
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
			list, err := diary.People(t.Context(), tx)
			if err == nil {
				n = list[0].Due
			}
			return err
		})
		return n
	}
	day, all := diary.Share{Of: diary.NoOwner, Today: true}, diary.Share{Of: diary.NoOwner, All: true}
	if h, err := d.give(t, d.acme.Manager, day, d.acme.AdminID); err != nil || h.Moved != 0 || due() != 0 {
		t.Errorf("not limited: %+v, %v from the day, %d are due", h, err, due())
	}
	if h, err := d.give(t, d.acme.Manager, all, d.acme.AdminID); err != nil || h.Moved != 0 {
		t.Errorf("not limited, from the diary: %+v, %v", h, err)
	}
	d.owner(t, `UPDATE tenants SET branch_limited = true`)
	if due() != 3 {
		t.Errorf("%d are due, want 3", due())
	}
	if h, err := d.give(t, d.acme.Manager, day, d.acme.AdminID); err != nil || h.Moved != 3 || due() != 0 {
		t.Errorf("from the day: %+v, %v, and %d are due then", h, err, due())
	}
	if h, err := d.give(t, d.acme.Manager, all, d.acme.AdminID); err != nil || h.Moved != 1 || due() != 0 {
		t.Errorf("from the diary: %+v, %v", h, err)
	}
	if page := d.read(t); ranked(page) != "here" {
		t.Errorf("the collector keeps %s", ranked(page))
	}
}

// What was nobody's and is somebody's by now is not taken away again: neither from the
// page that stood open, nor by who waited while the other gave it.
func TestNobodysIsGivenOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tasks := d.oneOfEach(t)
	d.owner(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
	k := tasks[diary.Promise].Key()
	one := diary.Share{Of: diary.NoOwner, Key: []string{k}, Shown: map[string]int{k: 0}}
	if h, err := d.give(t, d.acme.Manager, one, d.acme.AdminID); err != nil || h.Moved != 1 {
		t.Fatalf("first: %+v, %v", h, err)
	}
	if h, err := d.give(t, d.acme.Manager, one, d.acme.ManagerID); err != nil || h.Moved != 0 || len(h.Changed) != 1 {
		t.Errorf("a promise that the administrator has by now: %+v, %v", h, err)
	}
	var second diary.Handed
	var err error
	all, done := diary.Share{Of: diary.NoOwner, Today: true}, make(chan struct{})
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		h, ferr := diary.Give(t.Context(), tx, all, d.acme.AdminID)
		if h.Moved != 3 {
			t.Errorf("the first gives %+v", h)
		}
		go func() {
			defer close(done)
			second, err = d.give(t, d.acme.Manager, all, d.acme.ManagerID)
		}()
		for n, waits := 0, false; n < 500 && !waits; n++ {
			time.Sleep(10 * time.Millisecond)
			if err := d.Owner(t).QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
				return err
			}
		}
		return ferr
	})
	<-done
	if err != nil || second.Moved != 0 || second.Left != 3 {
		t.Errorf("the second gives %+v, %v", second, err)
	}
}
