package customer_test

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// A pause holds up to its last day and that day included.
func TestPaused(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 3, 16)
	for _, c := range []struct {
		name  string
		until day.Day
		want  bool
	}{{"never", day.Day{}, false}, {"until yesterday", today.Add(-1), false}, {"until today", today, true}, {"until tomorrow", today.Add(1), true}} {
		if got := (customer.Reminders{PausedUntil: c.until}).Paused(today); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
