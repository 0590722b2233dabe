package diary

import (
	"bytes"
	"fmt"
	"time"

	"github.com/emersion/go-ical"
)

// slot is how long a task with an hour takes in a calendar.
const slot = 30 * time.Minute

// kindNames are what tasks are called outside, where nothing else may be said.
var kindNames = map[Kind]string{FollowUp: "Follow-up", Contact: "Contact", Promise: "Promise due", Case: "Case", Agenda: "Agenda"}

// text is the calendar as RFC 5545 has it. What is to be done is not in it, only that
// something is, and with whom where the company allows that.
func (c calendar) text() ([]byte, error) {
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, "-//Dunwell//Diary//EN")
	cal.Props.SetText(ical.PropMethod, "PUBLISH")
	cal.Props.SetText("X-WR-CALNAME", "Dunwell: "+c.Name)
	cal.Props.SetText(ical.PropName, "Dunwell: "+c.Name)
	refresh := ical.NewProp(ical.PropRefreshInterval)
	refresh.SetValueType(ical.ValueDuration)
	refresh.Value = "PT1H"
	cal.Props.Set(refresh)
	cal.Children = append(cal.Children, timezone(c.Zone, c.From.Time(c.Zone), c.Until.Add(1).Time(c.Zone)))
	for _, t := range c.Tasks {
		cal.Children = append(cal.Children, c.event(t))
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(cal); err != nil {
		return nil, fmt.Errorf("write the calendar: %w", err)
	}
	return b.Bytes(), nil
}

func (c calendar) event(t Task) *ical.Component {
	e := ical.NewComponent(ical.CompEvent)
	e.Props.SetText(ical.PropUID, fmt.Sprintf("%s.%d@dunwell", t.Key(), c.Tenant))
	e.Props.SetDateTime(ical.PropDateTimeStamp, c.Now.UTC())
	summary := kindNames[t.Kind]
	if c.Names {
		summary += ": " + t.Customer
	}
	e.Props.SetText(ical.PropSummary, summary)
	e.Props.SetText(ical.PropClass, "PRIVATE")
	place := ical.NewProp(ical.PropURL)
	place.SetValueType(ical.ValueURI)
	place.Value = c.Place(t.Key())
	e.Props.Set(place)
	if t.At == "" {
		e.Props.Set(onDay(ical.PropDateTimeStart, t.On.Format("20060102")))
		e.Props.Set(onDay(ical.PropDateTimeEnd, t.On.Add(1).Format("20060102")))
		e.Props.SetText(ical.PropTransparency, "TRANSPARENT")
		return e
	}
	// The hour is the company's wall clock. It is written as it stands, also where the
	// clock jumps over it: how that is read, the standard says.
	start := ical.NewProp(ical.PropDateTimeStart)
	start.Params.Set(ical.PropTimezoneID, c.Zone.String())
	start.Value = t.On.Format("20060102") + "T" + t.At[:2] + t.At[3:] + "00"
	e.Props.Set(start)
	length := ical.NewProp(ical.PropDuration)
	length.SetDuration(slot)
	e.Props.Set(length)
	return e
}

func onDay(name, value string) *ical.Prop {
	p := ical.NewProp(name)
	p.SetValueType(ical.ValueDate)
	p.Value = value
	return p
}

// timezone writes down how the clock of the zone goes between two moments: each change
// of it, with what it was before. A calendar needs no list of zones of its own then.
func timezone(zone *time.Location, from, until time.Time) *ical.Component {
	tz := ical.NewComponent(ical.CompTimezone)
	tz.Props.SetText(ical.PropTimezoneID, zone.String())
	for t := from; !t.After(until); {
		begin, end := t.In(zone).ZoneBounds()
		tz.Children = append(tz.Children, observance(t.In(zone), begin))
		if end.IsZero() {
			break
		}
		t = end
	}
	return tz
}

// observance is how the clock goes at the moment, since when, and how it went before.
// A zone that has always had the same clock has it since 1970.
func observance(at, since time.Time) *ical.Component {
	name, now := at.Zone()
	before, wall := now, "19700101T000000"
	if !since.IsZero() {
		_, before = since.Add(-time.Second).In(at.Location()).Zone()
		wall = since.UTC().Add(time.Duration(before) * time.Second).Format("20060102T150405") // by the clock before
	}
	kind := ical.CompTimezoneStandard
	if at.IsDST() {
		kind = ical.CompTimezoneDaylight
	}
	o := ical.NewComponent(kind)
	start := ical.NewProp(ical.PropDateTimeStart)
	start.Value = wall
	o.Props.Set(start)
	o.Props.Set(offset(ical.PropTimezoneOffsetFrom, before))
	o.Props.Set(offset(ical.PropTimezoneOffsetTo, now))
	o.Props.SetText(ical.PropTimezoneName, name)
	return o
}

// offset writes seconds east of Greenwich as +0100.
func offset(prop string, seconds int) *ical.Prop {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	p := ical.NewProp(prop)
	p.Value = fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if rest := seconds % 60; rest != 0 {
		p.Value += fmt.Sprintf("%02d", rest)
	}
	return p
}
