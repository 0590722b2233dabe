package diary_test

import (
	"testing"

	"dunwell/internal/contact"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// S3.26, S3.42: a contact stands in the day of whoever follows it up, at its hour,
// until it is followed up or closed; before its day, and without a day, it does not.
func TestContactsInTheDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var call, check int64
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		if err := contact.Seed(t.Context(), tx); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `SELECT min(id) FILTER (WHERE code = 'CALL'), min(id) FILTER (WHERE code = 'CHECK') FROM contact_types`).Scan(&call, &check)
	})
	var today day.Day
	plan := func(tx *tenant.Tx, in int, at string, assignee int64) contact.Plan {
		today = tx.Today()
		return contact.Plan{TypeID: call, Description: "Says it is paid", ExecutiveID: d.acme.ManagerID, Next: contact.Next{AssigneeID: assignee, On: today.Add(in), At: at, TypeID: check}}
	}
	ids := map[string]int64{}
	add := func(number string, in int, at string, assignee int64) {
		customer := d.customer(t, number)
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
			ids[number], err = contact.Add(t.Context(), tx, customer, plan(tx, in, at, assignee))
			return err
		})
	}
	add("today", 0, "15:30", d.acme.CollectorID)
	add("whenever", 0, "", d.acme.CollectorID)
	add("tomorrow", 1, "", d.acme.CollectorID)
	add("hers", 0, "", d.acme.ManagerID)
	undated := d.customer(t, "undated")
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		p := plan(tx, 0, "", d.acme.CollectorID)
		p.Next.On = day.Day{}
		_, err := contact.Add(t.Context(), tx, undated, p)
		return err
	})
	page := d.read(t)
	if ranked(page) != "today, whenever" {
		t.Fatalf("the day has %s", ranked(page))
	}
	if r := page.Entries[0].Reasons[0]; r != (diary.Reason{Kind: diary.Contact, ID: ids["today"], DueOn: today, DueAt: "15:30", Text: "Payment check: Says it is paid"}) {
		t.Errorf("because of %+v", r)
	}
	if len(page.Timed) != 1 || page.Timed[0].ID != ids["today"] {
		t.Errorf("the hours have %+v", page.Timed)
	}
	first, second := page.Entries[0].CustomerID, page.Entries[1].CustomerID
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		if err := contact.Close(t.Context(), tx, first, ids["today"], 1, "Paid"); err != nil {
			return err
		}
		_, err := contact.FollowUp(t.Context(), tx, second, ids["whenever"], 1, plan(tx, 5, "", d.acme.CollectorID))
		return err
	})
	if page = d.read(t); ranked(page) != "" {
		t.Errorf("after one was closed and one followed up the day has %s", ranked(page))
	}
}
