package diary_test

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/diary"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

// TestReplies: what a debtor wrote stands in the day of whoever is to answer, until
// somebody has handled it.
func TestReplies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var mine, given inbox.Entry
	wrote := func(number string, kind inbox.Kind) (e inbox.Entry) {
		d.must(t, d.acme.System(), func(tx *tenant.Tx) (err error) {
			e, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.SMS, ProviderID: number, Kind: kind, From: "+4790012345",
				Body: "Call me about " + number, CustomerID: d.customer(t, number)})
			return err
		})
		return e
	}
	d.owes(t, "mine", "EUR 90000")
	d.owes(t, "given", "EUR 80000")
	d.owes(t, "machine", "EUR 70000")
	mine, given = wrote("mine", inbox.Reply), wrote("given", inbox.Reply)
	wrote("machine", inbox.Automatic)
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := inbox.Assign(t.Context(), tx, []int64{given.ID}, d.acme.ManagerID)
		return err
	})
	day := d.read(t)
	if len(day.Entries) != 1 || day.Entries[0].Number != "mine" {
		t.Fatalf("the day has %+v", day.Entries)
	}
	if r := day.Entries[0].Reasons[0]; r.Kind != diary.Reply || r.ID != mine.ID || r.DueOn != today || r.Text != "Call me about mine" {
		t.Errorf("%+v", r)
	}
	var theirs diary.Day
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		theirs, err = diary.Read(t.Context(), tx, d.acme.ManagerID, 0, diary.Counts{})
		return err
	})
	if len(theirs.Entries) != 1 || theirs.Entries[0].Number != "given" {
		t.Errorf("the manager's day has %+v", theirs.Entries)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, mine.ID, mine.Version, "Called.") })
	if day := d.read(t); len(day.Entries) != 0 {
		t.Errorf("once it is handled the day has %+v", day.Entries)
	}
}
