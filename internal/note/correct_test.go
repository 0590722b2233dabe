package note_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func correct(t testing.TB, db *dbtest.Database, who tenant.Who, customer, seq int64, text string) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error {
		_, err := note.Correct(t.Context(), tx, customer, seq, text)
		return err
	})
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "Promised 12,000.")
	for i, text := range []string{"Promised 13,000.", "Promised 13,000 by Friday."} {
		if err := correct(t, db, acme.Collector, customer, int64(i+1), text); err != nil {
			t.Fatal(err)
		}
	}
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer})
	if len(notes) != 3 {
		t.Fatalf("%d notes, want 3", len(notes))
	}
	newest, middle, first := notes[0], notes[1], notes[2]
	if first.Text != "Promised 12,000." || *first.CorrectedBy != 2 || first.Correction != "Promised 13,000." || !first.Overtaken {
		t.Errorf("the first note is %+v", first)
	}
	if *middle.Corrects != 1 || *middle.CorrectedBy != 3 || middle.Correction != "Promised 13,000 by Friday." || middle.Overtaken {
		t.Errorf("the first correction is %+v", middle)
	}
	if *newest.Corrects != 2 || newest.CorrectedBy != nil || newest.Kind != note.Typed {
		t.Errorf("the second correction is %+v", newest)
	}
}

func TestCorrectRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer, other := newCustomer(t, db, acme, "1001"), newCustomer(t, db, acme, "1002")
	add(t, db, acme.Manager, customer, "Written by the manager.")
	add(t, db, acme.Collector, customer, "Written by the collector.")
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: customer, Kind: "payment_returned", Text: "Returned."})
		return err
	})
	if err := correct(t, db, acme.Manager, customer, 2, "Corrected by the manager."); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		who      tenant.Who
		customer int64
		seq      int64
		text     string
		want     string
	}{
		{"another's note", acme.Collector, customer, 1, "x", "Only its author or a manager"},
		{"the program's line", acme.Admin, customer, 3, "x", "Dunwell wrote this line"},
		{"a second time", acme.Collector, customer, 2, "x", "corrected already"},
		{"with the same text", acme.Manager, customer, 1, " Written by the manager.", "what the note says already"},
		{"with nothing", acme.Manager, customer, 1, " ", "empty note"},
		{"with a card", acme.Manager, customer, 1, "4111111111111111", "card number"},
		{"no such note", acme.Manager, customer, 9, "x", "not found"},
		{"the number of another customer's", acme.Manager, other, 1, "x", "not found"},
		{"another tenant's", beta.Admin, customer, 1, "x", "not found"},
	} {
		if err := correct(t, db, c.who, c.customer, c.seq, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer})
	if numbers(notes) != "4 3 2 1" {
		t.Errorf("the journal has %s", numbers(notes))
	}
	for i, want := range []struct{ collector, admin bool }{ // the manager's own, the program's, corrected, the manager's
		{false, true}, {false, false}, {false, false}, {false, true},
	} {
		collector := note.Correctable(tenant.Actor{MemberID: acme.CollectorID, Role: tenant.Collector}, notes[i]) == nil
		admin := note.Correctable(tenant.Actor{MemberID: acme.AdminID, Role: tenant.Admin}, notes[i]) == nil
		if collector != want.collector || admin != want.admin {
			t.Errorf("note %d may be corrected by the collector: %v, the admin: %v", notes[i].Seq, collector, admin)
		}
	}
}

func TestCorrectedByTwoAtOnce(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "Promised 12,000.")
	var (
		wait sync.WaitGroup
		got  [2]error
	)
	for i, who := range []tenant.Who{acme.Collector, acme.Manager} {
		wait.Go(func() { got[i] = correct(t, db, who, customer, 1, "Promised 13,000.") })
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !errors.As(errors.Join(got[:]...), new(errs.Conflict)) {
		t.Errorf("two at once: %v and %v, want one of them told of the other", got[0], got[1])
	}
}
