package ledger_test

import (
	"errors"
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
		id, err = ledger.Record(t.Context(), tx, payment(b.account, number, on, minor, lines...))
		return err
	})
	return id
}

func payment(account int64, number, on string, minor int64, lines ...ledger.Line) ledger.Payment {
	d, _ := day.Parse(on)
	return ledger.Payment{AccountID: account, Number: number, ValueOn: d, Amount: money.New(minor, "EUR"), Lines: lines}
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
		var text string
		err = tx.QueryRow(t.Context(), `SELECT text FROM notes WHERE tenant_id = $1 AND kind = 'payment'`, b.ID).Scan(&text)
		if !strings.Contains(text, "P-1") || !strings.Contains(text, "EUR 120.00") {
			t.Errorf("the note says %q", text)
		}
		return err
	})
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-0", "2026-03-16", 50)
	for name, c := range map[string]struct {
		p     ledger.Payment
		field string
	}{
		"no reference":         {payment(b.account, "", "2026-03-10", 100), "number"},
		"a long reference":     {payment(b.account, strings.Repeat("x", 81), "2026-03-10", 100), "number"},
		"no day":               {payment(b.account, "P-1", "", 100), "value_on"},
		"tomorrow":             {payment(b.account, "P-1", "2026-03-17", 100), "value_on"},
		"nothing":              {payment(b.account, "P-1", "2026-03-10", 0), "amount"},
		"less than nothing":    {payment(b.account, "P-1", "2026-03-10", -1), "amount"},
		"too much":             {payment(b.account, "P-1", "2026-03-10", money.Max+1), "amount"},
		"a line of nothing":    {payment(b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.older}), "lines"},
		"lines above it":       {payment(b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.older, Minor: 101}), "lines"},
		"a cent above the due": {payment(b.account, "P-1", "2026-03-10", 20_000, ledger.Line{ItemID: b.older, Minor: 10_002}), "lines"},
		"another currency":     {payment(b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.yen, Minor: 100}), "lines"},
		"another account":      {payment(b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: b.away, Minor: 100}), "lines"},
		"no such item":         {payment(b.account, "P-1", "2026-03-10", 100, ledger.Line{ItemID: 1 << 40, Minor: 100}), "lines"},
		"the same reference":   {payment(b.account, "P-0", "2026-03-10", 100), "number"},
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

func TestAnotherTenantsAccountIsNotFound(t *testing.T) {
	t.Parallel()
	b := open(t)
	rival := dbtest.Tenant(t, b.Database, "rival")
	err := b.Write(t.Context(), rival.Admin, func(tx *tenant.Tx) error {
		_, err := ledger.Record(t.Context(), tx, payment(b.account, "P-1", "2026-03-10", 100))
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	paid := b.pay(t, "P-1", "2026-03-10", 100)
	err = b.Write(t.Context(), rival.Admin, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, paid, day.New(2026, 3, 11), "bounced")
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("got %v, want not found", err)
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
				return ledger.ApplyPayment(t.Context(), tx, paid, ledger.Line{ItemID: item, Minor: 4_000})
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
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		return ledger.ApplyCreditNote(t.Context(), tx, credit, ledger.Line{ItemID: b.older, Minor: 2_499})
	})
	if a, c := b.openAmount(t, b.older), b.openAmount(t, credit); a != 7_502 || c != -1 {
		t.Errorf("open: item %d, credit note %d; want 7502 and -1", a, c)
	}
	err := b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		return ledger.ApplyCreditNote(t.Context(), tx, credit, ledger.Line{ItemID: b.older, Minor: 2})
	})
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("two cents of a credit of one: %v", err)
	}
	err = b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		return ledger.ApplyCreditNote(t.Context(), tx, credit, ledger.Line{ItemID: credit, Minor: 1})
	})
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a credit note against itself: %v", err)
	}
}

func TestReverse(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-10", 4_000, ledger.Line{ItemID: b.older, Minor: 4_000})
	var application int64
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM applications WHERE tenant_id = $1`, b.ID).Scan(&application)
	})
	undo := func(who tenant.Who, on day.Day, reason string) error {
		return b.Write(t.Context(), who, func(tx *tenant.Tx) error {
			return ledger.Reverse(t.Context(), tx, ledger.Reversal{ApplicationID: application, On: on, Reason: reason})
		})
	}
	if err := undo(b.Collector, day.New(2026, 3, 12), "wrong item"); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v, want forbidden", err)
	}
	for name, err := range map[string]error{
		"no reason":           undo(b.Manager, day.New(2026, 3, 12), ""),
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
			return ledger.Return(t.Context(), tx, paid, on, "no funds")
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
		return ledger.ApplyPayment(t.Context(), tx, paid, ledger.Line{ItemID: b.older, Minor: 1})
	})
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a returned payment was applied: %v", err)
	}
}

func TestStatusHoldsBack(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.Statuses(t.Context(), tx)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Family == ledger.Disputed {
				return ledger.SetStatus(t.Context(), tx, b.older, s.ID, "goods were broken")
			}
		}
		return errors.New("no status of the dispute family")
	})
	b.do(t, b.Collector, func(tx *tenant.Tx) error {
		all, err := ledger.Figures(t.Context(), tx, []int64{b.customer})
		if f := all[b.customer][0]; f.Overdue != 13_006 || f.Held != 10_001 || f.ToCollect != 3_005 {
			t.Errorf("figures %+v", f)
		}
		return err
	})
	for _, sql := range []string{
		`UPDATE items SET applied = 5 WHERE id = $1`,
		`UPDATE items SET open_amount = 0 WHERE id = $1`,
		`DELETE FROM items WHERE id = $1`,
	} {
		err := b.Write(t.Context(), b.Admin, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), sql, b.older)
			return err
		})
		if err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}
