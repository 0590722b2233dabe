package customer_test

import (
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// says has a number ask for something by its own word.
func (d *desk) says(t *testing.T, number string, out bool, words string) (changed bool) {
	t.Helper()
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) (err error) {
		changed, err = customer.OptByWord(t.Context(), tx, number, out, "Their own SMS", words)
		return err
	})
	return changed
}

// another is another customer of the company's.
func (d *desk) another(t *testing.T, number string) *desk {
	t.Helper()
	o := *d
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) error {
		o.id, o.account = dbtest.Customer(t, tx, number)
		return nil
	})
	return &o
}

func named(value, person string) customer.Point {
	return customer.Point{Kind: customer.Phone, Value: value, Person: person, Role: customer.Debtor}
}

// What a number said last counts for whoever gets it later: added, added again and
// changed to it. What it said is said in that customer's journal too.
func TestWordOfANumberThatIsAddedLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const number = "+4722410933"
	for _, nobody := range []string{"ACME", "22413", "", "+0123456789"} {
		if d.says(t, nobody, true, "STOP") {
			t.Errorf("%q changed something", nobody)
		}
	}
	if d.says(t, number, true, "Stop.") || d.says(t, number, true, "STOP now") {
		t.Error("it changed something before anybody had the number")
	}
	first := d.add(t, named(number, "Ingrid"))
	if got := d.now(t, first, customer.SMS); got.State != customer.OptOut || got.GivenOn != today || got.ReviewOn != today.AddMonths(12) || got.Source != "Their own SMS" || got.Evidence != "STOP now" {
		t.Errorf("added, the number is %+v", got)
	}
	if got := d.state(t, first, customer.Call); got != "" {
		t.Errorf("calls were not spoken of and are %q", got)
	}
	const line = "permission: Opted out of SMS for +47 22 41 09 33 on Mon 16 Mar 2026. Source: Their own SMS. Evidence: STOP now."
	d.said(t, line)
	second := d.add(t, named(number, "Ole"))
	edited := d.add(t, named("+4722410934", "Kari"))
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, edited, 1, named(number, "Kari"))
	})
	for name, point := range map[string]int64{"added for another person": second, "changed to it": edited} {
		if got := d.state(t, point, customer.SMS); got != customer.OptOut {
			t.Errorf("%s: %q", name, got)
		}
	}
	if n := strings.Count(d.journal(t), line); n != 1 {
		t.Errorf("the journal says it %d times", n)
	}
	if other := d.another(t, "101"); other.state(t, other.add(t, named(number, "")), customer.SMS) != customer.OptOut {
		t.Error("another customer who gets the number has not opted out")
	}
	var theirs int64
	write(t, d.db, d.beta.Manager, func(tx *tenant.Tx) (err error) {
		theirs, err = customer.AddPoint(t.Context(), tx, d.theirs, named(number, ""))
		return err
	})
	beta := *d
	beta.acme, beta.id = d.beta, d.theirs
	if got := beta.state(t, theirs, customer.SMS); got != "" {
		t.Errorf("another company's is %q", got)
	}
	if !d.says(t, number, false, "START") {
		t.Error("START changed nothing")
	}
	if other := d.another(t, "102"); other.state(t, other.add(t, named(number, "")), customer.SMS) != "" {
		t.Error("after START a new customer's is opted out")
	}
}

// A number that was changed to one that said STOP has opted out although what it was
// before was let in again since.
func TestWordAfterAnotherNumberWasLifted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says(t, "+4722410933", true, "STOP")
	point := d.add(t, named("+4722410934", "Ingrid"))
	for _, s := range []customer.State{customer.OptOut, customer.Lifted} {
		if err := d.permit(t, d.acme.Manager, point, said(s, customer.SMS)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, point, 1, named("+4722410933", "Ingrid"))
	})
	if got := d.state(t, point, customer.SMS); got != customer.OptOut {
		t.Errorf("it is %q", got)
	}
}

// What a manager lifted for a customer stays lifted there until the number says STOP
// again; elsewhere its word counts. What somebody said in one customer's name is that
// customer's.
func TestWordAndWhatACustomerSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const number = "+4722410933"
	first := d.add(t, named(number, "Ingrid"))
	if !d.says(t, number, true, "STOP") {
		t.Error("STOP changed nothing")
	}
	p := said(customer.Lifted, customer.SMS)
	p.GivenOn = today
	if err := d.permit(t, d.acme.Manager, first, p); err != nil {
		t.Fatal(err)
	}
	if got := d.state(t, d.add(t, named(number, "Ole")), customer.SMS); got != "" {
		t.Errorf("lifted here, yet added again it is %q", got)
	}
	if other := d.another(t, "101"); other.state(t, other.add(t, named(number, "")), customer.SMS) != customer.OptOut {
		t.Error("lifted for one customer, it is for another")
	}
	d.says(t, number, true, "STOP")
	if got := d.state(t, d.add(t, named(number, "Kari")), customer.SMS); got != customer.OptOut {
		t.Errorf("after another STOP it is %q", got)
	}

	const shared = "+4722410935"
	if err := d.permit(t, d.acme.Collector, d.add(t, named(shared, "Ingrid")), said(customer.OptOut, customer.SMS)); err != nil {
		t.Fatal(err)
	}
	if other := d.another(t, "102"); other.state(t, other.add(t, named(shared, "")), customer.SMS) != "" {
		t.Error("one customer's wish counts for another")
	}
}
