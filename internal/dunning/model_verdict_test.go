package dunning_test

import (
	"cmp"
	"slices"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

type purse struct {
	account int64
	in      money.Currency
}

type stand struct {
	modelItem
	next, reached int
	opens         day.Day
	purse         purse
}

// verdict is what is to be done about the customer; false: there is nothing to say.
func (m *model) verdict(c *modelCustomer, on day.Day, own money.Currency) (v modelVerdict, told bool) {
	v.Customer = c.Number
	p := m.policyOf(c)
	held := map[string]bool{}
	debts := map[purse]int64{}
	var stands []stand
	for _, i := range c.items {
		open := m.open(i, on)
		if open <= 0 || i.DueOn.IsZero() {
			continue
		}
		if h := m.held(c, i, on); h != "free" {
			held[h] = held[h] || on.Sub(i.DueOn) > 0
			continue
		}
		s := stand{modelItem: i, purse: purse{i.AccountID, i.Currency}}
		if p != nil {
			s.next, s.reached, s.opens = p.step(i, on)
		}
		if on.Sub(i.DueOn) > 0 || s.next > 0 {
			stands = append(stands, s)
			debts[s.purse] += open - i.Still
		}
	}
	if len(stands) == 0 {
		switch {
		case held["stopped"]:
			v.Code = "stopped"
		case yes(held["paused"])+yes(held["disputed"])+yes(held["promised"]) > 1:
			v.Code = "held"
		case held["promised"]:
			v.Code, v.ComesOn = "promised", c.PromiseEnds
		case held["paused"]:
			v.Code = "paused"
		case held["disputed"]:
			v.Code = "disputed"
		}
		return v, v.Code != ""
	}
	if p == nil {
		v.Code = "no_policy"
		return v, true
	}
	sums, any := map[money.Currency]int64{}, false
	for at, debt := range debts {
		debts[at] = max(debt-m.credit(c, at.account, at.in, on), 0)
		sums[at.in] += debts[at]
		any = any || debts[at] > 0
	}
	var fit []stand
	for _, s := range stands {
		if debts[s.purse] > 0 && sums[s.Currency] >= p.minimums[s.Currency] {
			fit = append(fit, s)
		}
	}
	m.decide(&v, c, p, fit, any, on)
	for in, sum := range sums {
		if sum > 0 && sum >= p.minimums[in] {
			v.Amounts = append(v.Amounts, money.New(sum, in))
		}
	}
	slices.SortFunc(v.Amounts, func(a, b money.Amount) int {
		return cmp.Or(-cmp.Compare(yes(a.Currency == own), yes(b.Currency == own)), cmp.Compare(a.Currency, b.Currency))
	})
	return v, true
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// decide finds the code, and what belongs to it, from the items that are reminded of.
func (m *model) decide(v *modelVerdict, c *modelCustomer, p *modelPolicy, fit []stand, owes bool, on day.Day) {
	top, reached, ended := 0, 0, false
	var opens, endedOn day.Day
	repeats := true
	for _, s := range fit {
		top, reached, opens = max(top, s.next), max(reached, s.reached), earliest(opens, s.opens)
		if s.next == -1 {
			ended, endedOn = true, latest(endedOn, s.RemindedOn)
		}
	}
	for _, s := range fit {
		repeats = repeats && (s.next != top || s.reached == len(p.levels))
	}
	asks := endedOn.Add(14)
	if c.NextOn.After(endedOn) {
		asks = c.NextOn
	}
	gap := c.LastOn.Add(p.Gap)
	switch {
	case c.Manual && (c.NextOn.IsZero() || c.NextOn.After(on)):
		v.Code, v.ComesOn = "manual", c.NextOn
		return
	case !owes:
		v.Code = "credit"
		return
	case len(fit) == 0:
		v.Code = "minimum"
		return
	case c.Manual:
		v.Code, v.Opens = "chosen_day", true
	case len(p.levels) == 0:
		v.Code = "by_hand"
		return
	case top == 0 && (!ended || asks.After(on)):
		v.Code = "early"
		v.ComesOn = opens
		if ended {
			v.ComesOn = earliest(opens, asks)
		}
		if !c.LastOn.IsZero() {
			v.ComesOn = latest(v.ComesOn, gap)
		}
		return
	case !c.LastOn.IsZero() && gap.After(on):
		v.Code, v.ComesOn = "gap", gap
		return
	default:
		v.Opens, v.Code = true, "level"
		if top == 0 {
			v.Code = "last"
		} else if repeats {
			v.Code = "repeat"
		}
	}
	v.fill(fit, top, reached, len(p.levels))
}

func (v *modelVerdict) fill(fit []stand, top, reached, levels int) {
	want := top
	v.Level = top
	if top == 0 {
		v.Level = reached
	}
	if v.Code == "last" {
		want, v.Level = -1, levels
	}
	slices.SortFunc(fit, func(a, b stand) int { return cmp.Or(a.DueOn.Sub(b.DueOn), cmp.Compare(a.ID, b.ID)) })
	for _, s := range fit {
		if want == 0 || s.next == want {
			if v.Items == 0 {
				v.Item = s.Number
			}
			v.Items++
		}
	}
}
