package promise_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// items are what a promise takes of each item, as number and amount.
func (d *desk) items(t *testing.T, id int64) (list []string) {
	t.Helper()
	for _, i := range d.find(t, id).Items {
		list = append(list, i.Number+" "+money.New(i.Minor, "EUR").Plain())
	}
	return list
}

func TestMakeRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var otherAccount, stranger int64
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		otherAccount = dbtest.Account(t, tx, d.id, "C-1-2")
		stranger = dbtest.Item(t, tx, otherAccount, "X", "2026-01-20", 33_00, "EUR")
		return nil
	})
	parts := func(list ...promise.Part) func(*promise.Plan) { return func(p *promise.Plan) { p.Instalments = list } }
	for _, c := range []struct {
		name   string
		change func(*promise.Plan)
		fields []string
	}{
		{"nothing", func(p *promise.Plan) { p.Amount.Minor = 0 }, []string{"amount"}},
		{"below zero", func(p *promise.Plan) { p.Amount.Minor = -1 }, []string{"amount"}},
		{"too large", func(p *promise.Plan) { p.Amount.Minor, p.Confirmed = money.Max+1, true }, []string{"amount"}},
		{"no currency", func(p *promise.Plan) { p.Amount.Currency = "EURO" }, []string{"amount"}},
		{"yesterday", func(p *promise.Plan) { p.DueOn = today.Add(-1) }, []string{"due_on"}},
		{"no day", func(p *promise.Plan) { p.DueOn = day.Day{} }, []string{"due_on"}},
		{"the wrong century", func(p *promise.Plan) { p.DueOn = today.AddMonths(12 * 11) }, []string{"due_on"}},
		{"nobody", func(p *promise.Plan) { p.AssigneeID = 0 }, []string{"assignee"}},
		{"somebody of another company", func(p *promise.Plan) { p.AssigneeID = d.beta.CollectorID }, []string{"assignee"}},
		{"a card number", func(p *promise.Plan) { p.Text = "pays by 4111 1111 1111 1111" }, []string{"text"}},
		{"a long story", func(p *promise.Plan) { p.Text = strings.Repeat("é", promise.MaxText+1) }, []string{"text"}},
		{"instalments too low", parts(promise.Part{friday, 40_00}, promise.Part{grace, 59_99}), []string{"instalments"}},
		{"instalments too high", parts(promise.Part{friday, 40_00}, promise.Part{grace, 60_01}), []string{"instalments"}},
		{"instalments out of order", parts(promise.Part{grace, 40_00}, promise.Part{friday, 60_00}), []string{"instalment-2"}},
		{"two of a day", parts(promise.Part{friday, 40_00}, promise.Part{friday, 60_00}), []string{"instalment-2"}},
		{"an instalment past", parts(promise.Part{today.Add(-1), 40_00}, promise.Part{friday, 60_00}), []string{"instalment-1"}},
		{"an instalment of nothing", parts(promise.Part{today, 0}, promise.Part{friday, 100_00}), []string{"instalment-1"}},
		{"an item of another account", func(p *promise.Plan) { p.Items = []int64{d.a, stranger} }, []string{"items"}},
		{"items that are less", func(p *promise.Plan) { p.Items = []int64{d.c} }, []string{"items"}},
	} {
		p := d.plan(100_00)
		c.change(&p)
		if id, err := d.make(t, p); !invalid(err, c.fields...) {
			t.Errorf("%s: promise %d, %v; want a message at %v", c.name, id, err, c.fields)
		}
	}
	if n := len(d.notes(t)); n != 0 {
		t.Errorf("%d notes of what was refused", n)
	}
	p := d.plan(100_00)
	p.DueOn = today // the day itself is not past
	d.made(t, p)
}

func TestMakeElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Make(t.Context(), tx, d.foreign, d.plan(100_00))
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("a promise of another company's customer: %v", err)
	}
	id := d.made(t, d.plan(100_00))
	err = d.Write(t.Context(), d.beta.Admin, func(tx *tenant.Tx) error {
		_, err := promise.Find(t.Context(), tx, d.id, id)
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's promise was found: %v", err)
	}
}

func TestMoreThanCanBeCollected(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.pay(t, "credit", today, 40_00)
	if _, err := d.make(t, d.plan(900_00)); err != nil { // 940.00 less the credit
		t.Errorf("all that can be collected was refused: %v", err)
	}
	_, err := d.make(t, d.plan(1))
	var asks promise.TooMuch
	if !errors.As(err, &asks) || asks.Promised.Minor != 1 || asks.Collectable.Minor != 0 || !invalid(err, "amount") {
		t.Errorf("beyond what can be collected: %v, want to be asked", err)
	}
	p := d.plan(1)
	p.Confirmed = true
	d.made(t, p)
	if last := d.notes(t)[1]; !strings.Contains(last, "It is more than the EUR 0.00 that could be collected then.") {
		t.Errorf("the journal says %q", last)
	}
}

// TestPromisedBesideWhatIsInQuestion: a promise takes of each item first what nobody
// disputes, so that one of all that is to be collected leaves nothing to chase; what is
// in question comes last.
func TestPromisedBesideWhatIsInQuestion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.question(t, d.a, 50_00)
	id := d.made(t, d.plan(800_00))
	same(t, "all that is to be collected", d.items(t, id), []string{"A 550.00", "B 250.00"})
	if got := d.chased(t); got != [3]int64{0, 0, 90_00} {
		t.Errorf("%v can be chased, want C alone, which is not due", got)
	}
	d.pay(t, "all", today, 800_00, ledger.Line{ItemID: d.a, Minor: 550_00}, ledger.Line{ItemID: d.b, Minor: 250_00})
	d.stands(t, id, promise.Kept, 800_00)
	more := d.plan(140_00)
	more.Items, more.Confirmed = []int64{d.a, d.c}, true
	same(t, "more than is undisputed", d.items(t, d.made(t, more)), []string{"A 50.00", "C 90.00"})
}

// TestPromiseOfWhatIsDisputedWholly comes after all others, though it is the oldest.
func TestPromiseOfWhatIsDisputedWholly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.question(t, d.a, 0)
	d.question(t, d.b, 20_00)
	p := d.plan(345_00)
	p.Confirmed = true
	same(t, "345.00", d.items(t, d.made(t, p)), []string{"B 250.00", "C 90.00", "A 5.00"})
}

// TestPromisedAlready: what one promise has, the next cannot count on.
func TestPromisedAlready(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.plan(640_00)
	p.Text = "  Salary comes on Thursday.\r\n "
	first := d.made(t, p)
	same(t, "oldest first", d.items(t, first), []string{"A 600.00", "B 40.00"})
	if got := d.find(t, first); got.Text != "Salary comes on Thursday." || got.Collectable != 940_00 || got.Assignee != "acme collector" || got.Author != "acme collector" || got.MadeOn != today {
		t.Errorf("it was written down as %+v", got)
	}
	_, err := d.make(t, d.plan(300_01)) // of B 210.00 are left, of C 90.00
	if asks := (promise.TooMuch{}); !errors.As(err, &asks) || asks.Collectable.Minor != 300_00 {
		t.Errorf("more than is left: %v", err)
	}
	ticked := d.plan(20_00)
	ticked.Items = []int64{d.c, d.b}
	if _, err := d.make(t, ticked); !invalid(err, "items") {
		t.Errorf("an item that is promised already: %v", err)
	}
	same(t, "what is not promised yet", d.items(t, d.made(t, d.plan(20_00))), []string{"C 20.00"})
}

// TestNothingLeftToPromise: an item is in one open promise, so that what another one says
// of its rest would hold nothing back.
func TestNothingLeftToPromise(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.made(t, d.plan(500_00)) // of A 100.00 are left, with B and C 440.00
	if p := d.purses(t)[0]; p.ToCollect != 350_00 || p.Proposed().Minor != 250_00 || p.AllPromised() {
		t.Errorf("to collect are %d, proposed %v", p.ToCollect, p.Proposed())
	}
	if _, err := d.make(t, d.plan(340_01)); !invalid(err, "amount") || !strings.Contains(err.Error(), "EUR 340.00 is open of items that are in no open promise yet") {
		t.Errorf("more than the items that are left: %v", err)
	}
	d.made(t, d.plan(340_00))
	if p := d.purses(t)[0]; p.ToCollect != 100_00 || p.Proposed().Minor != 0 || !p.AllPromised() {
		t.Errorf("to collect are %d, proposed %v", p.ToCollect, p.Proposed())
	}
	if _, err := d.make(t, d.plan(100_00)); !invalid(err, "amount") || !strings.Contains(err.Error(), promise.AllPromised) {
		t.Errorf("about no item: %v", err)
	}
	meant := d.plan(100_00)
	meant.Confirmed = true
	same(t, "about no item, and meant", d.items(t, d.made(t, meant)), nil)
	next, err := d.replace(t, first, d.plan(600_00))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the whole of it, in the place of the first", d.items(t, next), []string{"A 600.00"})
}

// TestWhatMayNotBeChased comes last, and only if more is promised than can be collected.
func TestWhatMayNotBeChased(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `
		UPDATE items SET status_id = (SELECT s.id FROM item_statuses s WHERE s.tenant_id = items.tenant_id AND s.family = 'dispute') WHERE id = $1`, d.a); err != nil {
		t.Fatal(err)
	}
	p := d.plan(345_00)
	if _, err := d.make(t, p); !invalid(err, "amount") {
		t.Errorf("more than can be collected: %v", err)
	}
	p.Confirmed = true
	same(t, "items", d.items(t, d.made(t, p)), []string{"B 250.00", "C 90.00", "A 5.00"})
}

func TestArchivedCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, d.id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.make(t, d.plan(100_00)); !conflict(err, "archived") {
		t.Errorf("a promise of a customer who was put away: %v", err)
	}
}

// TestTwoAtOnce: two people write down the same promise of everything at once.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var wg sync.WaitGroup
	failed := make([]error, 2)
	for n := range failed {
		wg.Go(func() { _, failed[n] = d.make(t, d.plan(940_00)) })
	}
	wg.Wait()
	slices.SortFunc(failed, func(a, b error) int {
		if a == nil {
			return -1
		}
		return 1
	})
	if failed[0] != nil || !invalid(failed[1], "amount") {
		t.Errorf("two at once: %v and %v; want one that is asked", failed[0], failed[1])
	}
}
