package tenant

import (
	"fmt"
	"time"

	"dunwell/internal/day"
)

// Through is up to when payments are loaded where all of the day's are: its end,
// or now where it is today.
func Through(d day.Day, zone *time.Location, now time.Time) *time.Time {
	to := d.Add(1).Time(zone)
	if d == day.Of(now.In(zone)) {
		to = now
	}
	return &to
}

// LoadedDay is the last day of which payments are loaded, where they are up to the
// moment, and whether all of that day's are: a midnight ends the day before it.
func LoadedDay(at time.Time, zone *time.Location) (on day.Day, whole bool) {
	on = day.Of(at.In(zone))
	if on.Time(zone).Equal(at) {
		return on.Add(-1), true
	}
	return on, false
}

// LessLoaded says in a sentence that payments are loaded less far than they were;
// empty: they are not.
func LessLoaded(was, now Settings) string {
	if was.PaymentsLoadedTo == nil || now.PaymentsLoadedTo != nil && !now.PaymentsLoadedTo.Before(*was.PaymentsLoadedTo) {
		return ""
	}
	return fmt.Sprintf("Payments are loaded less far than before: to %s, and it was %s. What waits for them waits again.", now.loadedTo(), was.loadedTo())
}

// loadedTo is up to when payments are loaded, as the records have it.
func (s Settings) loadedTo() string {
	zone, err := time.LoadLocation(s.TimeZone)
	if s.PaymentsLoadedTo == nil || err != nil {
		return "never"
	}
	if on, whole := LoadedDay(*s.PaymentsLoadedTo, zone); whole {
		return "the end of " + on.String()
	}
	return s.PaymentsLoadedTo.In(zone).Format("2006-01-02 15:04")
}
