package contactrule

import (
	"fmt"
	"strings"
	"time"

	"dunwell/internal/day"
)

// there is the time by that clock, which is named where there are several.
func (f facts) there(zone *time.Location, several bool) string {
	at := f.now.In(zone).Format("15:04")
	if several {
		return fmt.Sprintf(" (%s in %s)", at, place(zone))
	}
	return fmt.Sprintf(" (%s there)", at)
}

// stamp is the moment by that clock, with the day where it is not today, and by
// the company's own clock where that shows another time.
func (f facts) stamp(t time.Time, zone *time.Location) string {
	if over := t.Truncate(time.Minute); over.Before(t) {
		t = over.Add(time.Minute) // a minute that has begun is not allowed yet
	}
	text := f.clock(t, zone)
	if here := f.clock(t, f.home); here != text {
		text += " (" + here + " here)"
	}
	return text
}

func (f facts) clock(t time.Time, zone *time.Location) string {
	local := t.In(zone)
	switch ahead := day.Of(local).Sub(day.Of(f.now.In(zone))); {
	case ahead == 0:
		return local.Format("15:04")
	case ahead < 7:
		return local.Format("Mon 15:04")
	}
	return local.Format("Mon 2 Jan 15:04")
}

// date is a day as people read it; the year only where it is not this one.
func (f facts) date(d day.Day) string {
	year, _, _ := d.Date()
	if year == f.now.In(f.home).Year() {
		return d.Format("2 Jan")
	}
	return d.Format("2 Jan 2006")
}

// place is what the clock is called beside others: "Los Angeles".
func place(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndex(name, "/")+1:], "_", " ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
