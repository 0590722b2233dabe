package merge

import (
	"context"
	"slices"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// offered is how many customers Likely lists.
const offered = 10

// Likely finds who may be the same as a customer: what was typed says whom to look for.
// With nothing typed these are who shares a number, an address or a plate, then who has
// the telling word of the name.
func Likely(ctx context.Context, tx *tenant.Tx, c customer.Customer, typed string) (hits []customer.Hit, err error) {
	if typed == "" {
		if hits, err = customer.Alike(ctx, tx, c.ID, offered); err != nil {
			return nil, err
		}
		typed = telling(c.Name)
	}
	found, err := customer.Search(ctx, tx, typed, offered+1)
	if err != nil {
		return nil, err
	}
	for _, h := range found {
		if h.ID != c.ID && !slices.ContainsFunc(hits, func(a customer.Hit) bool { return a.ID == h.ID }) {
			hits = append(hits, h)
		}
	}
	return hits[:min(len(hits), offered)], nil
}

// general are words that the names of many companies have: what they are, in law and
// in trade.
var general = strings.Fields("aktiengesellschaft associates beteiligungs company corporation gesellschaft gmbh group gruppe holding holdings " +
	"incorporated international limited partners service services société solutions sociedad società spółka trading")

// telling is the word that two ways of writing one name are likely to share: the
// longest, of those that other names hardly have where there is one.
func telling(name string) string {
	words := strings.Fields(name)
	own := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return slices.Contains(general, strings.ToLower(strings.Trim(w, ".,()")))
	})
	if len(own) > 0 {
		words = own
	}
	return slices.MaxFunc(append(words, ""), func(a, b string) int { return len(a) - len(b) })
}
