package diary_test

import (
	"fmt"
	"testing"
	"time"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// Day and hour are the company's wall clock, wherever the server and the member
// are: here the company is in Auckland and the server in UTC, on either side of
// midnight there and of the nights in which its clocks change.
func TestCompanysClock(t *testing.T) {
	t.Parallel()
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	angeles, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{
		"2026-03-16 23:30", "2026-03-17 00:30", // in Los Angeles the day before, in UTC too at half past midnight
		"2026-04-04 23:30", "2026-04-05 00:30", "2026-04-05 23:30", "2026-04-06 00:30", // 5 April has 25 hours
		"2026-09-26 23:30", "2026-09-27 00:30", "2026-09-27 23:30", "2026-09-28 00:30", // 27 September has 23
	} {
		t.Run(now, func(t *testing.T) {
			t.Parallel()
			at, err := time.ParseInLocation("2006-01-02 15:04", now, auckland)
			if err != nil {
				t.Fatal(err)
			}
			d := newDesk(t)
			d.owner(t, `UPDATE tenants SET time_zone = 'Pacific/Auckland' WHERE id = $1`, d.acme.ID)
			d.Now = func() time.Time { return at.In(angeles) }
			on := func(days int) string { return at.AddDate(0, 0, days).Format(time.DateOnly) }
			d.due(t, "yesterday", on(-1)+" 23:59")
			d.due(t, "today, late in the evening", on(0)+" 23:59")
			d.due(t, "today, at half past two", on(0)+" 02:30") // an hour that may not be, or be twice
			d.due(t, "today", on(0))
			d.due(t, "tomorrow", on(1)+" 00:00")
			page := d.read(t)
			if got, want := ranked(page), "today, at half past two, today, late in the evening, yesterday, today"; got != want {
				t.Errorf("the list is %s, want %s", got, want)
			}
			var hours []string
			for _, h := range page.Timed {
				hours = append(hours, fmt.Sprint(h.DueOn, " ", h.DueAt))
			}
			if got, want := fmt.Sprint(hours), fmt.Sprintf("[%s 02:30 %s 23:59]", on(0), on(0)); got != want {
				t.Errorf("the hours are %s, want %s", got, want)
			}
			d.walkedOn(t, on(0))
		})
	}
}

// walkedOn starts a walk and finds it written down under the day.
func (d *desk) walkedOn(t *testing.T, on string) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := diary.Start(t.Context(), tx, d.acme.CollectorID)
		return err
	})
	var day string
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT day::text FROM walks`).Scan(&day); err != nil || day != on {
		t.Errorf("the walk is of %s, want %s (%v)", day, on, err)
	}
}
