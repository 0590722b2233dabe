package customer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// desk is a company with a customer in Norway and another company beside it.
type desk struct {
	db           *dbtest.Database
	acme, beta   *dbtest.Company
	id, account  int64
	theirs       int64 // beta's customer
	theirAccount int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db := newDB(t)
	d := &desk{db: db, acme: dbtest.Tenant(t, db, "acme"), beta: dbtest.Tenant(t, db, "beta")}
	write(t, db, d.acme.Manager, func(tx *tenant.Tx) error {
		d.id, d.account = dbtest.Customer(t, tx, "100")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET country = 'NO' WHERE id = $1`, d.id)
		return err
	})
	write(t, db, d.beta.Manager, func(tx *tenant.Tx) error {
		d.theirs, d.theirAccount = dbtest.Customer(t, tx, "900")
		return nil
	})
	return d
}

// do runs f as that member and returns its error.
func (d *desk) do(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) error {
	t.Helper()
	return d.db.Write(t.Context(), who, f)
}

func (d *desk) care(t *testing.T) (care customer.Care) {
	t.Helper()
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		care, err = customer.CareOf(t.Context(), tx, d.id)
		return err
	})
	return care
}

func (d *desk) add(t *testing.T, p customer.Point) (id int64) {
	t.Helper()
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		id, err = customer.AddPoint(t.Context(), tx, d.id, p)
		return err
	})
	return id
}

// journal is the kinds and texts of the customer's notes, the newest first.
func (d *desk) journal(t *testing.T) string {
	t.Helper()
	var lines []string
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		notes, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) {
			note.QueueList(b, note.Filter{CustomerID: d.id, Limit: 100}, into)
		})
		for _, n := range notes {
			lines = append(lines, n.Kind+": "+n.Text)
		}
		return err
	})
	return strings.Join(lines, "\n")
}

func (d *desk) said(t *testing.T, lines ...string) {
	t.Helper()
	journal := d.journal(t)
	for _, l := range lines {
		if !strings.Contains(journal, l) {
			t.Errorf("the journal lacks %q:\n%s", l, journal)
		}
	}
}

func invalid(err error, field string) bool {
	var inv errs.Invalid
	return errors.As(err, &inv) && inv[field] != "" && len(inv) == 1
}

func conflict(err error) bool { return errors.As(err, new(errs.Conflict)) }

func forbidden(err error) bool { return errors.As(err, new(errs.Forbidden)) }

var today = day.Of(dbtest.Monday)

func ingrid(value string) customer.Point {
	return customer.Point{Kind: customer.Phone, Value: value, Person: "Ingrid Hauge", Title: "accounts payable", Role: customer.Debtor, Preferred: true}
}

func TestContactPoints(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.add(t, ingrid("22 41 09 33"))
	d.add(t, customer.Point{Kind: customer.Email, Value: "AP@Halden.no", Role: customer.Debtor, Preferred: true})
	p := ingrid("+47 906 11 204")
	p.Person, p.AccountID, p.Role = "Ole  Dahl ", d.account, customer.Guarantor
	second := d.add(t, p)
	care := d.care(t)
	if len(care.Points) != 3 || care.First(customer.Phone).ID != second || care.First(customer.Email).Value != "ap@halden.no" {
		t.Fatalf("the points are %+v", care.Points)
	}
	if got := care.Points[1]; got.ID != second || !got.Preferred || got.Person != "Ole Dahl" || *got.AccountID != d.account || got.Account != "100" || got.Value != "+4790611204" {
		t.Errorf("the guarantor's is %+v", got)
	}
	if care.Points[2].Preferred || care.Points[2].Version != 2 {
		t.Errorf("two numbers are preferred: %+v", care.Points[2])
	}
	d.said(t, "contact_point: Added phone +47 22 41 09 33, Ingrid Hauge, accounts payable, debtor, preferred.",
		"contact_point: No longer preferred, another is: phone +47 22 41 09 33, Ingrid Hauge, accounts payable, debtor.",
		"contact_point: Added e-mail ap@halden.no, debtor, preferred.")

	edited := ingrid("22 41 09 34")
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.id, first, 2, edited)
	})
	d.said(t, "Changed from phone +47 22 41 09 33, Ingrid Hauge, accounts payable, debtor to phone +47 22 41 09 34, Ingrid Hauge, accounts payable, debtor, preferred.")
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.RetirePoint(t.Context(), tx, d.id, first, 3)
	})
	d.said(t, "No longer in use: phone +47 22 41 09 34")
	if care := d.care(t); len(care.InUse()) != 2 || care.First(customer.Phone).ID != second {
		t.Errorf("in use are %+v", care.InUse())
	}
	d.add(t, edited) // the number of a retired one can be added again
}

// The number that a point was stays on record, out of use, with its opt-outs: who adds
// it again meets them.
func TestFormerNumberKeepsItsOptOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Role: customer.Debtor, Preferred: true})
	if err := d.permit(t, d.acme.Collector, id, said(customer.OptOut, customer.SMS)); err != nil {
		t.Fatal(err)
	}
	edit := func(version int, value, title string) {
		write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error {
			return customer.EditPoint(t.Context(), tx, d.id, id, version, customer.Point{Value: value, Title: title, Role: customer.Debtor})
		})
	}
	edit(1, "+47 22 41 09 33", "accounts")
	former := func() (n int) {
		t.Helper()
		if err := d.db.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM contact_points WHERE former`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := former(); n != 0 {
		t.Errorf("%d former numbers after a change of the title", n)
	}
	edit(2, "+47 22 41 09 34", "accounts")
	edit(3, "+47 22 41 09 33", "accounts")
	edit(4, "+47 22 41 09 34", "accounts")
	if n := former(); n != 2 {
		t.Errorf("%d former numbers, want each once", n)
	}
	points := d.care(t).Points
	if len(points) != 1 || points[0].Value != "+4722410934" || points[0].Permission(customer.SMS).State != customer.OptOut {
		t.Fatalf("the points are %+v", points)
	}
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) error { // it may have been a slip, and is another's
		whose, point, err := customer.WhoHas(t.Context(), tx, customer.Phone, "+4722410933", 0)
		if whose != 0 || point != 0 {
			t.Errorf("customer %d has the number by point %d", whose, point)
		}
		return err
	})
	d.add(t, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Person: "Kari", Role: customer.Debtor})
	for _, p := range d.care(t).InUse() {
		if p.Permission(customer.SMS).State != customer.OptOut {
			t.Errorf("%s, added again, has not the opt-out of before", p.Value)
		}
	}
}

func TestContactPointRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, ingrid("22 41 09 33"))
	for _, c := range []struct {
		name   string
		change func(*customer.Point)
		field  string
	}{
		{"no number", func(p *customer.Point) { p.Value = "x" }, "value"},
		{"no address", func(p *customer.Point) { p.Kind = customer.Email }, "value"},
		{"no kind", func(p *customer.Point) { p.Kind = "fax" }, "kind"},
		{"no role", func(p *customer.Point) { p.Role = "friend" }, "role"},
		{"a long name", func(p *customer.Point) { p.Person = strings.Repeat("ø", 121) }, "person"},
		{"another tenant's account", func(p *customer.Point) { p.AccountID = d.theirAccount }, "account"},
		{"the same again", func(p *customer.Point) { p.Value, p.Person = "+4722410933", "ingrid HAUGE" }, "value"},
	} {
		p := ingrid("22 41 09 35")
		c.change(&p)
		err := d.do(t, d.acme.Collector, func(tx *tenant.Tx) error {
			_, err := customer.AddPoint(t.Context(), tx, d.id, p)
			return err
		})
		if !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for name, c := range map[string]struct {
		who     tenant.Who
		id      int64
		version int
		is      func(error) bool
	}{
		"another tenant":   {d.beta.Admin, id, 1, func(err error) bool { return errors.Is(err, errs.NotFound) }},
		"no such point":    {d.acme.Manager, id + 1, 1, func(err error) bool { return errors.Is(err, errs.NotFound) }},
		"an older version": {d.acme.Manager, id, 0, conflict},
	} {
		edit := d.do(t, c.who, func(tx *tenant.Tx) error {
			return customer.EditPoint(t.Context(), tx, d.id, c.id, c.version, ingrid("22 41 09 36"))
		})
		retire := d.do(t, c.who, func(tx *tenant.Tx) error { return customer.RetirePoint(t.Context(), tx, d.id, c.id, c.version) })
		if !c.is(edit) || !c.is(retire) {
			t.Errorf("%s: edit %v, retire %v", name, edit, retire)
		}
	}
	if n := strings.Count(d.journal(t), "\n"); n != 0 {
		t.Errorf("what was refused is in the journal:\n%s", d.journal(t))
	}
}

func TestPointEditedByTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, ingrid("22 41 09 33"))
	var (
		wait sync.WaitGroup
		got  [2]error
	)
	for i, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
		wait.Go(func() {
			got[i] = d.db.Write(t.Context(), who, func(tx *tenant.Tx) error {
				return customer.EditPoint(t.Context(), tx, d.id, id, 1, ingrid([]string{"22 41 09 37", "22 41 09 38"}[i]))
			})
		})
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !conflict(errors.Join(got[:]...)) {
		t.Errorf("two at once: %v and %v", got[0], got[1])
	}
}
