package ledger_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

func TestStandingOf(t *testing.T) {
	t.Parallel()
	b := open(t)
	beta := dbtest.Tenant(t, b.Database, "beta")
	b.pay(t, "P-1", "2026-03-05", 4_002, ledger.Line{ItemID: b.older, Minor: 4_001})
	b.pay(t, "P-2", "2026-03-04", 6_006)
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		tx.Touch(b.customer)
		_, err := tx.Exec(t.Context(), `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE id = $1`, b.older)
		return err
	})
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		s, err := ledger.StandingOf(t.Context(), tx, b.customer)
		figures, ferr := ledger.Figures(t.Context(), tx, []int64{b.customer})
		ageing, aerr := dbtest.Ask(t, tx, func(batch *tenant.Batch, into *[]ledger.Ageing) {
			ledger.QueueAgeing(batch, b.customer, 0, tx.Today(), into)
		})
		if !reflect.DeepEqual(s.Figures, figures[b.customer]) || !reflect.DeepEqual(s.Ageing, ageing) || len(s.Figures) != 2 || len(s.Ageing) != 2 {
			t.Errorf("figures %+v, ageing %+v", s.Figures, s.Ageing)
		}
		if len(s.Accounts) != 2 || s.Accounts[0].ID != b.account || s.Disputed != 1 || s.NextDueOn != day.New(2026, 3, 16) {
			t.Errorf("accounts %+v, %d disputed, next %s", s.Accounts, s.Disputed, s.NextDueOn)
		}
		if s.LastPayment == nil || s.LastPayment.ValueOn != day.New(2026, 3, 5) || s.LastPayment.Amount != 4_002 {
			t.Errorf("last payment %+v", s.LastPayment)
		}
		return errors.Join(err, ferr, aerr)
	})
	b.do(t, beta.Admin, func(tx *tenant.Tx) error {
		s, err := ledger.StandingOf(t.Context(), tx, b.customer)
		if len(s.Figures)+len(s.Ageing)+len(s.Accounts)+s.Disputed != 0 || s.LastPayment != nil || !s.NextDueOn.IsZero() {
			t.Errorf("another tenant sees %+v", s)
		}
		return err
	})
}

// A payment counts from its value date on: before that day a customer stands as
// if it were not there, though it is stored already.
func TestMoneyOfALaterDay(t *testing.T) {
	t.Parallel()
	b := open(t)
	type state struct {
		standing ledger.Standing
		open     ledger.PostingPage
	}
	read := func() (s state) {
		b.do(t, b.Collector, func(tx *tenant.Tx) error {
			batch := tx.Batch()
			ledger.QueueStanding(batch, b.customer, &s.standing)
			ledger.QueuePostings(batch, ledger.PostingFilter{CustomerID: b.customer, AsOf: tx.Today(), Limit: 9}, &s.open)
			return batch.Send(t.Context())
		})
		for i := range s.open.Rows {
			s.open.Rows[i].Version = 0
		}
		return s
	}
	stand := func(on time.Time) {
		b.Now = func() time.Time { return on }
		b.do(t, b.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(t.Context(), tx) }) // as every night
	}
	day := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	stand(day)
	before := read()
	stand(dbtest.Monday)
	b.pay(t, "P-1", "2026-03-06", 12_005, ledger.Line{ItemID: b.older, Minor: 10_001}, ledger.Line{ItemID: b.newer, Minor: 2_003})
	after := read()
	stand(day)
	if got := read(); !reflect.DeepEqual(got, before) {
		t.Errorf("on the day before the customer stands at %+v, want %+v", got, before)
	}
	if len(after.open.Rows) != len(before.open.Rows) || after.open.Sums[0].Credit != 1 || after.open.Sums[0].Open != before.open.Sums[0].Open-12_004 {
		t.Errorf("with the payment the items are %+v", after.open)
	}
}

func summariesOf(t *testing.T, tx *tenant.Tx, customer int64) (all []ledger.Summary, err error) {
	t.Helper()
	accounts, aerr := ledger.AccountsOf(t.Context(), tx, customer)
	b := tx.Batch()
	ledger.QueueSummaries(b, customer, &accounts, &all)
	err = b.Send(t.Context())
	return all, errors.Join(aerr, err)
}

// loan gives the customer a loan with a paid, a part paid, a late and a next
// instalment.
func (b *books) loan(t *testing.T) (id int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		id = dbtest.Account(t, tx, b.customer, "L-7")
		var items []int64
		for _, i := range []struct {
			due    string
			amount int64
		}{{"2025-12-15", 23_001}, {"2026-01-15", 23_002}, {"2026-02-15", 23_003}, {"2026-03-20", 23_004}, {"2026-04-14", 23_005}, {"2026-04-20", 23_006}} {
			items = append(items, dbtest.Item(t, tx, id, "L-7/"+i.due, i.due, i.amount, "EUR"))
		}
		_, err := tx.Exec(t.Context(), `UPDATE accounts SET kind = 'loan', opened_on = '2025-11-01' WHERE id = $1`, id)
		if err != nil {
			return err
		}
		_, err = ledger.Record(t.Context(), tx, payment(b.customer, id, "L-7 P", "2026-02-01", 30_007,
			ledger.Line{ItemID: items[0], Minor: 23_001}, ledger.Line{ItemID: items[1], Minor: 7_000}))
		return err
	})
	if _, err := b.Owner(t).Exec(t.Context(), `UPDATE items SET kind = 'instalment' WHERE account_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSummariesOf(t *testing.T) {
	t.Parallel()
	b := open(t)
	loan := b.loan(t)
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := summariesOf(t, tx, b.customer)
		if len(all) != 3 || all[0].ID != loan || all[0].Kind != ledger.Loan || all[0].OpenedOn != day.New(2025, 11, 1) {
			t.Fatalf("summaries %+v (%v)", all, err)
		}
		// The last instalment is billed later than today. Of the payment 6 cents
		// are left.
		want := ledger.SummaryLine{AccountID: loan, Currency: "EUR", Open: 16_002 + 23_003 + 23_004 + 23_005, Credit: 6, PastDue: 16_002 + 23_003,
			OldestDueOn: day.New(2026, 1, 15), NextDueOn: day.New(2026, 3, 20), NextDue: 23_004, Instalments: 5, Paid: 1}
		if len(all[0].Lines) != 1 || all[0].Lines[0] != want || want.Balance() != 85_008 {
			t.Errorf("the loan is %+v, want %+v", all[0].Lines, want)
		}
		if p := all[0].LastPayment; p == nil || p.Amount != 30_007 {
			t.Errorf("paid last %+v", p)
		}
		trade := all[1]
		if len(trade.Lines) != 2 || trade.Lines[0].Currency != "EUR" || trade.Lines[0].NextDue != 20_003 || trade.Lines[1].PastDue != 7_000 || trade.LastPayment != nil {
			t.Errorf("the trade account is %+v", trade)
		}
		return err
	})
}

func TestAccountsOf(t *testing.T) {
	t.Parallel()
	b := open(t)
	beta := dbtest.Tenant(t, b.Database, "beta")
	for _, c := range []struct {
		who  tenant.Who
		want int
	}{{b.Collector, 2}, {beta.Admin, 0}} {
		b.do(t, c.who, func(tx *tenant.Tx) error {
			accounts, err := ledger.AccountsOf(t.Context(), tx, b.customer)
			all, serr := summariesOf(t, tx, b.customer)
			if len(accounts) != c.want || len(all) != c.want {
				t.Errorf("%d accounts and %d summaries, want %d", len(accounts), len(all), c.want)
			}
			return errors.Join(err, serr)
		})
	}
}
