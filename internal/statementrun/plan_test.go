package statementrun_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
)

const (
	noAddress = "No postal address of this customer is known. Give it under Edit."
	stopped   = "No letters: a stop is in force (hardship). Only the representative may be contacted."
)

// Who gets a statement and what stands on it, as of the days on which that changes.
func TestPlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct {
		name string
		ch   statementrun.Choice
		n    int
		sums string
		left string
	}{
		{"open today", statementrun.Choice{Whom: statementrun.Open}, 3, "EUR 3 30003 10001 7007, JPY 1 3003 3003 0", "C-20 C-40"},
		{"overdue today", statementrun.Choice{Whom: statementrun.Overdue}, 2, "EUR 2 30003 10001 0, JPY 1 3003 3003 0", "C-20 C-40"},
		{"on the day that it is due", statementrun.Choice{Whom: statementrun.Overdue, AsOf: day.New(2026, 2, 20)}, 0, "", ""},
		{"the day after", statementrun.Choice{Whom: statementrun.Overdue, AsOf: day.New(2026, 2, 21)}, 1, "EUR 1 10001 10001 0", "C-20 C-40"},
		{"the day before it is issued", statementrun.Choice{Whom: statementrun.Open, AsOf: day.New(2026, 1, 20)}, 0, "", ""},
		{"the day on which it is issued", statementrun.Choice{Whom: statementrun.Open, AsOf: day.New(2026, 1, 21)}, 1, "EUR 1 10001 0 0", "C-20 C-40"},
		{"a month ahead", statementrun.Choice{Whom: statementrun.Overdue, AsOf: day.New(2026, 4, 16)}, 2, "EUR 2 30003 30003 0, JPY 1 3003 3003 0", "C-20 C-40"},
		{"with a tag", statementrun.Choice{Whom: statementrun.Open, Tag: " VIP "}, 1, "EUR 1 10001 10001 0", ""},
		{"with a tag that nobody has", statementrun.Choice{Whom: statementrun.Open, Tag: "vi"}, 0, "", ""},
		{"of an owner", statementrun.Choice{Whom: statementrun.Open, OwnerID: d.CollectorID}, 1, "EUR 1 10001 10001 0", ""},
		{"of another owner", statementrun.Choice{Whom: statementrun.Open, OwnerID: d.ManagerID}, 0, "", ""},
		{"of a branch", statementrun.Choice{Whom: statementrun.Open, BranchID: d.branch}, 1, "EUR 1 10001 10001 0", ""},
	} {
		p, err := d.plan(t, c.ch)
		if err != nil || p.Customers != c.n || sums(p) != c.sums || numbers(p.LeftOut) != c.left {
			t.Errorf("%s: %d customers, %s, without %s, %v; want %d, %s, %s", c.name, p.Customers, sums(p), numbers(p.LeftOut), err, c.n, c.sums, c.left)
		}
	}
	p, err := d.plan(t, statementrun.Choice{Whom: statementrun.Open})
	if err != nil || p.Choice.AsOf != day.New(2026, 3, 16) {
		t.Errorf("as of %s, %v", p.Choice.AsOf, err)
	}
	is(t, "left out", whys(p.LeftOut), "C-20: "+noAddress+"\nC-40: "+stopped)
}

// Of those who are left out it is said by the reason how many they are and what they owe
// as of the day, each currency for itself, before the run and after it; credit does not
// count against it. However many they are, it is one query of the run.
func TestReasons(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.do(t, d.Manager, func(tx *tenant.Tx) error {
		for n, number := range []string{"C-80", "C-81", "C-82"} {
			d.customers[number], d.accounts[number] = dbtest.Customer(t, tx, number)
			dbtest.Item(t, tx, d.accounts[number], "I-"+number, "2026-02-20", []int64{7, 1_001, 20_003}[n], []money.Currency{"EUR", "SEK", "EUR"}[n])
		}
		dbtest.Item(t, tx, d.accounts["C-80"], "I-later", "2026-04-17", 500_000, "EUR") // issued the day after
		return errors.Join(d.pay(t, tx, "C-20", "2026-03-02", 90_009), d.pay(t, tx, "C-81", "2026-03-02", 11))
	})
	const want = noAddress + " 4: EUR 600.14, SEK 10.01\n" + stopped + " 1: EUR 500.05\n"
	p, err := d.plan(t, open)
	if err != nil {
		t.Fatal(err)
	}
	is(t, "of the plan", reasons(p.Reasons), want)
	r, _ := d.find(t, d.begun(t, open).Run)
	is(t, "of the run", reasons(d.reasons(t, d.Manager, r)), want)
	is(t, "of another company", reasons(d.reasons(t, dbtest.Tenant(t, d.Database, "beta").Manager, r)), "")
	err = d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		_, err := statementrun.Reasons(t.Context(), tx, r)
		return err
	})
	refuses[errs.Forbidden](t, err, "Only managers and administrators")
}

func (d *desk) reasons(t *testing.T, who tenant.Who, r statementrun.Run) (list []statementrun.Reason) {
	t.Helper()
	d.do(t, who, func(tx *tenant.Tx) (err error) {
		list, err = statementrun.Reasons(t.Context(), tx, r)
		return err
	})
	return list
}

func reasons(list []statementrun.Reason) (said string) {
	for _, r := range list {
		said += fmt.Sprintf("%s %d: ", r.Why, r.Customers)
		for i, a := range r.Open {
			if i > 0 {
				said += ", "
			}
			said += a.String()
		}
		said += "\n"
	}
	return said
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for words, ch := range map[string]statementrun.Choice{
		"Give a day up to a month ahead":      {Whom: statementrun.Open, AsOf: day.New(2026, 4, 17)},
		"Choose who gets a statement.":        {},
		"A tag has 40 characters at most.":    {Whom: statementrun.Open, Tag: strings.Repeat("x", 41)},
		"whom: Choose who gets a statement.":  {Whom: "all"},
		"as_of: Give a day up to a month ahe": {AsOf: day.New(2126, 3, 16)},
	} {
		_, err := d.plan(t, ch)
		refuses[errs.Invalid](t, err, words)
	}
	beta := dbtest.Tenant(t, d.Database, "beta")
	var branch int64
	d.do(t, beta.Admin, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `INSERT INTO branches (name) VALUES ('South') RETURNING id`).Scan(&branch)
	})
	for _, ch := range []statementrun.Choice{{Whom: statementrun.Open, OwnerID: beta.ManagerID}, {Whom: statementrun.Open, BranchID: branch}, {Whom: statementrun.Open, OwnerID: -1}} {
		if _, err := d.plan(t, ch); !errors.Is(err, errs.NotFound) {
			t.Errorf("%+v: %v", ch, err)
		}
		if _, err := d.start(t, ch); !errors.Is(err, errs.NotFound) {
			t.Errorf("%+v is started: %v", ch, err)
		}
	}
	_, err := d.start(t, statementrun.Choice{Whom: statementrun.Open, AsOf: day.New(2020, 1, 1)})
	refuses[errs.Invalid](t, err, "Nobody would get a statement.")
	is(t, "runs", d.ask(t, `SELECT count(*) FROM statement_runs`), "0")
}

// Collectors do nothing of it, and another company sees nothing of it.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.begun(t, statementrun.Choice{Whom: statementrun.Open})
	beta := dbtest.Tenant(t, d.Database, "beta")
	for name, f := range map[string]func(tx *tenant.Tx) error{
		"read": func(tx *tenant.Tx) error {
			_, err := statementrun.Read(t.Context(), tx, statementrun.Choice{Whom: statementrun.Open})
			return err
		},
		"start": func(tx *tenant.Tx) error {
			_, err := d.Start(t.Context(), tx, statementrun.Choice{Whom: statementrun.Open})
			return err
		},
		"find": func(tx *tenant.Tx) error { _, _, err := statementrun.Find(t.Context(), tx, a.Run, 1); return err },
		"list": func(tx *tenant.Tx) error { _, err := statementrun.List(t.Context(), tx, 0, 1); return err },
		"print": func(tx *tenant.Tx) error {
			return d.Print(t.Context(), tx, statementrun.Run{ID: a.Run, FinishedAt: &tx.Now}, nil)
		},
	} {
		refuses[errs.Forbidden](t, d.Write(t.Context(), d.Collector, f), "Only managers and administrators make statements for many")
		if err := d.Write(t.Context(), beta.Admin, f); (name == "find" || name == "print") != errors.Is(err, errs.NotFound) {
			t.Errorf("%s in another company: %v", name, err)
		}
	}
	d.do(t, beta.Admin, func(tx *tenant.Tx) error {
		list, err := statementrun.List(t.Context(), tx, 0, 10)
		if err == nil && len(list) != 0 {
			err = fmt.Errorf("%d runs of another company", len(list))
		}
		return err
	})
}
