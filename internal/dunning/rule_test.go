package dunning_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

func (o *office) rules(t *testing.T) string {
	t.Helper()
	var list []string
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		all, err := dunning.Rules(t.Context(), tx)
		p, perr := dunning.PlacementOf(t.Context(), tx)
		for _, r := range all {
			list = append(list, fmt.Sprintf("%d %s: %s %d", r.Position, r, r.Policy, p.ByRule[r.ID]))
		}
		list = append(list, fmt.Sprintf("chosen %d, others %d", p.Chosen, p.Default))
		return errors.Join(err, perr)
	})
	return strings.Join(list, "; ")
}

func TestRules(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	hand := o.one(t, `SELECT id FROM policies WHERE name = 'By hand'`)
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		for i, tags := range []string{"{}", "{fleet}", "{fleet,vip}"} {
			id, account := dbtest.Customer(t, tx, fmt.Sprintf("C-%d", i))
			dbtest.Item(t, tx, account, fmt.Sprintf("INV-%d", i), "2026-03-01", int64(i)*1_000_00+7, "EUR")
			if _, err := tx.Exec(ctx, `UPDATE customers SET tags = $2::text[] WHERE id = $1`, id, tags); err != nil {
				return err
			}
		}
		return nil
	})
	ids := make([]int64, 3)
	for i, r := range []dunning.RuleTerms{
		{PolicyID: o.standard, Kind: customer.Business, From: money.New(2_000_00, "EUR")},
		{PolicyID: hand, Tag: " Fleet "},
		{PolicyID: hand, Kind: customer.Consumer},
	} {
		o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) { ids[i], err = dunning.AddRule(ctx, tx, r); return err })
	}
	if got := o.rules(t); got != "1 businesses who owe EUR 2,000.00 or more: Standard 1; 2 customers tagged fleet: By hand 1; 3 consumers: By hand 0; chosen 0, others 1" {
		t.Errorf("the rules are %s", got)
	}
	move := func(id int64, up bool) {
		o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.MoveRule(ctx, tx, id, up) })
	}
	move(ids[1], true)
	move(ids[1], true)
	move(ids[2], false)
	if got := o.rules(t); got != "1 customers tagged fleet: By hand 2; 2 businesses who owe EUR 2,000.00 or more: Standard 0; 3 consumers: By hand 0; chosen 0, others 1" {
		t.Errorf("moved, the rules are %s", got)
	}
	change := func(version int, n dunning.RuleTerms) func(*tenant.Tx) error {
		return func(tx *tenant.Tx) error { return dunning.ChangeRule(ctx, tx, ids[1], version, n) }
	}
	o.must(t, o.acme.Admin, change(1, dunning.RuleTerms{PolicyID: hand, Tag: "vip"}))
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE customers SET policy_id = $1 WHERE number = 'C-0'`, hand)
		return err
	})
	o.refused(t, o.acme.Admin, "Somebody else", change(1, dunning.RuleTerms{PolicyID: hand, Tag: "other"}))
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.RemoveRule(ctx, tx, ids[0]) })
	if got := o.rules(t); got != "1 customers tagged vip: By hand 1; 2 consumers: By hand 0; chosen 1, others 1" {
		t.Errorf("at last the rules are %s", got)
	}
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		tags, err := dunning.Tags(ctx, tx)
		if fmt.Sprint(tags) != "[{fleet 2} {vip 1}]" {
			t.Errorf("the tags are %v", tags)
		}
		return err
	})
	for _, who := range []tenant.Who{o.acme.Manager, o.acme.Collector} {
		o.refused(t, who, "Only administrators", change(2, dunning.RuleTerms{PolicyID: hand, Tag: "x"}))
	}
	if err := o.refusal(t, o.beta.Admin, "not found", change(2, dunning.RuleTerms{PolicyID: hand, Tag: "x"})); !errors.Is(err, errs.NotFound) {
		t.Errorf("the other company is answered %v", err)
	}
	if n := o.one(t, `SELECT count(*) FROM audit_events WHERE kind = 'policy_rule.changed' AND data #>> '{before,for}' = 'customers tagged fleet' AND data #>> '{after,for}' = 'customers tagged vip'`); n != 1 {
		t.Error("the audit record lacks before and after")
	}
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for field, r := range map[string]dunning.RuleTerms{
		"":          {PolicyID: o.standard},
		"policy":    {PolicyID: 999_999, Tag: "x"},
		"kind":      {PolicyID: o.standard, Kind: "club"},
		"branch":    {PolicyID: o.standard, BranchID: 999_999},
		"tag":       {PolicyID: o.standard, Tag: "one, two"},
		"open_from": {PolicyID: o.standard, From: money.New(0, "EUR")},
	} {
		var inv errs.Invalid
		err := o.Write(t.Context(), o.acme.Admin, func(tx *tenant.Tx) error { _, err := dunning.AddRule(t.Context(), tx, r); return err })
		if !errors.As(err, &inv) || inv[field] == "" || len(inv) != 1 {
			t.Errorf("%q: got %v", field, err)
		}
	}
}

func TestDispositions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	names := func() string {
		var list []string
		o.must(t, o.acme.Collector, func(tx *tenant.Tx) error {
			all, err := dunning.Dispositions(ctx, tx)
			for _, d := range all {
				list = append(list, d.Name)
			}
			return err
		})
		return strings.Join(list[:4], ", ")
	}
	if got := names(); got != "No answer, Left message, Wrong number, Third party" {
		t.Errorf("at first: %s", got)
	}
	id := o.one(t, `SELECT id FROM dispositions WHERE name = 'Left message'`)
	do := func(f func(tx *tenant.Tx) error) { t.Helper(); o.must(t, o.acme.Admin, f) }
	do(func(tx *tenant.Tx) error { return dunning.MoveDisposition(ctx, tx, id, true) })
	do(func(tx *tenant.Tx) error { return dunning.MoveDisposition(ctx, tx, id, true) })
	do(func(tx *tenant.Tx) error {
		return dunning.ChangeDisposition(ctx, tx, id, 1, dunning.Outcome{Name: "Left a  message", DelayDays: 0})
	})
	if got := names(); got != "Left a message, No answer, Wrong number, Third party" {
		t.Errorf("moved: %s", got)
	}
	do(func(tx *tenant.Tx) error { return dunning.RetireDisposition(ctx, tx, id) })
	if got := names(); got != "No answer, Wrong number, Third party, Spoke: will pay" {
		t.Errorf("retired: %s", got)
	}
	o.refused(t, o.acme.Admin, "Take it back first", func(tx *tenant.Tx) error { return dunning.MoveDisposition(ctx, tx, id, true) })
	do(func(tx *tenant.Tx) error { return dunning.TakeBackDisposition(ctx, tx, id) })
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		all, err := dunning.AllDispositions(ctx, tx)
		if last := all[len(all)-1]; last.ID != id || last.DelayDays != 0 || last.Version != 4 {
			t.Errorf("taken back it is %+v", last)
		}
		return err
	})
	for field, out := range map[string]dunning.Outcome{
		"name":         {Name: "no ANSWER", DelayDays: -1},
		"conversation": {Name: "Odd", Conversation: true, DelayDays: -1},
		"nobody":       {Name: "Nowhere", RightParty: true, Nobody: true, DelayDays: -1},
		"delay_days":   {Name: "Late", DelayDays: 366},
	} {
		var inv errs.Invalid
		err := o.Write(ctx, o.acme.Admin, func(tx *tenant.Tx) error { _, err := dunning.AddDisposition(ctx, tx, out); return err })
		if !errors.As(err, &inv) || inv[field] == "" || len(inv) != 1 {
			t.Errorf("%s: got %v", field, err)
		}
	}
	again := func(tx *tenant.Tx) error {
		return dunning.ChangeDisposition(ctx, tx, id, 1, dunning.Outcome{Name: "Mine", DelayDays: -1})
	}
	o.refused(t, o.acme.Admin, "Somebody else", again)
	o.refused(t, o.acme.Manager, "Only administrators", again)
	o.refused(t, o.beta.Admin, "not found", again)
	o.refused(t, o.acme.Collector, "Only managers", func(tx *tenant.Tx) error { _, err := dunning.AllDispositions(ctx, tx); return err })
}
