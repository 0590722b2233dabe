package ledger

import (
	"cmp"
	"slices"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Sum is what the rows of a list come to in one currency, in minor units.
type Sum struct {
	Currency money.Currency
	Rows     int
	Open     int64 // owed
	Overdue  int64 // of it, past due
	Credit   int64
}

// sumPostings is what all that is listed comes to, for a page that does not have it all.
const sumPostings = `
	SELECT currency, count(*) AS rows,
		coalesce(sum(open) FILTER (WHERE open > 0), 0)::bigint AS open,
		coalesce(sum(open) FILTER (WHERE open > 0 AND due_on < @as_of), 0)::bigint AS overdue,
		coalesce(-sum(open) FILTER (WHERE open < 0), 0)::bigint AS credit
	FROM listed
	GROUP BY currency
	ORDER BY currency <> @own, currency`

// queueSums asks for what all rows come to.
func (p *PostingPage) queueSums(b *tenant.Batch, f PostingFilter, items, credits string) {
	b.Queue("sums of the postings", f.sql(items, credits)+sumPostings, f.args(b.Tx), tenant.Into(&p.Sums))
}

// sum adds up the rows, which are all that there are.
func (p *PostingPage) sum(asOf day.Day, own money.Currency) {
	of := map[money.Currency]*Sum{}
	for _, r := range p.Rows {
		s := of[r.Currency]
		if s == nil {
			s = &Sum{Currency: r.Currency}
			of[r.Currency] = s
		}
		s.Rows++
		s.Open += max(r.Open, 0)
		s.Credit += max(-r.Open, 0)
		if r.DaysLate(asOf) > 0 {
			s.Overdue += r.Open
		}
	}
	for _, s := range of {
		p.Sums = append(p.Sums, *s)
	}
	place := func(c money.Currency) int {
		if c == own {
			return 0
		}
		return 1
	}
	slices.SortFunc(p.Sums, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(place(a.Currency), place(b.Currency)), cmp.Compare(a.Currency, b.Currency))
	})
}
