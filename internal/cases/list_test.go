package cases_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// list is what a filter chooses, by title, with its totals.
func (d *desk) list(t *testing.T, who tenant.Who, f cases.Filter) (titles string, total cases.Total) {
	t.Helper()
	d.must(t, who, func(tx *tenant.Tx) error {
		list, err := cases.List(t.Context(), tx, f)
		if err != nil {
			return err
		}
		for _, l := range list {
			titles += " " + l.Title
		}
		total, err = cases.Totals(t.Context(), tx, f)
		return err
	})
	return strings.TrimSpace(titles), total
}

// S4.38: amounts are those of the items now, a currency by itself.
func TestCasesAreListedWithTotalsPerCurrency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	open := func(title string, owner, resolver int64, on day.Day, deadline day.Day, items ...cases.Ticked) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			_, err := cases.Open(t.Context(), tx, d.id, cases.Opening{Title: title, OwnerID: owner, ResolverID: resolver, NextOn: on,
				Complaint: !deadline.IsZero(), DeadlineOn: deadline}, items)
			return err
		})
	}
	asked := d.tick(t, d.a)
	asked[0].Asked = 100_00
	open("Second", d.acme.CollectorID, 0, day.New(2026, 3, 23), day.Day{}, asked...)
	open("First", d.acme.ManagerID, d.jo, friday, day.Day{}, d.tick(t, d.b, d.y)...)
	open("Third", d.acme.CollectorID, 0, day.New(2026, 3, 25), day.New(2026, 3, 19))
	open("Done", d.acme.CollectorID, 0, friday, day.Day{})
	done := int64(4)
	if err := d.close(t, done, cases.Closing{Note: "x", Confirmed: true}); err != nil {
		t.Fatal(err)
	}
	all, total := d.list(t, d.acme.Collector, cases.Filter{})
	if all != "First Second Third" || total.Cases != 3 {
		t.Errorf("listed are %q, %d", all, total.Cases)
	}
	if want := "[{EUR 2 85003 35002} {JPY 1 7004 7004}]"; fmt.Sprint(total.Figures) != want {
		t.Errorf("the totals are %v, want %s", total.Figures, want)
	}
	if total.Figures[0].Chased() != 500_01 {
		t.Errorf("%d is left to dunning", total.Figures[0].Chased())
	}
	d.stand(day.New(2026, 3, 20))
	for want, f := range map[string]cases.Filter{
		"Second Third":        {OwnerID: d.acme.CollectorID},
		"First":               {ResolverID: d.jo},
		"Done":                {Closed: true},
		"First Second":        {Limit: 2},
		"Third":               {Late: true},
		"Third ":              {Complaints: true},
		"Third  ":             {Empty: true},
		" First":              {Status: cases.WithResolver},
		" Third":              {After: cases.Key{On: day.New(2026, 3, 23), ID: 1}},
		" First Second Third": {CustomerID: d.id},
	} {
		if got, _ := d.list(t, d.acme.Collector, f); got != strings.TrimSpace(want) {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	if got, total := d.list(t, d.beta.Manager, cases.Filter{}); got != "" || total.Cases != 0 || len(total.Figures) != 0 {
		t.Errorf("another company sees %q, %+v", got, total)
	}
	d.pay(t, "P-1", d.b, 50_02)
	_, total = d.list(t, d.acme.Collector, cases.Filter{ResolverID: d.jo})
	if total.Figures[0].Open != 200_00 || total.Figures[0].InQuestion != 200_00 {
		t.Errorf("after a payment the totals are %+v", total)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		standing, err := ledger.StandingOf(t.Context(), tx, d.id)
		if standing.Disputed != 3 {
			t.Errorf("disputed are %d items", standing.Disputed)
		}
		return err
	})
}

func TestCasesAreHeldToTheBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	owner := d.owner
	for _, sql := range []string{
		`INSERT INTO branches (tenant_id, name) VALUES ((SELECT id FROM tenants WHERE slug = 'acme'), 'North')`,
		`UPDATE tenants SET branch_limited = true`,
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if got, total := d.list(t, d.acme.Collector, cases.Filter{}); got != "" || total.Cases != 0 {
		t.Errorf("a collector of another branch sees %q", got)
	}
	if err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Save(t.Context(), tx, id, cases.Edit{Version: 1, Comment: "x"})
		return err
	}); !missing(err) {
		t.Errorf("and writes: %v", err)
	}
	if got, _ := d.list(t, d.acme.Manager, cases.Filter{}); got != "Price of March" {
		t.Errorf("a manager sees %q", got)
	}
}

func TestTheClockTellsWithWhomACaseWas(t *testing.T) {
	t.Parallel()
	on := func(n int) (l cases.Line) { l.At = today.Add(n).Time(time.UTC); return l }
	line := func(n int, s cases.Status) cases.Line { l := on(n); l.Status = s; return l }
	history := []cases.Line{line(9, cases.InWork), on(8), line(4, cases.WithResolver), line(0, cases.InWork)}
	d := newDesk(t)
	d.stand(today.Add(12))
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		k := cases.ClockOf(cases.Case{Status: cases.InWork, OpenedOn: today}, history, tx)
		if k.Days != 12 || k.With[cases.WithResolver] != 5 || k.With[cases.InWork] != 7 {
			t.Errorf("the clock says %+v", k)
		}
		closed := append([]cases.Line{line(11, cases.Closed)}, history...)
		k = cases.ClockOf(cases.Case{Status: cases.Closed, OpenedOn: today, ClosedOn: today.Add(11)}, closed, tx)
		if k.Days != 11 || k.With[cases.InWork] != 6 || k.With[cases.Closed] != 0 {
			t.Errorf("of a closed case it says %+v", k)
		}
		return nil
	})
}

func TestAManagerIsToldOnceOfEachDateThatPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: day.New(2026, 3, 25),
		Case: cases.Opening{Title: "Rude letter", OwnerID: d.acme.CollectorID, Complaint: true, DeadlineOn: friday}})
	if err != nil {
		t.Fatal(err)
	}
	told := func(on day.Day) []string {
		d.stand(on)
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
			return cases.EscalateOfDay(t.Context(), tx, cases.EscalateArgs{Tenant: d.acme.ID, Day: on.String()})
		})
		return d.texts(t, `SELECT u.name || ': ' || f.text FROM follow_ups f JOIN members m ON m.id = f.assignee_id JOIN users u ON u.id = m.user_id ORDER BY f.id`)
	}
	first := fmt.Sprintf("acme manager: Case %d, Rude letter, of acme collector was to be answered by Fri 20 Mar 2026. Help, or give it to somebody else.", done.CaseID)
	second := fmt.Sprintf("acme manager: Case %d, Rude letter, of acme collector was to be looked at by Wed 25 Mar 2026. Help, or give it to somebody else.", done.CaseID)
	same(t, "on its day", told(friday), nil)
	same(t, "the day after", told(friday.Add(1)), []string{first})
	same(t, "two days after", told(friday.Add(2)), []string{first})
	same(t, "the second date", told(day.New(2026, 3, 26)), []string{first, second})
	same(t, "again", told(day.New(2026, 3, 26)), []string{first, second})
	if err := d.save(t, done.CaseID, func(e *cases.Edit) { e.NextOn, e.DeadlineOn = day.New(2026, 4, 1), day.New(2026, 4, 2) }); err != nil {
		t.Fatal(err)
	}
	if got := told(day.New(2026, 4, 2)); len(got) != 3 {
		t.Errorf("after it was put off: %v", got)
	}
	if k := d.find(t, done.CaseID); k.Late(day.New(2026, 4, 2)) != 1 || k.Due() != day.New(2026, 4, 1) {
		t.Errorf("%d days late, due %s", k.Late(day.New(2026, 4, 2)), k.Due())
	}
}

func TestAnAgendaWithoutTheItemOfACase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.owner.Exec(t.Context(), `UPDATE tenants SET dunning_on = true`); err != nil {
		t.Fatal(err)
	}
	entry := func() []string {
		return d.texts(t, `SELECT items || ' items, ' || to_collect FROM agenda_entries WHERE state = 'open' AND customer_id = $1`, d.id)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { tx.Touch(d.id); return nil })
	same(t, "before", entry(), []string{"3 items, 85003"})
	id := d.opened(t, d.tick(t, d.a, d.y)...)
	same(t, "with a case", entry(), []string{"1 items, 25002"})
	if err := d.save(t, id, func(e *cases.Edit) { e.Remove = []int64{d.a} }); err != nil {
		t.Fatal(err)
	}
	same(t, "after one was removed", entry(), []string{"2 items, 85003"})
	if err := d.save(t, id, func(e *cases.Edit) { e.Add = d.tick(t, d.a, d.b) }); err != nil {
		t.Fatal(err)
	}
	same(t, "with nothing left", entry(), nil)
}
