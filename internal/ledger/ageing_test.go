package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

func TestAgeingAtTheEdgesOfEachRange(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	asOf := day.New(2026, 3, 16)
	// days overdue and in which range they fall; each amount stands once
	cases := []struct{ days, bucket int }{
		{-400, 0}, {-1, 0}, {0, 0}, {1, 1}, {30, 1}, {31, 2}, {60, 2}, {61, 3}, {90, 3}, {91, 4}, {400, 4},
	}
	want := [5]ledger.Bucket{}
	var customer int64
	err := db.Write(t.Context(), c.System(), func(tx *tenant.Tx) error {
		var account int64
		customer, account = dbtest.Customer(t, tx, "C-1")
		for i, k := range cases {
			amount := int64(1_000 + 7*i*i)
			dbtest.Item(t, tx, account, fmt.Sprint("INV-", i), asOf.Add(-k.days).String(), amount, "EUR")
			if k.days > -30 { // the one due in 400 days was not issued yet
				want[k.bucket].Items++
				want[k.bucket].Amount += amount
			}
		}
		dbtest.Item(t, tx, account, "no due date", "", 333, "EUR")
		want[0].Items, want[0].Amount = want[0].Items+1, want[0].Amount+333
		dbtest.Item(t, tx, account, "credit", "2026-03-01", -444, "EUR")
		dbtest.Item(t, tx, account, "yen", "2026-03-01", 5_555, "JPY")
		_, err := ledger.Record(t.Context(), tx, payment(customer, account, "P-1", "2026-03-02", 77))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.AgeingAsOf(t.Context(), tx, asOf)
		if err != nil {
			return err
		}
		if len(all) != 2 || all[0].Buckets != want || all[0].Credits != 444+77 {
			t.Errorf("ageing = %+v, want %+v and credits of 521", all, want)
		}
		if all[1].Currency != "JPY" || all[1].Open() != 5_555 || all[1].Credits != 0 || all[1].Items() != 1 {
			t.Errorf("yen = %+v", all[1])
		}
		if all[0].Overdue() != all[0].Open()-want[0].Amount {
			t.Errorf("overdue = %d", all[0].Overdue())
		}
		return rowByRow(t, tx, customer, asOf, all)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rowByRow counts the postings one by one, which comes to the same.
func rowByRow(t *testing.T, tx *tenant.Tx, customer int64, asOf day.Day, want []ledger.Ageing) error {
	t.Helper()
	rows, err := ledger.Postings(t.Context(), tx, ledger.PostingFilter{CustomerID: customer, AsOf: asOf, Show: ledger.ShowOpen, Limit: 1_000})
	for _, a := range want {
		got := ledger.Ageing{Currency: a.Currency}
		for _, p := range rows {
			if p.Currency == a.Currency {
				got.Add(p, asOf)
			}
		}
		if got != a || got.Balance() != a.Open()-a.Credits {
			t.Errorf("row by row it is %+v, want %+v", got, a)
		}
	}
	return err
}

// movement is one application, for the slow reckoning beside the database's.
type movement struct {
	on     day.Day
	amount int64
}

// TestAgeingOfAnyDay compares the ageing at many days, past and to come, with
// the plain reckoning: what was issued by the day less what was applied by it.
func TestAgeingOfAnyDay(t *testing.T) {
	t.Parallel()
	b := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	type owed struct {
		issued, due day.Day
		amount      int64
		moves       []movement
	}
	var items []owed
	var credits []movement
	start := day.New(2025, 9, 1)
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		customer, account := dbtest.Customer(t, tx, "C-2")
		for i := range 60 {
			due := start.Add(random.IntN(190))
			o := owed{issued: due.Add(-30), due: due, amount: int64(10_000 + i*i)}
			id := dbtest.Item(t, tx, account, fmt.Sprint("R-", i), due.String(), o.amount, "GBP")
			for p := range random.IntN(3) {
				on := start.Add(random.IntN(190))
				part := o.amount/3 - int64(p)
				if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: customer, AccountID: account, Number: fmt.Sprint("P-", i, "-", p),
					ValueOn: on, Amount: money.New(part+5, "GBP"), Lines: []ledger.Line{{ItemID: id, Minor: part}}}); err != nil {
					return err
				}
				applied := on
				if applied.Before(o.issued) {
					applied = o.issued
				}
				o.moves = append(o.moves, movement{applied, part})
				credits = append(credits, movement{on, part + 5}, movement{applied, -part})
			}
			items = append(items, o)
		}
		return nil
	})
	for n := -40; n < 260; n += 13 {
		asOf := start.Add(n)
		var want ledger.Ageing
		for _, o := range items {
			open := o.amount
			for _, m := range o.moves {
				if !m.on.After(asOf) {
					open -= m.amount
				}
			}
			if o.issued.After(asOf) || open == 0 {
				continue
			}
			bucket := 0
			if late := asOf.Sub(o.due); late > 0 {
				bucket = min((late-1)/30+1, 4)
			}
			want.Buckets[bucket].Items++
			want.Buckets[bucket].Amount += open
		}
		for _, m := range credits {
			if !m.on.After(asOf) {
				want.Credits += m.amount
			}
		}
		b.do(t, b.Collector, func(tx *tenant.Tx) error {
			all, err := ledger.AgeingAsOf(t.Context(), tx, asOf)
			var got ledger.Ageing
			for _, a := range all {
				if a.Currency == "GBP" {
					got = a
				}
			}
			got.Currency = ""
			if got != want {
				t.Errorf("as of %s: %+v, want %+v", asOf, got, want)
			}
			return err
		})
	}
}

func TestRefreshAllFollowsTheDay(t *testing.T) {
	t.Parallel()
	b := open(t)
	overdue := func(on day.Day) (sum int64) {
		b.TrialDay = on
		b.do(t, b.System(), func(tx *tenant.Tx) error {
			if err := ledger.RefreshAll(t.Context(), tx); err != nil {
				return err
			}
			all, err := ledger.Figures(t.Context(), tx, []int64{b.customer})
			for _, f := range all[b.customer] {
				if f.Currency == "EUR" {
					sum = f.Overdue
				}
			}
			return err
		})
		return sum
	}
	if got := overdue(day.New(2026, 3, 16)); got != 13_006 {
		t.Errorf("on its due day an item counts as overdue: %d", got)
	}
	if got := overdue(day.New(2026, 3, 17)); got != 33_009 {
		t.Errorf("the day after: %d, want 33009", got)
	}
	// The ages that are kept are those that are reckoned, on either side of every age.
	for _, due := range []day.Day{day.New(2026, 3, 16), day.New(2026, 2, 14)} {
		for _, late := range []int{0, 1, 30, 31, 60, 61, 90, 91} {
			overdue(due.Add(late))
			b.do(t, b.Collector, func(tx *tenant.Tx) error {
				s, err := ledger.StandingOf(t.Context(), tx, b.customer)
				reckoned, rerr := dbtest.Ask(t, tx, func(batch *tenant.Batch, into *[]ledger.Ageing) {
					ledger.QueueAgeing(batch, b.customer, 0, tx.Today(), into)
				})
				if !reflect.DeepEqual(s.Ageing, reckoned) || len(reckoned) != 2 {
					t.Errorf("%s: kept %+v, reckoned %+v", tx.Today(), s.Ageing, reckoned)
				}
				return errors.Join(err, rerr)
			})
		}
	}
}
