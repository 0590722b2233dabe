package promise_test

import (
	"slices"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func (d *desk) list(t *testing.T, who tenant.Who, f promise.Filter) (rows []promise.Row, err error) {
	t.Helper()
	err = d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		rows, err = promise.List(t.Context(), tx, f)
		return err
	})
	return rows, err
}

func dates(rows []promise.Row) (list []string) {
	for _, r := range rows {
		list = append(list, r.DueOn.String()+" "+money.New(r.Minor, r.Currency).Plain())
	}
	return list
}

func TestList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.plan(60_00)
	p.Instalments = []promise.Part{{friday.Add(3), 25_00}, {friday.Add(7), 35_00}}
	d.made(t, p)
	d.made(t, d.plan(11_00))
	p = d.plan(12_00)
	p.AssigneeID = d.acme.ManagerID
	d.made(t, p)
	get := func(who tenant.Who, f promise.Filter) []string {
		t.Helper()
		rows, err := d.list(t, who, f)
		if err != nil {
			t.Fatal(err)
		}
		return dates(rows)
	}
	mine := promise.Filter{State: promise.Open, Whose: promise.Mine, Limit: 10}
	same(t, "mine", get(d.acme.Collector, mine), []string{"2026-03-20 11.00", "2026-03-23 25.00", "2026-03-27 35.00"})
	same(t, "the manager's", get(d.acme.Manager, mine), []string{"2026-03-20 12.00"})
	team := promise.Filter{State: promise.Open, Whose: promise.Team, Limit: 2}
	rows, err := d.list(t, d.acme.Manager, team)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the first page", dates(rows), []string{"2026-03-20 11.00", "2026-03-20 12.00"})
	team.After = rows[1].Key()
	same(t, "the second page", get(d.acme.Manager, team), []string{"2026-03-23 25.00", "2026-03-27 35.00"})
	if _, err := d.list(t, d.acme.Collector, team); !forbidden(err) {
		t.Errorf("everybody's for a collector: %v", err)
	}
	mine.Member = d.acme.ManagerID
	if _, err := d.list(t, d.acme.Collector, mine); !forbidden(err) {
		t.Errorf("somebody else's for a collector: %v", err)
	}
	mine.Member = d.acme.CollectorID
	rows, err = d.list(t, d.acme.Manager, mine)
	if err != nil || len(rows) != 3 {
		t.Fatalf("a member's for a manager: %v, %v", rows, err)
	}
	if r := rows[2]; r.Part != 2 || r.Parts != 2 || r.Customer != "Customer C-1" || r.Number != "C-1" || r.Account != "C-1" || r.Assignee != "acme collector" ||
		!r.Working || r.State != promise.Open || r.GraceOn != day.New(2026, 4, 1) || r.Waiting(day.New(2026, 4, 1)) || !r.Waiting(day.New(2026, 4, 2)) {
		t.Errorf("the last row is %+v", r)
	}
	if rows, err := d.list(t, d.beta.Admin, promise.Filter{State: promise.Open, Whose: promise.Team, Limit: 5}); err != nil || len(rows) != 0 {
		t.Errorf("another company sees %v, %v", rows, err)
	}
}

func TestListOfWhatIsOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n, on := range []day.Day{friday, friday.Add(4), friday.Add(3)} {
		p := d.plan(int64(10_00 + n))
		p.DueOn = on
		d.made(t, p)
	}
	d.over(t, grace.Add(10))
	broken := promise.Filter{State: promise.Broken, Whose: promise.Mine, Limit: 2}
	rows, err := d.list(t, d.acme.Collector, broken)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the newest first", dates(rows), []string{"2026-03-24 10.01", "2026-03-23 10.02"})
	broken.After = rows[1].Key()
	rows, err = d.list(t, d.acme.Collector, broken)
	if err != nil || !slices.Equal(dates(rows), []string{"2026-03-20 10.00"}) {
		t.Errorf("the second page: %v, %v", dates(rows), err)
	}
	d.made(t, promise.Plan{AccountID: d.on, Amount: money.New(9_00, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: day.New(2026, 4, 30)})
	count := func(who tenant.Who, whose promise.Whose) map[promise.State]int {
		counts := map[promise.State]int{}
		d.must(t, who, func(tx *tenant.Tx) error {
			list, err := promise.Tallies(t.Context(), tx, promise.Filter{Whose: whose})
			for _, n := range list {
				counts[n.State] += n.N
			}
			return err
		})
		return counts
	}
	if c := count(d.acme.Collector, promise.Mine); c[promise.Broken] != 3 || c[promise.Open] != 1 || len(c) != 2 {
		t.Errorf("counts: %v", c)
	}
	if c := count(d.acme.Manager, promise.Left); len(c) != 0 {
		t.Errorf("nobody has left, and yet: %v", c)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if c := count(d.acme.Manager, promise.Left); c[promise.Broken] != 3 || c[promise.Open] != 1 {
		t.Errorf("the collector has left: %v", c)
	}
	if err := d.Read(t.Context(), d.beta.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Tallies(t.Context(), tx, promise.Filter{Whose: promise.Team})
		return err
	}); !forbidden(err) {
		t.Errorf("everybody's counts for a collector: %v", err)
	}
}

// TestOf lists the promises of one customer in a fixed number of queries.
func TestOf(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range 5 {
		p := d.plan(int64(10_00 + n))
		p.Confirmed = true
		d.made(t, p)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		other, account := dbtest.Customer(t, tx, "C-2")
		p := d.plan(99_00)
		p.AccountID, p.Confirmed = account, true
		_, err := promise.Make(t.Context(), tx, other, p)
		return err
	})
	d.over(t, grace)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		d.Queries.Take()
		d.Queries.TakeTrips()
		list, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]promise.Promise) { promise.QueueOf(b, d.id, into) })
		if n, trips := d.Queries.Take(), d.Queries.TakeTrips(); n != 4 || trips != 1 {
			t.Errorf("%d queries in %d round trips, want 4 in 1", n, trips)
		}
		if len(list) != 5 || list[0].Minor != 10_04 || list[4].Minor != 10_00 {
			t.Fatalf("listed %+v", list)
		}
		for _, p := range list {
			if len(p.Instalments) != 1 || len(p.Instalments[0].Decisions) != 1 || p.Account != "C-1" {
				t.Errorf("promise %d has instalments %+v", p.ID, p.Instalments)
			}
		}
		if items := list[4].Items; len(items) != 1 || items[0].Number != "A" || items[0].Open != 600_00 || items[0].Minor != 10_00 || items[0].PassedOn {
			t.Errorf("items: %+v", list[4].Items)
		}
		return err
	})
}
