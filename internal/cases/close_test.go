package cases_test

import (
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// S4.25, S4.26, S4.27: resolved items leave and are chased again, only those.
func TestOnlyResolvedItemsLeaveByThemselves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a, d.b)...)
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), StatusID: d.status(t, ledger.DisputeResolved), Comment: "Credit agreed."}); err != nil {
		t.Fatal(err)
	}
	in, left := d.inside(t, id)
	same(t, "in the case", in, []string{"B"})
	same(t, "out of it", left, []string{"A resolved"})
	d.chases(t, d.a, 600_01)
	d.chases(t, d.b, 0)
	if got := d.lastLine(t); got != "Resolved, out of the case and back in dunning: A." {
		t.Errorf("the journal says %q", got)
	}
}

// S4.29, S4.36: paid items leave, and the empty case stays open.
func TestPaidItemsLeaveAndAnEmptyCaseStaysOpen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	d.pay(t, "P-1", d.a, 600_00)
	if in, _ := d.inside(t, id); len(in) != 1 {
		t.Error("an item of which a cent is owed left")
	}
	paid := d.pay(t, "P-2", d.a, 1)
	in, left := d.inside(t, id)
	same(t, "in the case", in, nil)
	same(t, "out of it", left, []string{"A paid"})
	if !d.find(t, id).Open() {
		t.Error("the empty case is closed")
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, d.id, paid, ledger.Reversal{On: today, Reason: "No money."})
	})
	d.chases(t, d.a, 1)
	if in, _ := d.inside(t, id); len(in) != 0 {
		t.Error("an item came back into the case by itself")
	}
	if err := d.close(t, id, cases.Closing{Note: "Paid", Confirmed: true}); err != nil {
		t.Errorf("close it empty: %v", err)
	}
}

// S4.28, S4.30: closing is confirmed and asks of each item where it goes.
func TestCloseAsksWhereEachItemGoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a, d.b, d.y), StatusID: d.status(t, ledger.Disputed), Comment: "x", Action: cases.NewCase, On: friday,
		Case: cases.Opening{Title: "All", OwnerID: d.acme.CollectorID}})
	if err != nil {
		t.Fatal(err)
	}
	id := done.CaseID
	to, litigation := cases.Destination{ToDunning: true}, d.status(t, ledger.Litigation)
	go1, go2 := "go_"+itoa(d.b), "go_"+itoa(d.y)
	for name, c := range map[string]struct {
		cases.Closing
		fields []string
	}{
		"nothing said":               {cases.Closing{}, []string{"note", "confirmed", "go_" + itoa(d.a), go1, go2}},
		"not confirmed":              {cases.Closing{Note: "x", Go: map[int64]cases.Destination{d.a: to, d.b: to, d.y: to}}, []string{"confirmed"}},
		"one left out":               {cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: to, d.b: to}}, []string{go2}},
		"one undecided":              {cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: to, d.b: to, d.y: {}}}, []string{go2}},
		"one in two ways":            {cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: to, d.b: {ToDunning: true, StatusID: litigation}, d.y: to}}, []string{go1}},
		"a status that is not there": {cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: to, d.b: {StatusID: 1 << 40}, d.y: to}}, []string{"status"}},
	} {
		if err := d.close(t, id, c.Closing); !invalid(err, c.fields...) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.chases(t, d.a, 0)
	err = d.close(t, id, cases.Closing{Note: "Agreed with the customer", Confirmed: true, Go: map[int64]cases.Destination{
		d.a: to, d.b: {ToDunning: true, Restart: cases.Restart{Chosen: true, LevelID: d.first}}, d.y: {StatusID: litigation}}})
	if err != nil {
		t.Fatal(err)
	}
	d.chases(t, d.a, 600_01)
	d.chases(t, d.b, 250_02)
	d.chases(t, d.y, 0)
	if got := d.lastLine(t); got != "Case closed: Agreed with the customer. Back in dunning: A, B. Y is Litigation." {
		t.Errorf("the journal says %q", got)
	}
	same(t, "levels", d.texts(t, `SELECT number || ' ' || coalesce(reached_days::text, 'none') FROM items WHERE customer_id = $1 AND number < 'C' ORDER BY number`, d.id), []string{"A none", "B 10"})
}

// S4.37: a closed case stays readable.
func TestAClosedCaseIsReadAndNotChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	version := d.find(t, id).Version
	goes := map[int64]cases.Destination{d.a: {ToDunning: true}}
	if err := d.close(t, id, cases.Closing{Note: "Done", Confirmed: true, Go: goes}); err != nil {
		t.Fatal(err)
	}
	k := d.find(t, id)
	in, left := d.inside(t, id)
	if k.Open() || k.ClosedBy != "acme collector" || k.ClosedOn != today || len(in) != 0 {
		t.Errorf("the case is %+v with %v", k, in)
	}
	same(t, "its items", left, []string{"A closed"})
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		history, err := cases.History(t.Context(), tx, id)
		if len(history) != 2 || history[0].Status != cases.Closed {
			t.Errorf("the history is %+v", history)
		}
		return err
	})
	again := map[string]error{
		"close":   d.close(t, id, cases.Closing{Version: version, Note: "x", Confirmed: true, Go: goes}),
		"save":    d.save(t, id, func(e *cases.Edit) { e.Title = "x" }),
		"comment": d.comments(t, id, "x", false),
		"link":    d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { _, err := cases.MakeLink(t.Context(), tx, id, 3); return err }),
	}
	for name, err := range again {
		if !conflict(err, "This case was closed on Mon 16 Mar 2026 by acme collector.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), Action: cases.AddTo, CaseID: id}); !invalid(err, "case") {
		t.Errorf("an item into a closed case: %v", err)
	}
}

func TestTheSecondWhoClosesIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	version := d.find(t, id).Version
	if err := d.save(t, id, func(e *cases.Edit) { e.Add = d.tick(t, d.b) }); err != nil {
		t.Fatal(err)
	}
	err := d.close(t, id, cases.Closing{Version: version, Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}})
	if !conflict(err, "acme collector changed this case meanwhile: Changed: added, and out of dunning: B with EUR 250.02.") {
		t.Errorf("%v", err)
	}
}
