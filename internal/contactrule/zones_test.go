package contactrule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

func TestZonesThatAddressAndNumberSuggest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, country, region, own, number, want string }{
		{"nothing known", "", "", "", "", "Oslo"},
		{"a country with one zone", "DK", "", "", "", "Copenhagen"},
		{"two zones that go alike", "DE", "", "", "", "Berlin"},
		{"a country with several", "PT", "", "", "", "Lisbon Azores"},
		{"its region", "PT", "Açores", "", "", "Azores"},
		{"a region by its code", "US", "ca", "", "", "Los Angeles"},
		{"a region by its whole code", "US", "US-CA", "", "", "Los Angeles"},
		{"a region by its name", "US", "california", "", "", "Los Angeles"},
		{"a region that lies in two", "US", "TN", "", "", "Chicago New York"},
		{"a region that is not known", "PT", "Lisboa", "", "", "Lisbon Azores"},
		{"all of the United States", "US", "", "", "", "New York Chicago Denver Phoenix Los Angeles Anchorage Adak Honolulu"},
		{"the own zone decides", "US", "TN", "America/Chicago", "", "Chicago"},
		{"the own zone is elsewhere", "US", "NY", "Asia/Tokyo", "", "Tokyo New York"},
		{"no zone of that name", "NO", "", "Mars/Olympus", "", "Oslo"},
		{"number and address agree", "NO", "", "", "+4722410933", "Oslo"},
		{"number in one, address in another", "NO", "", "", "+13105551234", "Oslo Los Angeles"},
		{"the area code decides", "US", "", "", "+12125551234", "New York"},
		{"the area code of another state", "US", "CA", "", "+12125551234", "Los Angeles New York"},
		{"a mobile phone of a country with several", "ES", "", "", "+34612345678", "Madrid Canary"},
		{"the region decides", "ES", "Las Palmas", "", "+34612345678", "Canary"},
		{"a landline decides", "ES", "", "", "+34928123456", "Canary"},
		{"a mobile phone with an area code", "BR", "", "", "+5511987654321", "Sao Paulo"},
		{"a number that is free to call", "US", "CA", "", "+18005551234", "Los Angeles"},
		{"a number of no country", "NO", "", "", "+80012345678", "Oslo"},
		{"the number alone", "", "", "", "+18085551234", "Honolulu"},
	} {
		f := facts{now: clockAt(t, "2026-01-15 12:00", "UTC"), home: location("Europe/Oslo"),
			customer: customer.Customer{Country: c.country, Region: c.region, TimeZone: c.own}}
		p := &customer.ContactPoint{Kind: customer.Email, Value: "a@b.example"}
		if c.number != "" {
			p = &customer.ContactPoint{Kind: customer.Phone, Value: c.number}
		}
		var names []string
		for _, z := range f.suggested(p) {
			names = append(names, place(z))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestEveryZoneIsKnown(t *testing.T) {
	t.Parallel()
	if n := len(places().zones); n < 300 || !isCountry("NO") || isCountry("XX") {
		t.Errorf("%d places, NO %v, XX %v", n, isCountry("NO"), isCountry("XX"))
	}
	for code, zones := range places().zones {
		for _, z := range zones {
			if location(z) == nil {
				t.Errorf("%s: no zone %s", code, z)
			}
		}
		if len(zones) == 0 {
			t.Errorf("%s has no zone", code)
		}
	}
}

// A number in Los Angeles, an address in Oslo: 08:00 to 21:00 in both leaves 17:00
// to 21:00 in Oslo, and an hour more while only one of them has put its clock on.
func TestTwoZonesForOneCustomer(t *testing.T) {
	t.Parallel()
	ring := Ask{PointID: abroad, Channel: customer.Call}
	for _, c := range []ruled{
		{name: "too early there", at: "2026-02-16 14:32", want: NotYet, until: "2026-02-16 17:00", rule: 1,
			reason: "Not before 08:00 (17:00 here): calls before 08:00 are barred for consumers (05:32 in Los Angeles)"},
		{name: "a minute early there", at: "2026-02-16 16:59", want: NotYet, until: "2026-02-16 17:00", rule: 1, reason: "(07:59 in Los Angeles)"},
		{name: "the first minute in both", at: "2026-02-16 17:00", want: Allowed, until: "2026-02-16 21:00", reason: "Calls until 21:00"},
		{name: "the last in both", at: "2026-02-16 20:59", want: Allowed, until: "2026-02-16 21:00"},
		{name: "too late here", at: "2026-02-16 21:00", want: NotYet, until: "2026-02-17 17:00", rule: 1, reason: "(21:00 in Oslo)"},
		{name: "between the changes of the clocks", at: "2026-03-16 16:00", want: Allowed, until: "2026-03-16 21:00"},
		{name: "the day of an attempt is each clock's own", at: "2026-02-17 20:00", want: NotYet, until: "2026-02-18 17:00", rule: 4, reason: "2 calls a day",
			change: func(t *testing.T, f *facts) { f.calls = theirs(t, "2026-02-17 11:00", "2026-02-17 17:00") }},
		{name: "of which one still has yesterday", at: "2026-02-17 20:00", want: Allowed, until: "2026-02-17 21:00",
			change: func(t *testing.T, f *facts) { f.calls = theirs(t, "2026-02-16 20:00", "2026-02-17 17:00") }},
		{name: "a holiday in the first of them", at: "2026-02-16 18:00", want: NotYet, until: "2026-02-17 17:00", rule: 1, reason: "on holidays",
			change: func(_ *testing.T, f *facts) { f.holidays = map[day.Day]string{day.New(2026, 2, 16): "Presidents' Day"} }},
		{name: "only the address for the mailbox", at: "2026-02-16 08:30", want: Allowed, ask: Ask{PointID: mail, Channel: customer.Mail}},
	} {
		if c.ask.Channel == "" {
			c.ask = ring
		}
		c.run(t)
	}
}

// theirs are calls to the number abroad, by Oslo's clock.
func theirs(t *testing.T, moments ...string) []call {
	t.Helper()
	calls := tried(t, nil, moments...)
	for i := range calls {
		id := int64(abroad)
		calls[i].PointID, calls[i].Number = &id, "+13105551234"
	}
	return calls
}

// Where clocks are put on at midnight, the day begins at 01:00.
func TestFirstMoment(t *testing.T) {
	t.Parallel()
	santiago := location("America/Santiago")
	for d, want := range map[day.Day]string{
		day.New(2026, time.September, 5): "2026-09-05 00:00",
		day.New(2026, time.September, 6): "2026-09-06 01:00",
		day.New(2026, time.September, 7): "2026-09-07 00:00",
	} {
		if got := firstMoment(d, santiago).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s begins at %s, want %s", d, got, want)
		}
	}
}

func TestRulesFit(t *testing.T) {
	t.Parallel()
	us, california := Rule{Country: "US"}, Rule{Country: "US", Region: "California"}
	for _, c := range []struct {
		rule            Rule
		country, region string
		want            bool
	}{
		{Rule{}, "", "", true}, {us, "US", "", true}, {us, "NO", "", false}, {us, "", "", true},
		{california, "US", "CA", true}, {california, "US", "US-CA", true}, {california, "US", "NY", false},
		{california, "US", "", true}, {california, "NO", "CA", false}, {california, "", "", true},
	} {
		got := c.rule.fits(c.country, c.region, customer.Business, customer.Call)
		if got != c.want {
			t.Errorf("%s to %q %q: %v", fmt.Sprint(c.rule.Country, c.rule.Region), c.country, c.region, got)
		}
	}
	for _, c := range []struct {
		rule Rule
		kind customer.Kind
		ch   customer.Channel
		want bool
	}{
		{Rule{Channel: customer.Call}, customer.Consumer, customer.Call, true},
		{Rule{Channel: customer.Call}, customer.Consumer, customer.SMS, false},
		{Rule{Kind: customer.Consumer}, customer.Consumer, customer.Mail, true},
		{Rule{Kind: customer.Consumer}, customer.Business, customer.Mail, false},
		{Rule{}, customer.Consumer, customer.Letter, false},
		{Rule{Channel: customer.Letter}, customer.Consumer, customer.Letter, true},
	} {
		if got := c.rule.fits("NO", "", c.kind, c.ch); got != c.want {
			t.Errorf("%+v to %s by %s: %v", c.rule, c.kind, c.ch, got)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	f := anna(time.Date(2026, 3, 16, 22, 0, 0, 0, location("Europe/Oslo")))
	for b.Loop() {
		f.decide(Ask{PointID: mobile, Channel: customer.Call})
	}
}
