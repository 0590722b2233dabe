package contactrule

import (
	"fmt"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// reach is how far ahead an open hour is looked for.
const reach = 60 * 24 * time.Hour

// hours are open or closed by one clock on a wall: those of a rule are open
// within its times, those that the debtor forbade are open outside them. Where
// clocks are put back, an hour that comes twice is open or closed twice.
type hours struct {
	zone     *time.Location
	weekdays customer.Weekdays
	from, to time.Duration         // since midnight, by the clock
	forbade  *customer.ContactTime // nil: a rule's
	rule     Rule
	holidays map[day.Day]string // on which the rule is closed
}

// hoursOf are the rule's by that clock.
func (f facts) hoursOf(r Rule, zone *time.Location) hours {
	h := hours{zone: zone, weekdays: r.Weekdays, from: sinceMidnight(r.From), to: sinceMidnight(r.To), rule: r}
	if !r.Holidays {
		h.holidays = f.holidays
	}
	return h
}

// sinceMidnight reads HH:MM as the database wrote it.
func sinceMidnight(clock string) (d time.Duration) {
	if len(clock) == len("00:00") {
		d = time.Duration(clock[0]-'0')*10*time.Hour + time.Duration(clock[1]-'0')*time.Hour +
			time.Duration(clock[3]-'0')*10*time.Minute + time.Duration(clock[4]-'0')*time.Minute
	}
	return d
}

// wall is what calendar and clock on the wall show.
func wall(local time.Time) (on day.Day, weekday int, at time.Duration) {
	h, m, s := local.Clock()
	at = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(local.Nanosecond())
	return day.Of(local), (int(local.Weekday()) + 6) % 7, at
}

func (h hours) open(t time.Time) bool {
	on, weekday, at := wall(t.In(h.zone))
	within := h.weekdays.Has(weekday) && at >= h.from && at < h.to
	if h.forbade != nil {
		return !within
	}
	_, holiday := h.holidays[on]
	return within && !holiday
}

// border is the next moment at which open may turn: a time of the rule, midnight,
// or a change of the clocks.
func (h hours) border(t time.Time) time.Time {
	local := t.In(h.zone)
	_, _, at := wall(local)
	next := t.Add(24*time.Hour - at)
	for _, b := range []time.Duration{h.from, h.to} {
		if b > at && t.Add(b-at).Before(next) {
			next = t.Add(b - at)
		}
	}
	if _, end := local.ZoneBounds(); !end.IsZero() && end.Before(next) {
		next = end
	}
	return next
}

// turn is the next moment at which open is no longer what it is at t; false where
// that does not come within reach.
func (h hours) turn(t time.Time) (time.Time, bool) {
	was := h.open(t)
	for n := h.border(t); n.Sub(t) <= reach; n = h.border(n) {
		if h.open(n) != was {
			return n, true
		}
	}
	return time.Time{}, false
}

// why says what closes the hours at t.
func (h hours) why(what string, t time.Time) string {
	on, weekday, at := wall(t.In(h.zone))
	name, holiday := h.holidays[on]
	switch {
	case h.forbade != nil:
		return "the debtor is not to be tried " + h.forbade.String()
	case !h.weekdays.Has(weekday):
		return fmt.Sprintf("%s on %ss are barred%s", what, on.Weekday(), h.rule.toWhom("for"))
	case holiday:
		return fmt.Sprintf("%s on holidays are barred%s, and it is %s", what, h.rule.toWhom("for"), name)
	case at < h.from:
		return fmt.Sprintf("%s before %s are barred%s", what, h.rule.From, h.rule.toWhom("for"))
	}
	return fmt.Sprintf("%s from %s on are barred%s", what, h.rule.To, h.rule.toWhom("for"))
}

// firstMoment is the beginning of the day, which where clocks are put forward at
// midnight is later than 00:00.
func firstMoment(d day.Day, zone *time.Location) time.Time {
	t := d.Time(zone)
	if day.Of(t).Before(d) {
		_, t = t.ZoneBounds()
	}
	return t
}
