package contact_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/contact"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

var lists = []contact.List{contact.Groups, contact.Origins, contact.Strengths}

// names are those in use, in their order, and the retired ones in brackets.
func (d *desk) names(t *testing.T, l contact.List) (names []string) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		all, err := l.All(t.Context(), tx)
		for _, e := range all {
			if e.Retired {
				e.Name = "(" + e.Name + ")"
			}
			names = append(names, e.Name)
		}
		return err
	})
	return names
}

// audited are the kinds of what was recorded about the set-up of contacts, in order.
func (d *desk) audited(t *testing.T) (kinds []string) {
	t.Helper()
	rows, err := d.Owner(t).Query(t.Context(), `SELECT kind FROM audit_events WHERE tenant_id = $1 AND kind LIKE 'contact%' ORDER BY id`, d.acme.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k string
		if err := rows.Scan(&k); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, k)
	}
	return kinds
}

// Groups, origins and strengths are added, renamed, ordered, retired and taken back.
func TestListsAreSetUp(t *testing.T) {
	t.Parallel()
	for _, l := range lists {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			before := d.names(t, l)
			var id int64
			steps := []struct {
				did  string
				do   func(*tenant.Tx) error
				last string
			}{
				{"added", func(tx *tenant.Tx) (err error) { id, err = l.Add(t.Context(), tx, "  New   one "); return err }, "New one"},
				{"renamed", func(tx *tenant.Tx) error { return l.Rename(t.Context(), tx, id, 1, "Another") }, "Another"},
				{"moved", func(tx *tenant.Tx) error { return l.Move(t.Context(), tx, id, true) }, before[len(before)-1]},
				{"retired", func(tx *tenant.Tx) error { return l.Retire(t.Context(), tx, id) }, "(Another)"},
				{"taken_back", func(tx *tenant.Tx) error { return l.TakeBack(t.Context(), tx, id) }, "Another"},
			}
			var want []string
			for _, s := range steps {
				d.must(t, d.acme.Admin, s.do)
				if names := d.names(t, l); len(names) != len(before)+1 || names[len(names)-1] != s.last {
					t.Errorf("%s: the list is %v", s.did, names)
				}
				want = append(want, "contact_"+l.String()+"."+s.did)
			}
			if got := d.audited(t); !slices.Equal(got, want) {
				t.Errorf("recorded %v, want %v", got, want)
			}
		})
	}
}

func TestListsRefuse(t *testing.T) {
	t.Parallel()
	for _, l := range lists {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			var first, second, foreign contact.Entry
			d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
				all, err := l.All(t.Context(), tx)
				first, second = all[0], all[1]
				return err
			})
			d.must(t, d.beta.Admin, func(tx *tenant.Tx) error {
				all, err := l.All(t.Context(), tx)
				foreign = all[0]
				return err
			})
			admin := func(f func(*tenant.Tx) error) error { return d.Write(t.Context(), d.acme.Admin, f) }
			for name, c := range map[string]struct {
				err error
				ok  func(error) bool
			}{
				"a collector reads": {d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { _, err := l.All(t.Context(), tx); return err }), refused},
				"a collector finds": {d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { _, err := l.Find(t.Context(), tx, first.ID); return err }), refused},
				"a manager adds":    {d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { _, err := l.Add(t.Context(), tx, "X"); return err }), refused},
				"a manager retires": {d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return l.Retire(t.Context(), tx, first.ID) }), refused},
				"another's":         {admin(func(tx *tenant.Tx) error { return l.Retire(t.Context(), tx, foreign.ID) }), func(err error) bool { return errors.Is(err, errs.NotFound) }},
				"another's is read": {admin(func(tx *tenant.Tx) error { _, err := l.Find(t.Context(), tx, foreign.ID); return err }), func(err error) bool { return errors.Is(err, errs.NotFound) }},
				"no name":           {admin(func(tx *tenant.Tx) error { _, err := l.Add(t.Context(), tx, "  "); return err }), func(err error) bool { return invalid(err, "name") }},
				"61 characters":     {admin(func(tx *tenant.Tx) error { _, err := l.Add(t.Context(), tx, strings.Repeat("å", 61)); return err }), func(err error) bool { return invalid(err, "name") }},
				"a name of another": {admin(func(tx *tenant.Tx) error { _, err := l.Add(t.Context(), tx, strings.ToUpper(first.Name)); return err }), func(err error) bool { return invalid(err, "name") }},
				"renamed to it":     {admin(func(tx *tenant.Tx) error { return l.Rename(t.Context(), tx, second.ID, 1, first.Name) }), func(err error) bool { return invalid(err, "name") }},
				"another version":   {admin(func(tx *tenant.Tx) error { return l.Rename(t.Context(), tx, second.ID, 7, "Y") }), func(err error) bool { return conflict(err, "Somebody else changed this "+l.String()) }},
				"the first goes up": {admin(func(tx *tenant.Tx) error { return l.Move(t.Context(), tx, first.ID, true) }), func(err error) bool { return err == nil }},
				"the same name":     {admin(func(tx *tenant.Tx) error { return l.Rename(t.Context(), tx, second.ID, 1, second.Name) }), func(err error) bool { return err == nil }},
				"sixty characters":  {admin(func(tx *tenant.Tx) error { _, err := l.Add(t.Context(), tx, strings.Repeat("å", 60)); return err }), func(err error) bool { return err == nil }},
			} {
				if !c.ok(c.err) {
					t.Errorf("%s: %v", name, c.err)
				}
			}
			retire := func(tx *tenant.Tx) error {
				if err := l.Retire(t.Context(), tx, first.ID); err != nil {
					return err
				}
				_, err := l.Add(t.Context(), tx, first.Name)
				return err
			}
			if err := admin(retire); err != nil {
				t.Errorf("the name of a retired one: %v", err)
			}
			if err := admin(func(tx *tenant.Tx) error { return l.Move(t.Context(), tx, first.ID, false) }); !conflict(err, "retired") {
				t.Errorf("a retired one is moved: %v", err)
			}
			if err := admin(func(tx *tenant.Tx) error { return l.TakeBack(t.Context(), tx, first.ID) }); !conflict(err, "is called "+first.Name+" too") {
				t.Errorf("taken back beside another one of its name: %v", err)
			}
		})
	}
}

// How often each entry is used.
func TestUsageIsCounted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.added(t, d.plan("One"))
	p := d.plan("Two")
	p.TypeID, p.OriginID = d.check, 0
	d.added(t, p)
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		for l, want := range map[contact.List]map[string]int{contact.Groups: {"Collection": 2}, contact.Origins: {"E-mail": 1}, contact.Strengths: {"High": 2}} {
			all, err := l.All(t.Context(), tx)
			if err != nil {
				return err
			}
			for _, e := range all {
				if e.Used != want[e.Name] {
					t.Errorf("%s %s is used %d times, want %d", l, e.Name, e.Used, want[e.Name])
				}
			}
		}
		all, err := contact.AllTypes(t.Context(), tx)
		for _, c := range all {
			if want := map[string]int{"CALL": 1, "CHECK": 1}[c.Code]; c.Used != want {
				t.Errorf("%s is used %d times, want %d", c.Code, c.Used, want)
			}
		}
		return err
	})
}
