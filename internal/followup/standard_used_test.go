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
