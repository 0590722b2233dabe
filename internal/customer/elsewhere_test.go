package customer_test

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

func mailed(value, person string) customer.Point {
	return customer.Point{Kind: customer.Email, Value: value, Person: person, Role: customer.Debtor}
}

// Who reads an address wants no e-mail, whoever it is about: an address that another
// customer opted out with is opted out where it is added, and says with whom. What a
// manager lifts is lifted for that customer.
func TestAddressThatOptedOutElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const office, source = "info@office.example", "They opted out with customer 100"
	before := d.another(t, "101")
	had := before.add(t, mailed(office, ""))
	first := d.add(t, mailed(office, "Ingrid"))
	out := said(customer.OptOut, customer.Mail)
	out.Source = "They opted out with a letter of theirs" // in whatever words
	if err := d.permit(t, d.acme.Collector, first, out); err != nil {
		t.Fatal(err)
	}
	if got := before.state(t, had, customer.Mail); got != "" {
		t.Errorf("who had it already is %q", got)
	}
	other := d.another(t, "102")
	point := other.add(t, mailed(office, "Ole"))
	got := other.now(t, point, customer.Mail)
	if got.State != customer.OptOut || got.GivenOn != out.GivenOn || got.ReviewOn != out.ReviewOn || got.Source != source {
		t.Errorf("added, it is %+v", got)
	}
	other.said(t, "permission: Opted out of e-mail for info@office.example on Fri 13 Mar 2026. Source: "+source+".")
	edited := d.another(t, "103")
	changed := edited.add(t, mailed("ole@office.example", ""))
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, edited.id, changed, 1, mailed(office, ""))
	})
	if got := edited.now(t, changed, customer.Mail); got.State != customer.OptOut || got.Source != source {
		t.Errorf("changed to it, it is %+v", got)
	}

	if err := other.permit(t, d.acme.Manager, point, said(customer.Lifted, customer.Mail)); err != nil {
		t.Fatal(err)
	}
	if got := other.state(t, other.add(t, mailed(office, "Kari")), customer.Mail); got != "" {
		t.Errorf("lifted here, yet added again it is %q", got)
	}
	for name, c := range map[string]struct {
		desk  *desk
		point customer.Point
	}{
		"another address": {d.another(t, "104"), mailed("ole@office.example", "")},
		"another company": {&desk{db: d.db, acme: d.beta, id: d.theirs}, mailed(office, "")},
	} {
		if got := c.desk.state(t, c.desk.add(t, c.point), customer.Mail); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, o := range []struct {
		desk  *desk
		point int64
	}{{d, first}} { // with whom it is only because of that, it ends with that
		if err := o.desk.permit(t, d.acme.Manager, o.point, said(customer.Lifted, customer.Mail)); err != nil {
			t.Fatal(err)
		}
	}
	last := d.another(t, "105")
	if got := last.state(t, last.add(t, mailed(office, "")), customer.Mail); got != "" {
		t.Errorf("when nobody has opted out any more it is %q", got)
	}
}

// An address that was a slip says nothing; one that is out of use does. A collector who
// sees one branch heeds what was said in another, and is not told with whom.
func TestAddressThatOptedOutInAnotherBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for value, gone := range map[string]bool{"slip@office.example": false, "gone@office.example": true} {
		point := d.add(t, mailed(value, ""))
		if err := d.permit(t, d.acme.Collector, point, said(customer.OptOut, customer.Mail)); err != nil {
			t.Fatal(err)
		}
		write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
			if gone {
				return customer.RetirePoint(t.Context(), tx, d.id, point, 1)
			}
			return customer.EditPoint(t.Context(), tx, d.id, point, 1, mailed("right@office.example", ""))
		})
	}
	other := d.another(t, "101")
	north, south, _ := d.split(t)
	if _, err := d.db.Owner(t).Exec(t.Context(), `UPDATE customers SET branch_id = CASE id WHEN $1 THEN $2::bigint ELSE $3 END WHERE tenant_id = $4`, d.id, south, north, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	if got := other.state(t, other.add(t, mailed("slip@office.example", "")), customer.Mail); got != "" {
		t.Errorf("the slip is %q", got)
	}
	got := other.now(t, other.add(t, mailed("gone@office.example", "")), customer.Mail)
	if got.State != customer.OptOut || got.Source != "They opted out with another customer" {
		t.Errorf("the one out of use is %+v", got)
	}
	third := d.another(t, "106") // whoever sees all branches writes what those read who do not
	if _, err := d.db.Owner(t).Exec(t.Context(), `UPDATE customers SET branch_id = $2 WHERE id = $1`, third.id, north); err != nil {
		t.Fatal(err)
	}
	var id int64
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		id, err = customer.AddPoint(t.Context(), tx, third.id, mailed("gone@office.example", ""))
		return err
	})
	if got := third.now(t, id, customer.Mail); got.State != customer.OptOut || got.Source != "They opted out with another customer" {
		t.Errorf("added by a manager, it is %+v", got)
	}
}
