package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

func TestRecordAppliesAndLeavesCredit(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-10", 12_000, ledger.Line{ItemID: b.older, Minor: 10_001}, ledger.Line{ItemID: b.newer, Minor: 999})
	if got := b.openAmount(t, b.older); got != 0 {
		t.Errorf("the first item has %d open, want 0", got)
	}
	if got := b.openAmount(t, b.newer); got != 19_004 {
		t.Errorf("the second item has %d open, want 19004", got)
	}
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.Figures(t.Context(), tx, []int64{b.customer})
		if err != nil {
			return err
		}
		figures := all[b.customer]
		want := ledger.Figure{CustomerID: b.customer, Currency: "EUR", Items: 2, Open: 22_009, Overdue: 3_005, Credit: 1_000,
			ToCollect: 3_005, OldestDueOn: day.New(2026, 3, 2)}
		if len(figures) != 2 || figures[0] != want {
			t.Errorf("figures = %+v, want %+v first: credit of one account does not pay for another", figures, want)
		}
		if figures[1].Currency != "JPY" || figures[1].Overdue != 7_000 {
			t.Errorf("the yen stand as %+v", figures[1])
		}
		return nil
	})
	if got := b.lastNote(t, "payment"); got != "Payment P-1 of EUR 120.00, value Tue 10 Mar 2026, pays INV-1 with EUR 100.01 and INV-2 with EUR 9.99; EUR 10.00 stays credit." {
		t.Errorf("the note says %q", got)
	}
}

// lastNote is the newest note of the kind.
func (b *books) lastNote(t testing.TB, kind string) (text string) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT text FROM notes WHERE tenant_id = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1`, b.ID, kind).Scan(&text)
	})
	return text
}

func TestPaymentNote(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-10", 777)
	if got := b.lastNote(t, "payment"); got != "Payment P-1 of EUR 7.77, value Tue 10 Mar 2026, pays nothing yet: all of it stays credit." {
		t.Errorf("the note says %q", got)
	}
	var lines []ledger.Line
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		for i := range 11 {
			lines = append(lines, ledger.Line{ItemID: dbtest.Item(t, tx, b.account, fmt.Sprint("M-", i), "2026-03-01", int64(100+i), "EUR"), Minor: int64(100 + i)})
		}
		return nil
	})
	b.pay(t, "P-2", "2026-03-10", 1_155, lines...)
	if got := b.lastNote(t, "payment"); !strings.Contains(got, "pays M-0 with EUR 1.00, ") || !strings.HasSuffix(got, "M-7 with EUR 1.07 and 3 more items.") {
		t.Errorf("the note says %q", got)
	}
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-0", "2026-03-16", 50)
	for name, c := range map[string]struct {
		p     ledger.Payment
		field string
	}{
		"no reference":         {payment(b.customer, b.account, "", "2026-03-10", 100), "number"},
		"a long reference":     {payment(b.customer, b.account, strings.Repeat("x", 81), "2026-03-10", 100), "number"},
		"no day":               {payment(b.customer, b.account, "P-1", "", 100), "value_on"},
		"tomorrow":             {payment(b.customer, b.account, "P-1", "2026-03-17", 100), "value_on"},
		"ten years and a day":  {payment(b.customer, b.account, "P-1", "2016-03-15", 100), "value_on"},
		"nothing":              {payment(b.customer, b.account, "P-1", "2026-03-10", 0), "amount"},
		"less than nothing":    {payment(b.customer, b.account, "P-1", "2026-03-10", -1), "amount"},
		"too much":             {payment(b.customer, b.account, "P-1", "2026-03-10", money.Max+1), "amount"},
		"a line of nothing":    {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.older}), line(b.older)},
		"a line below nothing": {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.older, Minor: -1}), line(b.older)},
		"lines beyond int64": {payment(b.customer, b.account, "P-1", "2026-03-10", 100,
			ledger.Line{ItemID: b.older, Minor: 1 << 62}, ledger.Line{ItemID: b.newer, Minor: 1 << 62}), "lines"},
		"lines above it":       {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.older, Minor: 101}), "lines"},
		"a cent above the due": {payment(b.customer, b.account, "P-1", "2026-03-10", 20_000, ledger.Line{ItemID: b.older, Minor: 10_002}), line(b.older)},
		"another currency":     {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.yen, Minor: 100}), "lines"},
		"another account":      {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.away, Minor: 100}), "lines"},
		"no such item":         {payment(b.customer, b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: 1 << 40, Minor: 100}), "lines"},
		"a line break in it":   {payment(b.customer, b.account, "P\n1", "2026-03-10", 100), "number"},
		"the same reference":   {payment(b.customer, b.account, "P-0", "2026-03-10", 100), "number"},
	} {
		err := b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
			_, err := ledger.Record(t.Context(), tx, c.p)
			return err
		})
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[c.field] == "" {
			t.Errorf("%s: %v, want a message at %s", name, err, c.field)
		}
	}
	if got := b.openAmount(t, b.older); got != 10_001 {
		t.Errorf("a refused payment left %d open", got)
	}
}

// Money that came ten years ago can still be written down.
func TestRecordOld(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2016-03-16", 100)
	b.pay(t, "P-2", "2016-03-17", 100)
}

// line is the field of a message about the line of an item.
func line(item int64) string { return fmt.Sprint("line-", item) }

// What is another company's is not found, and neither is what belongs to another
// customer of the same company.
func TestOthersMoneyIsNotFound(t *testing.T) {
	t.Parallel()
	b := open(t)
	rival := dbtest.Tenant(t, b.Database, "rival")
	paid := b.pay(t, "P-1", "2026-03-10", 4_000, ledger.Line{ItemID: b.older, Minor: 3_000})
	application := b.application(t)
	var stranger, credit int64
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		stranger, _ = dbtest.Customer(t, tx, "C-9")
		credit = dbtest.Item(t, tx, b.account, "CN-1", "2026-03-20", -2_500, "EUR")
		return nil
	})
	on := ledger.Reversal{On: day.New(2026, 3, 11), Reason: "bounced"}
	newer := []ledger.Line{{ItemID: b.newer, Minor: 5}}
	for name, do := range map[string]func(*tenant.Tx, int64) error{
		"record": func(tx *tenant.Tx, c int64) error {
			_, err := ledger.Record(t.Context(), tx, payment(c, b.account, "P-2", "2026-03-10", 100))
			return err
		},
		"apply a payment": func(tx *tenant.Tx, c int64) error {
			_, err := ledger.ApplyPayment(t.Context(), tx, c, paid, newer)
			return err
		},
		"apply a note": func(tx *tenant.Tx, c int64) error {
			_, err := ledger.ApplyCreditNote(t.Context(), tx, c, credit, newer)
			return err
		},
		"reverse": func(tx *tenant.Tx, c int64) error { return ledger.Reverse(t.Context(), tx, c, application, on) },
		"return":  func(tx *tenant.Tx, c int64) error { return ledger.Return(t.Context(), tx, c, paid, on) },
		"pause": func(tx *tenant.Tx, c int64) error {
			return ledger.PauseItem(t.Context(), tx, c, ledger.Pause{ItemID: b.older, Until: day.New(2026, 3, 20), Reason: "x", Version: 1})
		},
		"end a pause": func(tx *tenant.Tx, c int64) error { return ledger.EndPause(t.Context(), tx, c, b.older, 1) },
		"set a status": func(tx *tenant.Tx, c int64) error {
			return ledger.SetStatuses(t.Context(), tx, c, ledger.Statused{Items: []ledger.Seen{{ID: b.older, Version: 1}}, StatusID: 1, Reason: "x"})
		},
		"find": func(tx *tenant.Tx, c int64) error {
			_, err := ledger.FindPosting(t.Context(), tx, ledger.PostingFilter{CustomerID: c, AsOf: tx.Today()}, ledger.OfPayment, paid)
			return err
		},
	} {
		for whose, c := range map[string]struct {
			who      tenant.Who
			customer int64
		}{"another company": {rival.Admin, b.customer}, "another customer": {b.Manager, stranger}} {
			err := b.Write(t.Context(), c.who, func(tx *tenant.Tx) error { return do(tx, c.customer) })
			if !errors.Is(err, errs.NotFound) {
				t.Errorf("%s, %s: %v, want not found", name, whose, err)
			}
		}
	}
}

func TestCreditIsAppliedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	paid := b.pay(t, "P-1", "2026-03-10", 6_000)
	// Two people apply the same credit to two items at the same moment: there is
	// enough for one of them.
	var wg sync.WaitGroup
	errors2 := make([]error, 2)
	for i, item := range []int64{b.older, b.newer} {
		wg.Go(func() {
			errors2[i] = b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
				_, err := ledger.ApplyPayment(t.Context(), tx, b.customer, paid, []ledger.Line{{ItemID: item, Minor: 4_000}})
				return err
			})
		})
	}
	wg.Wait()
	refused := 0
	for _, err := range errors2 {
		if errors.As(err, new(errs.Invalid)) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 1 || b.openAmount(t, b.older)+b.openAmount(t, b.newer) != 10_001+20_003-4_000 {
		t.Errorf("%d were refused, want one", refused)
	}
}

func TestCreditNotePaysAnItem(t *testing.T) {
	t.Parallel()
	b := open(t)
	var credit int64
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		credit = dbtest.Item(t, tx, b.account, "CN-1", "2026-03-20", -2_500, "EUR")
		return nil
	})
	apply := func(lines ...ledger.Line) error {
		return b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
			_, err := ledger.ApplyCreditNote(t.Context(), tx, b.customer, credit, lines)
			return err
		})
	}
	if err := apply(ledger.Line{ItemID: b.older, Minor: 2_400}, ledger.Line{ItemID: b.newer, Minor: 99}); err != nil {
		t.Fatal(err)
	}
	if a, c := b.openAmount(t, b.older), b.openAmount(t, credit); a != 7_601 || c != -1 {
		t.Errorf("open: item %d, credit note %d; want 7601 and -1", a, c)
	}
	if got := b.lastNote(t, "application"); got != "Credit of credit note CN-1 pays INV-1 with EUR 24.00 and INV-2 with EUR 0.99; EUR 0.01 stays credit." {
		t.Errorf("the note says %q", got)
	}
	for name, err := range map[string]error{
		"two cents of a credit of one": apply(ledger.Line{ItemID: b.older, Minor: 2}),
		"against itself":               apply(ledger.Line{ItemID: credit, Minor: 1}),
		"against another account":      apply(ledger.Line{ItemID: b.away, Minor: 1}),
		"against nothing":              apply(),
	} {
		if !errors.As(err, new(errs.Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := apply(ledger.Line{ItemID: b.newer, Minor: 1}); err != nil { // the last cent
		t.Error(err)
	}
}
