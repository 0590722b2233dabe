package diary_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func (d *desk) makeFeed(t *testing.T, who tenant.Who) (token string) {
	t.Helper()
	d.must(t, who, func(tx *tenant.Tx) (err error) {
		token, err = diary.MakeFeed(t.Context(), tx)
		return err
	})
	return token
}

// serve is the calendar that a token gives, as text.
func (d *desk) serve(t *testing.T, tenantID int64, token string) (text string, err error) {
	t.Helper()
	err = d.Write(t.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		b, err := diary.ReadFeed(t.Context(), tx, token, func(key string) string { return "https://dunwell.example/diary/entry?task=" + key })
		text = string(b)
		return err
	})
	return text, err
}

// parsed is a calendar as another implementation reads it, with the moments at which
// its events begin by the calendar's own time zone; events of a whole day by their day.
type parsed struct {
	*ics.Calendar
	begins map[string]string // by the part of the uid before the dot
}

func parse(t *testing.T, text string) parsed {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	p := parsed{cal, map[string]string{}}
	var zone *ics.VTimezone
	for _, c := range cal.Components {
		if z, ok := c.(*ics.VTimezone); ok {
			zone = z
		}
	}
	for _, e := range cal.Events() {
		start, key := e.GetProperty(ics.ComponentPropertyDtStart), strings.Split(e.Id(), ".")[0]
		if p.begins[key] != "" {
			t.Errorf("%s is there twice", e.Id())
		}
		if slices.Contains(start.ICalParameters["VALUE"], "DATE") {
			p.begins[key] = start.Value
			continue
		}
		if got := start.ICalParameters["TZID"][0]; zone == nil || got != zone.GetProperty("TZID").Value {
			t.Fatalf("%s is by the clock of %s, of which nothing is said", key, got)
		}
		p.begins[key] = moment(t, zone, start.Value).UTC().Format("2006-01-02 15:04")
	}
	return p
}

// moment reads a wall clock by what the calendar itself says of its time zone: the
// last change of the clock before it decides.
func moment(t *testing.T, zone *ics.VTimezone, wall string) time.Time {
	t.Helper()
	local, err := time.Parse("20060102T150405", wall)
	if err != nil {
		t.Fatal(err)
	}
	best, offset := "", ""
	for _, o := range zone.Components {
		var props []ics.IANAProperty
		switch o := o.(type) {
		case *ics.Standard:
			props = o.Properties
		case *ics.Daylight:
			props = o.Properties
		}
		values := map[string]string{}
		for _, p := range props {
			values[p.IANAToken] = p.Value
		}
		if since := values["DTSTART"]; since <= wall && since > best {
			best, offset = since, values["TZOFFSETTO"]
		}
	}
	east, err := time.Parse("-0700", offset)
	if err != nil {
		t.Fatalf("%s: %v", wall, err)
	}
	_, seconds := east.Zone()
	return local.Add(-time.Duration(seconds) * time.Second)
}

// The feed has everything with a day, by the company's clock also where that changes,
// and is read as it was meant by an implementation that is not the one that wrote it.
func TestFeed(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.exec(t, `UPDATE tenants SET time_zone = $1 WHERE id = $2`, zone, d.acme.ID)
			hours := []string{"2026-03-08 01:30", "2026-03-08 03:30", "2026-03-27 10:00", "2026-03-29 01:59", "2026-03-29 03:00", "2026-03-30 10:00", "2026-04-05 04:00",
				"2026-10-24 10:00", "2026-10-25 01:30", "2026-10-25 03:30", "2026-10-26 10:00", "2026-12-24 23:59"}
			d.due(t, "F", append(hours, "2026-03-20")...)
			d.agenda(t, "A", 1, "")
			d.contact(t, "C", d.acme.CollectorID, "")
			text, err := d.serve(t, d.acme.ID, d.makeFeed(t, d.acme.Collector))
			if err != nil {
				t.Fatal(err)
			}
			got, location := parse(t, text), must(time.LoadLocation(zone))
			want := map[string]string{}
			rows, _ := d.Owner(t).Query(t.Context(), `SELECT id, due_on::text || ' ' || coalesce(to_char(due_at, 'HH24:MI'), '') FROM follow_ups WHERE tenant_id = $1`, d.acme.ID)
			for rows.Next() {
				var id int64
				var when string
				if err := rows.Scan(&id, &when); err != nil {
					t.Fatal(err)
				}
				key := fmt.Sprintf("follow_up-%d", id)
				if at, err := time.ParseInLocation("2006-01-02 15:04", when, location); err == nil {
					want[key] = at.UTC().Format("2006-01-02 15:04")
				} else {
					want[key] = "20260320"
				}
			}
			if len(got.begins) != len(want) || len(want) != len(hours)+1 {
				t.Errorf("there are %d events, want %d", len(got.begins), len(want))
			}
			for key, at := range want {
				if got.begins[key] != at {
					t.Errorf("%s begins at %s, want %s", key, got.begins[key], at)
				}
			}
			if strings.Contains(text, "Do it") || strings.Contains(text, ": F") {
				t.Errorf("it tells too much: %s", text)
			}
			if !strings.Contains(text, "\r\n") || slices.ContainsFunc(strings.Split(text, "\r\n"), func(line string) bool { return len(line) > 75 }) {
				t.Error("its lines are not those of the standard")
			}
		})
	}
}

// What is late stays in the feed on its own day, whatever its age, until it is done. Of a
// day there are only so many, and the questions are as many as for little.
func TestFeedKeepsWhatIsLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "soon", "2026-03-20")
	token := d.makeFeed(t, d.acme.Collector)
	serve := func() (begins map[string]string, asked int64) {
		t.Helper()
		d.Queries.Take()
		text, err := d.serve(t, d.acme.ID, token)
		if err != nil {
			t.Fatal(err)
		}
		asked = d.Queries.Take()
		return parse(t, text).begins, asked
	}
	if begins, _ := serve(); len(begins) != 1 {
		t.Errorf("at first there is %v", begins)
	}
	_, few := serve()
	// 30 and 31 days ago; a summer's hour, which the clock of that time decides; years ago
	d.due(t, "late", "2026-02-14", "2026-02-13", "2025-07-01 10:00", "2019-12-31 23:30", "2026-03-15")
	d.contact(t, "called", d.acme.CollectorID, "2024-10-27 01:30")
	d.due(t, "done", "2025-11-11")
	d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE due_on = '2025-11-11'`)
	for range 101 {
		d.due(t, "many", "2025-11-12")
	}
	d.due(t, "theirs too", "2025-11-13")
	d.exec(t, `UPDATE follow_ups SET assignee_id = $1 WHERE due_on = '2025-11-13'`, d.acme.ManagerID)
	begins, many := serve()
	counted := map[string]int{}
	for _, at := range begins {
		counted[at]++
	}
	for at, n := range map[string]int{"20260320": 1, "20260214": 1, "20260213": 1, "2025-07-01 08:00": 1, "2019-12-31 22:30": 1, "20260315": 1, "2024-10-26 23:30": 1, "20251111": 0, "20251112": 100, "20251113": 0} {
		if counted[at] != n {
			t.Errorf("%d begin at %s, want %d", counted[at], at, n)
		}
	}
	if len(begins) != 107 {
		t.Errorf("there are %d events", len(begins))
	}
	if many != few {
		t.Errorf("%d questions for much, %d for little", many, few)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Customers are named only where the company allows it, and those of other branches,
// whom the member does not see, are not in it at all.
func TestFeedNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "Søn; & Co, Ltd", "2026-03-20 10:00")
	d.due(t, "there", "2026-03-21 10:00")
	token := d.makeFeed(t, d.acme.Collector)
	summaries := func() (list []string) {
		t.Helper()
		text, err := d.serve(t, d.acme.ID, token)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range parse(t, text).Events() {
			list = append(list, ics.FromText(e.GetProperty(ics.ComponentPropertySummary).Value))
		}
		return list
	}
	if got := fmt.Sprint(summaries()); got != "[Follow-up Follow-up]" {
		t.Errorf("without names: %s", got)
	}
	d.exec(t, `UPDATE tenants SET feed_names = true WHERE id = $1`, d.acme.ID)
	if got := fmt.Sprint(summaries()); got != "[Follow-up: Søn; & Co, Ltd Follow-up: there]" {
		t.Errorf("with names: %s", got)
	}
	d.exec(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, d.acme.ID)
	d.exec(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID)
	d.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE number <> 'there'`)
	d.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, d.acme.CollectorID)
	if got := fmt.Sprint(summaries()); got != "[Follow-up: Søn; & Co, Ltd]" {
		t.Errorf("within the branch: %s", got)
	}
}

// A link works until it is replaced or ended, or its member leaves; an altered one, and
// one of another company, is as one that never was. Of the token only a hash is kept.
func TestFeedLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "F", "2026-03-20 10:00")
	first := d.makeFeed(t, d.acme.Collector)
	token := d.makeFeed(t, d.acme.Collector)
	other := d.makeFeed(t, d.beta.Collector)
	for name, c := range map[string]struct {
		tenant int64
		token  string
	}{"replaced": {d.acme.ID, first}, "altered": {d.acme.ID, token + "x"}, "another company's": {d.acme.ID, other}, "in another company": {d.beta.ID, token}, "empty": {d.acme.ID, ""}} {
		if text, err := d.serve(t, c.tenant, c.token); !errors.Is(err, errs.NotFound) || text != "" {
			t.Errorf("%s: %v %s", name, err, text)
		}
	}
	if id, ok := diary.TenantOfFeed(token); !ok || id != d.acme.ID {
		t.Errorf("the token is of company %d, %v", id, ok)
	}
	for _, wrong := range []string{"", "x", "-1.abc", "0.abc", "!.abc", "1" + strings.Repeat(".", 100)} {
		if _, ok := diary.TenantOfFeed(wrong); ok {
			t.Errorf("%q is taken for a token", wrong)
		}
	}
	feed := func() (f *diary.Feed) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
			f, err = diary.FeedOf(t.Context(), tx)
			return err
		})
		return f
	}
	if f := feed(); f == nil || f.ReadAt != nil {
		t.Errorf("the feed is %+v", f)
	}
	if _, err := d.serve(t, d.acme.ID, token); err != nil {
		t.Fatal(err)
	}
	if f := feed(); f.ReadAt == nil {
		t.Error("nobody has read it")
	}
	var kept int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM feeds f WHERE f::text LIKE '%' || $1 || '%'`, token[3:]).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("the token is kept, %v", err)
	}
	d.exec(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
	if _, err := d.serve(t, d.acme.ID, token); !errors.Is(err, errs.NotFound) {
		t.Errorf("of somebody who left: %v", err)
	}
	d.exec(t, `UPDATE members SET active = true WHERE id = $1`, d.acme.CollectorID)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return diary.EndFeed(t.Context(), tx) })
	if _, err := d.serve(t, d.acme.ID, token); !errors.Is(err, errs.NotFound) || feed() != nil {
		t.Errorf("ended: %v", err)
	}
}
