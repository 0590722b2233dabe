package statementrun_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
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
