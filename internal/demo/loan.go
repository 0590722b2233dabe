package demo

import (
	"fmt"
	"math"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
)

// loans gives a consumer one loan, now and then two.
func (m *maker) loans() {
	w := m.manner()
	m.loan(w, 1)
	if m.chance(8) {
		m.loan(w, 2)
	}
}

// loan is paid back in equal instalments a month; those of the last eighteen
// months are in the books, each billed two weeks before it is due.
func (m *maker) loan(w manner, n int) {
	ago := m.between(2, 19)
	if w.habit == never {
		ago = m.between(2, 6)
	}
	opened := m.today.AddMonths(-ago).Add(-m.between(0, 27))
	a := Account{Number: fmt.Sprintf("L%s-%d", m.c.Number, n), Loan: true, OpenedOn: opened}
	each := instalment(min(max(m.around(230), 45), 1400), m.land.currency)
	first := firstDue(opened, one(m.dice, []int{1, 1, 10, 15, 20, 25}))
	for i := range one(m.dice, []int{12, 24, 36, 48, 60}) {
		due := first.AddMonths(i)
		issued := due.Add(-14)
		if issued.After(m.today) {
			break
		}
		if due.Before(m.today.AddMonths(-months)) {
			continue
		}
		a.Items = append(a.Items, Item{Kind: ledger.Instalment, Number: fmt.Sprintf("%s/%02d", a.Number, i+1), IssuedOn: issued, DueOn: due,
			Amount: each, Family: ledger.Ongoing})
	}
	m.settle(&a, w)
	m.c.Accounts = append(m.c.Accounts, a)
}

// firstDue is the first such day of a month that comes four weeks or more after
// the opening.
func firstDue(opened day.Day, dom int) day.Day {
	y, month, _ := opened.Add(28).Date()
	d := day.New(y, month, dom)
	if d.Before(opened.Add(28)) {
		d = d.AddMonths(1)
	}
	return d
}

// instalment is so many euros' worth, in whole units of the currency.
func instalment(euros float64, c money.Currency) money.Amount {
	minor := int64(math.Round(euros * worth[c]))
	for range c.Decimals() {
		minor *= 10
	}
	return money.New(minor, c)
}
