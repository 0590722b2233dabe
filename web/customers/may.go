package customers

import (
	"slices"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
)

// rulings say for each channel of the point whether it may be used now, for the
// account that was chosen.
func (p *profile) rulings(c customer.ContactPoint) (all []contactrule.Ruling) {
	var accounts []int64
	if p.Account.ID != 0 {
		accounts = append(accounts, p.Account.ID)
	}
	for _, ch := range c.Kind.Channels() {
		all = append(all, p.May.For(c.ID, ch, accounts...))
	}
	return all
}

// differing are the rulings of the point's first channel, and of those for which
// the answer is another.
func (p *profile) differing(c customer.ContactPoint) []contactrule.Ruling {
	all := p.rulings(c)
	first := all[0].Verdict
	return append(all[:1], slices.DeleteFunc(all[1:], func(r contactrule.Ruling) bool { return r.Verdict == first })...)
}
