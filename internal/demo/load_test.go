package demo_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/demo"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestMake(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	o := demo.Options{Seed: 7, Customers: 90}
	id, err := demo.Make(t.Context(), db.DB, o)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), tenant.System(id), func(tx *tenant.Tx) error {
		o.Today = tx.Today()
		compareOpen(t, tx, o)
		compareJournals(t, tx, o)
		compareOwners(t, tx, o)
		if list, err := followup.Standards(t.Context(), tx); err != nil || len(list) == 0 {
			t.Errorf("%d standard follow-ups, %v", len(list), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Make(t.Context(), db.DB, o); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("made a second time: %v; want it refused", err)
	}
}

// compareOpen holds the ledger's ageing and totals to what was made up.
func compareOpen(t *testing.T, tx *tenant.Tx, o demo.Options) {
	t.Helper()
	open, credits := map[money.Currency]int64{}, map[money.Currency]int64{}
	for c := range demo.Generate(o) {
		for _, a := range c.Accounts {
			for _, it := range a.Items {
				if it.Open > 0 {
					open[it.Amount.Currency] += it.Open
				} else if it.Open < 0 {
					credits[it.Amount.Currency] -= it.Open
				}
			}
			for _, p := range a.Payments {
				left := p.Amount.Minor
				for _, l := range p.Lines {
					left -= l.Minor
				}
				if left > 0 {
					credits[p.Amount.Currency] += left
				}
			}
		}
	}
	rows, _ := tx.Query(t.Context(), `SELECT p.currency, p.amount FROM payments p WHERE p.tenant_id = $1 AND p.number LIKE 'DEPOSIT-%'`, tx.Actor.TenantID)
	var deposit money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&deposit.Currency, &deposit.Minor}, func() error {
		credits[deposit.Currency] += deposit.Minor
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	ageing, err := ledger.AgeingAsOf(t.Context(), tx, o.Today)
	if err != nil {
		t.Fatal(err)
	}
	gotOpen, gotCredits := map[money.Currency]int64{}, map[money.Currency]int64{}
	for _, a := range ageing {
		if a.Open() != 0 {
			gotOpen[a.Currency] = a.Open()
		}
		if a.Credits != 0 {
			gotCredits[a.Currency] = a.Credits
		}
	}
	if !maps.Equal(open, gotOpen) || !maps.Equal(credits, gotCredits) {
		t.Errorf("open %v, credits %v; the ledger has %v and %v", open, credits, gotOpen, gotCredits)
	}
	var wrong int
	err = tx.QueryRow(t.Context(), `
		SELECT count(*)
		FROM (SELECT currency, sum(open_amount) AS open FROM customer_totals WHERE tenant_id = $1 GROUP BY currency) t
		JOIN (SELECT currency, sum(open_amount) FILTER (WHERE open_amount > 0) AS open FROM items WHERE tenant_id = $1 GROUP BY currency) i USING (currency)
		WHERE t.open <> i.open`, tx.Actor.TenantID).Scan(&wrong)
	if err != nil || wrong > 0 {
		t.Errorf("the totals of %d currencies are wrong: %v", wrong, err)
	}
}

func compareJournals(t *testing.T, tx *tenant.Tx, o demo.Options) {
	t.Helper()
	want := 0
	for c := range demo.Generate(o) {
		want += 1 + len(c.Notes) // the first says where the customer comes from
	}
	var got int
	if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE tenant_id = $1 AND kind IN ('created', 'import')`, tx.Actor.TenantID).Scan(&got); err != nil || got != want {
		t.Errorf("%d notes, %v; want %d", got, err, want)
	}
	if faults, err := note.Verify(t.Context(), tx); err != nil || len(faults) > 0 {
		t.Errorf("journals: %v, %v", faults, err)
	}
}

func compareOwners(t *testing.T, tx *tenant.Tx, o demo.Options) {
	t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for c := range demo.Generate(o) {
		if c.Owner != "" {
			want[c.Owner]++
		}
	}
	people, err := member.List(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != len(demo.People)+1 { // and one who has left
		t.Errorf("%d people, want %d", len(people), len(demo.People)+1)
	}
	for _, p := range people {
		d, err := member.Find(t.Context(), tx, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d.Customers > 0 {
			got[p.Email] = d.Customers
		}
	}
	if !maps.Equal(want, got) {
		t.Errorf("customers by owner: %v, want %v", got, want)
	}
}

func TestPeopleSignIn(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	id, err := demo.Make(t.Context(), db.DB, demo.Options{Seed: 1, Customers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, role := range []tenant.Role{tenant.Collector, tenant.Manager, tenant.Admin} {
		p := demo.People[i]
		in, err := member.SignIn(t.Context(), db.Pool, member.Credentials{Email: p.Email, Password: demo.Password, Address: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), tenant.Who{TenantID: id, SignInID: in.SignInID}, func(tx *tenant.Tx) error {
			if a := tx.Actor; a.Role != role || a.Name != p.Name || a.BranchID == nil {
				t.Errorf("%s is %+v", p.Email, a)
			}
			if at := tx.Actor.Tenant.PaymentsLoadedTo; at == nil || day.Of(at.In(tx.Actor.Tenant.Zone)) != tx.Today() {
				t.Errorf("payments loaded to %v", at)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneOfEverything finds in the demo each thing that a profile can show.
func TestOneOfEverything(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := demo.Make(t.Context(), db.DB, demo.Options{Seed: 1, Customers: 60}); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"a stop":                     `SELECT 1 FROM stops WHERE lifted_at IS NULL`,
		"a watch flag":               `SELECT 1 FROM customers WHERE watch_until IS NOT NULL`,
		"an opt-out":                 `SELECT 1 FROM permissions WHERE state = 'opt_out'`,
		"a best time":                `SELECT 1 FROM contact_times WHERE kind = 'best'`,
		"a paused item":              `SELECT 1 FROM items WHERE paused_until IS NOT NULL`,
		"credit":                     `SELECT 1 FROM payments WHERE unapplied > 0`,
		"three currencies":           `SELECT 1 FROM items GROUP BY customer_id HAVING count(DISTINCT currency) >= 3`,
		"a loan with vehicle":        `SELECT 1 FROM vehicles v JOIN accounts a ON a.id = v.account_id WHERE a.kind = 'loan'`,
		"with a co-borrower":         `SELECT 1 FROM contact_points p JOIN vehicles v USING (account_id) WHERE p.role = 'co_borrower'`,
		"somebody to speak to, each": `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE NOT EXISTS (SELECT 1 FROM contact_points p WHERE p.customer_id = c.id))`,
		"a late follow-up":           `SELECT 1 FROM follow_ups WHERE ended IS NULL AND due_on < '2026-03-16'`,
		"one for an hour of today":   `SELECT 1 FROM follow_ups WHERE ended IS NULL AND due_on = '2026-03-16' AND due_at IS NOT NULL`,
		"one that is done":           `SELECT 1 FROM follow_ups WHERE ended = 'done' AND outcome <> ''`,
		"one that nobody does":       `SELECT 1 FROM follow_ups f JOIN members m ON m.id = f.assignee_id WHERE f.ended IS NULL AND NOT m.active`,
		"one copied into the notes":  `SELECT 1 FROM follow_ups WHERE in_notes`,
		"a conversation":             `SELECT 1 FROM contacts c WHERE c.ended IS NULL AND (SELECT count(*) FROM contacts l WHERE l.first_id = c.first_id) = 2`,
		"a contact that is closed":   `SELECT 1 FROM contacts WHERE ended = 'closed'`,
		"a holiday":                  `SELECT 1 FROM holidays`,
	} {
		var n int
		if err := db.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM (`+sql+`) x`).Scan(&n); err != nil || n == 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}

// The agenda of the demo is alive on whatever day it is made: somebody stands at
// each level, one is put away, one came up on a chosen day, and some were reminded
// last week.
func TestMakeDuns(t *testing.T) {
	t.Parallel()
	for _, days := range []int{0, 5, 80} { // a Monday, a Saturday, the first days of a month
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			t.Parallel()
			db := dbtest.New(t)
			db.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, days) }
			id, err := demo.Make(t.Context(), db.DB, demo.Options{Seed: 1, Customers: 60})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Read(t.Context(), tenant.System(id), func(tx *tenant.Tx) error { return alive(t, tx) }); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func alive(t *testing.T, tx *tenant.Tx) error {
	t.Helper()
	var refused error
	a, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *dunning.Agenda) {
		refused = dunning.QueueAgenda(b, dunning.Filter{Whose: dunning.Team, Sort: dunning.ByRank, Limit: 100}, into)
	})
	err = errors.Join(err, refused)
	if len(a.Levels) < 4 || a.Later.N != 1 || !a.On {
		t.Errorf("the levels are %v, put away %v", a.Levels, a.Later)
	}
	cash, _, cerr := dunning.CountLoose(t.Context(), tx, dunning.Team)
	if cash.N == 0 {
		t.Error("no credit is to be applied")
	}
	var chosen, reminded int
	rerr := tx.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM agenda_entries WHERE why = 'chosen_day'), (SELECT count(*) FROM reminders WHERE reminded_on > $1::date - 7)`, tx.Today()).Scan(&chosen, &reminded)
	if chosen == 0 || reminded == 0 {
		t.Errorf("%d came up on a chosen day, %d items were reminded of last week", chosen, reminded)
	}
	var states string
	perr := tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(DISTINCT state, ' ' ORDER BY state), '') FROM promises`).Scan(&states)
	if states != "broken kept open part_kept" {
		t.Errorf("the promises are %s", states)
	}
	return errors.Join(err, cerr, rerr, perr)
}

// The books show cases: a resolver has answered one, one is late, and a complaint bars
// all contact with its customer.
func TestMakeOpensCases(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := demo.Make(t.Context(), db.DB, demo.Options{Seed: 7, Customers: 300}); err != nil {
		t.Fatal(err)
	}
	var got string
	err := db.Owner(t).QueryRow(t.Context(), `
		SELECT concat_ws(', ', count(*), count(*) FILTER (WHERE k.next_on < k.opened_on + 9 AND k.resolver_id IS NOT NULL), count(*) FILTER (WHERE k.complaint AND k.stop_id IS NOT NULL),
			(SELECT count(*) FROM inbox_entries WHERE kind = 'answer'), (SELECT count(*) FROM case_items WHERE amount IS NOT NULL))
		FROM cases k`).Scan(&got)
	if err != nil || got != "4, 1, 1, 1, 1" {
		t.Errorf("cases, late, complaints, answers, parts: %s, %v", got, err)
	}
}
