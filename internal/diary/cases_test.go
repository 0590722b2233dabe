package diary_test

import (
	"fmt"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// TestCasesToBeLookedAt: a case stands in the day of its owner from its next date on,
// or from the deadline of a complaint, until it is put off or closed.
func TestCasesToBeLookedAt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var today day.Day
	ids := map[string]int64{}
	open := func(number string, in int, owner int64, deadline int) {
		d.owes(t, number, "EUR 90000")
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
			today = tx.Today()
			o := cases.Opening{Title: "Case of " + number, OwnerID: owner, NextOn: today.Add(in)}
			if deadline >= 0 {
				o.Complaint, o.DeadlineOn = true, today.Add(deadline)
			}
			ids[number], err = cases.Open(t.Context(), tx, d.customer(t, number), o, nil)
			return err
		})
	}
	open("now", 0, d.acme.CollectorID, -1)
	open("later", 1, d.acme.CollectorID, -1)
	open("deadline", 9, d.acme.CollectorID, 0)
	open("hers", 0, d.acme.ManagerID, -1)
	stands := func() (all string) {
		for _, e := range d.read(t).Entries {
			for _, r := range e.Reasons {
				if r.Kind == diary.Case {
					all += fmt.Sprintf("%s %s; ", r.Text, r.DueOn)
				}
			}
		}
		return all
	}
	if got, want := stands(), fmt.Sprintf("Case of now %[1]s; Case of deadline %[1]s; ", today); got != want && got != fmt.Sprintf("Case of deadline %[1]s; Case of now %[1]s; ", today) {
		t.Errorf("the day has %q, want %q", got, want)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		c, err := cases.Find(t.Context(), tx, ids["now"])
		if err != nil {
			return err
		}
		e := c.Edit()
		e.NextOn = today.Add(3)
		if _, err := cases.Save(t.Context(), tx, c.ID, e); err != nil {
			return err
		}
		return cases.Close(t.Context(), tx, ids["deadline"], cases.Closing{Version: 1, Note: "Done", Confirmed: true})
	})
	if got := stands(); got != "" {
		t.Errorf("after one was put off and one closed the day has %q", got)
	}
}
