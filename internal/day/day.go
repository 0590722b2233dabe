// Package day has calendar days: what people agree on, without hour or zone.
// It is not about moments; those are time.Time.
package day

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Day is a calendar day. The zero Day means "no day". Days compare with ==,
// and are stored as Postgres date (NULL for the zero Day).
type Day struct{ n int32 } // days since 0000-12-31, so that zero stays free

const epoch = 719163 // 1970-01-01 counted that way

// New makes the day of that year, month and day of month; days beyond the
// month's end run on into the next one, as in time.Date.
func New(year int, month time.Month, d int) Day {
	return fromUTC(time.Date(year, month, d, 0, 0, 0, 0, time.UTC))
}

// Of is the calendar day of the moment in its own zone.
func Of(t time.Time) Day { return New(t.Date()) }

// Parse reads YYYY-MM-DD and nothing else.
func Parse(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("%q is not a day written as YYYY-MM-DD", s)
	}
	return fromUTC(t), nil
}

func fromUTC(t time.Time) Day {
	secs := t.Unix()
	days := secs / 86400
	if secs%86400 < 0 {
		days--
	}
	return Day{int32(days) + epoch}
}

// Time is the first moment of the day in the zone.
func (d Day) Time(zone *time.Location) time.Time {
	y, m, n := d.utc().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, zone)
}

func (d Day) utc() time.Time { return time.Unix(int64(d.n-epoch)*86400, 0).UTC() }

// IsZero tells that there is no day.
func (d Day) IsZero() bool { return d.n == 0 }

// Add is the day n days later, earlier where n is negative.
func (d Day) Add(n int) Day { return Day{d.n + int32(n)} }

// AddMonths is the same day of month n months later, or that month's last day
// where it has no such day.
func (d Day) AddMonths(n int) Day {
	y, m, dom := d.utc().Date()
	last := New(y, m+time.Month(n)+1, 0)
	return New(y, m+time.Month(n), min(dom, last.utc().Day()))
}

// Sub is the number of days from e to d; negative where d is earlier.
func (d Day) Sub(e Day) int { return int(d.n - e.n) }

// Before tells that d is earlier than e.
func (d Day) Before(e Day) bool { return d.n < e.n }

// After tells that d is later than e.
func (d Day) After(e Day) bool { return d.n > e.n }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// Weekend tells Saturday and Sunday.
func (d Day) Weekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// Date is the year, month and day of month.
func (d Day) Date() (year int, month time.Month, dom int) { return d.utc().Date() }

// String is YYYY-MM-DD, or empty for the zero Day.
func (d Day) String() string { return d.Format(time.DateOnly) }

// Format writes the day by a layout of package time; the zero Day is empty.
func (d Day) Format(layout string) string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(layout)
}

// Long is the day as sentences write it: Thu 19 Mar 2026. The zero Day is empty.
func (d Day) Long() string { return d.Format("Mon 2 Jan 2006") }

// MarshalText writes YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD, or nothing for the zero Day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	v, err := Parse(string(b))
	*d = v
	return err
}

// ScanDate reads a Postgres date.
func (d *Day) ScanDate(v pgtype.Date) error {
	switch {
	case !v.Valid:
		*d = Day{}
	case v.InfinityModifier != pgtype.Finite:
		return fmt.Errorf("an infinite date")
	default:
		*d = fromUTC(v.Time)
	}
	return nil
}

// DateValue writes a Postgres date.
func (d Day) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: d.utc(), Valid: !d.IsZero()}, nil
}

// Value writes the day where the column's type is not known to be a date.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}
