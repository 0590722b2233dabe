package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// numbers lists what the filter chooses, read two rows at a time.
func (b *books) numbers(t testing.TB, f ledger.PostingFilter) string {
	t.Helper()
	var numbers []string
	f.CustomerID, f.Limit = b.customer, 2
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		for {
			page, err := ledger.Postings(t.Context(), tx, f)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, p := range page {
				numbers = append(numbers, p.Number)
			}
			f.After = page[len(page)-1].Key()
		}
	})
	return strings.Join(numbers, " ")
}

func TestPostings(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, b.account, "NONE-1", "", 41, "EUR")
		dbtest.Item(t, tx, b.account, "NONE-2", "", 42, "EUR")
		dbtest.Item(t, tx, b.other, "CN-1", "2026-03-20", -77, "EUR")
		return nil
	})
	b.pay(t, "P-1", "2026-03-12", 10_001, ledger.Line{ItemID: b.older, Minor: 10_001})
	b.pay(t, "P-2", "2026-03-13", 5_000, ledger.Line{ItemID: b.newer, Minor: 4_321})
	if err := b.setStatus(t, b.away, b.status(t, ledger.Disputed), "broken", 1); err != nil {
		t.Fatal(err)
	}
	if err := b.pause(t, b.away, "2026-03-20", "and paused", 2); err != nil {
		t.Fatal(err)
	}
	if err := b.pause(t, b.yen, "2026-03-20", "paused", 1); err != nil {
		t.Fatal(err)
	}
	today := day.New(2026, 3, 16)
	for name, c := range map[string]struct {
		f    ledger.PostingFilter
		want string
	}{
		"open today":        {ledger.PostingFilter{AsOf: today}, "CN-1 P-2 INV-3 INV-4 INV-2 NONE-1 NONE-2"},
		"open then":         {ledger.PostingFilter{AsOf: day.New(2026, 3, 11)}, "CN-1 INV-1 INV-3 INV-4 INV-2 NONE-1 NONE-2"},
		"credit of the day": {ledger.PostingFilter{AsOf: day.New(2026, 3, 12), Show: ledger.ShowCredits}, "CN-1"},
		"overdue today":     {ledger.PostingFilter{AsOf: today, Show: ledger.ShowOverdue}, "INV-3 INV-4"},
		"overdue then":      {ledger.PostingFilter{AsOf: day.New(2026, 3, 2), Show: ledger.ShowOverdue}, "INV-1 INV-3"},
		"overdue to come":   {ledger.PostingFilter{AsOf: day.New(2026, 3, 17), Show: ledger.ShowOverdue}, "INV-3 INV-4 INV-2"},
		"disputed":          {ledger.PostingFilter{AsOf: today, Show: ledger.ShowDisputed}, "INV-4"},
		"paused":            {ledger.PostingFilter{AsOf: today, Show: ledger.ShowPaused}, "INV-3"},
		"credits":           {ledger.PostingFilter{AsOf: today, Show: ledger.ShowCredits}, "CN-1 P-2"},
		"one account":       {ledger.PostingFilter{AsOf: today, AccountID: b.other}, "CN-1 INV-4"},
		"one currency":      {ledger.PostingFilter{AsOf: today, Currency: "JPY"}, "INV-3"},
		"all":               {ledger.PostingFilter{AsOf: today, Show: ledger.ShowAll}, "P-2 P-1 CN-1 INV-2 INV-4 INV-3 INV-1 NONE-1 NONE-2"},
		"issued by then":    {ledger.PostingFilter{AsOf: day.New(2026, 1, 15), Show: ledger.ShowAll}, "INV-1 NONE-1 NONE-2"},
		"a stranger's":      {ledger.PostingFilter{AsOf: today, AccountID: 1 << 40}, ""},
	} {
		if got := b.numbers(t, c.f); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		want := []ledger.Sum{{"EUR", 6, 15_682 + 3_005 + 41 + 42, 3_005, 77 + 679}, {"JPY", 1, 7_000, 7_000, 0}}
		for _, limit := range []int{2, 7, 8} { // by the database where the page may not have all, else from the rows
			var page ledger.PostingPage
			batch := tx.Batch()
			ledger.QueuePostings(batch, ledger.PostingFilter{CustomerID: b.customer, AsOf: today, Limit: limit}, &page)
			if err := batch.Send(t.Context()); err != nil {
				return err
			}
			if len(page.Rows) != min(limit, 7) || fmt.Sprint(page.Sums) != fmt.Sprint(want) {
				t.Errorf("%d rows come to %v, want %v", len(page.Rows), page.Sums, want)
			}
		}
		return nil
	})
}

// What was paid later than the day stands open on it, and counts, though it would come
// behind the page.
func TestPaidLaterBehindThePage(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-16", 20_003, ledger.Line{ItemID: b.newer, Minor: 20_003})
	b.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, -4) }
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		f := ledger.PostingFilter{CustomerID: b.customer, AsOf: tx.Today(), Currency: "EUR", Limit: 1}
		page, err := dbtest.Ask(t, tx, func(batch *tenant.Batch, into *ledger.PostingPage) { ledger.QueuePostings(batch, f, into) })
		if want := []ledger.Sum{{Currency: "EUR", Rows: 3, Open: 33_009, Overdue: 13_006}}; len(page.Rows) != 1 || page.Rows[0].ID != b.older || fmt.Sprint(page.Sums) != fmt.Sprint(want) {
			t.Errorf("%+v, %+v, want %+v", page.Rows, page.Sums, want)
		}
		return err
	})
}

func TestPostingOfADay(t *testing.T) {
	t.Parallel()
	b := open(t)
	paid := b.pay(t, "P-1", "2026-03-10", 12_000, ledger.Line{ItemID: b.older, Minor: 10_001}, ledger.Line{ItemID: b.newer, Minor: 7})
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, b.customer, paid, ledger.Reversal{On: day.New(2026, 3, 13), Reason: "no funds"})
	})
	for on, want := range map[string]string{
		"2026-03-10": "open -19.92 returned false; 2 standing 0",
		"2026-03-13": "open 0.00 returned true; 4 standing 0",
	} {
		b.do(t, b.Collector, func(tx *tenant.Tx) error {
			d, _ := day.Parse(on)
			p, err := ledger.FindPosting(t.Context(), tx, ledger.PostingFilter{CustomerID: b.customer, AsOf: d}, ledger.OfPayment, paid)
			if err != nil {
				return err
			}
			list, err := ledger.ApplicationsOf(t.Context(), tx, b.customer, ledger.OfPayment, paid, d)
			standing := 0
			for _, a := range list {
				if a.Standing {
					standing++
				}
			}
			if got := fmt.Sprintf("open %s returned %v; %d standing %d", money.New(p.Open, p.Currency).Plain(), p.Returned, len(list), standing); got != want {
				t.Errorf("as of %s: %s, want %s", on, got, want)
			}
			return err
		})
	}
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		list, err := ledger.ApplicationsOf(t.Context(), tx, b.customer, ledger.OfItem, b.older, tx.Today())
		if len(list) != 2 || list[0].Credit != "P-1" || list[0].Item != "INV-1" || list[0].Person != "acme collector" ||
			list[1].Amount != -10_001 || list[1].Reason != "no funds" || list[1].Person != "acme manager" {
			t.Errorf("applications %+v", list)
		}
		return err
	})
}

func TestPropose(t *testing.T) {
	t.Parallel()
	items := []ledger.Payable{{ID: 1, Open: 100}, {ID: 2, Open: 30}, {ID: 3, Open: 500}}
	for minor, want := range map[int64]string{
		0: "[]", -5: "[]", 1: "[{1 1}]", 100: "[{1 100}]", 101: "[{1 100} {2 1}]", 130: "[{1 100} {2 30}]",
		629: "[{1 100} {2 30} {3 499}]", 630: "[{1 100} {2 30} {3 500}]", 900: "[{1 100} {2 30} {3 500}]",
	} {
		if got := fmt.Sprint(ledger.Propose(items, minor)); got != want {
			t.Errorf("%d: %s, want %s", minor, got, want)
		}
	}
}

// TestProposeDisputedLast: of each item first what nobody disputes.
func TestProposeDisputedLast(t *testing.T) {
	t.Parallel()
	items := []ledger.Payable{{ID: 1, Open: 100, InQuestion: 40}, {ID: 2, Open: 30, InQuestion: 30}, {ID: 3, Open: 500}}
	for minor, want := range map[int64]string{
		60: "[{1 60}]", 61: "[{1 60} {3 1}]", 560: "[{1 60} {3 500}]", 599: "[{1 99} {3 500}]", 601: "[{1 100} {2 1} {3 500}]", 700: "[{1 100} {2 30} {3 500}]",
	} {
		if got := fmt.Sprint(ledger.Propose(items, minor)); got != want {
			t.Errorf("%d: %s, want %s", minor, got, want)
		}
	}
}

// TestPayableInQuestion: a case holds back an amount of the one, a status the other, and
// a third is litigated, whatever its case states.
func TestPayableInQuestion(t *testing.T) {
	t.Parallel()
	b := open(t)
	var sued int64
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		sued = dbtest.Item(t, tx, b.account, "INV-9", "2026-03-03", 30_009, "EUR")
		_, err := cases.Open(t.Context(), tx, b.customer, cases.Opening{Title: "Price", OwnerID: b.CollectorID, NextOn: tx.Today()},
			[]cases.Ticked{{ID: b.older, Version: 1, Asked: 4_002}, {ID: sued, Version: 1, Asked: 5_003}})
		return err
	})
	for item, family := range map[int64]string{b.newer: ledger.Disputed, sued: ledger.Litigation} {
		if err := b.setStatus(t, item, b.status(t, family), "price", 1); err != nil {
			t.Fatal(err)
		}
	}
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		list, err := ledger.Payables(t.Context(), tx, b.customer, b.account, "EUR", 9)
		var got []string
		for _, i := range list {
			got = append(got, fmt.Sprint(i.Number, " ", i.InQuestion, " ", i.InCase))
		}
		if want := []string{"INV-1 4002 true", "INV-9 30009 true", "INV-2 20003 false"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		return err
	})
}

func TestWhatCanBePaid(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, b.account, "NONE-1", "", 41, "EUR")
		dbtest.Item(t, tx, b.account, "CN-1", "2026-01-20", -77, "EUR")
		dbtest.Item(t, tx, b.other, "INV-0", "2026-02-09", 9_000, "KWD")
		return nil
	})
	if err := b.pause(t, b.newer, "2026-03-16", "paused", 1); err != nil {
		t.Fatal(err)
	}
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		list, err := ledger.Payables(t.Context(), tx, b.customer, b.account, "EUR", 9)
		if err != nil {
			return err
		}
		if len(list) != 3 || list[0].Number != "INV-1" || list[1].PausedUntil != day.New(2026, 3, 16) || list[2].Number != "NONE-1" {
			t.Errorf("payable %+v", list)
		}
		choices, err := ledger.Choices(t.Context(), tx, b.customer)
		if len(choices) != 2 || choices[0].ID != b.other || choices[0].Owed != money.New(9_000, "KWD") || choices[1].Owed != money.New(10_001+20_003+41, "EUR") {
			t.Errorf("choices %+v", choices)
		}
		return err
	})
}

func TestAgeingOfOneAccount(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		for account, want := range map[int64]int64{0: 10_001 + 20_003 + 3_005, b.account: 30_004, b.other: 3_005, 1 << 40: 0} {
			all, err := dbtest.Ask(t, tx, func(batch *tenant.Batch, into *[]ledger.Ageing) {
				ledger.QueueAgeing(batch, b.customer, account, tx.Today(), into)
			})
			if err != nil {
				return err
			}
			var open int64
			if len(all) > 0 {
				open = all[0].Open()
			}
			if open != want {
				t.Errorf("account %d: %d open, want %d", account, open, want)
			}
		}
		return nil
	})
}
