package demo

import (
	"cmp"
	"fmt"
	"slices"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// receipt is money for one item on one day, before a day's money of one
// currency is made one payment.
type receipt struct {
	Line
	on       day.Day
	currency money.Currency
}

// settle makes the payments that came in before today and what they leave open.
func (m *maker) settle(a *Account, w manner) {
	for i := range a.Items {
		a.Items[i].Open = a.Items[i].Amount.Minor
	}
	for _, c := range a.Credits {
		a.Items[c.Item].Open -= c.Minor
		a.Items[c.Note].Open += c.Minor
	}
	var in []receipt
	for i := range a.Items {
		it := &a.Items[i]
		if it.Open <= 0 {
			continue
		}
		for _, p := range m.pays(w, it) {
			if p.on.Before(it.IssuedOn) {
				p.on = it.IssuedOn
			}
			on := w.day(p.on)
			minor := it.Open * int64(p.share) / 100
			if minor > 0 && on.Before(m.today) {
				it.Open -= minor
				in = append(in, receipt{Line{i, minor}, on, it.Amount.Currency})
			}
		}
	}
	m.bank(a, w, in)
}

// bank joins what came on one day in one currency to one payment.
func (m *maker) bank(a *Account, w manner, in []receipt) {
	slices.SortStableFunc(in, func(x, y receipt) int {
		return cmp.Or(x.on.Sub(y.on), cmp.Compare(x.currency, y.currency))
	})
	for _, r := range in {
		last := len(a.Payments) - 1
		if last < 0 || a.Payments[last].ValueOn != r.on || a.Payments[last].Amount.Currency != r.currency {
			a.Payments = append(a.Payments, Payment{Number: m.paymentNumber(r.on), ValueOn: r.on, Amount: money.New(0, r.currency)})
			last++
		}
		p := &a.Payments[last]
		p.Amount.Minor += r.Minor
		p.Lines = append(p.Lines, r.Line)
	}
	for i := range a.Payments {
		if p := &a.Payments[i]; w.habit == ahead && m.chance(12) {
			p.Amount.Minor += p.Amount.Minor * int64(m.between(3, 40)) / 100
		}
	}
}

func (m *maker) paymentNumber(on day.Day) string {
	m.paid++
	return fmt.Sprintf("BT%s-%06d%03d", on.Format("060102"), m.index, m.paid)
}
