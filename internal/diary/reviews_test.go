package diary_test

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// What is to be looked at stands in the list from its day on, whoever the
// customer's follow-ups are for.
func TestReviewsByDay(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(t *testing.T, d *desk, id int64, on day.Day){
		"stop 2026-03-":          func(t *testing.T, d *desk, id int64, on day.Day) { d.stop(t, id, on) },
		"contact_point 2026-03-": func(t *testing.T, d *desk, id int64, on day.Day) { d.optOut(t, d.point(t, id), customer.SMS, on) },
		"watch 2026-03-":         func(t *testing.T, d *desk, id int64, on day.Day) { d.watch(t, id, on) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			put(t, d, d.customer(t, "tomorrow"), today.Add(1))
			put(t, d, d.customer(t, "today"), today)
			put(t, d, d.customer(t, "yesterday"), today.Add(-1))
			page := d.read(t)
			if ranked(page) != "yesterday, today" || page.Reviews != 2 || page.Late != 1 || len(page.Timed) != 0 {
				t.Fatalf("the list is %s; %d reviews, %d late", ranked(page), page.Reviews, page.Late)
			}
			if got := because(page.Entries[0]) + ", " + because(page.Entries[1]); got != name+"15, "+name+"16" {
				t.Errorf("because of %s", got)
			}
		})
	}
}

func (d *desk) stop(t *testing.T, id int64, on day.Day) {
	t.Helper()
	d.exec(t, `INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'attorney', 'wrote', '2026-01-05', $2)`, id, on)
}

func (d *desk) watch(t *testing.T, id int64, on day.Day) {
	t.Helper()
	d.exec(t, `UPDATE customers SET watch_reason = 'Be kind', watch_until = $2 WHERE id = $1`, id, on)
}

func (d *desk) point(t *testing.T, id int64) (point int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		point, err = customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: "+4722410933", Role: customer.Debtor})
		return err
	})
	return point
}

// optOut records one that is to be reviewed on a day, which may be past.
func (d *desk) optOut(t *testing.T, point int64, channel customer.Channel, on day.Day) {
	t.Helper()
	d.said(t, point, channel, customer.OptOut, &on)
}

func (d *desk) said(t *testing.T, point int64, channel customer.Channel, state customer.State, on *day.Day) {
	t.Helper()
	d.exec(t, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
		SELECT customer_id, id, $2, $3, '2026-01-05', 'said so', $4, 'a letter' FROM contact_points WHERE id = $1`, point, channel, state, on)
}

// Reviews are for the owner of the customer, and for nobody once they are done.
func TestReviewsAreTheOwners(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, number := range []string{"another's", "nobody's", "lifted", "archived", "mine"} {
		d.stop(t, d.customer(t, number), today)
		d.watch(t, d.ids[number], today)
	}
	d.exec(t, `UPDATE customers SET owner_id = $1 WHERE number = 'another''s'`, d.acme.ManagerID)
	d.exec(t, `UPDATE customers SET owner_id = NULL WHERE number = 'nobody''s'`)
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'archived'`)
	d.exec(t, `UPDATE customers SET watch_reason = NULL, watch_until = NULL WHERE number = 'lifted'`)
	d.exec(t, `UPDATE stops SET lifted_at = now(), lifted_by = $2, lift_reason = 'over', lift_evidence = 'letter' WHERE customer_id = $1`, d.ids["lifted"], d.acme.ManagerID)
	page := d.read(t)
	if ranked(page) != "mine" || because(page.Entries[0]) != "stop 2026-03-16, watch 2026-03-16" || page.Entries[0].Reasons[0].Text != "attorney" {
		t.Errorf("the list is %s: %+v", ranked(page), page.Entries)
	}
	if page := d.readAs(t, d.acme.Manager, d.acme.ManagerID, 0); ranked(page) != "another's" {
		t.Errorf("the manager has %s", ranked(page))
	}
	d.due(t, "mine", "2026-03-16 09:00")
	if page := d.read(t); page.Total != 1 || page.Reviews != 1 || because(page.Entries[0]) != "follow_up 2026-03-16 09:00, stop 2026-03-16, watch 2026-03-16" {
		t.Errorf("with a follow-up: %+v", page)
	}
}

// Of what was said of a point and channel the last counts, and of a point the
// channel that is to be reviewed first.
func TestOptOutsThatCount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.point(t, d.customer(t, "a"))
	review := func(want string) {
		t.Helper()
		got := ""
		if page := d.read(t); page.Total > 0 {
			got = because(page.Entries[0])
		}
		if got != want {
			t.Errorf("a stands there for %q, want %q", got, want)
		}
	}
	d.optOut(t, point, customer.SMS, today)
	review("contact_point 2026-03-16")
	d.optOut(t, point, customer.Call, today.Add(-2))
	review("contact_point 2026-03-14")
	d.optOut(t, point, customer.Call, today.Add(90)) // reviewed
	review("contact_point 2026-03-16")
	d.said(t, point, customer.SMS, customer.Lifted, nil)
	review("")
	d.said(t, point, customer.SMS, customer.Consent, nil)
	review("")
	d.optOut(t, point, customer.SMS, today)
	review("contact_point 2026-03-16")
	d.exec(t, `UPDATE contact_points SET retired_at = now() WHERE id = $1`, point)
	review("")
	other := d.point(t, d.ids["a"]) // the same number: what counts for it is carried over
	review("contact_point 2026-03-16")
	if page := d.read(t); page.Entries[0].Reasons[0].ID != other || page.Entries[0].Reasons[0].Text != "+4722410933" || page.Entries[0].Reasons[0].Kind != diary.OptOut {
		t.Errorf("because of %+v", page.Entries[0].Reasons)
	}
}
