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

// types are the codes in their order, the retired ones in brackets.
func (d *desk) types(t *testing.T) string {
	t.Helper()
	var codes []string
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		all, err := contact.AllTypes(t.Context(), tx)
		for _, c := range all {
			if !c.Offered() {
				c.Code = "(" + c.Code + ")"
			}
			codes = append(codes, c.Code)
		}
		return err
	})
	return strings.Join(codes, " ")
}

func TestTypesAreSetUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var id, group, other int64
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		all, err := contact.Groups.All(t.Context(), tx)
		group, other = all[0].ID, all[3].ID
		return err
	})
	terms := contact.Terms{GroupID: group, Code: " sms ", Name: "Short  message", Action: "Wait for the answer.", NextTypeID: d.check, NextDelay: 2}
	for _, s := range []struct {
		name string
		do   func(*tenant.Tx) error
		want string
	}{
		{"added", func(tx *tenant.Tx) (err error) { id, err = contact.AddType(t.Context(), tx, terms); return err }, "CALL CHECK TERMS SMS DISP DISP-2 DOCS INFO VISIT"},
		{"moved up", func(tx *tenant.Tx) error { return contact.MoveType(t.Context(), tx, id, true) }, "CALL CHECK SMS TERMS DISP DISP-2 DOCS INFO VISIT"},
		{"moved within its group only", func(tx *tenant.Tx) error { return contact.MoveType(t.Context(), tx, d.call, true) }, "CALL CHECK SMS TERMS DISP DISP-2 DOCS INFO VISIT"},
		{"into another group", func(tx *tenant.Tx) error {
			return contact.ChangeType(t.Context(), tx, id, 1, contact.Terms{GroupID: other, Code: "SMS", Name: "Short message", NextDelay: -1})
		}, "CALL CHECK TERMS DISP DISP-2 DOCS INFO VISIT SMS"},
		{"retired", func(tx *tenant.Tx) error { return contact.RetireType(t.Context(), tx, d.visit) }, "CALL CHECK TERMS DISP DISP-2 DOCS INFO SMS (VISIT)"},
		{"taken back", func(tx *tenant.Tx) error { return contact.TakeBackType(t.Context(), tx, d.visit) }, "CALL CHECK TERMS DISP DISP-2 DOCS INFO SMS VISIT"},
		{"with its group", func(tx *tenant.Tx) error { return contact.Groups.Retire(t.Context(), tx, other) }, "CALL CHECK TERMS DISP DISP-2 DOCS INFO (SMS) (VISIT)"},
	} {
		d.must(t, d.acme.Admin, s.do)
		if got := d.types(t); got != s.want {
			t.Errorf("%s: %s, want %s", s.name, got, s.want)
		}
	}
	want := []string{"contact_type.added", "contact_type.moved", "contact_type.changed", "contact_type.retired", "contact_type.taken_back", "contact_group.retired"}
	if got := d.audited(t); !slices.Equal(got, want) {
		t.Errorf("recorded %v, want %v", got, want)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		c, err := contact.FindType(t.Context(), tx, id)
		if c.Terms != (contact.Terms{GroupID: other, Code: "SMS", Name: "Short message", NextDelay: -1}) {
			t.Errorf("it says %+v", c.Terms)
		}
		return err
	})
}

func TestTypesRefuse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var was contact.Type
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		if err := contact.RetireType(t.Context(), tx, d.visit); err != nil {
			return err
		}
		was, err = contact.FindType(t.Context(), tx, d.call)
		return err
	})
	for name, c := range map[string]struct {
		change func(*contact.Terms)
		field  string
	}{
		"no code":             {func(o *contact.Terms) { o.Code = "" }, "code"},
		"a code with a space": {func(o *contact.Terms) { o.Code = "CALL 1" }, "code"},
		"twelve":              {func(o *contact.Terms) { o.Code = "CALL-4567890" }, ""},
		"thirteen":            {func(o *contact.Terms) { o.Code = "CALL-45678901" }, "code"},
		"a code of another":   {func(o *contact.Terms) { o.Code = "check" }, "code"},
		"a retired one's":     {func(o *contact.Terms) { o.Code = "VISIT" }, ""},
		"no name":             {func(o *contact.Terms) { o.Name = "" }, "name"},
		"200 characters":      {func(o *contact.Terms) { o.Action = strings.Repeat("å", 200) }, ""},
		"201 characters":      {func(o *contact.Terms) { o.Action = strings.Repeat("å", 201) }, "action"},
		"no group":            {func(o *contact.Terms) { o.GroupID = 0 }, "group"},
		"no such group":       {func(o *contact.Terms) { o.GroupID = 999 }, "group"},
		"followed by retired": {func(o *contact.Terms) { o.NextTypeID = d.visit }, "next_type"},
		"by another's":        {func(o *contact.Terms) { o.NextTypeID = d.foreignType }, "next_type"},
		"in 365 days":         {func(o *contact.Terms) { o.NextDelay = 365 }, ""},
		"in 366 days":         {func(o *contact.Terms) { o.NextDelay = 366 }, "next_delay"},
		"in -2 days":          {func(o *contact.Terms) { o.NextDelay = -2 }, "next_delay"},
	} {
		o := was.Terms
		c.change(&o)
		err := d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
			if err := contact.ChangeType(t.Context(), tx, d.call, was.Version, o); err != nil {
				return err
			}
			return errs.Conflict("taken")
		})
		if c.field != "" && !invalid(err, c.field) || c.field == "" && !conflict(err, "taken") {
			t.Errorf("%s: %v, want a message at %q", name, err, c.field)
		}
	}
	other := was.Terms
	other.Name = "Other"
	for name, c := range map[string]struct {
		who tenant.Who
		f   func(*tenant.Tx) error
		ok  func(error) bool
	}{
		"another version": {d.acme.Admin, func(tx *tenant.Tx) error { return contact.ChangeType(t.Context(), tx, d.call, 7, other) }, func(err error) bool { return conflict(err, "Somebody else changed this type") }},
		"a manager":       {d.acme.Manager, func(tx *tenant.Tx) error { return contact.ChangeType(t.Context(), tx, d.call, 1, other) }, refused},
		"a collector":     {d.acme.Collector, func(tx *tenant.Tx) error { _, err := contact.AllTypes(t.Context(), tx); return err }, refused},
		"collector finds": {d.acme.Collector, func(tx *tenant.Tx) error { _, err := contact.FindType(t.Context(), tx, d.call); return err }, refused},
		"another's":       {d.acme.Admin, func(tx *tenant.Tx) error { return contact.RetireType(t.Context(), tx, d.foreignType) }, func(err error) bool { return errors.Is(err, errs.NotFound) }},
		"a retired moves": {d.acme.Admin, func(tx *tenant.Tx) error { return contact.MoveType(t.Context(), tx, d.visit, true) }, func(err error) bool { return conflict(err, "retired") }},
		"a code twice": {d.acme.Admin, func(tx *tenant.Tx) error {
			o := was.Terms
			o.Code = "VISIT"
			if _, err := contact.AddType(t.Context(), tx, o); err != nil {
				return err
			}
			return contact.TakeBackType(t.Context(), tx, d.visit)
		}, func(err error) bool { return conflict(err, "has the code VISIT too") }},
	} {
		if err := d.Write(t.Context(), c.who, c.f); !c.ok(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A company that has lists keeps its own.
func TestSeedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.types(t)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error { return contact.Seed(t.Context(), tx) })
	if after := d.types(t); after != before || before != "CALL CHECK TERMS DISP DISP-2 DOCS INFO VISIT" {
		t.Errorf("before %s, after %s", before, after)
	}
	if err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return contact.Seed(t.Context(), tx) }); !refused(err) {
		t.Errorf("a manager set up: %v", err)
	}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		c, err := contact.FindType(t.Context(), tx, d.call)
		if c.NextTypeID != d.check || c.NextDelay != 3 || !c.Conversation {
			t.Errorf("a call is followed by %+v", c.Terms)
		}
		return err
	})
}
