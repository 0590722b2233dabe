package diary_test

import (
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// TestPromisesDue: what was promised for today or tomorrow stands in the day of who
// follows it up, until it came; what was promised for later does not.
func TestPromisesDue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.owes(t, "now", "EUR 90000")
	d.owes(t, "soon", "EUR 80000")
	d.owes(t, "later", "EUR 70000")
	var today day.Day
	promised := func(number string, in int, minor int64, to int64) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			today = tx.Today()
			account := int64(0)
			if err := tx.QueryRow(t.Context(), `SELECT coalesce(min(id), 0) FROM accounts WHERE customer_id = $1`, d.customer(t, number)).Scan(&account); err != nil {
				return err
			}
			_, err := promise.Make(t.Context(), tx, d.customer(t, number), promise.Plan{AccountID: account, Amount: money.New(minor, "EUR"), AssigneeID: to,
				DueOn: today.Add(in), Confirmed: true})
			return err
		})
	}
	promised("now", 0, 123_45, d.acme.CollectorID)
	promised("soon", 1, 67_89, d.acme.CollectorID)
	promised("later", 2, 11_11, d.acme.CollectorID)
	promised("later", 0, 22_22, d.acme.ManagerID)
	reasons := map[string]diary.Reason{}
	for _, e := range d.read(t).Entries {
		for _, r := range e.Reasons {
			reasons[e.Number] = r
		}
	}
	if r := reasons["now"]; len(reasons) != 2 || r.Kind != diary.Promise || r.DueOn != today || r.Text != "EUR 123.45" || r.ID == 0 {
		t.Errorf("the day has %+v", reasons)
	}
	if r := reasons["soon"]; r.DueOn != today.Add(1) || r.Lateness(today) != 0 || r.Text != "EUR 67.89" {
		t.Errorf("tomorrow's is %+v", r)
	}
}
