package followup_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// S1.1.
func TestScheduleAsksForWhatIsNeeded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*followup.Plan)
		field  string // that is refused; empty: it is planned
	}{
		"today":               {func(p *followup.Plan) { p.DueOn = today }, ""},
		"yesterday":           {func(p *followup.Plan) { p.DueOn = today.Add(-1) }, "due_on"},
		"ten years":           {func(p *followup.Plan) { p.DueOn = today.Add(3652) }, ""},
		"over ten years":      {func(p *followup.Plan) { p.DueOn = today.Add(3653) }, "due_on"},
		"this minute":         {func(p *followup.Plan) { p.DueOn, p.Timed, p.DueAt = today, true, "10:30" }, ""},
		"a minute ago":        {func(p *followup.Plan) { p.DueOn, p.Timed, p.DueAt = today, true, "10:29" }, "due_at"},
		"early tomorrow":      {func(p *followup.Plan) { p.DueOn, p.Timed, p.DueAt = today.Add(1), true, "00:00" }, ""},
		"timed without hour":  {func(p *followup.Plan) { p.Timed = true }, "due_at"},
		"no such hour":        {func(p *followup.Plan) { p.Timed, p.DueAt = true, "24:00" }, "due_at"},
		"hour not asked for":  {func(p *followup.Plan) { p.DueAt = "25:99" }, ""},
		"no text":             {func(p *followup.Plan) { p.Text = " \r\n\t" }, "text"},
		"2,000 characters":    {func(p *followup.Plan) { p.Text = strings.Repeat("å", 2000) }, ""},
		"2,001 characters":    {func(p *followup.Plan) { p.Text = strings.Repeat("å", 2001) }, "text"},
		"a card's number":     {func(p *followup.Plan) { p.Text = "Pays with 4111 1111 1111 1111" }, "text"},
		"somebody else":       {func(p *followup.Plan) { p.AssigneeID = d.acme.AdminID }, ""},
		"nobody":              {func(p *followup.Plan) { p.AssigneeID = 0 }, "assignee"},
		"one who left":        {func(p *followup.Plan) { p.AssigneeID = d.acme.ManagerID }, "assignee"},
		"another company's":   {func(p *followup.Plan) { p.AssigneeID = d.beta.CollectorID }, "assignee"},
		"no standard of ours": {func(p *followup.Plan) { p.StandardID = 999 }, "standard"},
	} {
		p := d.call(today.Add(3), "Ask for the goods note")
		c.change(&p)
		id, err := d.schedule(t, p)
		if c.field != "" && !invalid(err, c.field) || c.field == "" && (err != nil || id == 0) {
			t.Errorf("%s: %v, want a message at %q", name, err, c.field)
		}
	}
	if _, err := d.schedule(t, followup.Plan{Timed: true}); !invalid(err, "text", "due_on", "due_at") {
		t.Errorf("all at once: %v", err)
	}
}

// S1.35.
func TestScheduleForAnothersCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := followup.Schedule(t.Context(), tx, d.foreign, d.call(today, "x"))
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's customer: %v", err)
	}
	id := d.planned(t, d.call(today, "Mine"))
	for name, f := range map[string]func(*tenant.Tx, int64) error{
		"find": func(tx *tenant.Tx, c int64) error { _, err := followup.Find(t.Context(), tx, c, id); return err },
		"change": func(tx *tenant.Tx, c int64) error {
			return followup.Change(t.Context(), tx, c, id, 1, d.call(today, "x"))
		},
		"reschedule": func(tx *tenant.Tx, c int64) error { return followup.Reschedule(t.Context(), tx, c, id, 1, today, "") },
		"complete":   func(tx *tenant.Tx, c int64) error { return followup.Complete(t.Context(), tx, c, id, "") },
		"delete": func(tx *tenant.Tx, c int64) error {
			_, err := followup.Delete(t.Context(), tx, c, []int64{id})
			return err
		},
		"restore": func(tx *tenant.Tx, c int64) error {
			_, err := followup.Restore(t.Context(), tx, c, []int64{id})
			return err
		},
	} {
		for who, customer := range map[tenant.Who]int64{d.acme.Collector: d.other, d.beta.Admin: d.id} {
			if err := d.Write(t.Context(), who, func(tx *tenant.Tx) error { return f(tx, customer) }); !errors.Is(err, errs.NotFound) {
				t.Errorf("%s by way of another customer: %v", name, err)
			}
		}
	}
	if f := d.find(t, id); f.State != followup.Active || f.Text != "Mine" {
		t.Errorf("it became %+v", f)
	}
}

// What is copied into the notes is a note like any other: it stays, word for
// word, when the follow-up goes. What is not copied leaves no text behind.
// S1.20, S1.29.
func TestNotesAreCopies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.call(today.Add(1), "Cheque 1182 bounced")
	d.planned(t, p)
	d.wrote(t, "follow_up: Follow-up planned for Tue 17 Mar 2026, acme collector.")
	p.InNotes, p.Timed, p.DueAt = true, true, "15:00"
	id := d.planned(t, p)
	copied := "follow_up: Follow-up for Tue 17 Mar 2026, 15:00, acme collector: Cheque 1182 bounced"
	d.wrote(t, copied)
	p.Text = "Nothing bounced"
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return followup.Change(t.Context(), tx, d.id, id, 1, p) })
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := followup.Delete(t.Context(), tx, d.id, []int64{id})
		return err
	})
	d.wrote(t, "follow_up: Follow-up for Tue 17 Mar 2026, 15:00, acme collector: deleted.")
	if lines := d.notes(t); !slices.Contains(lines, copied) || strings.Contains(strings.Join(lines, "\n"), "Nothing bounced") {
		t.Errorf("the journal says %q", lines)
	}
}

// S1.31.
func TestChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.call(today.Add(2), "Send copies")
	p.Timed, p.DueAt = true, "09:00"
	id := d.planned(t, p)
	change := func(version int, edit func(*followup.Plan)) error {
		q := p
		edit(&q)
		return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return followup.Change(t.Context(), tx, d.id, id, version, q) })
	}
	before := len(d.notes(t))
	if err := change(1, func(*followup.Plan) {}); err != nil || len(d.notes(t)) != before || d.find(t, id).Version != 1 {
		t.Errorf("nothing was changed, and yet: %v, %q", err, d.notes(t))
	}
	if err := change(1, func(p *followup.Plan) { p.AssigneeID, p.Text = d.acme.ManagerID, "Send all copies" }); err != nil {
		t.Fatal(err)
	}
	d.wrote(t, "follow_up: Follow-up changed: acme manager instead of acme collector; another text.")
	if err := change(1, func(p *followup.Plan) { p.Text = "Mine" }); !conflict(err, "meanwhile") {
		t.Errorf("from an older page: %v", err)
	}
	if err := change(2, func(p *followup.Plan) { p.Timed = false }); err != nil {
		t.Fatal(err)
	}
	d.wrote(t, "follow_up: Follow-up changed: due Wed 18 Mar 2026 instead of Wed 18 Mar 2026, 09:00; acme collector instead of acme manager; another text.")
	// Days later its text is put right, and its day may stay; a new one may not be past.
	d.stand(d.Now().AddDate(0, 0, 5))
	if err := change(3, func(p *followup.Plan) { p.Timed, p.Text = false, "Send copies of all" }); err != nil {
		t.Errorf("a late one keeps its day: %v", err)
	}
	if err := change(4, func(p *followup.Plan) { p.Timed, p.DueOn = false, today.Add(4) }); !invalid(err, "due_on") {
		t.Errorf("moved to yesterday: %v", err)
	}
	if err := change(4, func(p *followup.Plan) { p.Timed, p.DueAt = true, "08:00" }); !invalid(err, "due_on") {
		t.Errorf("another hour of a day that is past: %v", err)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return followup.Reschedule(t.Context(), tx, d.id, id, 4, today.Add(6), "11:15")
	})
	if f := d.find(t, id); f.When() != "Sun 22 Mar 2026, 11:15" || f.Text != "Send copies of all" || f.Version != 5 {
		t.Errorf("it became %+v", f)
	}
}

// A collector who is held to a branch is not given what they cannot see.
// S1.35.
func TestAssigneeSeesTheCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, sql := range []string{
		`UPDATE tenants SET branch_limited = true`,
		`WITH b AS (INSERT INTO branches (tenant_id, name) SELECT id, 'north' FROM tenants RETURNING tenant_id, id)
			UPDATE members m SET branch_id = b.id FROM b WHERE b.tenant_id = m.tenant_id`,
	} {
		if _, err := d.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	plan := func(to int64) error {
		return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
			p := d.call(today, "Call")
			p.AssigneeID = to
			_, err := followup.Schedule(t.Context(), tx, d.id, p)
			return err
		})
	}
	if err := plan(d.acme.CollectorID); !invalid(err, "assignee") {
		t.Errorf("for a collector of another branch: %v", err)
	}
	if err := plan(d.acme.ManagerID); err != nil {
		t.Errorf("for a manager, whom no branch holds: %v", err)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers c SET branch_id = m.branch_id FROM members m WHERE m.id = $1 AND c.tenant_id = m.tenant_id`, d.acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if err := plan(d.acme.CollectorID); err != nil {
		t.Errorf("for a collector of the branch: %v", err)
	}
}

// Days and hours are the tenant's wall clock: past midnight in Auckland it is
// tomorrow, whatever the server's clock says and on both sides of a change.
func TestHoursAreTheTenants(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET time_zone = 'Pacific/Auckland' WHERE id = $1`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	changed := today.Add(20) // Sunday 5 April: at 03:00 the clocks of Auckland go back
	p := d.call(changed, "Ring")
	p.Timed, p.DueAt = true, "02:30" // an hour that comes twice
	id := d.planned(t, p)
	for _, c := range []struct {
		utc    time.Time
		late   int
		passed bool
	}{
		{time.Date(2026, 4, 4, 10, 30, 0, 0, time.UTC), 0, false}, // Saturday 23:30
		{time.Date(2026, 4, 4, 13, 29, 0, 0, time.UTC), 0, false}, // Sunday 02:29
		{time.Date(2026, 4, 4, 13, 30, 0, 0, time.UTC), 0, true},  // Sunday 02:30
		{time.Date(2026, 4, 5, 11, 30, 0, 0, time.UTC), 0, true},  // Sunday 23:30, an hour later than the day before
		{time.Date(2026, 4, 5, 12, 30, 0, 0, time.UTC), 1, true},  // Monday 00:30
	} {
		d.stand(c.utc)
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			f, err := followup.Find(t.Context(), tx, d.id, id)
			if late, passed := f.DaysLate(tx.Today()), f.Passed(tx.Today(), followup.Clock(tx)); late != c.late || passed != c.passed || f.When() != "Sun 5 Apr 2026, 02:30" {
				t.Errorf("at %s %s: %d days late, passed %v", f.When(), c.utc, late, passed)
			}
			return err
		})
	}
}
