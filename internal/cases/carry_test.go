package cases_test

import (
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// S4.15: items join a case later.
func TestItemsJoinACaseThatIsOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	ticked := d.tick(t, d.b, d.a)
	ticked[0].Asked, ticked[1].Asked = 25_00, 10_00
	done, err := d.apply(t, cases.Change{Items: ticked, Action: cases.AddTo, CaseID: id, Comment: "This one too."})
	if err != nil || done.CaseID != id || done.Opened {
		t.Fatalf("%+v, %v", done, err)
	}
	d.chases(t, d.a, 590_01)
	d.chases(t, d.b, 225_02)
	in, _ := d.inside(t, id)
	same(t, "in the case", in, []string{"A", "B"})
	if got := d.lastLine(t); got != "Added to the case, and out of dunning: B with EUR 25.00 of EUR 250.02. This one too." {
		t.Errorf("the journal says %q", got)
	}
}

// S4.34: an item is in one open case only, and the schema forbids more.
func TestAnItemIsInOneOpenCaseOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.opened(t, d.tick(t, d.a)...)
	other := d.opened(t, d.tick(t, d.b)...)
	_, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.AddTo, CaseID: other})
	if !invalid(err, "items") {
		t.Errorf("a second case: %v", err)
	}
	if _, err := d.owner.Exec(t.Context(), `
		INSERT INTO case_items (tenant_id, case_id, customer_id, account_id, currency, item_id, joined_at)
		SELECT tenant_id, $1, customer_id, account_id, currency, item_id, joined_at FROM case_items WHERE case_id = $2`, other, first); err == nil {
		t.Error("the schema takes an item into two open cases")
	}
	if _, err := d.owner.Exec(t.Context(), `UPDATE cases SET status = 'closed', closed_at = now(), closed_on = '2026-03-16' WHERE id = $1`, first); err == nil {
		t.Error("the schema closes a case with an item in it")
	}
	if err := d.close(t, first, cases.Closing{Note: "Done.", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.AddTo, CaseID: other}); err != nil {
		t.Errorf("after the first case was closed: %v", err)
	}
}

// S4.32, S4.33: a status suggests a case, or makes one without being asked.
func TestAStatusSuggestsOrMakesACase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	disputed := d.status(t, ledger.Disputed)
	rule := func(rule, title string) (p cases.Proposal) {
		d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
			s, err := ledger.FindStatus(t.Context(), tx, disputed)
			if err != nil {
				return err
			}
			s.CaseRule, s.CaseTitle, s.CaseResolverID, s.CaseOwnerID, s.DelayDays = rule, title, d.jo, d.acme.ManagerID, 3
			s.Reasons = []string{"Price", "Quality"}
			_, err = ledger.SaveStatus(t.Context(), tx, s)
			return err
		})
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			s, err := ledger.FindStatus(t.Context(), tx, disputed)
			if err == nil {
				p, err = cases.Propose(t.Context(), tx, s)
			}
			return err
		})
		return p
	}
	if p := rule(ledger.CaseNone, ""); p.Action != cases.NoAction {
		t.Errorf("without a rule %+v is proposed", p)
	}
	p := rule(ledger.CaseSuggest, "Dispute")
	if p.Action != cases.NewCase || p.Case.Title != "Dispute" || p.Case.OwnerID != d.acme.ManagerID || p.Case.ResolverID != d.jo || p.Case.NextOn != day.New(2026, 3, 19) {
		t.Errorf("suggested is %+v", p)
	}
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), StatusID: disputed, Reason: "Price"})
	if err != nil || done.CaseID != 0 {
		t.Fatalf("what is only suggested was made: %+v, %v", done, err)
	}
	rule(ledger.CaseCreate, "")
	done, err = d.apply(t, cases.Change{Items: d.tick(t, d.a, d.b), StatusID: disputed, Reason: "Quality", Comment: "Broken."})
	if err != nil || done.CaseID == 0 || !done.ByRule {
		t.Fatalf("the case was not made: %+v, %v", done, err)
	}
	k := d.find(t, done.CaseID)
	if k.Title != "Disputed" || k.Resolver != "Jo Sales" || k.Owner != "acme manager" || k.NextOn != day.New(2026, 3, 19) {
		t.Errorf("the case is %+v", k)
	}
	in, _ := d.inside(t, done.CaseID)
	same(t, "in the case", in, []string{"A", "B"})
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), StatusID: disputed, Reason: "Price"}); !invalid(err, "status") {
		t.Errorf("a status that the item has: %v", err)
	}
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), StatusID: d.status(t, ledger.Litigation), Comment: "Sued."}); err != nil {
		t.Fatal(err)
	}
	again, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), StatusID: disputed, Reason: "Price"})
	if err != nil || again.Opened {
		t.Errorf("an item that is in a case got another: %+v, %v", again, err)
	}
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.c), StatusID: disputed, Reason: "Weather"}); !invalid(err, "reason") {
		t.Errorf("a reason that is not of the list: %v", err)
	}
}

// S4.12, S4.25: the next dunning step: at the level they had, or at a chosen one.
func TestItemsGoOnInDunningAtAChosenLevel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		restart cases.Restart
		family  string
		reached any
	}{
		"the level that they had": {cases.Restart{}, "", nil},
		"another level":           {cases.Restart{Chosen: true, LevelID: -1}, "", int32(20)},
		"the beginning":           {cases.Restart{Chosen: true}, "", nil},
		"a resolved dispute":      {cases.Restart{Chosen: true, LevelID: -1}, ledger.DisputeResolved, int32(20)},
	} {
		d := newDesk(t)
		id := d.opened(t, d.tick(t, d.a, d.b)...)
		if c.restart.LevelID < 0 {
			c.restart.LevelID = d.two
		}
		x := cases.Change{Items: d.tick(t, d.a), Action: cases.ToDunn, Restart: c.restart}
		if c.family != "" {
			x = cases.Change{Items: d.tick(t, d.a), StatusID: d.status(t, c.family), Comment: "Settled.", Restart: c.restart}
		}
		if _, err := d.apply(t, x); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d.chases(t, d.a, 600_01)
		d.chases(t, d.b, 0)
		in, left := d.inside(t, id)
		why := map[bool]string{true: "A removed", false: "A resolved"}[c.family == ""]
		same(t, name+": in the case", in, []string{"B"})
		same(t, name+": out of it", left, []string{why})
		var reached any
		d.one(t, &reached, `SELECT reached_days FROM items WHERE id = $1`, d.a)
		if reached != c.reached {
			t.Errorf("%s: the item has reached %v days, want %v", name, reached, c.reached)
		}
	}
}

func TestAPromiseStatusNeedsAPromise(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	promised := d.status(t, ledger.Promised)
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), StatusID: promised, Comment: "He said so."}); !invalid(err, "status") {
		t.Errorf("without a promise: %v", err)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Make(t.Context(), tx, d.id, promise.Plan{AccountID: d.on, Amount: money.New(600_01, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: friday, Items: []int64{d.a}})
		return err
	})
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), StatusID: promised, Comment: "He said so."}); err != nil {
		t.Errorf("with a promise: %v", err)
	}
}
