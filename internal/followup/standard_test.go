package followup_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
)

// add adds a standard follow-up as acme's administrator.
func (d *desk) add(t *testing.T, name, text string) (id int64) {
	t.Helper()
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		id, err = followup.AddStandard(t.Context(), tx, followup.Wording{Name: name, Text: text})
		return err
	})
	return id
}

// list writes acme's standard follow-ups in a line: those in use with their
// places, the retired ones in brackets, how often each was used.
func (d *desk) list(t *testing.T) string {
	t.Helper()
	var parts []string
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		all, err := followup.AllStandards(t.Context(), tx)
		for _, s := range all {
			if s.RetiredAt != nil {
				parts = append(parts, fmt.Sprintf("[%s %d]", s.Name, s.Used))
			} else {
				parts = append(parts, fmt.Sprintf("%d %s %d", s.Position, s.Name, s.Used))
			}
		}
		return err
	})
	return strings.Join(parts, ", ")
}

// as does one thing with standard follow-ups as that member.
func (d *desk) as(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), who, f)
}

// S1.15.
func TestStandardsInOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b, c := d.add(t, "  Call \t back ", "Call.\r\nThen write."), d.add(t, "Copies", "Send copies."), d.add(t, "Advice", "Chase the advice.")
	move := func(id int64, up bool) func(*tenant.Tx) error {
		return func(tx *tenant.Tx) error { return followup.MoveStandard(t.Context(), tx, id, up) }
	}
	retire := func(tx *tenant.Tx) error { return followup.RetireStandard(t.Context(), tx, b) }
	back := func(tx *tenant.Tx) error { return followup.TakeBackStandard(t.Context(), tx, b) }
	for _, step := range []struct {
		do   func(*tenant.Tx) error
		want string
	}{
		{move(a, true), "1 Call back 0, 2 Copies 0, 3 Advice 0"},
		{move(c, false), "1 Call back 0, 2 Copies 0, 3 Advice 0"},
		{move(c, true), "1 Call back 0, 2 Advice 0, 3 Copies 0"},
		{move(b, true), "1 Call back 0, 2 Copies 0, 3 Advice 0"},
		{move(a, false), "1 Copies 0, 2 Call back 0, 3 Advice 0"},
		{retire, "1 Call back 0, 2 Advice 0, [Copies 0]"},
		{retire, "1 Call back 0, 2 Advice 0, [Copies 0]"},
		{back, "1 Call back 0, 2 Advice 0, 3 Copies 0"},
		{back, "1 Call back 0, 2 Advice 0, 3 Copies 0"},
	} {
		d.must(t, d.acme.Admin, step.do)
		if got := d.list(t); got != step.want {
			t.Errorf("the list is %s, want %s", got, step.want)
		}
	}
	d.must(t, d.acme.Admin, retire)
	if err := d.as(t, d.acme.Admin, move(b, true)); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("a retired one moves: %v", err)
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		list, err := followup.Standards(t.Context(), tx)
		if err != nil || len(list) != 2 || list[0].Name != "Call back" || list[0].Text != "Call.\nThen write." || list[1].ID != c {
			t.Errorf("a collector picks from %v, %v", list, err)
		}
		return nil
	})
	for i, want := range []string{"standard_follow_up.retired", "standard_follow_up.taken_back", "standard_follow_up.retired", "standard_follow_up.moved"} {
		if got := d.audited(t)[i]; got != want {
			t.Errorf("event %d from the last is %s, want %s", i, got, want)
		}
	}
}

// audited lists the kinds of acme's events, the newest first.
func (d *desk) audited(t *testing.T) (kinds []string) {
	t.Helper()
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		events, err := tenant.Events(t.Context(), tx, tenant.EventFilter{})
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		return err
	})
	return kinds
}

func TestStandardRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.add(t, "Call back", "Call.")
	for _, c := range []struct{ name, text, field, want string }{
		{" ", "Call.", "name", "Give it a name"},
		{strings.Repeat("é", 81), "Call.", "name", "80 characters at most"},
		{"CALL back", "Call again.", "name", "There is a standard follow-up called CALL back already."},
		{"4111 1111 1111 1111", "Call.", "name", "payment card number"},
		{"Other", " \n", "text", "Write what is to be done."},
		{"Other", strings.Repeat("é", 1001), "text", "This has 1001 characters"},
		{"Other", "Card 4111 1111 1111 1111", "text", "payment card number"},
		{"Other", "Call.\r\n{{ customer.nmae }}", "text", "Line 2: there is no variable customer.nmae."},
		{"Other", "{% for f in figures %}", "text", "Line 1: {% for %} is not ended."},
	} {
		err := d.as(t, d.acme.Admin, func(tx *tenant.Tx) error {
			_, err := followup.AddStandard(t.Context(), tx, followup.Wording{Name: c.name, Text: c.text})
			return err
		})
		var inv errs.Invalid
		if !errors.As(err, &inv) || !strings.Contains(inv[c.field], c.want) {
			t.Errorf("%.20s, %.20s: %v, want %s at %s", c.name, c.text, err, c.want, c.field)
		}
	}
	d.add(t, strings.Repeat("é", 80), strings.Repeat("ü", 1000))
}

func TestChangeStandard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Call back", "Call.")
	d.add(t, "Copies", "Send copies.")
	change := func(version int, name, text string) error {
		return d.as(t, d.acme.Admin, func(tx *tenant.Tx) error {
			return followup.ChangeStandard(t.Context(), tx, id, version, followup.Wording{Name: name, Text: text})
		})
	}
	if err := change(1, "Call back", "Call.\n"); err != nil {
		t.Error(err)
	}
	if got := len(d.audited(t)); got != 2 {
		t.Errorf("%d events after a change of nothing, want 2", got)
	}
	if err := change(1, "Call back soon", "Call {{ customer.name }}."); err != nil {
		t.Error(err)
	}
	err := change(1, "Call them", "Mine.")
	if !errors.As(err, new(errs.Conflict)) || !strings.Contains(err.Error(), "It is now called Call back soon and reads: Call {{ customer.name }}.") {
		t.Errorf("the second of two: %v", err)
	}
	if err := change(2, "copies", "Mine."); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("another one's name: %v", err)
	}
	if got := d.list(t); got != "1 Call back soon 0, 2 Copies 0" {
		t.Errorf("the list is %s", got)
	}
	var before, after string
	err = d.Owner(t).QueryRow(t.Context(), `SELECT data->'before'->>'text', data->'after'->>'text' FROM audit_events WHERE kind = 'standard_follow_up.changed'`).Scan(&before, &after)
	if err != nil || before != "Call." || after != "Call {{ customer.name }}." {
		t.Errorf("the event says %q became %q, %v", before, after, err)
	}
}

// The name of a retired one is free, until that one is taken back.
func TestTakeBackTakenName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Call back", "Call.")
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error { return followup.RetireStandard(t.Context(), tx, id) })
	d.add(t, "call BACK", "Call again.")
	err := d.as(t, d.acme.Admin, func(tx *tenant.Tx) error { return followup.TakeBackStandard(t.Context(), tx, id) })
	if !errors.As(err, new(errs.Conflict)) || !strings.Contains(err.Error(), "is called Call back too") {
		t.Errorf("taken back beside its namesake: %v", err)
	}
}

func TestStandardRights(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Call back", "Call.")
	w := followup.Wording{Name: "Other", Text: "Other."}
	writes := map[string]func(tx *tenant.Tx) error{
		"add":       func(tx *tenant.Tx) error { _, err := followup.AddStandard(t.Context(), tx, w); return err },
		"change":    func(tx *tenant.Tx) error { return followup.ChangeStandard(t.Context(), tx, id, 1, w) },
		"move":      func(tx *tenant.Tx) error { return followup.MoveStandard(t.Context(), tx, id, true) },
		"retire":    func(tx *tenant.Tx) error { return followup.RetireStandard(t.Context(), tx, id) },
		"take back": func(tx *tenant.Tx) error { return followup.TakeBackStandard(t.Context(), tx, id) },
	}
	for name, do := range writes {
		for _, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
			if err := d.as(t, who, do); !errors.As(err, new(errs.Forbidden)) {
				t.Errorf("%s by another than an administrator: %v", name, err)
			}
		}
		if name == "add" {
			continue
		}
		if err := d.as(t, d.beta.Admin, do); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s from another company: %v", name, err)
		}
	}
	read := func(tx *tenant.Tx) error { _, err := followup.AllStandards(t.Context(), tx); return err }
	if err := d.as(t, d.acme.Collector, read); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector reads how they are set up: %v", err)
	}
	d.must(t, d.beta.Admin, func(tx *tenant.Tx) error {
		if list, err := followup.AllStandards(t.Context(), tx); err != nil || len(list) != 0 {
			t.Errorf("another company sees %v, %v", list, err)
		}
		return nil
	})
	if got := d.list(t); got != "1 Call back 0" {
		t.Errorf("the list is %s", got)
	}
}
