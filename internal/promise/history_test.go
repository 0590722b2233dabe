package promise_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// TestRandomHistories lives through what people may do in any order, and compares
// after each step with the plain books beside it.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			h := &history{desk: newDesk(t), Rand: rand.New(rand.NewPCG(seed, 7)), today: today}
			for range 60 {
				h.step(t)
				h.compare(t)
				if t.Failed() {
					t.Fatalf("after:\n%s", h.told)
				}
			}
			if h.decided < 3 {
				t.Errorf("only %d decisions were made: this history tells nothing", h.decided)
			}
		})
	}
}

// history is a desk with plain books beside it, which know nothing of the program.
type history struct {
	*desk
	*rand.Rand
	today    day.Day
	loaded   time.Time
	payments []*plainPayment
	parts    []*plainPart
	open     map[int64]bool // promises that may be replaced or withdrawn
	told     string
	decided  int
}

type plainPayment struct {
	id       int64
	on       day.Day
	cents    int
	currency money.Currency
	gone     bool
}

type plainPart struct {
	promise  int64
	number   int
	due      day.Day
	grace    day.Day
	cents    int
	received int
	currency money.Currency
	known    int // how many payments there were
	state    promise.State
}

func (p *plainPart) ended() bool { return p.state == promise.Replaced || p.state == promise.Withdrawn }

func (h *history) say(format string, args ...any) {
	h.told += fmt.Sprintf("%s: %s\n", h.today, fmt.Sprintf(format, args...))
}

func (h *history) currency() money.Currency {
	if h.IntN(4) == 0 {
		return "USD"
	}
	return "EUR"
}

// step does something, and then what follows from it, in the plain books.
func (h *history) step(t *testing.T) {
	t.Helper()
	switch n := h.IntN(10); {
	case n < 2:
		h.promise(t, 0)
	case n < 5:
		h.money(t)
	case n < 6:
		h.bounce(t)
	case n < 7:
		if id := h.any(); id != 0 {
			h.promise(t, id)
		}
	case n < 8:
		if id := h.any(); id != 0 && h.IntN(2) == 0 {
			h.takeBack(t, id)
		}
	default:
		h.sleep(t)
	}
	h.reckon()
}

// any is a promise that is open, or 0.
func (h *history) any() int64 {
	var ids []int64
	for _, p := range h.parts {
		if p.state == promise.Open && h.open[p.promise] {
			ids = append(ids, p.promise)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	return ids[h.IntN(len(ids))]
}

// promise makes one, perhaps in the place of another.
func (h *history) promise(t *testing.T, old int64) {
	t.Helper()
	p := h.plan(0)
	p.Confirmed, p.Amount.Currency = true, h.currency()
	if i := slices.IndexFunc(h.parts, func(p *plainPart) bool { return p.promise == old }); i >= 0 {
		p.Amount.Currency = h.parts[i].currency
	}
	due := h.today.Add(h.IntN(4))
	for range 1 + h.IntN(3) {
		part := promise.Part{DueOn: due, Minor: int64(1 + h.IntN(30))}
		p.Instalments, p.Amount.Minor = append(p.Instalments, part), p.Amount.Minor+part.Minor
		due = due.Add(1 + h.IntN(6))
	}
	h.say("promise %v in the place of %d", p.Instalments, old)
	id, err := int64(0), error(nil)
	if old == 0 {
		id, err = h.make(t, p)
	} else if id, err = h.replace(t, old, p); invalid(err, "") {
		h.say("which is once too often")
		return
	}
	if err != nil {
		t.Fatalf("%v, after:\n%s", err, h.told)
	}
	h.follow(old, id)
	for n, i := range p.Instalments {
		h.parts = append(h.parts, &plainPart{promise: id, number: n + 1, due: i.DueOn, grace: threeWorked(i.DueOn), cents: int(i.Minor),
			currency: p.Amount.Currency, known: len(h.payments), state: promise.Open})
	}
}

func (h *history) follow(old, id int64) {
	if h.open == nil {
		h.open = map[int64]bool{}
	}
	h.open[old], h.open[id] = false, true
	for _, p := range h.parts {
		if p.promise == old && p.state == promise.Open && !p.due.Before(h.today) {
			p.state = promise.Replaced
		}
	}
}

func threeWorked(d day.Day) day.Day {
	for n := 0; n < 3; {
		d = d.Add(1)
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return d
}

func (h *history) money(t *testing.T) {
	t.Helper()
	p := &plainPayment{on: h.today.Add(-h.IntN(9)), cents: 1 + h.IntN(40), currency: h.currency()}
	pay := ledger.Payment{CustomerID: h.id, AccountID: h.desk.on, Number: fmt.Sprint("p", len(h.payments)), ValueOn: p.on, Amount: money.New(int64(p.cents), p.currency)}
	if p.currency == "EUR" && h.IntN(2) == 0 {
		pay.Lines = []ledger.Line{{ItemID: h.a, Minor: int64(1 + h.IntN(p.cents))}}
	}
	h.must(t, h.acme.Collector, func(tx *tenant.Tx) error {
		r, err := ledger.Record(t.Context(), tx, pay)
		p.id = r.ID
		return err
	})
	h.say("%d %s come, value %s", p.cents, p.currency, p.on)
	h.payments = append(h.payments, p)
}

func (h *history) bounce(t *testing.T) {
	t.Helper()
	if len(h.payments) == 0 {
		return
	}
	p := h.payments[h.IntN(len(h.payments))]
	if !p.gone {
		h.giveBack(t, p.id, h.today)
		p.gone = true
		h.say("%d %s of %s go back", p.cents, p.currency, p.on)
	}
}

func (h *history) takeBack(t *testing.T, id int64) {
	t.Helper()
	if err := h.withdraw(t, h.acme.Manager, id, "No more."); err != nil {
		t.Fatal(err)
	}
	h.say("promise %d is taken back", id)
	for _, p := range h.parts {
		if p.promise == id && p.state == promise.Open {
			p.state = promise.Withdrawn
		}
	}
}

// sleep goes on some days, and loads payments up to some moment of late.
func (h *history) sleep(t *testing.T) {
	t.Helper()
	h.today = h.today.Add(1 + h.IntN(4))
	h.stand(h.today)
	to := midnight(h.today).Add(-time.Duration(h.IntN(60)) * time.Hour)
	if to.After(h.loaded) {
		h.loaded = to
	}
	h.night(t, to)
	h.say("payments are loaded to %s", to)
}

// reckon deals out the money cent by cent.
func (h *history) reckon() {
	parts := slices.Clone(h.parts)
	slices.SortStableFunc(parts, func(a, b *plainPart) int {
		return cmp.Or(a.grace.Sub(b.grace), a.due.Sub(b.due), cmp.Compare(a.promise, b.promise), a.number-b.number)
	})
	spent := make([]int, len(h.payments))
	for _, p := range parts {
		if p.ended() {
			continue
		}
		p.received = 0
		for range p.cents {
			for n, m := range h.payments {
				if n >= p.known && !m.gone && m.currency == p.currency && !m.on.After(p.grace) && spent[n] < m.cents {
					spent[n]++
					p.received++
					break
				}
			}
		}
		was := p.state
		switch {
		case p.received == p.cents:
			p.state = promise.Kept
		case was != promise.Broken && was != promise.PartKept && h.loaded.Before(midnight(p.grace.Add(1))):
			p.state = promise.Open
		case p.received > 0:
			p.state = promise.PartKept
		default:
			p.state = promise.Broken
		}
		if p.state != was {
			h.decided++
		}
	}
}

// compare fails the test where the program says anything else.
func (h *history) compare(t *testing.T) {
	t.Helper()
	var list []promise.Promise
	h.must(t, h.acme.Collector, func(tx *tenant.Tx) (err error) {
		list, err = dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]promise.Promise) { promise.QueueOf(b, h.id, into) })
		return err
	})
	seen := 0
	for _, p := range list {
		for _, i := range p.Instalments {
			n := slices.IndexFunc(h.parts, func(q *plainPart) bool { return q.promise == p.ID && q.number == i.Number })
			q := h.parts[n]
			if i.State != q.state || i.Received != int64(q.received) || i.GraceOn != q.grace {
				t.Errorf("instalment %d of promise %d is %s with %d; want %s with %d", i.Number, p.ID, i.State, i.Received, q.state, q.received)
			}
			if d := i.Decisions; len(d) > 0 && (d[len(d)-1].State != i.State || i.State == promise.PartKept && d[len(d)-1].Received != i.Received) {
				t.Errorf("instalment %d of promise %d is %s, last decided %+v", i.Number, p.ID, i.State, d[len(d)-1])
			}
			if active := i.FollowUpID != nil; active != (i.State == promise.Broken || i.State == promise.PartKept) && !q.ended() {
				t.Errorf("instalment %d of promise %d is %s, and has a follow-up: %v", i.Number, p.ID, i.State, active)
			}
			seen++
		}
	}
	if seen != len(h.parts) && len(list) < promise.Listed {
		t.Errorf("%d instalments, want %d", seen, len(h.parts))
	}
}

// TestNightInOneGo: however many promises there are to be decided, the statements are
// as many.
func TestNightInOneGo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	customers := func(from, to int, due day.Day) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			for n := from; n < to; n++ {
				id, account := dbtest.Customer(t, tx, fmt.Sprint("N-", n))
				p := d.plan(int64(5_00 + n))
				p.AccountID, p.DueOn, p.Confirmed = account, due, true
				if _, err := promise.Make(t.Context(), tx, id, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	customers(0, 2, friday)
	customers(2, 17, friday.Add(7))
	night := func(on day.Day, want int) (statements int64) {
		t.Helper()
		d.over(t, on.Add(-1)) // nothing is ripe, and payments are loaded
		d.stand(on.Add(1))
		d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return tenant.SetPaymentsLoadedTo(t.Context(), tx, midnight(on.Add(1))) })
		d.Queries.Take()
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error { return promise.DecideAll(t.Context(), tx) })
		if statements = d.Queries.Take(); len(d.decided) != want {
			t.Errorf("%d were decided, want %d", len(d.decided), want)
		}
		return statements
	}
	if few, many := night(grace, 2), night(grace.Add(7), 15); few != many {
		t.Errorf("%d statements for 2 promises and %d for 15", few, many)
	}
	var n int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM follow_ups f JOIN instalments i ON i.follow_up_id = f.id AND i.customer_id = f.customer_id`).Scan(&n); err != nil || n != 17 {
		t.Errorf("%d follow-ups are with their own customers, %v; want 17", n, err)
	}
}
