package demo

import (
	"iter"
	"strings"

	"dunwell/internal/ledger"
)

// filling is what goes into a temporary table.
type filling struct {
	table   string
	columns string // in the order of the rows' values
	rows    iter.Seq[[]any]
}

func (f filling) names() []string { return strings.Fields(f.columns) }

func (l *loader) customerRows() filling {
	return filling{"load_customers",
		"line outcome number name kind street postal_code city region country language owner_id branch_id",
		func(yield func([]any) bool) {
			line := 0
			for c := range Generate(l.options) {
				line++
				if !yield([]any{line, "new", c.Number, c.Name, c.kind(), c.Street, c.PostalCode, c.City, c.Region, c.Country, c.Language,
					l.owner(c), l.branches[c.Branch]}) {
					return
				}
			}
		}}
}

// owner is NULL for nobody.
func (l *loader) owner(c Customer) *int64 {
	if id, ok := l.members[c.Owner]; ok {
		return &id
	}
	return nil
}

func (l *loader) accountRows() filling {
	return filling{"load_accounts", "customer_number kind number opened_on",
		l.each(func(c Customer, a Account, yield func(...any) bool) bool {
			return yield(c.Number, a.kind(), a.Number, a.OpenedOn)
		})}
}

func (l *loader) itemRows() filling {
	return filling{"load_items", "line outcome number customer_id account_id kind issued_on due_on currency amount from_status_id status_id",
		l.each(func(_ Customer, a Account, yield func(...any) bool) bool {
			o := l.accounts[a.Number]
			for _, it := range a.Items {
				status := l.statuses[it.Family]
				was := status
				if it.Family == ledger.Disputed { // the others have had theirs for long
					was = l.statuses[ledger.Ongoing]
				}
				if !yield(0, "new", it.Number, o.customer, o.id, it.Kind, it.IssuedOn, it.DueOn, string(it.Amount.Currency), it.Amount.Minor, was, status) {
					return false
				}
			}
			return true
		})}
}

func (l *loader) paymentRows() filling {
	return filling{"load_payments", "line outcome number customer_id account_id value_on currency amount",
		l.each(func(_ Customer, a Account, yield func(...any) bool) bool {
			o := l.accounts[a.Number]
			for _, p := range a.Payments {
				if !yield(0, "new", p.Number, o.customer, o.id, p.ValueOn, string(p.Amount.Currency), p.Amount.Minor) {
					return false
				}
			}
			return true
		})}
}

func (l *loader) applicationRows() filling {
	return filling{"load_applications", "item_number payment_number credit_number amount value_on",
		l.each(func(_ Customer, a Account, yield func(...any) bool) bool {
			for _, p := range a.Payments {
				for _, n := range p.Lines {
					if !yield(a.Items[n.Item].Number, p.Number, nil, n.Minor, p.ValueOn) {
						return false
					}
				}
			}
			for _, k := range a.Credits {
				if !yield(a.Items[k.Item].Number, nil, a.Items[k.Note].Number, k.Minor, k.ValueOn) {
					return false
				}
			}
			return true
		})}
}

// each goes through the accounts of all customers; row yields an account's rows
// and tells whether to go on.
func (l *loader) each(row func(Customer, Account, func(...any) bool) bool) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for c := range Generate(l.options) {
			for _, a := range c.Accounts {
				if !row(c, a, func(values ...any) bool { return yield(values) }) {
					return
				}
			}
		}
	}
}
