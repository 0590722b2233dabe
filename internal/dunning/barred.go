package dunning

import (
	"cmp"
	"context"
	"slices"

	"dunwell/internal/tenant"
)

// Barred lists whom automatic levels cannot write to, and why. They come up in no batch
// and wait for somebody who works them: neither an hour nor a day ends the reason.
func (d *Desk) Barred(ctx context.Context, tx *tenant.Tx) ([]Skipped, error) {
	if !CanBulk(tx.Actor) {
		return nil, ErrBulk
	}
	ids, err := atAutomatic(ctx, tx, `
			AND NOT EXISTS (SELECT FROM batch_entries w WHERE w.tenant_id = @tenant AND w.entry_id = e.id AND w.state = 'waiting')`, false)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	p, err := d.Plan(ctx, tx, Choice{IDs: ids}, automaticBulk)
	if err != nil {
		return nil, err
	}
	soon := make(map[int64]bool, len(p.soon))
	for _, c := range p.soon {
		soon[c.ID] = true
	}
	return slices.DeleteFunc(p.LeftOut, func(s Skipped) bool { return soon[s.EntryID] }), nil
}

// WhyNot is a reason, and how many it keeps.
type WhyNot struct {
	Why       string
	Customers int
}

// WhyNots counts the reasons, the most first.
func WhyNots(list []Skipped) (all []WhyNot) {
	at := map[string]int{}
	for _, s := range list {
		i, known := at[s.Why]
		if !known {
			i, at[s.Why] = len(all), len(all)
			all = append(all, WhyNot{Why: s.Why})
		}
		all[i].Customers++
	}
	slices.SortFunc(all, func(a, b WhyNot) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.Why, b.Why))
	})
	return all
}
