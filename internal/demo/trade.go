package demo

import (
	"fmt"
	"math"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
)

// trade is eighteen months of invoices on one account, or fewer where the
// customer is newer, in the currencies given.
func (m *maker) trade(currencies []money.Currency) {
	w := m.manner()
	from, to := m.buys(w)
	a := Account{Number: "T" + m.c.Number, OpenedOn: from}
	terms, size := one(m.dice, []int{14, 14, 30, 30, 30, 45, 60}), min(m.around(700), 9000)
	perMonth := pick(m.dice, []weighed[float64]{{38, 0.3}, {30, 0.5}, {20, 0.9}, {10, 1.5}, {2, 4}})
	if m.index < len(specials) {
		perMonth = 2
	}
	for _, on := range m.invoiceDays(from, to, perMonth) {
		c := currencies[len(a.Items)%len(currencies)]
		a.Items = append(a.Items, Item{Kind: ledger.Invoice, Number: m.itemNumber(len(a.Items), on), IssuedOn: on, DueOn: on.Add(terms),
			Amount: amount(min(max(m.around(size), 12), 60_000), c), Family: ledger.Ongoing})
		m.mayCredit(&a)
	}
	m.settle(&a, w)
	m.c.Accounts = append(m.c.Accounts, a)
}

// buys is from when to when invoices are written: a new customer has few, and
// one that stopped paying is supplied only a little longer.
func (m *maker) buys(w manner) (from, to day.Day) {
	from, to = m.today.AddMonths(-months), m.today
	switch {
	case w.habit == broken:
		to = w.stopped.Add(45)
	case w.habit == never:
		from = m.today.Add(-m.between(80, 260))
		to = from.Add(100)
	case m.chance(25):
		from = m.today.Add(-m.between(45, 500))
	}
	return from, to
}

func (m *maker) invoiceDays(from, to day.Day, perMonth float64) (days []day.Day) {
	gap := 30.4 / perMonth
	for at := m.r.Float64() * min(gap, 40); ; at += gap * (0.5 + m.r.Float64()) {
		on := workday(from.Add(int(at)))
		if on.After(to) || on.After(m.today) {
			return days
		}
		days = append(days, on)
	}
}

// itemNumber is the year, the customer and a running number, as one row of digits.
func (m *maker) itemNumber(n int, on day.Day) string {
	year, _, _ := on.Date()
	return fmt.Sprintf("%02d%06d%03d", year%100, m.index, n+1)
}

// mayCredit now and then takes back a part of the newest invoice.
func (m *maker) mayCredit(a *Account) {
	last := len(a.Items) - 1
	inv := a.Items[last]
	on := workday(inv.IssuedOn.Add(m.between(4, 12)))
	if !m.chance(4) || on.After(m.today) {
		return
	}
	minor := max(inv.Amount.Minor*int64(m.between(5, 30))/100, 1)
	a.Items = append(a.Items, Item{Kind: ledger.CreditNote, Number: "C" + m.itemNumber(last+1, on), IssuedOn: on, DueOn: on,
		Amount: money.New(-minor, inv.Amount.Currency), Family: ledger.Ongoing})
	a.Credits = append(a.Credits, Credit{Note: last + 1, Item: last, Minor: minor, ValueOn: on})
}

// amount is so many euros' worth in the currency.
func amount(euros float64, c money.Currency) money.Amount {
	units := euros * worth[c]
	if c.Decimals() == 0 {
		units = math.Round(units/10) * 10
	}
	return money.New(int64(math.Round(units*math.Pow10(c.Decimals()))), c)
}
