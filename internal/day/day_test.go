package day_test

import (
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
)

func TestArithmetic(t *testing.T) {
	t.Parallel()
	d := day.New(2024, 2, 28)
	for _, c := range []struct {
		got, want any
	}{
		{d.Add(1).String(), "2024-02-29"},
		{d.Add(2).String(), "2024-03-01"},
		{d.Add(-59).String(), "2023-12-31"},
		{day.New(2024, 3, 1).Sub(d), 2},
		{d.Sub(day.New(2025, 2, 28)), -366},
		{day.New(2024, 1, 31).AddMonths(1).String(), "2024-02-29"},
		{day.New(2023, 1, 31).AddMonths(1).String(), "2023-02-28"},
		{day.New(2023, 12, 15).AddMonths(-13).String(), "2022-11-15"},
		{day.New(2026, 3, 16).Weekday(), time.Monday},
		{day.New(1969, 12, 31).Add(1).String(), "1970-01-01"},
		{day.New(1901, 1, 1).String(), "1901-01-01"},
		{day.Day{}.String(), ""},
		{day.New(2026, 3, 9).Long(), "Mon 9 Mar 2026"},
		{day.Day{}.Long(), ""},
		{day.Day{}.IsZero(), true},
		{day.New(2026, 3, 14).Weekend(), true},
		{day.New(2026, 3, 16).Weekend(), false},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestOfTakesTheZonesOwnDay(t *testing.T) {
	t.Parallel()
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 4, 4, 13, 30, 0, 0, time.UTC) // after the clock went back there
	if got := day.Of(at.In(auckland)); got != day.New(2026, 4, 5) {
		t.Errorf("day of %v = %v", at, got)
	}
	if got := day.New(2026, 4, 5).Time(auckland); day.Of(got) != day.New(2026, 4, 5) || got.Hour() != 0 {
		t.Errorf("first moment = %v", got)
	}
}

func TestParseRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026-2-3", "03.02.2026", "2026-02-30", "2026-02-03T00:00:00Z", "tomorrow"} {
		if d, err := day.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want a refusal", s, d)
		}
	}
}

func TestThroughPostgres(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, want := range []day.Day{{}, day.New(2026, 3, 16), day.New(1900, 2, 28), day.New(2100, 12, 31)} {
		var got day.Day
		var text *string
		if err := db.Pool.QueryRow(t.Context(), `SELECT $1::date, ($1::date)::text`, want).Scan(&got, &text); err != nil {
			t.Fatal(err)
		}
		if got != want || (text == nil) != want.IsZero() || (text != nil && *text != want.String()) {
			t.Errorf("%v came back as %v", want, got)
		}
	}
}
