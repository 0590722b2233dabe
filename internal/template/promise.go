package template

import (
	"dunwell/internal/day"
	"dunwell/internal/money"
)

// Promise is a promise to pay that a text confirms.
type Promise struct {
	Amount money.Amount
	Parts  []Part // by their days
}

// Part is what is promised for a day, in minor units of the promise's currency.
type Part struct {
	DueOn day.Day
	Minor int64
}

func (v Values) promise(p Promise) {
	if len(p.Parts) == 0 {
		return
	}
	v.set("promise.amount", v.style.money(p.Amount))
	v.set("promise.due", v.style.day(p.Parts[0].DueOn))
	for _, i := range p.Parts[:min(len(p.Parts), maxRows)] {
		v.lists["instalments"] = append(v.lists["instalments"], map[string]any{"due": v.style.day(i.DueOn), "amount": v.style.money(money.New(i.Minor, p.Amount.Currency))})
	}
}
