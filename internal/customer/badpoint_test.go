package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestBadPoint(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, other := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "other")
	var id, first, second, number int64
	do := func(who tenant.Who, f func(tx *tenant.Tx) error) error { return db.Write(t.Context(), who, f) }
	must := func(f func(tx *tenant.Tx) error) {
		t.Helper()
		if err := do(acme.Collector, f); err != nil {
			t.Fatal(err)
		}
	}
	must(func(tx *tenant.Tx) (err error) {
		id, _ = dbtest.Customer(t, tx, "C-1")
		for _, p := range []struct {
			id *int64
			p  customer.Point
		}{
			{&first, customer.Point{Kind: customer.Email, Value: "a@debtor.example", Role: customer.Debtor, Preferred: true}},
			{&second, customer.Point{Kind: customer.Email, Value: "b@debtor.example", Role: customer.Debtor}},
			{&number, customer.Point{Kind: customer.Phone, Value: "+4790012345", Role: customer.Debtor}},
		} {
			if *p.id, err = customer.AddPoint(t.Context(), tx, id, p.p); err != nil {
				return err
			}
		}
		return nil
	})
	care := func() (c customer.Care) {
		t.Helper()
		must(func(tx *tenant.Tx) (err error) {
			c, err = customer.CareOf(t.Context(), tx, id)
			return err
		})
		return c
	}
	mark := func(point int64, value string) {
		t.Helper()
		must(func(tx *tenant.Tx) error {
			return customer.MarkBad(t.Context(), tx, id, point, value, "550 No such user. "+strings.Repeat("x", 300))
		})
	}
	notes := func() (n int, newest string) {
		t.Helper()
		must(func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*), coalesce((array_agg(text ORDER BY seq DESC))[1], '') FROM notes WHERE customer_id = $1 AND kind = 'contact_point'`, id).Scan(&n, &newest)
		})
		return n, newest
	}
	before, _ := notes()
	mark(first, "a-before@debtor.example")
	if n, _ := notes(); n != before || care().First(customer.Email).ID != first {
		t.Errorf("an address that is not there any more was marked: %d notes", n)
	}
	mark(first, "a@debtor.example")
	mark(first, "a@debtor.example")
	if n, text := notes(); n != before+1 || !strings.HasPrefix(text, "Does not work: e-mail a@debtor.example, debtor, preferred. What was sent there came back: 550 No such user. x") {
		t.Errorf("%d notes, %q", n, text)
	}
	c := care()
	if c.First(customer.Email).ID != second || c.Points[len(c.Points)-1].ID != first || !c.Points[len(c.Points)-1].Bad() {
		t.Errorf("the points are %+v", c.Points)
	}
	mark(number, "+4790012345")
	if care().First(customer.Phone) == nil {
		t.Error("a number that takes no SMS is not offered for calls")
	}
	works := func(who tenant.Who, version int, why string) error {
		return do(who, func(tx *tenant.Tx) error { return customer.Works(t.Context(), tx, id, first, version, why) })
	}
	var invalid errs.Invalid
	var conflict errs.Conflict
	if err := works(acme.Collector, 2, " "); !errors.As(err, &invalid) || invalid["why"] == "" {
		t.Errorf("without a reason: %v", err)
	}
	if err := works(other.Admin, 2, "She says so."); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's: %v", err)
	}
	if err := works(acme.Collector, 1, "She says so."); !errors.As(err, &conflict) {
		t.Errorf("an old look: %v", err)
	}
	if err := works(acme.Collector, 2, "She says so."); err != nil {
		t.Fatal(err)
	}
	if err := works(acme.Collector, 3, "She says so."); !errors.As(err, &conflict) {
		t.Errorf("one that works: %v", err)
	}
	if care().First(customer.Email).ID != first {
		t.Error("the address is not offered though it works again")
	}
	// A message from it proves it, and a new address was never bad.
	mark(first, "a@debtor.example")
	must(func(tx *tenant.Tx) error {
		if err := customer.Wrote(t.Context(), tx, id, first); err != nil {
			return err
		}
		return customer.Wrote(t.Context(), tx, id, second)
	})
	if _, text := notes(); text != "Works again: e-mail a@debtor.example, debtor, preferred. A message came from it." {
		t.Errorf("note %q", text)
	}
	mark(second, "b@debtor.example")
	must(func(tx *tenant.Tx) error {
		p, err := customer.FindPoint(t.Context(), tx, id, second)
		if err != nil {
			return err
		}
		if err := customer.EditPoint(t.Context(), tx, id, second, p.Version, customer.Point{Kind: customer.Email, Value: "b@debtor.example", Person: "Bo", Role: customer.Debtor}); err != nil {
			return err
		}
		if p, err = customer.FindPoint(t.Context(), tx, id, second); err != nil || !p.Bad() {
			t.Errorf("with another name it works: %v, %v", p.BadAt, err)
		}
		if err := customer.EditPoint(t.Context(), tx, id, second, p.Version, customer.Point{Kind: customer.Email, Value: "new@debtor.example", Person: "Bo", Role: customer.Debtor}); err != nil {
			return err
		}
		if p, err = customer.FindPoint(t.Context(), tx, id, second); err != nil || p.Bad() || p.BadWhy != "" {
			t.Errorf("a new address is bad: %v, %v", p.BadAt, err)
		}
		return nil
	})
}
