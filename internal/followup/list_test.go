package followup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

func texts(list []followup.Followup) string {
	var all []string
	for _, f := range list {
		all = append(all, f.Text)
	}
	return strings.Join(all, " ")
}

// S1.4, S1.5.
func TestPanelAndLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	at := func(on day.Day, hour, text string) int64 {
		p := d.call(on, text)
		p.Timed, p.DueAt = hour != "", hour
		return d.planned(t, p)
	}
	at(today.Add(1), "", "f")
	at(today.Add(1), "16:00", "e")
	at(today, "", "c")
	at(today, "11:00", "b")
	at(today.Add(1), "09:00", "d")
	first := at(today, "10:45", "a")
	gone := at(today, "", "gone")
	if _, err := d.remove(t, gone); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		p, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *followup.Panel) { followup.QueuePanel(b, d.id, into) })
		if texts(p.First) != "a b c d e f" || p.Total != 6 {
			t.Errorf("the panel says %s, %d in all", texts(p.First), p.Total)
		}
		return err
	})
	d.stand(d.Now().Add(time.Minute))
	if err := d.complete(t, first, "Paid"); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		var all []followup.Followup
		for page, after := []followup.Followup{{}}, (*followup.Followup)(nil); len(page) > 0; {
			var err error
			if page, err = followup.List(t.Context(), tx, followup.Filter{CustomerID: d.id, State: followup.Active, After: after, Limit: 2}); err != nil {
				return err
			}
			if all = append(all, page...); len(page) > 0 {
				after = &page[len(page)-1]
			}
		}
		if texts(all) != "b c d e f" {
			t.Errorf("page by page: %s", texts(all))
		}
		n, err := followup.Count(t.Context(), tx, d.id)
		if n[followup.Active] != 5 || n[followup.Done] != 1 || n[followup.Deleted] != 1 {
			t.Errorf("counted %v", n)
		}
		return err
	})
	for _, id := range []int64{at(today, "", "g"), at(today, "", "h")} {
		d.stand(d.Now().Add(time.Minute))
		if err := d.complete(t, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		done, err := followup.List(t.Context(), tx, followup.Filter{CustomerID: d.id, State: followup.Done, Limit: 2})
		if err != nil {
			return err
		}
		rest, err := followup.List(t.Context(), tx, followup.Filter{CustomerID: d.id, State: followup.Done, After: &done[1], Limit: 2})
		if texts(done) != "h g" || texts(rest) != "a" || rest[0].Outcome != "Paid" {
			t.Errorf("what is done: %s, then %+v", texts(done), rest)
		}
		return err
	})
}

func TestPanelTellsHowManyThereAre(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range followup.InPanel + 1 {
		d.planned(t, d.call(today.Add(n), fmt.Sprint(n)))
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		p, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *followup.Panel) { followup.QueuePanel(b, d.id, into) })
		if len(p.First) != followup.InPanel || p.Total != followup.InPanel+1 || p.First[0].Text != "0" {
			t.Errorf("%d of %d, first %+v", len(p.First), p.Total, p.First[0])
		}
		return err
	})
}

func TestQuickDates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tenant.AddHolidays(t.Context(), tx, []tenant.Holiday{{Day: day.New(2026, 3, 19), Name: "Founders' day"}, {Day: day.New(2026, 3, 31), Name: "Stocktaking"}})
		return err
	})
	for now, want := range map[time.Time]string{
		// Monday: in three days is Founders' day, the last day is off
		time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC): "2026-03-17 2026-03-20 2026-03-23 2026-03-30",
		// Friday: tomorrow is Saturday, and so is all but the next week on Monday
		time.Date(2026, 3, 27, 9, 0, 0, 0, time.UTC): "2026-03-30 2026-04-03",
		// the last day that is worked: the next month's
		time.Date(2026, 3, 30, 9, 0, 0, 0, time.UTC): "2026-04-01 2026-04-02 2026-04-06 2026-04-30",
	} {
		d.stand(now)
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			quick, err := followup.QuickDates(t.Context(), tx)
			var days []string
			for _, q := range quick {
				days = append(days, q.On.String())
			}
			if got := strings.Join(days, " "); got != want {
				t.Errorf("on %s: %s, want %s", now, got, want)
			}
			return err
		})
	}
	var said []string
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		for _, on := range []day.Day{day.New(2026, 3, 19), day.New(2026, 3, 20), day.New(2026, 3, 21)} {
			w, err := followup.Warning(t.Context(), tx, on)
			if err != nil {
				return err
			}
			said = append(said, w)
		}
		return nil
	})
	want := []string{"Thu 19 Mar 2026 is a holiday (Founders' day); nobody may be there to do it.", "", "Sat 21 Mar 2026 is a Saturday; nobody may be there to do it."}
	if !slices.Equal(said, want) {
		t.Errorf("warned %q", said)
	}
}
