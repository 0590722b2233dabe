package diary_test

import (
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// A call stands in the day of whoever placed it, at its hour, until somebody says what
// came of it; who asked to be called stands there until somebody tries.
func TestCallsInTheDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	called, asked := d.customer(t, "called"), d.customer(t, "asked")
	phone := map[int64]int64{called: d.point(t, called), asked: d.point(t, asked)}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return contactrule.Request(t.Context(), tx, contactrule.Wish{CustomerID: asked, PointID: phone[asked], Channel: customer.Call, Source: "an e-mail"})
	})
	place := func(id int64) (call int64) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
			call, err = activity.Place(t.Context(), tx, contactrule.Attempt{CustomerID: id, PointID: phone[id]})
			return err
		})
		return call
	}
	first := place(called)
	page := d.read(t)
	if ranked(page) != "called, asked" || because(page.Entries[0]) != "call 2026-03-16 10:30" || because(page.Entries[1]) != "contact_request 2026-03-16" {
		t.Errorf("the list is %s because of %s, %s", ranked(page), because(page.Entries[0]), because(page.Entries[1]))
	}
	if r := page.Entries[0].Reasons[0]; r.Kind != diary.Call || r.ID != first {
		t.Errorf("reason %+v", r)
	}
	second := place(asked)
	if page = d.read(t); ranked(page) != "asked, called" && ranked(page) != "called, asked" || because(page.Entries[1]) != "call 2026-03-16 10:30" {
		t.Errorf("once it was tried: %s", ranked(page))
	}
	d.exec(t, `INSERT INTO dispositions (name) VALUES ('No answer')`)
	for customerID, call := range map[int64]int64{called: first, asked: second} {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			var outcome int64
			if err := tx.QueryRow(t.Context(), `SELECT min(id) FROM dispositions`).Scan(&outcome); err != nil {
				return err
			}
			_, err := activity.Conclude(t.Context(), tx, customerID, call, activity.Conclusion{DispositionID: outcome})
			return err
		})
	}
	if page = d.read(t); page.Total != 0 {
		t.Errorf("nothing is left to be said, and the list is %s", ranked(page))
	}
}
