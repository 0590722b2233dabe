package customer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func (d *desk) archive(t *testing.T, who tenant.Who, reason string) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.Archive(t.Context(), tx, d.id, reason) })
}

func (d *desk) takeBack(t *testing.T, who tenant.Who, reason string) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.TakeBack(t.Context(), tx, d.id, reason) })
}

func TestArchive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, err := range map[string]error{"archive": d.archive(t, d.acme.Collector, "gone"), "take back": d.takeBack(t, d.acme.Collector, "is back")} {
		if !forbidden(err) {
			t.Errorf("a collector, %s: %v", name, err)
		}
	}
	if err := d.archive(t, d.acme.Manager, " "); !invalid(err, "reason") {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.archive(t, d.beta.Admin, "theirs"); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
	if err := d.takeBack(t, d.acme.Manager, "early"); !conflict(err) {
		t.Errorf("taken back before it was archived: %v", err)
	}
	if err := d.archive(t, d.acme.Manager, "Merged into 101"); err != nil {
		t.Fatal(err)
	}
	if err := d.archive(t, d.acme.Admin, "again"); !conflict(err) {
		t.Errorf("archived twice: %v", err)
	}
	if c := d.find(t); c.ArchivedAt == nil {
		t.Error("the customer is not archived")
	}
	if got := numbers(list(t, d.db, d.acme.Manager, customer.Filter{Sort: customer.ByName})); got != "" {
		t.Errorf("the list shows %q", got)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: d.id, Kind: note.Typed, Text: "Their accountant called."})
		return err
	})
	if err := d.takeBack(t, d.acme.Manager, "They trade again"); err != nil {
		t.Fatal(err)
	}
	if c := d.find(t); c.ArchivedAt != nil {
		t.Error("the customer is still archived")
	}
	d.said(t, "archive: Archived: Merged into 101", "archive: Taken back from the archive: They trade again")
}

// Nothing of an archived customer can be worked.
func TestArchivedIsNotWorked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point := d.add(t, ingrid("22 41 09 33"))
	stop, err := d.place(t, d.acme.Collector, bankruptcy())
	if err != nil {
		t.Fatal(err)
	}
	vehicle, err := d.addVehicle(t, d.acme.Collector, volvo())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.archive(t, d.acme.Manager, "gone"); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, f := range map[string]func(tx *tenant.Tx) error{
		"edit": func(tx *tenant.Tx) error {
			_, err := customer.Edit(ctx, tx, d.id, 2, customer.Fields{Name: "x"})
			return err
		},
		"point": func(tx *tenant.Tx) error {
			_, err := customer.AddPoint(ctx, tx, d.id, ingrid("22 41 09 34"))
			return err
		},
		"edit point": func(tx *tenant.Tx) error { return customer.EditPoint(ctx, tx, d.id, point, 1, ingrid("22 41 09 34")) },
		"retire":     func(tx *tenant.Tx) error { return customer.RetirePoint(ctx, tx, d.id, point, 1) },
		"permit": func(tx *tenant.Tx) error {
			return customer.Permit(ctx, tx, d.id, point, 0, said(customer.Consent, customer.SMS))
		},
		"time":    func(tx *tenant.Tx) error { return customer.AddTime(ctx, tx, d.id, mornings()) },
		"vehicle": func(tx *tenant.Tx) error { _, err := customer.AddVehicle(ctx, tx, d.id, volvo()); return err },
		"scrap":   func(tx *tenant.Tx) error { return customer.RetireVehicle(ctx, tx, d.id, vehicle, 1) },
		"stop":    func(tx *tenant.Tx) error { _, err := customer.PlaceStop(ctx, tx, d.id, bankruptcy()); return err },
		"lift":    func(tx *tenant.Tx) error { return customer.LiftStop(ctx, tx, d.id, stop, 1, "x", "y") },
		"watch":   func(tx *tenant.Tx) error { return customer.Watch(ctx, tx, d.id, "x", today.Add(1)) },
	} {
		if err := d.do(t, d.acme.Manager, f); !errors.Is(err, customer.Archived) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (d *desk) watch(t *testing.T, who tenant.Who, reason string, until day.Day) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.Watch(t.Context(), tx, d.id, reason, until) })
}

func (d *desk) endWatch(t *testing.T, who tenant.Who, until day.Day, reason string) error {
	t.Helper()
	return d.do(t, who, func(tx *tenant.Tx) error { return customer.EndWatch(t.Context(), tx, d.id, until, reason) })
}

func TestWatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	until := today.Add(14)
	for name, c := range map[string]struct {
		reason string
		until  day.Day
		field  string
	}{"no reason": {" ", until, "reason"}, "no end": {"careful", day.Day{}, "until"}, "ends today": {"careful", today, "until"},
		"ends never": {"careful", today.AddMonths(12).Add(1), "until"}} {
		if err := d.watch(t, d.acme.Collector, c.reason, c.until); !invalid(err, c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.watch(t, d.beta.Admin, "theirs", until); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
	if err := d.watch(t, d.acme.Collector, "Threatened the driver", until); err != nil {
		t.Fatal(err)
	}
	c := d.find(t)
	if !c.Watched(until) || c.Watched(until.Add(1)) || c.WatchReason != "Threatened the driver" {
		t.Errorf("the flag is %q until %s", c.WatchReason, c.WatchUntil)
	}
	if err := d.watch(t, d.acme.Manager, "other", until); !conflict(err) {
		t.Errorf("a second flag: %v", err)
	}
	if err := d.endWatch(t, d.acme.Manager, until.Add(1), "calm"); !conflict(err) {
		t.Errorf("ended another flag than the one shown: %v", err)
	}
	if err := d.endWatch(t, d.acme.Manager, until, ""); !invalid(err, "reason") {
		t.Errorf("ended without a reason: %v", err)
	}
	if err := d.endWatch(t, d.acme.Collector, until, "He apologised"); err != nil {
		t.Fatal(err)
	}
	if err := d.endWatch(t, d.acme.Collector, until, "again"); !conflict(err) {
		t.Errorf("ended twice: %v", err)
	}
	if err := d.watch(t, d.acme.Collector, "New quarrel", today.Add(1)); err != nil {
		t.Errorf("flagged again: %v", err)
	}
	d.said(t, "watch: Watch flag until Mon 30 Mar 2026: Threatened the driver", "watch: Watch flag ended before Mon 30 Mar 2026: He apologised (It said: Threatened the driver)")
}

// A flag whose day has passed is reminded of until somebody puts it away.
func TestWatchThatPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.watch(t, d.acme.Collector, "Be kind", today.Add(1)); err != nil {
		t.Fatal(err)
	}
	d.db.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 3) }
	if dates := d.care(t).Dates(d.find(t)); len(dates) != 1 || dates[0].On != today.Add(1) || d.find(t).Watched(today.Add(3)) {
		t.Errorf("two days after its last one: %+v", dates)
	}
	if err := d.endWatch(t, d.acme.Collector, today.Add(1), "Over"); err != nil {
		t.Error(err)
	}
	d.said(t, "watch: Watch flag put away, it was until Tue 17 Mar 2026: Over (It said: Be kind)")
	if dates := d.care(t).Dates(d.find(t)); len(dates) != 0 {
		t.Errorf("put away: %+v", dates)
	}
}

// What is due to be looked at, by its day; what a stop or archiving holds back
// is told to the hook.
func TestDatesAndHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var touched []int64
	d.db.BeforeCommit = func(_ context.Context, _ *tenant.Tx, customers []int64) error {
		touched = append(touched, customers...)
		return nil
	}
	point := d.add(t, ingrid("22 41 09 33"))
	if len(touched) != 0 {
		t.Error("a contact point holds nothing back")
	}
	if err := d.permit(t, d.acme.Collector, point, said(customer.OptOut, customer.SMS)); err != nil { // reviewed in 90 days
		t.Fatal(err)
	}
	stop, err := d.place(t, d.acme.Collector, bankruptcy()) // in 60
	if err != nil {
		t.Fatal(err)
	}
	if err := d.watch(t, d.acme.Collector, "careful", today.Add(75)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, date := range d.care(t).Dates(d.find(t)) {
		got = append(got, date.On.String()+" "+date.What)
	}
	want := []string{"2026-05-15 Review the stop: bankruptcy", "2026-05-30 The watch flag ends: careful", "2026-06-14 Review the opt-out from SMS: +47 22 41 09 33"}
	if !slices.Equal(got, want) {
		t.Errorf("the dates are %q, want %q", got, want)
	}
	touched = nil
	if err := d.lift(t, d.acme.Manager, stop, 1, "paid", "letter"); err != nil {
		t.Error(err)
	}
	if err := d.archive(t, d.acme.Manager, "gone"); err != nil {
		t.Error(err)
	}
	if !slices.Equal(touched, []int64{d.id, d.id}) {
		t.Errorf("the hook heard of %v", touched)
	}
}
