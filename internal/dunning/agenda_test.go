package dunning_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestAgendaFilters(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.some(t)
	two := 2
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('Bergen') RETURNING id)
			UPDATE customers SET branch_id = b.id, kind = 'consumer' FROM b WHERE number IN ('A', 'C')`)
		return err
	})
	for name, c := range map[string]struct {
		who  tenant.Who
		f    dunning.Filter
		want string
	}{
		"mine by rank":            {b.acme.Collector, dunning.Filter{Whose: dunning.Mine}, "B D C A F"},
		"mine by days":            {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Sort: dunning.ByDays}, "F B D C A"},
		"mine by amount":          {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Sort: dunning.ByAmount}, "B D A F C"},
		"put away":                {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Later: true}, "E"},
		"a level":                 {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Level: &two}, "D C"},
		"a reason of its own":     {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Why: dunning.WhyReply}, "D"},
		"a reason as any":         {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Why: dunning.WhyChosenDay}, "F"},
		"a branch":                {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, BranchID: 1}, "C A"},
		"a kind":                  {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Kind: customer.Business}, "B D F"},
		"an item":                 {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Text: "INV7-C"}, "C"},
		"nobody's name":           {b.acme.Collector, dunning.Filter{Whose: dunning.Mine, Text: "Zorro"}, ""},
		"the team":                {b.acme.Manager, dunning.Filter{Whose: dunning.Team}, "B D C H G A F"},
		"nobody's":                {b.acme.Manager, dunning.Filter{Whose: dunning.Unassigned}, "H"},
		"somebody else's":         {b.acme.Manager, dunning.Filter{Whose: dunning.Mine, Member: b.acme.CollectorID, Level: &two}, "D C"},
		"a manager's own":         {b.acme.Manager, dunning.Filter{Whose: dunning.Mine}, "G"},
		"a broken promise, whose": {b.acme.Manager, dunning.Filter{Whose: dunning.Team, Why: dunning.WhyBrokenPromise}, "G"},
	} {
		if got := numbers(b.list(t, c.who, c.f)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, b.acme.CollectorID)
		return err
	})
	if got := numbers(b.list(t, b.acme.Manager, dunning.Filter{Whose: dunning.Unassigned})); got != "B D C H A F" {
		t.Errorf("of nobody and of who has left: %q", got)
	}
}

// Pages go on from a key in each order, without a gap and without a double.
func TestAgendaPages(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.some(t)
	for _, sort := range []dunning.Sort{dunning.ByRank, dunning.ByDays, dunning.ByAmount} {
		whole := numbers(b.list(t, b.acme.Manager, dunning.Filter{Whose: dunning.Team, Sort: sort}))
		var parts []string
		f := dunning.Filter{Whose: dunning.Team, Sort: sort, Limit: 2}
		for range 9 {
			a := b.list(t, b.acme.Manager, f)
			if len(a.Rows) == 0 {
				t.Fatalf("by %s: an empty page after %v", sort, parts)
			}
			parts = append(parts, numbers(a))
			if a.Next.ID == 0 {
				break
			}
			if f.After = dunning.ParseKey(a.Next.String()); f.After != a.Next {
				t.Fatalf("the key %s was not read back", a.Next)
			}
		}
		if got := strings.Join(parts, " "); got != whole {
			t.Errorf("by %s: the pages are %q, the list %q", sort, got, whole)
		}
	}
	if k := dunning.ParseKey("2~yesterday~EUR~1~4"); k.ID != 0 {
		t.Errorf("a damaged key is %v, want the start", k)
	}
}

func TestAgendaCounts(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.some(t)
	a := b.list(t, b.acme.Collector, dunning.Filter{Whose: dunning.Mine})
	want := []dunning.LevelCount{{Level: 0, Count: dunning.Count{N: 1}}, {Level: 1, Count: dunning.Count{N: 1}}, {Level: 2, Count: dunning.Count{N: 2}}, {Level: 3, Count: dunning.Count{N: 1}}}
	if !slices.Equal(a.Levels, want) {
		t.Errorf("the levels count %v, want %v", a.Levels, want)
	}
	if !slices.Equal(a.Whys, []dunning.WhyCount{{Why: dunning.WhyReply, Count: dunning.Count{N: 1}}}) {
		t.Errorf("the reasons count %v", a.Whys)
	}
	if a.Fits.N != 5 || a.Later.N != 1 || a.Mine.N != 5 || a.Team.N != 0 {
		t.Errorf("fits %v, later %v, mine %v, team %v", a.Fits, a.Later, a.Mine, a.Team)
	}
	m := b.list(t, b.acme.Manager, dunning.Filter{Whose: dunning.Unassigned})
	if m.Team.N != 7 || m.Unassigned.N != 1 || m.Mine.N != 1 || m.Fits.N != 1 {
		t.Errorf("team %v, unassigned %v, mine %v, fits %v", m.Team, m.Unassigned, m.Mine, m.Fits)
	}
}

// Counting ends where it is said to, and says so.
func TestAgendaCountsNoFurther(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.put(t, put{number: "A", owner: b.acme.CollectorID, level: 1, due: "2026-03-10", amount: 100})
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH c AS (INSERT INTO customers (number, name, kind, owner_id) SELECT 'N' || n, 'N' || n, 'business', $1 FROM generate_series(1, $2::int) n RETURNING id)
			INSERT INTO agenda_entries (customer_id, owner_id, opened_on, as_of, policy_id, level_id, level_number, why, item_id, due_on, items, currency, to_collect, currencies)
			SELECT c.id, e.owner_id, e.opened_on, e.as_of, e.policy_id, e.level_id, e.level_number, e.why, e.item_id, e.due_on, 1, e.currency, e.to_collect, 1
			FROM c, agenda_entries e`, b.acme.CollectorID, dunning.CountedTo)
		return err
	})
	a := b.list(t, b.acme.Collector, dunning.Filter{Whose: dunning.Mine})
	if most := (dunning.Count{N: dunning.CountedTo, More: true}); a.Mine != most || a.Fits != most || a.Levels[0].Count != most {
		t.Errorf("mine %v, fits %v, levels %v, want %d and more", a.Mine, a.Fits, a.Levels, dunning.CountedTo)
	}
	err := b.read(t, b.acme.Collector, func(tx *tenant.Tx) error {
		n, err := dunning.CountMine(t.Context(), tx)
		if !n.More {
			t.Errorf("the navigation counts %v", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A row has what one needs to work it: what is held back, the last contact, what
// is to be done first, and whether one may.
func TestAgendaRow(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	ids := b.some(t)
	b.write(t, func(tx *tenant.Tx) error {
		for _, sql := range []string{
			`INSERT INTO contact_points (customer_id, kind, value, role) SELECT id, 'phone', '+4722410933', 'debtor' FROM customers WHERE number = 'A'`,
			`INSERT INTO contact_rules (name, channel, weekdays, from_time, to_time, source, as_of) VALUES ('Late calls', 'call', 127, '12:00', '15:00', 'ours', '2026-01-01')`,
			`INSERT INTO notes (customer_id, author, kind, text) SELECT id, 'Ada', 'note', 'Spoke to them' FROM customers WHERE number = 'A'`,
			`INSERT INTO agenda_actions (customer_id, entry_id, kind, level_number, level_name, text, member_id)
				SELECT e.customer_id, e.id, 'manual', 2, 'Second', 'Asked', e.owner_id FROM agenda_entries e JOIN customers c ON c.id = e.customer_id WHERE c.number = 'D'`,
		} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
	rows := map[string]dunning.Row{}
	for _, r := range b.list(t, b.acme.Manager, dunning.Filter{Whose: dunning.Team}).Rows {
		rows[r.Number] = r
	}
	a := rows["A"]
	if a.First.Kind != dunning.ByCall || a.Point == nil || a.May == nil || a.May.Verdict != contactrule.NotYet || !strings.Contains(a.May.Reason, "12:00") {
		t.Errorf("first %v, point %v, may %v", a.First, a.Point, a.May)
	}
	if a.Said == nil || a.Said.Kind != "note" || len(a.Figures) != 1 || a.Figures[0].ToCollect != 100 || a.Owner != "acme collector" || a.LevelName != "First" {
		t.Errorf("said %v, figures %v, owner %q, level %q", a.Said, a.Figures, a.Owner, a.LevelName)
	}
	if d := rows["D"]; !d.Acted || !d.Reminded || d.Pending || d.First.Text != "Ask the sales office" || d.May != nil {
		t.Errorf("acted %v, reminded %v, pending %v, first %v", d.Acted, d.Reminded, d.Pending, d.First)
	}
	if r := rows["B"]; r.First.Kind != "" || r.Acted || r.ID != ids["B"] {
		t.Errorf("a level without anything to be done: %v", r.First)
	}
}

// The page is two round trips, however many entries there are.
func TestAgendaRoundTrips(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	count := func() (trips, queries int64) {
		b.list(t, b.acme.Collector, dunning.Filter{Whose: dunning.Mine}) // warm
		b.Queries.TakeTrips()
		b.Queries.Take()
		b.list(t, b.acme.Collector, dunning.Filter{Whose: dunning.Mine})
		return b.Queries.TakeTrips(), b.Queries.Take()
	}
	b.put(t, put{number: "A", owner: b.acme.CollectorID, level: 1, due: "2026-03-10", amount: 100})
	fewTrips, few := count()
	for i := range 20 {
		b.put(t, put{number: fmt.Sprint("N", i), owner: b.acme.CollectorID, level: 1 + i%3, due: "2026-02-10", amount: int64(500 + i)})
	}
	trips, queries := count()
	if trips != fewTrips || queries != few || trips > 5 || queries > 24 {
		t.Errorf("%d round trips and %d queries for 21 entries, %d and %d for one", trips, queries, fewTrips, few)
	}
}

func TestAgendaOfOthers(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.some(t)
	other := dbtest.Tenant(t, b.Database, "other")
	for name, f := range map[string]dunning.Filter{"the team": {Whose: dunning.Team}, "nobody's": {Whose: dunning.Unassigned}, "another's": {Whose: dunning.Mine, Member: b.acme.ManagerID}} {
		err := b.read(t, b.acme.Collector, func(tx *tenant.Tx) error {
			f.Sort = dunning.ByRank
			_, err := dunning.ReadAgenda(t.Context(), tx, f)
			_, ierr := f.IDs(t.Context(), tx)
			return errors.Join(err, ierr)
		})
		if !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if got := numbers(b.list(t, other.Manager, dunning.Filter{Whose: dunning.Team})); got != "" {
		t.Errorf("another company sees %q", got)
	}
	err := b.read(t, b.acme.Manager, func(tx *tenant.Tx) error {
		_, err := dunning.ReadAgenda(t.Context(), tx, dunning.Filter{Whose: "everybody", Sort: dunning.ByRank})
		return err
	})
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a damaged filter: %v", err)
	}
}

// All that fit a filter, for a walk and for many at once.
func TestChosenEntries(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	ids := b.some(t)
	err := b.read(t, b.acme.Collector, func(tx *tenant.Tx) error {
		all, err := dunning.Filter{Whose: dunning.Mine, Sort: dunning.ByRank}.IDs(t.Context(), tx)
		if err != nil {
			return err
		}
		if want := []int64{ids["B"], ids["D"], ids["C"], ids["A"], ids["F"]}; !slices.Equal(all, want) {
			t.Errorf("chosen are %v, want %v", all, want)
		}
		found, err := dunning.FindEntries(t.Context(), tx, []int64{ids["A"], 999_999, ids["B"]})
		if len(found) != 2 || found[0].Number != "A" || found[1].Number != "B" {
			t.Errorf("found %v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLooseEnds(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.write(t, func(tx *tenant.Tx) error {
		covered, account := dbtest.Customer(t, tx, "Covered")
		dbtest.Item(t, tx, account, "INV-1", "2026-02-01", 500, "EUR")
		dbtest.Item(t, tx, account, "CN-1", "2026-02-01", -700, "EUR")
		manual, account := dbtest.Customer(t, tx, "Manual")
		dbtest.Item(t, tx, account, "INV-2", "2026-02-01", 611, "EUR")
		orphan, account := dbtest.Customer(t, tx, "Orphan")
		dbtest.Item(t, tx, account, "INV-3", "2026-02-01", 622, "EUR")
		fine, account := dbtest.Customer(t, tx, "Fine")
		dbtest.Item(t, tx, account, "INV-4", "2026-02-01", 633, "EUR")
		undated, account := dbtest.Customer(t, tx, "Undated")
		dbtest.Item(t, tx, account, "INV-5", "", 644, "EUR")
		_, _ = dbtest.Customer(t, tx, "Owes nothing")
		_, err := tx.Exec(t.Context(), `
			UPDATE customers
			SET owner_id = CASE WHEN id <> @orphan THEN @me::bigint END, reminder_mode = CASE id WHEN @manual THEN 'manual' ELSE 'auto' END
			WHERE id = ANY(ARRAY[@covered, @manual, @orphan, @undated, @fine]::bigint[])`,
			pgx.NamedArgs{"me": b.acme.CollectorID, "covered": covered, "manual": manual, "orphan": orphan, "undated": undated, "fine": fine})
		return err
	})
	err := b.read(t, b.acme.Collector, func(tx *tenant.Tx) error {
		cash, err := dunning.CashToApply(t.Context(), tx, dunning.Mine)
		if len(cash) != 1 || cash[0].Number != "Covered" || cash[0].Figures[0].Credit != 700 || cash[0].Owner != "acme collector" {
			t.Errorf("cash to apply: %v", cash)
		}
		if _, err := dunning.NoNextStep(t.Context(), tx); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("a collector sees whom nobody works: %v", err)
		}
		if _, err := dunning.CashToApply(t.Context(), tx, dunning.Team); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("a collector sees everybody's cash: %v", err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = b.read(t, b.acme.Manager, func(tx *tenant.Tx) error {
		stranded, err := dunning.NoNextStep(t.Context(), tx)
		var got []string
		for _, l := range stranded {
			got = append(got, l.Number+": "+l.Why)
		}
		if want := "Manual: Reminders are manual, and no day is chosen.|Orphan: Nobody works this customer.|Undated: An item has no due date, so nobody is ever reminded of it."; strings.Join(got, "|") != want {
			t.Errorf("stranded are %q", strings.Join(got, "|"))
		}
		cash, n, cerr := dunning.CountLoose(t.Context(), tx, dunning.Team)
		if cash.N != 1 || n.N != 3 {
			t.Errorf("%v and %v are counted", cash, n)
		}
		return errors.Join(err, cerr)
	})
	if err != nil {
		t.Fatal(err)
	}
}
