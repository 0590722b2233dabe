package ui

import (
	"fmt"
	"strings"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// dateText writes the day as people say it; the year only where it is not
// today's.
func dateText(d, today day.Day) string {
	if d.IsZero() {
		return ""
	}
	year, _, _ := d.Date()
	if this, _, _ := today.Date(); year == this {
		return d.Format("Mon 2 Jan")
	}
	return d.Long()
}

// momentText writes the moment in the page's zone.
func momentText(t time.Time, p *Page) string {
	local := t.In(p.zone())
	return dateText(day.Of(local), p.Today) + local.Format(" 15:04")
}

// daysText says how many days past its date something is.
func daysText(n int) string {
	switch {
	case n == 0:
		return "due today"
	case n < 0:
		return "due in " + Count(-n, "day", "days")
	default:
		return Count(n, "day", "days") + " late"
	}
}

// Count writes a number with the word that fits it: "1 day", "3 days".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Number writes a whole number with commas between thousands.
func Number(n int) string {
	s := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// loaded says how far the payments are known, and whether that is older than
// the last working day.
func loaded(p *Page) (text string, stale bool) {
	at := p.Actor.Tenant.PaymentsLoadedTo
	if at == nil {
		return "No payments loaded yet", true
	}
	text = "Payments loaded " + loadedText(*at, p)
	on, _ := tenant.LoadedDay(*at, p.zone())
	if !on.Before(p.Actor.Tenant.LastWorkingDay) {
		return text, false
	}
	return text + ", " + Count(p.Today.Sub(on), "day", "days") + " ago", true
}

// loadedText says up to when payments are loaded: "up to and with Sun 22 Nov" where
// it is a whole day, else "to Fri 20 Nov 17:00".
func loadedText(at time.Time, p *Page) string {
	if on, whole := tenant.LoadedDay(at, p.zone()); whole {
		return "up to and with " + dateText(on, p.Today)
	}
	return "to " + momentText(at, p)
}

// initials are the first letters of the first and the last name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := string([]rune(words[0])[:1])
	if len(words) > 1 {
		first += string([]rune(words[len(words)-1])[:1])
	}
	return strings.ToUpper(first)
}
