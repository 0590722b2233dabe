package ui

import (
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// nov21 is a Saturday.
var nov21 = day.New(2026, time.November, 21)

func TestDateText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    day.Day
		want string
	}{
		{day.Day{}, ""},
		{day.New(2026, time.November, 27), "Fri 27 Nov"},
		{day.New(2026, time.January, 1), "Thu 1 Jan"},
		{day.New(2026, time.December, 31), "Thu 31 Dec"},
		{day.New(2025, time.December, 31), "Wed 31 Dec 2025"},
		{day.New(2027, time.January, 1), "Fri 1 Jan 2027"},
	} {
		if got := dateText(c.d, nov21); got != c.want {
			t.Errorf("%s: %q, want %q", c.d, got, c.want)
		}
	}
	if got := dateText(nov21, day.Day{}); got != "Sat 21 Nov 2026" {
		t.Errorf("where today is not known: %q", got)
	}
}

func TestMomentIsInTheTenantsZone(t *testing.T) {
	t.Parallel()
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Today: nov21, Actor: &tenant.Actor{Tenant: tenant.Tenant{Zone: auckland}}}
	at := time.Date(2026, 12, 31, 11, 5, 0, 0, time.UTC)
	if got := momentText(at, &p); got != "Fri 1 Jan 2027 00:05" {
		t.Errorf("in Auckland: %q", got)
	}
	if got := momentText(at, &Page{Today: nov21}); got != "Thu 31 Dec 11:05" {
		t.Errorf("signed out: %q", got)
	}
}

func TestDaysText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		1: "1 day late", 2: "2 days late", 1234: "1,234 days late",
		0: "due today", -1: "due in 1 day", -30: "due in 30 days",
	} {
		if got := daysText(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "0", 999: "999", 1000: "1,000", 65432: "65,432", 1234567: "1,234,567", -4321: "−4,321",
	} {
		if got := Number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestPaymentsLoaded(t *testing.T) {
	t.Parallel()
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	begun, ended := time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		at     *time.Time
		today  day.Day
		worked day.Day // the last working day before it
		want   string
		stale  bool
	}{
		{"never", nil, nov21, nov21.Add(-1), "No payments loaded yet", true},
		{"the same day", &friday, nov21.Add(-1), nov21.Add(-2), "Payments loaded to Fri 20 Nov 17:00", false},
		{"Friday's on Sunday", &friday, nov21.Add(1), nov21.Add(-1), "Payments loaded to Fri 20 Nov 17:00", false},
		{"Friday's on Monday", &friday, nov21.Add(2), nov21.Add(-1), "Payments loaded to Fri 20 Nov 17:00", false},
		{"Friday's on Tuesday", &friday, nov21.Add(3), nov21.Add(2), "Payments loaded to Fri 20 Nov 17:00, 4 days ago", true},
		{"the end of Friday on Monday", &ended, nov21.Add(2), nov21.Add(-1), "Payments loaded up to and with Fri 20 Nov", false},
		{"the end of Thursday on Monday", &begun, nov21.Add(2), nov21.Add(-1), "Payments loaded up to and with Thu 19 Nov, 4 days ago", true},
		{"Monday was a holiday", &friday, nov21.Add(3), nov21.Add(-1), "Payments loaded to Fri 20 Nov 17:00", false},
	} {
		p := Page{Today: c.today, Actor: &tenant.Actor{Tenant: tenant.Tenant{Zone: oslo, PaymentsLoadedTo: c.at, LastWorkingDay: c.worked}}}
		if got, stale := loaded(&p); got != c.want || stale != c.stale {
			t.Errorf("%s: %q, %v", c.name, got, stale)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Astrid Moen": "AM", "Åse": "Å", "": "?", "Jan van der Berg": "JB", " øystein  ek ": "ØE",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
