package cases_test

import (
	"strings"
	"sync"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// S4.18, S4.19, S4.20, S4.21, S4.24: status, title, day and owner change as the case is saved, with one line.
func TestSaveIsOneChangeWithOneLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a, d.y)...)
	before := len(d.journal(t))
	err := d.save(t, id, func(e *cases.Edit) {
		e.Title, e.Status, e.OwnerID, e.ResolverID, e.NextOn = "Price of spring", cases.WithResolver, d.acme.ManagerID, d.jo, day.New(2026, 4, 1)
		e.Asked = map[int64]int64{d.a: 70_00}
		e.Add, e.Remove = d.tick(t, d.b), []int64{d.y}
		e.Comment = "Sent to sales."
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the journal", d.journal(t)[before:], []string{"Changed: title from “Price of March” to “Price of spring”; status from in work to with resolver; " +
		"owner from acme collector to acme manager; resolver from nobody to Jo Sales; next date from Fri 20 Mar 2026 to Wed 1 Apr 2026; " +
		"in question of A EUR 70.00 instead of all; added, and out of dunning: B with EUR 250.02; removed, and back in dunning: Y. Sent to sales."})
	k := d.find(t, id)
	if k.Title != "Price of spring" || k.Status != cases.WithResolver || k.Owner != "acme manager" || k.Resolver != "Jo Sales" || k.NextOn != day.New(2026, 4, 1) || k.Version != 2 {
		t.Errorf("the case is %+v", k)
	}
	d.chases(t, d.a, 530_01)
	d.chases(t, d.b, 0)
	d.chases(t, d.y, 7_004)
	if err := d.save(t, id, func(*cases.Edit) {}); err != nil || len(d.journal(t)) != before+1 || d.find(t, id).Version != 2 {
		t.Errorf("a save that changes nothing: %v, %v", err, d.journal(t)[before+1:])
	}
}

// S4.16, S4.35: a removed item returns to dunning.
func TestARemovedItemReturnsToDunningEvenWhereItsStatusHeldIt(t *testing.T) {
	t.Parallel()
	for _, family := range []string{ledger.Ongoing, ledger.Disputed, ledger.Litigation} {
		d := newDesk(t)
		x := cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Comment: "x", Case: cases.Opening{Title: "X", OwnerID: d.acme.CollectorID}}
		if family != ledger.Ongoing {
			x.StatusID = d.status(t, family)
		}
		done, err := d.apply(t, x)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.save(t, done.CaseID, func(e *cases.Edit) { e.Remove = []int64{d.a} }); err != nil {
			t.Fatalf("%s: %v", family, err)
		}
		d.chases(t, d.a, 600_01)
		_, left := d.inside(t, done.CaseID)
		same(t, family, left, []string{"A removed"})
		if !d.find(t, done.CaseID).Open() {
			t.Errorf("%s: the emptied case is closed", family)
		}
	}
}

func TestSaveRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	asked := "asked_" + itoa(d.a)
	for name, c := range map[string]struct {
		change func(*cases.Edit)
		field  string
	}{
		"no title":                {func(e *cases.Edit) { e.Title = " " }, "title"},
		"a long title":            {func(e *cases.Edit) { e.Title = strings.Repeat("x", 121) }, "title"},
		"a card number":           {func(e *cases.Edit) { e.Comment = "4111 1111 1111 1111" }, "comment"},
		"closed by its status":    {func(e *cases.Edit) { e.Status = cases.Closed }, "status"},
		"with nobody":             {func(e *cases.Edit) { e.Status = cases.WithResolver }, "status"},
		"a day that is past":      {func(e *cases.Edit) { e.NextOn = today.Add(-1) }, "on"},
		"a complaint with no day": {func(e *cases.Edit) { e.Complaint = true }, "deadline_on"},
		"an owner of nobody's":    {func(e *cases.Edit) { e.OwnerID = d.beta.CollectorID }, "owner"},
		"more than is open":       {func(e *cases.Edit) { e.Asked = map[int64]int64{d.a: 600_02} }, asked},
		"an item that is in it":   {func(e *cases.Edit) { e.Add = d.tick(t, d.a) }, "items"},
	} {
		if err := d.save(t, id, c.change); !invalid(err, c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.save(t, id, func(e *cases.Edit) { e.Remove = []int64{d.b} }); !conflict(err, "has left the case meanwhile") {
		t.Errorf("removed was what is not in it: %v", err)
	}
	if err := d.save(t, id, func(e *cases.Edit) { e.Title = strings.Repeat("x", 120) }); err != nil {
		t.Errorf("a title of 120 characters: %v", err)
	}
}

func TestTheSecondOfTwoSeesWhatTheFirstDid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	e := d.find(t, id).Edit()
	results := make([]error, 2)
	var wg sync.WaitGroup
	for n, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
		mine := e
		mine.Title = []string{"The first", "The second"}[n]
		wg.Go(func() {
			results[n] = d.Write(t.Context(), who, func(tx *tenant.Tx) error {
				_, err := cases.Save(t.Context(), tx, id, mine)
				return err
			})
		})
	}
	wg.Wait()
	won, lost := 0, 1
	if results[0] != nil {
		won, lost = 1, 0
	}
	name := []string{"acme collector", "acme manager"}[won]
	title := []string{"The first", "The second"}[won]
	if results[won] != nil || !conflict(results[lost], name+" changed this case meanwhile: Changed: title from “Price of March” to “"+title+"”. Nothing of yours was saved") {
		t.Errorf("%v, and %v", results[won], results[lost])
	}
	if k := d.find(t, id); k.Title != title || k.Version != 2 {
		t.Errorf("the case is %+v", k)
	}
}

func TestTwoAtOncePutAnItemIntoOneCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticked := d.tick(t, d.a)
	results := make([]error, 2)
	var wg sync.WaitGroup
	for n, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
		wg.Go(func() {
			results[n] = d.Write(t.Context(), who, func(tx *tenant.Tx) error {
				_, err := cases.Open(t.Context(), tx, d.id, cases.Opening{Title: "Mine", OwnerID: d.acme.CollectorID, NextOn: friday}, ticked)
				return err
			})
		})
	}
	wg.Wait()
	if (results[0] == nil) == (results[1] == nil) || !invalid(results[0], "items") && !invalid(results[1], "items") {
		t.Errorf("%v, and %v", results[0], results[1])
	}
}

// Comments form the history, each with who wrote it; an empty one is none: S4.5, S4.23.
func TestCommentsAreTheHistory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	for _, text := range []string{"Between us.", "For Jo.", " "} {
		if err := d.comments(t, id, text, text == "For Jo."); err != nil {
			t.Fatal(err)
		}
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		history, err := cases.History(t.Context(), tx, id)
		if len(history) != 3 || history[0].Text != "For Jo." || !history[0].Shown || history[1].Text != "Between us." || history[1].Shown || history[2].Event != "opened" {
			t.Errorf("the history is %+v", history)
		}
		for _, l := range history[:2] {
			if l.Event != "comment" || l.Author != "acme collector" {
				t.Errorf("a comment is %+v", l)
			}
		}
		return err
	})
}

// S4.17: documents are attached.
func TestDocumentsBelongToTheCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Upload(t.Context(), tx, d.box.Store, id, []document.File{{Name: "delivery.txt", Content: strings.NewReader("signed")}})
		return err
	})
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		docs, err := cases.Documents(t.Context(), tx, d.find(t, id))
		if len(docs) != 1 || docs[0].Name != "delivery.txt" || docs[0].About != "Price of March" || docs[0].CustomerID != d.id {
			t.Errorf("the documents are %+v", docs)
		}
		return err
	})
	if got := d.lastLine(t); got != "Attached: delivery.txt." {
		t.Errorf("the journal says %q", got)
	}
}

// S4.37: what a case had stays with it once it is closed; until then it can be removed.
func TestDocumentsOfAClosedCaseStay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	var docs []document.Document
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		docs, err = cases.Upload(t.Context(), tx, d.box.Store, id, []document.File{{Name: "wrong.txt", Content: strings.NewReader("x")}, {Name: "delivery.txt", Content: strings.NewReader("signed")}})
		return err
	})
	remove := func(n int) error {
		return d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
			_, err := document.Remove(t.Context(), tx, d.id, docs[n].ID)
			return err
		})
	}
	if err := remove(0); err != nil {
		t.Errorf("of an open case: %v", err)
	}
	if err := d.close(t, id, cases.Closing{Confirmed: true, Note: "Settled", Go: map[int64]cases.Destination{d.a: {ToDunning: true}}}); err != nil {
		t.Fatal(err)
	}
	if err := remove(1); !conflict(err, `"delivery.txt" is in the case Price of March, which is closed`) {
		t.Errorf("of a closed case: %v", err)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		docs, err := cases.Documents(t.Context(), tx, d.find(t, id))
		if len(docs) != 1 || !docs[0].Stays() {
			t.Errorf("the closed case has %+v", docs)
		}
		return err
	})
}

func TestAComplaintBarsAllContactUntilAManagerLiftsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday,
		Case: cases.Opening{Title: "Rude letter", OwnerID: d.acme.CollectorID, Complaint: true, DeadlineOn: day.New(2026, 3, 30)}})
	if err != nil {
		t.Fatal(err)
	}
	if got, held := d.chased(t, d.b); got != 0 || held != "stopped" {
		t.Errorf("of the rest %d is chased, %s", got, held)
	}
	same(t, "stops", d.texts(t, `SELECT kind || ' ' || review_on FROM stops WHERE customer_id = $1 AND lifted_at IS NULL`, d.id), []string{"complaint 2026-03-30"})
	if k := d.find(t, done.CaseID); !k.Complaint || k.StopID == 0 || k.Due() != friday {
		t.Errorf("the case is %+v", k)
	}
	if err := d.save(t, done.CaseID, func(e *cases.Edit) { e.Complaint = false }); !invalid(err, "complaint") {
		t.Errorf("a complaint that is none any more: %v", err)
	}
	second := cases.Change{Items: d.tick(t, d.b), Action: cases.NewCase, On: friday, Case: cases.Opening{Title: "Second", OwnerID: d.acme.CollectorID, DeadlineOn: friday}}
	if _, err := d.apply(t, second); !invalid(err, "deadline_on") {
		t.Errorf("a case with the day of a complaint: %v", err)
	}
	second.Case.DeadlineOn = day.Day{}
	other, err := d.apply(t, second)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.save(t, other.CaseID, func(e *cases.Edit) { e.DeadlineOn = day.New(2026, 3, 31) }); !invalid(err, "deadline_on") {
		t.Errorf("the day of a complaint that is none: %v", err)
	}
	if err := d.save(t, other.CaseID, func(e *cases.Edit) { e.Complaint, e.DeadlineOn = true, day.New(2026, 3, 31) }); err != nil {
		t.Errorf("a second complaint, under the same stop: %v", err)
	}
	if err := d.close(t, done.CaseID, cases.Closing{Note: "Apologised", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}}); err != nil {
		t.Fatal(err)
	}
	if got := d.lastLine(t); !strings.HasSuffix(got, "Case closed: Apologised. Back in dunning: A. The stop of the complaint stays until a manager lifts it.") {
		t.Errorf("the journal says %q", got)
	}
	if got, held := d.chased(t, d.a); got != 0 || held != "stopped" {
		t.Errorf("after it was closed %d is chased, %s", got, held)
	}
}
