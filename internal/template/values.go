package template

import (
	"context"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// maxRows is how many rows of a list a text gets to see, and how many numbers
// stand in a row of them.
const maxRows = 100

// Values are what stands in the places of a text: by the variables' names, nil
// where nothing is known.
type Values struct {
	single map[string]any
	lists  map[string][]map[string]any
	style  style
}

// Sender is who writes, as on the letterhead.
type Sender struct{ Name, Address, Bank, Phone, Email string }

// Reader is for whom a text is filled. The zero Reader is a colleague, who reads
// days and amounts as the screens have them.
type Reader struct {
	Language language.Language // of the text: days and amounts are written in it
	Person   string
	Sender   Sender
	Items    []int64 // of the customer, that the text is about; empty: what may be asked for
	PayBy    day.Day // the deadline that it gives; zero: none
	// Level is the number of the dunning level that it is about; 0: none.
	Level     int
	LevelName string
	Promise   Promise // that it is about; its zero: none
}

// Of reads the values for a customer as they are now, for a colleague.
func Of(ctx context.Context, tx *tenant.Tx, customerID int64) (Values, error) {
	return For(ctx, tx, customerID, Reader{})
}

// For reads the values for a customer as they are now, in a fixed number of
// queries.
func For(ctx context.Context, tx *tenant.Tx, customerID int64, r Reader) (Values, error) {
	c, err := customer.Find(ctx, tx, customerID)
	if err != nil {
		return Values{}, err
	}
	s, err := ledger.StandingOf(ctx, tx, customerID)
	if err != nil {
		return Values{}, err
	}
	v := empty(r.Language)
	main := mainFigure(s.Figures, tx.Actor.Tenant.Currency)
	oldest, err := ledger.Postings(ctx, tx, ledger.PostingFilter{CustomerID: customerID, AsOf: tx.Today(),
		Show: ledger.ShowOverdue, Currency: main.Currency, Limit: 1})
	if err != nil {
		return Values{}, err
	}
	v.figures(s, main, tx.Today())
	if len(oldest) > 0 {
		v.set("oldest_invoice", oldest[0].Number)
	}
	v.customer(c, s.Accounts)
	v.set("today", v.style.day(tx.Today()))
	v.set("company.name", tx.Actor.Tenant.Name)
	v.set("member.name", tx.Actor.Name)
	v.reader(r)
	return v, v.load(ctx, tx, customerID, s.Figures, r.Items)
}

// Example has the values of a made-up customer: each variable's own example.
func Example() Values {
	v := empty(language.Language{})
	of := func(list []Variable, name func(string) string) map[string]any {
		m := map[string]any{}
		for _, e := range list {
			if n, err := strconv.Atoi(e.Example); err == nil {
				m[name(e.Name)] = n
			} else {
				m[name(e.Name)] = e.Example
			}
		}
		return m
	}
	v.single = of(Variables, func(name string) string { return name })
	for _, list := range Variables {
		if list.Fields != nil {
			v.lists[list.Name] = append(v.lists[list.Name], of(list.Fields, func(name string) string { _, field, _ := strings.Cut(name, "."); return field }))
		}
	}
	v.lists["figures"] = append(v.lists["figures"], v.row(ledger.Figure{Currency: "SEK", Open: 912_000}, day.Day{}))
	v.lists["items"] = append(v.lists["items"], map[string]any{"number": "INV-88301", "account": "L-20731", "issued": "2 Oct 2026",
		"due": "1 Nov 2026", "days": 22, "amount": "EUR 4,879.50", "open": "EUR 4,879.50"})
	return v
}

// empty has each list without a row.
func empty(l language.Language) Values {
	v := Values{single: map[string]any{}, lists: map[string][]map[string]any{}, style: styleOf(l)}
	for _, list := range Variables {
		if list.Fields != nil {
			v.lists[list.Name] = []map[string]any{}
		}
	}
	return v
}

// set leaves out what is not known.
func (v Values) set(name, text string) {
	if text != "" {
		v.single[name] = text
	}
}

func (v Values) customer(c customer.Customer, accounts []ledger.Account) {
	v.set("customer.name", c.Name)
	v.set("customer.number", c.Number)
	v.set("customer.kind", string(c.Kind))
	v.set("customer.city", c.City)
	v.set("owner.name", c.Owner)
	v.set("account.numbers", numbers(accounts))
	if len(accounts) == 1 {
		v.set("account.number", accounts[0].Number)
	}
}

func (v Values) reader(r Reader) {
	v.set("person.name", r.Person)
	if !r.PayBy.IsZero() {
		v.set("pay_by", v.style.day(r.PayBy))
	}
	if r.Level != 0 {
		v.single["level.number"] = r.Level
		v.set("level.name", r.LevelName)
	}
	v.promise(r.Promise)
	v.set("sender.name", r.Sender.Name)
	v.set("sender.address", r.Sender.Address)
	v.set("sender.bank", r.Sender.Bank)
	v.set("sender.phone", r.Sender.Phone)
	v.set("sender.email", r.Sender.Email)
}

func numbers(accounts []ledger.Account) string {
	var list []string
	for _, a := range accounts[:min(len(accounts), maxRows)] {
		list = append(list, a.Number)
	}
	return strings.Join(list, ", ")
}

// mainFigure is the one that the single figures are of: the company's currency,
// or the only one that there is.
func mainFigure(all []ledger.Figure, own money.Currency) ledger.Figure {
	if len(all) == 1 {
		return all[0]
	}
	for _, f := range all {
		if f.Currency == own {
			return f
		}
	}
	return ledger.Figure{Currency: own}
}

// bindings are the values as the engine takes them: what stands before a dot
// holds what stands behind it.
func (v Values) bindings() map[string]any {
	b := map[string]any{}
	for name, value := range v.single {
		whole, part, dotted := strings.Cut(name, ".")
		if !dotted {
			b[name] = value
			continue
		}
		inner, there := b[whole].(map[string]any)
		if !there {
			inner = map[string]any{}
			b[whole] = inner
		}
		inner[part] = value
	}
	for name, rows := range v.lists {
		b[name] = rows
	}
	return b
}
