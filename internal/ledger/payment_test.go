package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// books is a company with one customer: two items in EUR, one in JPY, a second
// account, on 2026-03-16.
type books struct {
	*dbtest.Database
	*dbtest.Company
	customer, account, other int64
	older, newer, yen, away  int64
}

func open(t *testing.T) *books {
	t.Helper()
	b := &books{Database: dbtest.New(t)}
	b.Company = dbtest.Tenant(t, b.Database, "acme")
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		b.customer, b.account = dbtest.Customer(t, tx, "C-1")
		b.other = dbtest.Account(t, tx, b.customer, "C-1b")
		b.older = dbtest.Item(t, tx, b.account, "INV-1", "2026-02-10", 10_001, "EUR")
		b.newer = dbtest.Item(t, tx, b.account, "INV-2", "2026-03-16", 20_003, "EUR")
		b.yen = dbtest.Item(t, tx, b.account, "INV-3", "2026-03-01", 7_000, "JPY")
		b.away = dbtest.Item(t, tx, b.other, "INV-4", "2026-03-02", 3_005, "EUR")
		return nil
	})
	return b
}

func (b *books) do(t testing.TB, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := b.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (b *books) pay(t testing.TB, number, on string, minor int64, lines ...ledger.Line) (id int64) {
	t.Helper()
	b.do(t, b.Collector, func(tx *tenant.Tx) (err error) {
		r, err := ledger.Record(t.Context(), tx, payment(b.customer, b.account, number, on, minor, lines...))
		id = r.ID
		return err
	})
	return id
}

func payment(customer, account int64, number, on string, minor int64, lines ...ledger.Line) ledger.Payment {
	d, _ := day.Parse(on)
	return ledger.Payment{CustomerID: customer, AccountID: account, Number: number, ValueOn: d, Amount: money.New(minor, "EUR"), Lines: lines}
}

func (b *books) openAmount(t testing.TB, item int64) (open int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT open_amount FROM items WHERE tenant_id = $1 AND id = $2`, b.ID, item).Scan(&open)
	})
	return open
}

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
	if got := b.lastNote(t, "payment"); got != "Payment P-1 of EUR 120.00, value 2026-03-10, pays INV-1 with EUR 100.01 and INV-2 with EUR 9.99; EUR 10.00 stays credit." {
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
	if got := b.lastNote(t, "payment"); got != "Payment P-1 of EUR 7.77, value 2026-03-10, pays nothing yet: all of it stays credit." {
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

// application is the id of the only one there is.
func (b *books) application(t testing.TB) (id int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM applications WHERE tenant_id = $1`, b.ID).Scan(&id)
	})
	return id
}

func TestReverse(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-10", 4_000, ledger.Line{ItemID: b.older, Minor: 4_000})
	application := b.application(t)
	undo := func(who tenant.Who, on day.Day, reason string) error {
		return b.Write(t.Context(), who, func(tx *tenant.Tx) error {
			return ledger.Reverse(t.Context(), tx, b.customer, application, ledger.Reversal{On: on, Reason: reason})
		})
	}
	if err := undo(b.Collector, day.New(2026, 3, 12), "wrong item"); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v, want forbidden", err)
	}
	for name, err := range map[string]error{
		"no reason":           undo(b.Manager, day.New(2026, 3, 12), ""),
		"a card number":       undo(b.Manager, day.New(2026, 3, 12), "Card 4111 1111 1111 1111"),
		"in the future":       undo(b.Manager, day.New(2026, 3, 17), "wrong item"),
		"before it was there": undo(b.Manager, day.New(2026, 3, 9), "wrong item"),
	} {
		if !errors.As(err, new(errs.Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := undo(b.Manager, day.New(2026, 3, 12), "wrong item"); err != nil {
		t.Fatal(err)
	}
	if err := undo(b.Manager, day.New(2026, 3, 12), "wrong item"); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("twice: %v, want a conflict", err)
	}
	if got := b.openAmount(t, b.older); got != 10_001 {
		t.Errorf("%d open after the reversal", got)
	}
	if got := b.lastNote(t, "reversal"); got != "EUR 40.00 of payment P-1 was taken off item INV-1 again, value 2026-03-12: wrong item" {
		t.Errorf("the note says %q", got)
	}
	for on, want := range map[string]int64{"2026-03-09": 10_001, "2026-03-10": 6_001, "2026-03-11": 6_001, "2026-03-12": 10_001} {
		if got := b.openAsOf(t, b.older, on); got != want {
			t.Errorf("as of %s %d open, want %d", on, got, want)
		}
	}
}

func (b *books) openAsOf(t testing.TB, item int64, on string) (open int64) {
	t.Helper()
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		err := tx.QueryRow(t.Context(), `SELECT open_amount FROM open_items($1) WHERE item_id = $2`, on, item).Scan(&open)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return open
}

func TestReturnedPaymentLeavesNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	paid := b.pay(t, "P-1", "2026-03-10", 12_500, ledger.Line{ItemID: b.older, Minor: 10_001})
	giveBack := func(on day.Day) error {
		return b.Write(t.Context(), b.Manager, func(tx *tenant.Tx) error {
			return ledger.Return(t.Context(), tx, b.customer, paid, ledger.Reversal{On: on, Reason: "no funds"})
		})
	}
	if err := giveBack(day.New(2026, 3, 9)); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("before it came: %v", err)
	}
	if err := giveBack(day.New(2026, 3, 13)); err != nil {
		t.Fatal(err)
	}
	if err := giveBack(day.New(2026, 3, 13)); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("twice: %v", err)
	}
	for on, want := range map[string]struct{ open, credit int64 }{
		"2026-03-09": {10_001, 0}, "2026-03-10": {0, 2_499}, "2026-03-12": {0, 2_499}, "2026-03-13": {10_001, 0}, "2026-03-16": {10_001, 0},
	} {
		var credit int64
		b.do(t, b.System(), func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT coalesce(sum(unapplied), 0)::bigint FROM open_credits($1)`, on).Scan(&credit)
		})
		if got := b.openAsOf(t, b.older, on); got != want.open || credit != want.credit {
			t.Errorf("as of %s open %d, credit %d; want %+v", on, got, credit, want)
		}
	}
	err := b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		_, err := ledger.ApplyPayment(t.Context(), tx, b.customer, paid, []ledger.Line{{ItemID: b.older, Minor: 1}})
		return err
	})
	if !errors.As(err, new(errs.Conflict)) {
		t.Errorf("a returned payment was applied: %v", err)
	}
	if got := b.lastNote(t, "reversal"); got != "Payment P-1 of EUR 125.00 was returned, value 2026-03-13. What it paid of one item is owed again. Reason: no funds" {
		t.Errorf("the note says %q", got)
	}
}
