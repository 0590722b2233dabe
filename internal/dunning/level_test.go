package dunning_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// places writes a policy's levels in a line.
func (o *office) places(t *testing.T, policy int64) string {
	t.Helper()
	var list []string
	for _, l := range o.levels(t, policy) {
		list = append(list, fmt.Sprintf("%d %s %d", l.Number, l.Name, l.AfterDays))
	}
	return strings.Join(list, ", ")
}

// Levels are numbered by their days, whatever the order in which they were added;
// a retired one has no number and gives its days free.
func TestLevelsAreInTheOrderOfTheirDays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	hand := o.one(t, `SELECT id FROM policies WHERE name = 'By hand'`)
	ids := map[string]int64{}
	for _, l := range []dunning.LevelTerms{callAt("C", 40), callAt("A", -3), callAt("B", 0)} {
		o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) { ids[l.Name], err = dunning.AddLevel(ctx, tx, hand, l); return err })
	}
	if got := o.places(t, hand); got != "1 A -3, 2 B 0, 3 C 40" {
		t.Errorf("the levels are %s", got)
	}
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.ChangeLevel(ctx, tx, ids["A"], 1, callAt("A", 50)) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.RetireLevel(ctx, tx, ids["C"]) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.RetireLevel(ctx, tx, ids["C"]) })
	if got := o.places(t, hand); got != "1 B 0, 2 A 50" {
		t.Errorf("then the levels are %s", got)
	}
	if err := o.refusal(t, o.acme.Admin, "at 50 days already", func(tx *tenant.Tx) error { _, err := dunning.AddLevel(ctx, tx, hand, callAt("D", 50)); return err }); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("the same days are answered %v", err)
	}
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { _, err := dunning.AddLevel(ctx, tx, hand, callAt("D", 40)); return err })
	o.refused(t, o.acme.Admin, "Another level of this policy is at 40 days", func(tx *tenant.Tx) error { return dunning.TakeBackLevel(ctx, tx, ids["C"]) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		err := dunning.ChangeLevel(ctx, tx, ids["C"], 2, callAt("C", 60))
		return errors.Join(err, dunning.TakeBackLevel(ctx, tx, ids["C"]))
	})
	if got := o.places(t, hand); got != "1 B 0, 2 D 40, 3 A 50, 4 C 60" {
		t.Errorf("at last the levels are %s", got)
	}
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		list, err := dunning.RetiredLevels(ctx, tx, hand)
		if len(list) != 0 {
			t.Errorf("retired are %v", list)
		}
		return err
	})
	if n := o.one(t, `SELECT count(*) FROM audit_events WHERE kind = 'level.changed' AND data #>> '{before,after_days}' = '-3' AND data #>> '{after,after_days}' = '50' AND data #>> '{after,policy}' = 'By hand'`); n != 1 {
		t.Error("the audit record lacks before and after")
	}
}

func TestLevelActions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	mail := o.one(t, `SELECT id FROM templates WHERE name = 'First reminder'`)
	letter := o.one(t, `SELECT id FROM templates WHERE name = 'Final notice'`)
	first := o.levels(t, o.standard)[0]
	save := func(who tenant.Who, version int, mode dunning.LevelMode, actions ...dunning.LevelAction) error {
		return o.Write(ctx, who, func(tx *tenant.Tx) error {
			l := first.LevelTerms
			l.Mode, l.Actions = mode, actions
			return dunning.ChangeLevel(ctx, tx, first.ID, version, l)
		})
	}
	hand := dunning.LevelAction{Kind: dunning.ByHand, Text: " Ask  the depot ", MemberID: o.acme.ManagerID}
	if err := save(o.acme.Admin, 1, dunning.ModeAutomatic, hand, dunning.LevelAction{Kind: dunning.ByCall, Text: "not kept"}, dunning.LevelAction{Kind: dunning.ByEmail, TemplateID: mail}); err != nil {
		t.Fatal(err)
	}
	l := o.levels(t, o.standard)[0]
	var got []string
	for _, a := range l.Actions {
		got = append(got, a.String())
	}
	if s := strings.Join(got, "; "); s != "Ask the depot (acme manager); Call; E-mail: First reminder" || l.Mode != dunning.ModeAutomatic || l.Version != 2 {
		t.Errorf("kept as %s, %s, version %d", s, l.Mode, l.Version)
	}
	call := dunning.LevelAction{Kind: dunning.ByCall}
	for _, c := range []struct {
		field   string
		mode    dunning.LevelMode
		actions []dunning.LevelAction
	}{
		{"actions", dunning.ModeManual, nil},
		{"email", dunning.ModeManual, []dunning.LevelAction{{Kind: dunning.ByEmail}}},
		{"email", dunning.ModeManual, []dunning.LevelAction{{Kind: dunning.ByEmail, TemplateID: letter}}}, // of another channel
		{"letter", dunning.ModeManual, []dunning.LevelAction{{Kind: dunning.ByLetter, TemplateID: 999_999}}},
		{"call", dunning.ModeManual, []dunning.LevelAction{call, call}},
		{"manual_2", dunning.ModeManual, []dunning.LevelAction{hand, {Kind: dunning.ByHand, Text: " "}}},
		{"manual_1_member", dunning.ModeManual, []dunning.LevelAction{{Kind: dunning.ByHand, Text: "x", MemberID: o.beta.AdminID}}},
		{"actions", dunning.ModeManual, []dunning.LevelAction{hand, hand, hand, hand}},
		{"mode", dunning.ModeAutomatic, []dunning.LevelAction{{Kind: dunning.ByLetter, TemplateID: letter}}},
		{"mode", dunning.ModeConfirm, []dunning.LevelAction{call}},
		{"mode", "never", []dunning.LevelAction{call}},
	} {
		var inv errs.Invalid
		if err := save(o.acme.Admin, 2, c.mode, c.actions...); !errors.As(err, &inv) || inv[c.field] == "" || len(inv) != 1 {
			t.Errorf("%v: got %v, want %s refused", c.actions, err, c.field)
		}
	}
	// who left, and what is retired, stays where it was
	o.one(t, `WITH t AS (UPDATE templates SET retired_at = now() RETURNING 1) UPDATE members SET active = false WHERE id = $1 RETURNING 1`, o.acme.ManagerID)
	if err := save(o.acme.Admin, 2, dunning.ModeManual, hand, dunning.LevelAction{Kind: dunning.ByEmail, TemplateID: mail}); err != nil {
		t.Error(err)
	}
	var inv errs.Invalid
	if err := save(o.acme.Admin, 3, dunning.ModeManual, dunning.LevelAction{Kind: dunning.ByLetter, TemplateID: letter}); !errors.As(err, &inv) || inv["letter"] == "" {
		t.Errorf("a retired template is answered %v", err)
	}
	if err := save(o.acme.Collector, 3, dunning.ModeManual, call); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector is answered %v", err)
	}
	if err := save(o.beta.Admin, 3, dunning.ModeManual, call); !errors.Is(err, errs.NotFound) {
		t.Errorf("the other company is answered %v", err)
	}
}

// Of two who change a level at once one is told.
func TestTwoChangeALevel(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	l := o.levels(t, o.standard)[1]
	failed := make([]error, 2)
	var both sync.WaitGroup
	for i := range failed {
		both.Go(func() {
			failed[i] = o.Write(t.Context(), o.acme.Admin, func(tx *tenant.Tx) error {
				n := l.LevelTerms
				n.WaitDays = 20 + i
				return dunning.ChangeLevel(t.Context(), tx, l.ID, l.Version, n)
			})
		})
	}
	both.Wait()
	if (failed[0] == nil) == (failed[1] == nil) || !errors.As(errors.Join(failed...), new(errs.Conflict)) {
		t.Errorf("they are answered %v", failed)
	}
}

func TestItemsAt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		for i := range 5 {
			dbtest.Item(t, tx, account, fmt.Sprintf("INV-%d", i), "2026-01-01", int64(1000+i), "EUR")
		}
		return nil
	})
	o.one(t, `WITH x AS (UPDATE items SET reached_days = (ARRAY[4, 5, 16, 29, NULL])[right(number, 1)::int + 1] RETURNING 1) SELECT count(*) FROM x`)
	levels := o.levels(t, o.standard)
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		n, err := dunning.ItemsAt(ctx, tx, o.standard)
		if n[levels[0].ID] != 1 || n[levels[1].ID] != 2 || n[levels[2].ID] != 0 || len(n) != 2 {
			t.Errorf("items at levels: %v", n)
		}
		return err
	})
	o.refused(t, o.acme.Collector, "Only managers", func(tx *tenant.Tx) error { _, err := dunning.ItemsAt(ctx, tx, o.standard); return err })
}

// Of two policies that are made the default at once one is it in the end.
func TestTwoDefaults(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	hand := o.one(t, `SELECT id FROM policies WHERE name = 'By hand'`)
	var third int64
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) { third, err = dunning.AddPolicy(ctx, tx, terms("Third")); return err })
	var both sync.WaitGroup
	for _, id := range []int64{hand, third} {
		both.Go(func() {
			if err := o.Write(ctx, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.MakeDefault(ctx, tx, id) }); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := o.one(t, `SELECT count(*) FROM policies WHERE is_default AND id <> $1`, o.standard); n != 1 {
		t.Errorf("%d are the default", n)
	}
}
