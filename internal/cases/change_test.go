package cases_test

import (
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// S4.1, S4.3, S4.4: while they are worked in a case its items are not chased, and the others are.
func TestACaseTakesItsItemsOutOfDunning(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.chases(t, d.a, 600_01)
	id := d.opened(t, d.tick(t, d.a, d.y)...)
	d.chases(t, d.a, 0)
	d.chases(t, d.b, 250_02)
	d.chases(t, d.y, 0)
	if f := d.figure(t); f.Overdue != 850_03 || f.Disputed != 600_01 || f.ToCollect != 250_02 {
		t.Errorf("the figure is %+v", f)
	}
	in, _ := d.inside(t, id)
	same(t, "in the case", in, []string{"A", "Y"})
	same(t, "the journal", d.journal(t), []string{"Case opened: Price of March. Worked by acme collector, to be looked at on Fri 20 Mar 2026. " +
		"Out of dunning: A with EUR 600.01, Y with JPY 7,004. The price is wrong."})
}

// S4.3: only the amount in question leaves dunning, and the rest is chased.
func TestOnlyTheAmountInQuestionLeavesDunning(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticked := d.tick(t, d.a)
	ticked[0].Asked = 100_00
	done, err := d.apply(t, cases.Change{Items: ticked, StatusID: d.status(t, ledger.Disputed), Comment: "Short delivery.", Action: cases.NewCase, On: friday,
		Case: cases.Opening{Title: "Short delivery", OwnerID: d.acme.CollectorID}})
	if err != nil {
		t.Fatal(err)
	}
	d.chases(t, d.a, 500_01)
	if f := d.figure(t); f.Disputed != 100_00 || f.ToCollect != 750_03 {
		t.Errorf("the figure is %+v", f)
	}
	d.pay(t, "P-1", d.a, 550_01) // 50.00 is left: all of it in question
	d.chases(t, d.a, 0)
	if f := d.figure(t); f.Disputed != 50_00 || f.ToCollect != 250_02 {
		t.Errorf("the figure is %+v when less than the amount is left", f)
	}
	if in, _ := d.inside(t, done.CaseID); len(in) != 1 {
		t.Errorf("in the case is %v", in)
	}
}

func TestWhatIsPromisedComesOffTheRest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Make(t.Context(), tx, d.id, promise.Plan{AccountID: d.on, Amount: money.New(450_00, "EUR"), AssigneeID: d.acme.CollectorID, DueOn: friday, Items: []int64{d.a}})
		return err
	})
	ticked := d.tick(t, d.a)
	ticked[0].Asked = 100_00
	id := d.opened(t, ticked...)
	d.chases(t, d.a, 50_01)
	if f := d.figure(t); f.Disputed != 100_00 || f.Promised != 450_00 || f.ToCollect != 300_03 {
		t.Errorf("the figure is %+v", f)
	}
	if err := d.save(t, id, func(e *cases.Edit) { e.Asked = map[int64]int64{d.a: 200_00} }); err != nil {
		t.Fatal(err)
	}
	if got, held := d.chased(t, d.a); got != 0 || held != "promised" {
		t.Errorf("%d is chased, %s", got, held)
	}
	if f := d.figure(t); f.Disputed != 200_00 || f.Promised != 400_01 || f.ToCollect != 250_02 {
		t.Errorf("the figure is %+v", f)
	}
}

// S4.2, S4.10, S4.11: any case will do, with or without a status and somebody who settles it.
func TestStatusAndResolverAreOptional(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		family   string
		resolver bool
		status   cases.Status
	}{
		"neither": {"", false, cases.InWork}, "a status": {ledger.Disputed, false, cases.InWork},
		"a resolver": {"", true, cases.WithResolver}, "both": {ledger.Litigation, true, cases.WithResolver},
	} {
		d := newDesk(t)
		x := cases.Change{Items: d.tick(t, d.a), Comment: "See the letter.", Action: cases.NewCase, On: friday, Case: cases.Opening{Title: name, OwnerID: d.acme.ManagerID}}
		if c.family != "" {
			x.StatusID = d.status(t, c.family)
		}
		if c.resolver {
			x.ResolverID = d.jo
		}
		done, err := d.apply(t, x)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		k := d.find(t, done.CaseID)
		if k.Status != c.status || (k.Resolver == "Jo Sales") != c.resolver || k.Owner != "acme manager" || k.NextOn != friday || !done.Opened || done.ByRule {
			t.Errorf("%s: %+v", name, k)
		}
		var family string
		d.one(t, &family, `SELECT s.family FROM items i JOIN item_statuses s ON s.id = i.status_id WHERE i.id = $1`, d.a)
		if want := map[bool]string{true: c.family, false: ledger.Ongoing}[c.family != ""]; family != want {
			t.Errorf("%s: the item is %s", name, family)
		}
		d.chases(t, d.a, 0)
	}
}

// S4.10: a status needs no case.
func TestAStatusAloneIsEnough(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a, d.b), StatusID: d.status(t, ledger.Disputed), Comment: "Both are wrong.", On: friday})
	if err != nil || done != (cases.Done{}) {
		t.Fatalf("%+v, %v", done, err)
	}
	d.chases(t, d.a, 0)
	d.chases(t, d.b, 0)
	same(t, "the journal", d.journal(t), []string{"Item A: Ongoing becomes Disputed. Both are wrong.", "Item B: Ongoing becomes Disputed. Both are wrong."})
	same(t, "what reminds of the day", d.texts(t, `SELECT due_on || ' ' || text FROM follow_ups WHERE customer_id = $1`, d.id),
		[]string{"2026-03-20 Disputed: A, B. Both are wrong."})
}

func TestAChangeThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.b)...)
	before := len(d.journal(t))
	disputed, resolved := d.status(t, ledger.Disputed), d.status(t, ledger.DisputeResolved)
	asked := d.tick(t, d.a)
	asked[0].Asked = 600_02
	some := d.tick(t, d.a)
	some[0].Asked = 5_00
	house := cases.Opening{Title: "X", OwnerID: d.acme.CollectorID}
	complaint := house
	complaint.Complaint = true
	for name, c := range map[string]struct {
		cases.Change
		fields []string
	}{
		"no item":                        {cases.Change{StatusID: disputed, Comment: "x"}, []string{"items"}},
		"nothing at all":                 {cases.Change{Items: d.tick(t, d.a)}, []string{"status"}},
		"a status without a reason":      {cases.Change{Items: d.tick(t, d.a), StatusID: disputed}, []string{"comment"}},
		"a status that is not there":     {cases.Change{Items: d.tick(t, d.a), StatusID: 1 << 40, Comment: "x"}, []string{"status"}},
		"more in question than is open":  {cases.Change{Items: asked, Action: cases.NewCase, On: friday, Case: house}, []string{"asked_" + itoa(d.a)}},
		"an amount and no case":          {cases.Change{Items: some, StatusID: disputed, Comment: "x"}, []string{"asked_" + itoa(d.a)}},
		"a resolver and no case":         {cases.Change{Items: d.tick(t, d.a), StatusID: disputed, Comment: "x", ResolverID: d.jo}, []string{"resolver"}},
		"a case without a day":           {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, Case: house}, []string{"on"}},
		"a day that is past":             {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: today.Add(-1), Case: house}, []string{"on"}},
		"a case without a title":         {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Case: cases.Opening{OwnerID: d.acme.CollectorID}}, []string{"title"}},
		"a case of a stranger":           {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Case: cases.Opening{Title: "X", OwnerID: d.beta.CollectorID}}, []string{"owner"}},
		"a resolver who is not there":    {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Case: house, ResolverID: 1 << 40}, []string{"resolver"}},
		"a complaint without a deadline": {cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Case: complaint}, []string{"deadline_on"}},
		"a resolved one in a case":       {cases.Change{Items: d.tick(t, d.a), StatusID: resolved, Comment: "x", Action: cases.NewCase, On: friday, Case: house}, []string{"action"}},
		"a disputed one in dunning":      {cases.Change{Items: d.tick(t, d.a), StatusID: disputed, Comment: "x", Action: cases.ToDunn}, []string{"action"}},
		"a level of nobody's":            {cases.Change{Items: d.tick(t, d.a), Action: cases.ToDunn, Restart: cases.Restart{Chosen: true, LevelID: 1 << 40}}, []string{"level"}},
		"a case of nobody's":             {cases.Change{Items: d.tick(t, d.a), Action: cases.AddTo, CaseID: 1 << 40}, []string{"case"}},
		"two cases at once":              {cases.Change{Items: d.tick(t, d.a, d.b), Action: cases.NewCase, On: friday, Case: house}, []string{"items"}},
		"an e-mail that cannot be sent": {cases.Change{Items: d.tick(t, d.a), StatusID: disputed, Comment: "x", Action: cases.NewCase, On: friday, Case: house,
			Message: &cases.Message{New: message.New{Channel: "email", PointID: 1, Body: "Sorry"}, Box: d.box}}, []string{"subject"}},
	} {
		if _, err := d.apply(t, c.Change); !invalid(err, c.fields...) {
			t.Errorf("%s: %v, want a message at %v", name, err, c.fields)
		}
	}
	old := d.tick(t, d.a)
	old[0].Version++
	if _, err := d.apply(t, cases.Change{Items: old, StatusID: disputed, Comment: "x"}); !conflict(err, "Item A was changed meanwhile") {
		t.Errorf("an item that was changed: %v", err)
	}
	if got := len(d.journal(t)); got != before {
		t.Errorf("%d lines were written", got-before)
	}
	d.chases(t, d.a, 600_01)
	if in, _ := d.inside(t, id); len(in) != 1 {
		t.Errorf("in the case is %v", in)
	}
}

func TestOtherCompaniesAndArchivedCustomersAreLeftAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	beta := func(f func(*tenant.Tx) error) error { return d.Write(t.Context(), d.beta.Manager, f) }
	for name, f := range map[string]func(*tenant.Tx) error{
		"find": func(tx *tenant.Tx) error { _, err := cases.Find(t.Context(), tx, id); return err },
		"save": func(tx *tenant.Tx) error {
			_, err := cases.Save(t.Context(), tx, id, cases.Edit{Version: 1})
			return err
		},
		"close":  func(tx *tenant.Tx) error { return cases.Close(t.Context(), tx, id, cases.Closing{Version: 1}) },
		"link":   func(tx *tenant.Tx) error { _, err := cases.MakeLink(t.Context(), tx, id, 5); return err },
		"letter": func(tx *tenant.Tx) error { _, err := (cases.Letter{Box: d.box}).Send(t.Context(), tx, id); return err },
		"change": func(tx *tenant.Tx) error {
			_, err := cases.Apply(t.Context(), tx, cases.Change{CustomerID: d.id, Items: d.tick(t, d.a), Action: cases.ToDunn})
			return err
		},
		"its own customer with another's item": func(tx *tenant.Tx) error {
			_, err := cases.Apply(t.Context(), tx, cases.Change{CustomerID: d.foreign, Items: d.tick(t, d.b), Action: cases.ToDunn})
			return err
		},
	} {
		if err := beta(f); !missing(err) {
			t.Errorf("%s by another company: %v", name, err)
		}
	}
	if _, err := d.owner.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, d.id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), Action: cases.ToDunn}); err == nil || !conflict(err, "archived") {
		t.Errorf("an archived customer: %v", err)
	}
}

func TestWhatIsOwedAndTheLevelsAreThereToChoose(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.b)...)
	d.pay(t, "P-1", d.a, 600_01)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		owed, err := cases.OwedBy(t.Context(), tx, d.id)
		if len(owed) != 3 || owed[0].Number != "B" || owed[0].CaseID != id || owed[0].Case != "Price of March" || owed[1].Number != "Y" || owed[1].CaseID != 0 {
			t.Errorf("owed are %+v", owed)
		}
		if err != nil {
			return err
		}
		levels, err := cases.Levels(t.Context(), tx, d.id)
		if len(levels) != 2 || levels[0] != (cases.Level{ID: d.first, Name: "Friendly"}) {
			t.Errorf("the levels are %+v", levels)
		}
		return err
	})
}
