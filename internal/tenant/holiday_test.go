package tenant_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func addHolidays(t testing.TB, db *dbtest.Database, who tenant.Who, text string) (added int, err error) {
	t.Helper()
	list, err := tenant.ParseHolidays(text)
	if err != nil {
		return 0, err
	}
	err = db.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		added, err = tenant.AddHolidays(t.Context(), tx, list)
		return err
	})
	return added, err
}

func holidays(t testing.TB, db *dbtest.Database, who tenant.Who, from, to day.Day) (list []tenant.Holiday) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		list, err = tenant.Holidays(t.Context(), tx, from, to)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	if n, err := addHolidays(t, db, acme.Admin, "2026-01-01 New Year\r\n\r\n  2026-12-31  Last day of the year \n2027-01-01 New Year"); n != 3 || err != nil {
		t.Fatalf("added %d, %v", n, err)
	}
	if n, err := addHolidays(t, db, acme.Admin, "2027-01-01 Again\n2026-05-17 Constitution Day\n2026-05-17 Twice"); n != 1 || err != nil {
		t.Errorf("added %d, %v; want the one new day", n, err)
	}
	if n, err := addHolidays(t, db, beta.Admin, "2026-03-13 Beta's own"); n != 1 || err != nil {
		t.Fatalf("added %d, %v", n, err)
	}
	got := holidays(t, db, acme.Manager, day.New(2026, 1, 1), day.New(2026, 12, 31))
	if fmt.Sprint(got) != "[{2026-01-01 New Year} {2026-05-17 Constitution Day} {2026-12-31 Last day of the year}]" {
		t.Errorf("2026 has %v", got)
	}
	if n := events(t, db, acme.Admin, tenant.EventFilter{Group: "holiday"}); len(n) != 2 || !strings.Contains(string(n[0].Data), "Constitution Day") || strings.Contains(string(n[0].Data), "Twice") {
		t.Errorf("audit = %+v", n)
	}
	remove := func(who tenant.Who, d day.Day) error {
		return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return tenant.RemoveHoliday(t.Context(), tx, d) })
	}
	if err := remove(acme.Admin, day.New(2026, 3, 13)); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's holiday: %v", err)
	}
	// Two administrators remove it at the same moment: one of them finds it gone.
	var wg sync.WaitGroup
	removed := make([]error, 2)
	for i := range removed {
		wg.Go(func() { removed[i] = remove(acme.Admin, day.New(2026, 5, 17)) })
	}
	wg.Wait()
	if (removed[0] == nil) == (removed[1] == nil) {
		t.Errorf("both removed it, or none: %v", removed)
	}
	for _, who := range []tenant.Who{acme.Collector, acme.Manager} {
		if _, err := addHolidays(t, db, who, "2026-06-01 Mine"); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("added: %v, want forbidden", err)
		}
		if err := remove(who, day.New(2026, 1, 1)); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("removed: %v, want forbidden", err)
		}
	}
	err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		_, err := tenant.Holidays(t.Context(), tx, day.New(2026, 1, 1), day.New(2026, 12, 31))
		return err
	})
	if !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector reads: %v", err)
	}
}

func TestHolidaysRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for text, says := range map[string]string{
		"":                                       "Give a line for each holiday",
		" \n\n":                                  "Give a line for each holiday",
		"2026-05-01 May Day\n17.05.2026 Next":    "line 2",
		"2026-02-30 No such day":                 "line 1",
		"2026-05-01":                             "line 1",
		"1926-05-01 Long ago":                    "not a year",
		"2026-05-01 " + strings.Repeat("x", 121): "at most 120",
		strings.Repeat("2026-05-01 Many\n", 401): "at most 400",
	} {
		if _, err := addHolidays(t, db, acme.Admin, text); !errors.As(err, new(errs.Invalid)) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want it to say %q", text, err, says)
		}
	}
	if list := holidays(t, db, acme.Admin, day.New(1900, 1, 1), day.New(2100, 1, 1)); len(list) != 0 {
		t.Errorf("%v was added", list)
	}
}

func TestNextWorkingDay(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	// Easter 2026: Thursday 2 to Monday 6 April.
	easter := "2026-04-02 Maundy Thursday\n2026-04-03 Good Friday\n2026-04-05 Easter Day\n2026-04-06 Easter Monday"
	if _, err := addHolidays(t, db, acme.Admin, easter); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who  tenant.Who
		from day.Day
		n    int
		want day.Day
	}{
		{acme.Collector, day.New(2026, 3, 16), 1, day.New(2026, 3, 17)}, // Monday
		{acme.Collector, day.New(2026, 3, 13), 1, day.New(2026, 3, 16)}, // Friday
		{acme.Collector, day.New(2026, 3, 14), 1, day.New(2026, 3, 16)}, // Saturday
		{acme.Collector, day.New(2026, 3, 16), 5, day.New(2026, 3, 23)}, // a week
		{acme.Collector, day.New(2026, 4, 1), 1, day.New(2026, 4, 7)},   // the day before Easter
		{acme.Collector, day.New(2026, 4, 3), 2, day.New(2026, 4, 8)},   // from within it
		{acme.Collector, day.New(2026, 3, 30), 3, day.New(2026, 4, 7)},  // across it
		{acme.Collector, day.New(2026, 3, 16), 0, day.New(2026, 3, 17)}, // never the day itself
		{beta.Collector, day.New(2026, 4, 1), 1, day.New(2026, 4, 2)},   // another company's
		{acme.Collector, day.New(2026, 12, 31), 1, day.New(2027, 1, 1)}, // not in the list
	} {
		err := db.Read(t.Context(), c.who, func(tx *tenant.Tx) error {
			got, err := tenant.NextWorkingDay(t.Context(), tx, c.from, c.n)
			if got != c.want {
				t.Errorf("%d after %s: %s, want %s", c.n, c.from, got, c.want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// The last working day is read with who acts, and goes by the transaction's own
// day in the company's own zone.
func TestLastWorkingDay(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	if _, err := addHolidays(t, db, acme.Admin, "2026-03-12 Founders\n2026-03-13 Founders\n2026-04-06 Easter Monday"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who   tenant.Who
		now   time.Time
		trial day.Day
		want  day.Day
	}{
		{acme.Collector, dbtest.Monday, day.Day{}, day.New(2026, 3, 11)},
		{acme.System(), dbtest.Monday, day.Day{}, day.New(2026, 3, 11)},
		{beta.Collector, dbtest.Monday, day.Day{}, day.New(2026, 3, 13)},
		{acme.Collector, dbtest.Monday.AddDate(0, 0, 1), day.Day{}, day.New(2026, 3, 16)},
		// 23:30 UTC is the next day in Oslo
		{acme.Collector, time.Date(2026, 3, 16, 23, 30, 0, 0, time.UTC), day.Day{}, day.New(2026, 3, 16)},
		{acme.Collector, dbtest.Monday, day.New(2026, 4, 7), day.New(2026, 4, 3)},
	} {
		db.Now, db.TrialDay = func() time.Time { return c.now }, c.trial
		err := db.Read(t.Context(), c.who, func(tx *tenant.Tx) error {
			if got := tx.Actor.Tenant.LastWorkingDay; got != c.want {
				t.Errorf("on %s: %s, want %s", tx.Today(), got, c.want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
