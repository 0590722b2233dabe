// Package demo makes up a company's receivables: customers of both kinds with
// what they bought, borrowed and paid over eighteen months, and the people who
// work them. The same seed and day always give the same books. It is for
// trying Dunwell out and for measuring it, never for a real company's books.
package demo

import (
	"iter"
	"math/rand/v2"

	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/money"
)

// months is how far back the books go.
const months = 18

// Options say which books are made up.
type Options struct {
	// Today is the day on which the books stand: nothing is issued after it, and
	// payments are loaded up to the day before.
	Today day.Day
	Seed  uint64
	// Customers is how many; the first ones are the same however many there are.
	Customers int
	// Blobs keeps what documents hold; nil: there are none.
	Blobs document.Store
}

// Customer is a made-up debtor with all that belongs to it.
type Customer struct {
	Number, Name                     string
	Business                         bool // else a consumer
	Street, PostalCode, City, Region string
	Country, Language                string
	Branch                           string // one of Branches
	Owner                            string // the e-mail address of one of People; empty: nobody
	Accounts                         []Account
	Notes                            []string // what the earlier system knew, oldest first
}

func (c Customer) kind() string {
	if c.Business {
		return "business"
	}
	return "consumer"
}

// Account is what a customer owes under.
type Account struct {
	Number   string
	Loan     bool // else a trade account
	OpenedOn day.Day
	Items    []Item
	Payments []Payment
	Credits  []Credit
}

func (a Account) kind() string {
	if a.Loan {
		return "loan"
	}
	return "trade"
}

// Item is an invoice, an instalment or a credit note, whose amount is negative.
type Item struct {
	Kind            string // as in package ledger
	Number          string
	IssuedOn, DueOn day.Day
	Amount          money.Amount
	Open            int64  // what is left of the amount after all payments and credits
	Family          string // of its status
}

// Payment is money received. What its lines leave is unapplied credit.
type Payment struct {
	Number  string
	ValueOn day.Day
	Amount  money.Amount
	Lines   []Line
}

// Line sets minor units of a payment against an item, by its place in Items.
type Line struct {
	Item  int
	Minor int64
}

// Credit sets minor units of a credit note against an invoice, both by their
// places in Items.
type Credit struct {
	Note, Item int
	Minor      int64
	ValueOn    day.Day
}

// Generate makes up the customers one at a time, so that a million items need
// no more memory than ten.
func Generate(o Options) iter.Seq[Customer] {
	return func(yield func(Customer) bool) {
		for i := range o.Customers {
			if !yield(debtor(o, i)) {
				return
			}
		}
	}
}

// maker makes up one customer. Its dice depend on the seed and on which
// customer it is, and on nothing before it.
type maker struct {
	*dice
	today day.Day
	index int
	land  *country
	habit habit
	city  string // where it has to be one city
	paid  int    // payments so far
	c     Customer
}

func debtor(o Options, i int) Customer {
	m := &maker{dice: &dice{rand.New(rand.NewPCG(o.Seed, uint64(i)))}, today: o.Today, index: i}
	if i < len(specials) {
		m.special(specials[i])
	} else if m.chance(58) {
		m.business()
	} else {
		m.consumer()
	}
	m.workedBy()
	m.notes()
	return m.c
}

func (m *maker) business() {
	m.land = pick(m.dice, markets)
	m.habit = pick(m.dice, businessHabits)
	m.trader(m.companyName())
	currencies := []money.Currency{m.land.currency}
	if m.chance(10) { // some buy in a second one
		currencies = append(currencies, one(m.dice, []money.Currency{"EUR", "USD"}))
	}
	m.trade(currencies)
}

func (m *maker) consumer() {
	m.land = pick(m.dice, lending)
	m.habit = pick(m.dice, consumerHabits)
	m.borrower(m.person().String())
	m.loans()
}

// overdue tells what is owed and due before today, and since when.
func (c Customer) overdue(today day.Day) (oldest *Item) {
	for _, a := range c.Accounts {
		for i := range a.Items {
			it := &a.Items[i]
			if it.Open > 0 && it.DueOn.Before(today) && (oldest == nil || it.DueOn.Before(oldest.DueOn)) {
				oldest = it
			}
		}
	}
	return oldest
}
