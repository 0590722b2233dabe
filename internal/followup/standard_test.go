package followup_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
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

func TestFilled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Ask", "Ask {{ customer.name }} for {{ overdue }}.")
	fill := func(who tenant.Who, standard, customer int64) (out string, err error) {
		err = d.as(t, who, func(tx *tenant.Tx) (err error) {
			out, err = followup.Filled(t.Context(), tx, standard, customer)
			return err
		})
		return out, err
	}
	if out, err := fill(d.acme.Collector, id, d.other); out != "Ask Customer C-2 for EUR 0.00." || err != nil {
		t.Errorf("filled with %q, %v", out, err)
	}
	for name, c := range map[string]struct {
		who                tenant.Who
		standard, customer int64
	}{
		"another company's customer": {d.acme.Collector, id, d.foreign},
		"another company's standard": {d.beta.Collector, id, d.foreign},
		"none":                       {d.acme.Collector, 0, d.id},
	} {
		if out, err := fill(c.who, c.standard, c.customer); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: filled with %q, %v", name, out, err)
		}
	}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO standard_follow_ups (name, text, position) VALUES ('Old', 'Line {{ gone }}', 9)`)
		return err
	})
	for name, want := range map[string]string{"Old": "The standard follow-up Old cannot be filled.", "Ask": "The standard follow-up Ask is no longer in use."} {
		var id int64
		d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
			err := tx.QueryRow(t.Context(), `SELECT id FROM standard_follow_ups WHERE name = $1`, name).Scan(&id)
			if err != nil || name == "Old" {
				return err
			}
			return followup.RetireStandard(t.Context(), tx, id)
		})
		_, err := fill(d.acme.Collector, id, d.id)
		var inv errs.Invalid
		if !errors.As(err, &inv) || !strings.Contains(inv["standard"], want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// What was made with a standard follow-up is counted, ended or not, and stays as
// it is when the standard changes.
func TestStandardUsed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(t, "Call back", "Call.")
	d.add(t, "Copies", "Send copies.")
	p := d.call(today, "Call.")
	p.StandardID = id
	d.planned(t, p)
	second := d.planned(t, p)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		if err := followup.ChangeStandard(t.Context(), tx, id, 1, followup.Wording{Name: "Ring", Text: "Ring."}); err != nil {
			return err
		}
		return followup.RetireStandard(t.Context(), tx, id)
	})
	if got := d.list(t); got != "1 Copies 0, [Ring 2]" {
		t.Errorf("the list is %s", got)
	}
	if f := d.find(t, second); f.Text != "Call." || f.StandardID == nil || *f.StandardID != id {
		t.Errorf("the follow-up became %q of standard %v", f.Text, f.StandardID)
	}
}

// Two who add or move at once take turns, so that each has a place of its own.
func TestStandardsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.add(t, "0", "Zero.")
	errc := make(chan error, 12)
	for i := range 6 {
		go func() {
			errc <- d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
				_, err := followup.AddStandard(t.Context(), tx, followup.Wording{Name: fmt.Sprint("n", i), Text: "Call."})
				return err
			})
		}()
		go func() {
			errc <- d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
				return followup.MoveStandard(t.Context(), tx, first, i%2 == 0)
			})
		}()
	}
	for range 12 {
		if err := <-errc; err != nil {
			t.Error(err)
		}
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		list, err := followup.Standards(t.Context(), tx)
		for i, s := range list {
			if s.Position != i+1 {
				t.Errorf("%s has place %d, want %d", s.Name, s.Position, i+1)
			}
		}
		if len(list) != 7 {
			t.Errorf("%d of them, want 7", len(list))
		}
		return err
	})
}

// The first ones of a new company pass their own rules, and are filled for who
// owes and who does not.
func TestSeedStandards(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		account := dbtest.Account(t, tx, d.other, "A-9")
		dbtest.Item(t, tx, account, "INV-31", "2026-03-15", 654_321, "EUR")
		return followup.SeedStandards(t.Context(), tx)
	})
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		list, err := followup.Standards(t.Context(), tx)
		if err != nil {
			return err
		}
		if len(list) != 5 {
			t.Errorf("%d of them, want 5", len(list))
		}
		for i, s := range list {
			if s.Position != i+1 {
				t.Errorf("%s has place %d", s.Name, s.Position)
			}
			if err := followup.ChangeStandard(t.Context(), tx, s.ID, 1, followup.Wording{Name: s.Name, Text: s.Text + " "}); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			for _, customer := range []int64{d.id, d.other} {
				if out, err := followup.Filled(t.Context(), tx, s.ID, customer); err != nil || strings.Contains(out, "  ") || strings.Contains(out, " .") {
					t.Errorf("%s: %q, %v", s.Name, out, err)
				}
			}
		}
		out, err := followup.Filled(t.Context(), tx, list[0].ID, d.other)
		if want := "Ask when the money comes: EUR 6,543.21 to collect on 16 Mar 2026, the oldest item (INV-31) 1 day late. Write down the day and who promised it."; out != want {
			t.Errorf("filled with %q, want %q", out, want)
		}
		return err
	})
}
