package dunning_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// office is a company that has been given what it begins to dun with, and another
// one.
type office struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	standard   int64 // acme's first policy
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Database: dbtest.New(t)}
	o.acme, o.beta = dbtest.Tenant(t, o.Database, "acme"), dbtest.Tenant(t, o.Database, "beta")
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.Seed(t.Context(), tx) })
	o.standard = o.one(t, `SELECT id FROM policies WHERE name = 'Standard'`)
	return o
}

func (o *office) must(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := o.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// one reads a number past row security.
func (o *office) one(t *testing.T, sql string, args ...any) (n int64) {
	t.Helper()
	if err := o.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// refused expects an error whose text holds the words, and gives it back.
func (o *office) refused(t *testing.T, who tenant.Who, words string, f func(tx *tenant.Tx) error) {
	t.Helper()
	_ = o.refusal(t, who, words, f)
}

// refusal is refused, and gives the error.
func (o *office) refusal(t *testing.T, who tenant.Who, words string, f func(tx *tenant.Tx) error) error {
	t.Helper()
	err := o.Write(t.Context(), who, f)
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want %q", err, words)
	}
	return err
}

func (o *office) levels(t *testing.T, policy int64) (list []dunning.Level) {
	t.Helper()
	o.must(t, o.acme.Collector, func(tx *tenant.Tx) (err error) {
		list, err = dunning.Levels(t.Context(), tx, policy)
		return err
	})
	return list
}

func terms(name string) dunning.Terms {
	return dunning.Terms{Name: name, Climb: dunning.Step, MinGapDays: 7, AfterLast: dunning.AskManager}
}

func callAt(name string, days int) dunning.LevelTerms {
	return dunning.LevelTerms{Name: name, AfterDays: days, WaitDays: 7, PayWithinDays: 7, Mode: dunning.ModeManual,
		Actions: []dunning.LevelAction{{Kind: dunning.ByCall}}}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var got []string
	for _, l := range o.levels(t, o.standard) {
		for _, a := range l.Actions {
			got = append(got, strings.Join([]string{l.Name, a.String()}, ": "))
		}
	}
	want := "First reminder: E-mail: First reminder | Second reminder: E-mail: Second reminder | Third reminder: Letter: Third reminder | Third reminder: Call | " +
		"Final notice: Letter: Final notice | Final notice: Decide with your manager what comes next: stop deliveries, agree on instalments, or hand the debt over. (the customer’s owner)"
	if s := strings.Join(got, " | "); s != want {
		t.Errorf("the first levels are %s", s)
	}
	if n := o.one(t, `SELECT count(DISTINCT (x.template_id, x.language)) FROM template_texts x JOIN level_actions a ON a.template_id = x.template_id`); n != 20 {
		t.Errorf("the levels have %d texts, want four in five languages", n)
	}
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.Seed(t.Context(), tx) })
	if n := o.one(t, `SELECT count(*) * 100 + (SELECT count(*) FROM dispositions) FROM policies`); n != 210 {
		t.Errorf("after a second time there are %d policies and dispositions", n)
	}
	o.refused(t, o.acme.Manager, "Only administrators", func(tx *tenant.Tx) error { return dunning.Seed(t.Context(), tx) })
}

// A company that is there already gets what is missing when it switches dunning on,
// with the templates that it has under those names.
func TestSwitch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	read := func(who tenant.Who) (s dunning.Switch) {
		o.must(t, who, func(tx *tenant.Tx) (err error) { s, err = dunning.SwitchOf(ctx, tx); return err })
		return s
	}
	if s := read(o.beta.Collector); s.On || s.Hour != 6 {
		t.Errorf("at first it is %+v", s)
	}
	on := func(hour int) func(tx *tenant.Tx) error {
		return func(tx *tenant.Tx) error { return dunning.SwitchOn(ctx, tx, hour) }
	}
	o.refused(t, o.beta.Manager, "Only administrators switch", on(5))
	o.refused(t, o.beta.Admin, "Choose an hour", on(24))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := o.Write(ctx, o.beta.Admin, on(5)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	o.must(t, o.beta.Admin, on(23))
	if s := read(o.beta.Collector); !s.On || s.Hour != 23 {
		t.Errorf("then it is %+v", s)
	}
	if n := o.one(t, `SELECT count(*) FROM levels WHERE tenant_id = $1`, o.beta.ID); n != 4 {
		t.Errorf("there are %d levels", n)
	}
	o.refused(t, o.beta.Manager, "Only administrators switch", func(tx *tenant.Tx) error { return dunning.SwitchOff(ctx, tx) })
	o.must(t, o.beta.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOff(ctx, tx) })
	if s := read(o.beta.Collector); s.On || s.Hour != 23 {
		t.Errorf("at last it is %+v", s)
	}
	if s := read(o.acme.Collector); s.On {
		t.Error("the other company is switched on")
	}
	if n := o.one(t, `SELECT count(*) FROM audit_events WHERE tenant_id = $1 AND kind LIKE 'dunning.%'`, o.beta.ID); n != 3 {
		t.Errorf("%d lines in the audit record, want 3", n)
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	var id int64
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) {
		p := terms("  Key   accounts ")
		p.AfterLast, p.RepeatDays = dunning.RepeatLast, 14
		p.Minimums = []money.Amount{money.New(5_000, "SEK"), money.New(700, "EUR"), {Currency: "USD"}}
		id, err = dunning.AddPolicy(ctx, tx, p)
		return err
	})
	find := func() (p dunning.Policy) {
		o.must(t, o.acme.Manager, func(tx *tenant.Tx) (err error) { p, err = dunning.FindPolicy(ctx, tx, id); return err })
		return p
	}
	p := find()
	if p.Name != "Key accounts" || p.Default || p.RepeatDays != 14 || len(p.Minimums) != 2 || p.Minimums[0] != money.New(700, "EUR") || p.Version != 1 {
		t.Errorf("it is kept as %+v", p)
	}
	change := func(version int, n dunning.Terms) func(*tenant.Tx) error {
		return func(tx *tenant.Tx) error { return dunning.ChangePolicy(ctx, tx, id, version, n) }
	}
	n := p.Terms
	n.AfterLast, n.Climb, n.Minimums = dunning.OpenCase, dunning.Highest, []money.Amount{money.New(900, "EUR")}
	o.must(t, o.acme.Admin, change(1, n))
	if p = find(); p.RepeatDays != 0 || p.Climb != dunning.Highest || len(p.Minimums) != 1 || p.Minimums[0].Minor != 900 || p.Version != 2 {
		t.Errorf("it is changed to %+v", p)
	}
	if err := o.refusal(t, o.acme.Admin, "Somebody else", change(1, n)); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("an old version is answered %v", err)
	}
	n = p.Terms
	o.must(t, o.acme.Admin, change(2, n))
	if p = find(); p.Version != 2 {
		t.Error("the same again made a version")
	}
	o.refused(t, o.acme.Manager, "Only administrators", change(2, n))
	o.refused(t, o.acme.Collector, "Only administrators", change(2, n))
	if err := o.refusal(t, o.beta.Admin, "not found", change(2, n)); !errors.Is(err, errs.NotFound) {
		t.Errorf("the other company is answered %v", err)
	}
	o.refused(t, o.acme.Collector, "Only managers", func(tx *tenant.Tx) error { _, err := dunning.Policies(ctx, tx); return err })
	if got := o.one(t, `SELECT count(*) FROM audit_events WHERE kind = 'policy.changed' AND data #>> '{before,minimum_SEK}' = 'SEK 50.00' AND data #>> '{after,minimum_EUR}' = 'EUR 9.00'`); got != 1 {
		t.Error("the audit record lacks before and after")
	}
}

func TestPolicyRefusals(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for field, wrong := range map[string]func(*dunning.Terms){
		"name":         func(p *dunning.Terms) { p.Name = " " },
		"climb":        func(p *dunning.Terms) { p.Climb = "fly" },
		"min_gap_days": func(p *dunning.Terms) { p.MinGapDays = 366 },
		"after_last":   func(p *dunning.Terms) { p.AfterLast = "" },
		"repeat_days":  func(p *dunning.Terms) { p.AfterLast = dunning.RepeatLast },
		"min_EUR":      func(p *dunning.Terms) { p.Minimums = []money.Amount{money.New(-1, "EUR")} },
	} {
		p := terms("Fine")
		wrong(&p)
		var inv errs.Invalid
		err := o.Write(t.Context(), o.acme.Admin, func(tx *tenant.Tx) error { _, err := dunning.AddPolicy(t.Context(), tx, p); return err })
		if !errors.As(err, &inv) || inv[field] == "" || len(inv) != 1 {
			t.Errorf("%s: got %v", field, err)
		}
	}
	o.refused(t, o.acme.Admin, "There is a policy called STANDARD already", func(tx *tenant.Tx) error {
		_, err := dunning.AddPolicy(t.Context(), tx, terms("STANDARD"))
		return err
	})
}

// The default stays in use, as does what a rule names; what is retired is passed
// over, and comes back.
func TestRetirePolicy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	hand := o.one(t, `SELECT id FROM policies WHERE name = 'By hand'`)
	retire := func(id int64) func(*tenant.Tx) error {
		return func(tx *tenant.Tx) error { return dunning.RetirePolicy(ctx, tx, id) }
	}
	o.refused(t, o.acme.Admin, "default policy", retire(o.standard))
	var rule int64
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) (err error) {
		rule, err = dunning.AddRule(ctx, tx, dunning.RuleTerms{PolicyID: hand, Kind: "consumer"})
		return err
	})
	o.refused(t, o.acme.Admin, "A rule gives", retire(hand))
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { return dunning.RemoveRule(ctx, tx, rule) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		customer, _ := dbtest.Customer(t, tx, "C-1")
		_, err := tx.Exec(ctx, `UPDATE customers SET policy_id = $2 WHERE id = $1`, customer, hand)
		return err
	})
	use := func() (n map[int64]int) {
		o.must(t, o.acme.Manager, func(tx *tenant.Tx) (err error) { n, err = dunning.PolicyUse(ctx, tx); return err })
		return n
	}
	if n := use(); n[hand] != 1 || n[o.standard] != 0 {
		t.Errorf("used %v", n)
	}
	o.must(t, o.acme.Admin, retire(hand))
	o.must(t, o.acme.Admin, retire(hand))
	if n := use(); n[hand] != 0 || n[o.standard] != 1 {
		t.Errorf("used %v when it is retired", n)
	}
	o.refused(t, o.acme.Admin, "is retired", func(tx *tenant.Tx) error { return dunning.MakeDefault(ctx, tx, hand) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error { _, err := dunning.AddPolicy(ctx, tx, terms("by hand")); return err })
	o.refused(t, o.acme.Admin, "Another policy in use is called By hand", func(tx *tenant.Tx) error { return dunning.TakeBackPolicy(ctx, tx, hand) })
	o.must(t, o.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE policies SET name = 'Manual' WHERE name = 'by hand'`)
		return errors.Join(err, dunning.TakeBackPolicy(ctx, tx, hand), dunning.MakeDefault(ctx, tx, hand), dunning.MakeDefault(ctx, tx, hand))
	})
	if n := o.one(t, `SELECT count(*) FROM policies WHERE is_default AND id = $1`, hand); n != 1 {
		t.Error("it is not the default")
	}
	o.must(t, o.acme.Admin, retire(o.standard))
	o.refused(t, o.acme.Admin, "This policy is retired", func(tx *tenant.Tx) error {
		_, err := dunning.AddLevel(ctx, tx, o.standard, callAt("More", 60))
		return err
	})
	o.must(t, o.acme.Manager, func(tx *tenant.Tx) error {
		list, err := dunning.PolicyChoices(ctx, tx)
		if len(list) != 2 || list[0].Name != "By hand" || list[1].Name != "Manual" {
			t.Errorf("to choose from: %v", list)
		}
		return err
	})
}
