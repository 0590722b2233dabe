package tenant_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func events(t testing.TB, db *dbtest.Database, who tenant.Who, f tenant.EventFilter) (list []tenant.Recorded) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		list, err = tenant.Events(t.Context(), tx, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// event writes a line at a moment of its own, which only the owner can.
func event(t testing.TB, db *dbtest.Database, c *dbtest.Company, at time.Time, memberID int64, kind, subject string, subjectID int64) {
	t.Helper()
	_, err := db.Owner(t).Exec(t.Context(), `
		INSERT INTO audit_events (tenant_id, at, member_id, kind, subject, subject_id)
		VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, nullif($6::bigint, 0))`, c.ID, at, memberID, kind, subject, subjectID)
	if err != nil {
		t.Fatal(err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	at := func(d, hour, minute int) time.Time { return time.Date(2026, 3, d, hour, minute, 0, 0, zone) }
	event(t, db, acme, at(10, 23, 59), acme.AdminID, "people.invited", "member", acme.CollectorID)
	event(t, db, acme, at(11, 0, 0), acme.ManagerID, "people_x.changed", "", 0)
	event(t, db, acme, at(11, 23, 59), 0, "import.applied", "", 0)
	event(t, db, beta, at(11, 12, 0), beta.AdminID, "people.changed", "member", beta.CollectorID)
	event(t, db, acme, at(12, 0, 0), acme.AdminID, "people.changed", "member", beta.CollectorID)
	d := func(dom int) day.Day { return day.New(2026, time.March, dom) }
	for name, c := range map[string]struct {
		filter tenant.EventFilter
		want   string
	}{
		"everything":     {tenant.EventFilter{}, "people.changed import.applied people_x.changed people.invited "},
		"one group":      {tenant.EventFilter{Group: "people"}, "people.changed people.invited "},
		"one person":     {tenant.EventFilter{MemberID: acme.ManagerID}, "people_x.changed "},
		"another's":      {tenant.EventFilter{MemberID: beta.AdminID}, ""},
		"one day":        {tenant.EventFilter{From: d(11), To: d(11)}, "import.applied people_x.changed "},
		"from a day":     {tenant.EventFilter{From: d(12)}, "people.changed "},
		"up to a day":    {tenant.EventFilter{To: d(10)}, "people.invited "},
		"all of it":      {tenant.EventFilter{Group: "people", MemberID: acme.AdminID, From: d(10), To: d(10)}, "people.invited "},
		"no such group":  {tenant.EventFilter{Group: "peopl"}, ""},
		"wild card kept": {tenant.EventFilter{Group: "%"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, e := range events(t, db, acme.Manager, c.filter) {
				got += e.Kind + " "
			}
			if got != c.want {
				t.Errorf("events = %q, want %q", got, c.want)
			}
		})
	}
	all := events(t, db, acme.Manager, tenant.EventFilter{})
	if e := all[3]; e.Person != "acme admin" || e.About != "acme collector" || !e.At.Equal(at(10, 23, 59)) {
		t.Errorf("the first event reads %+v", e)
	}
	if all[0].About != "" || all[1].Person != "" {
		t.Errorf("another company's member is named %q; the program is named %q", all[0].About, all[1].Person)
	}
	err = db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		_, err := tenant.Events(t.Context(), tx, tenant.EventFilter{})
		return err
	})
	if !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v, want forbidden", err)
	}
}

func TestEventsByPage(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	total := 2*tenant.EventPage + 1
	_, err := db.Owner(t).Exec(t.Context(), `
		INSERT INTO audit_events (tenant_id, kind, data)
		SELECT $1, 'test.made', jsonb_build_object('n', n) FROM generate_series(1, $2::int) n ORDER BY n`, acme.ID, total)
	if err != nil {
		t.Fatal(err)
	}
	var before int64
	n := total
	for _, size := range []int{tenant.EventPage, tenant.EventPage, 1, 0} {
		page := events(t, db, acme.Admin, tenant.EventFilter{Before: before})
		if len(page) != size {
			t.Fatalf("a page of %d, want %d", len(page), size)
		}
		for _, e := range page {
			if string(e.Data) != fmt.Sprintf(`{"n": %d}`, n) {
				t.Fatalf("event %s, want n = %d", e.Data, n)
			}
			n--
			before = e.ID
		}
	}
}
