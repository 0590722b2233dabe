package demo

import (
	"dunwell/internal/ledger"
	"dunwell/internal/money"
)

// special is a customer that every demo has, for what is rare and must be shown
// right all the same.
type special struct {
	name       string
	land       *country
	habit      habit
	city       string           // empty: any
	currencies []money.Currency // nil: a consumer
	then       func(*maker)     // what is done at the end; may be nil
}

var specials = []special{
	{name: "Smith & Sons <Haulage>", land: britain, habit: slow, currencies: []money.Currency{"GBP"}},
	{name: "Łódź Meble Sp. z o.o.", land: poland, city: "Łódź", habit: parts, currencies: []money.Currency{"EUR"}},
	{name: "Ostrava Kovo s.r.o.", land: czechia, city: "Ostrava", habit: disputes, currencies: []money.Currency{"CZK"}},
	{name: "Nyborg Tømmer ApS", land: denmark, city: "Nyborg", habit: late, currencies: []money.Currency{"DKK"}},
	{name: "Hanseatic Bunkering & Chartering GmbH", land: germany, habit: slow, currencies: []money.Currency{"EUR", "USD", "GBP"}},
	{name: "Thüringer Glaswerkstätten eG", land: germany, habit: prompt, currencies: []money.Currency{"EUR"}, then: onlyCredits},
	{name: "Internationale Gesellschaft für Hafenlogistik, Lagerhaltung, Zollabwicklung und temperaturgeführte Containertransporte " +
		"Hamburg–Rotterdam–Antwerpen mbH & Co. Kommanditgesellschaft", land: germany, habit: late, currencies: []money.Currency{"EUR"}},
	{name: `O'Brien "Marine" Supplies Ltd`, land: britain, habit: broken, currencies: []money.Currency{"GBP", "EUR"}},
	{name: "Kanda Seiki K.K.", land: japan, habit: slow, currencies: []money.Currency{"JPY"}},
	{name: "Wattenmeer Reederei i. L.", land: germany, habit: never, currencies: []money.Currency{"EUR"}, then: inCourt},
	{name: "Anna-Katharina von Hohenstein-Wittenberg", land: germany, habit: broken},
	{name: "Åse-Marie Ødegård", land: norway, habit: parts},
}

func (m *maker) special(s special) {
	m.land, m.habit, m.city = s.land, s.habit, s.city
	if s.currencies == nil {
		m.borrower(s.name)
		m.loans()
	} else {
		m.trader(s.name)
		m.trade(s.currencies)
	}
	if s.then != nil {
		s.then(m)
	}
}

// onlyCredits leaves a customer whom we owe: nothing but an open credit note
// and money that belongs to no invoice.
func onlyCredits(m *maker) {
	on, c := workday(m.today.Add(-31)), money.Currency("EUR")
	m.c.Accounts = []Account{{
		Number:   "T" + m.c.Number,
		OpenedOn: m.today.AddMonths(-months),
		Items: []Item{{Kind: ledger.CreditNote, Number: "C" + m.itemNumber(0, on), IssuedOn: on, DueOn: on,
			Amount: money.New(-18450, c), Open: -18450, Family: ledger.Ongoing}},
		Payments: []Payment{{Number: m.paymentNumber(on.Add(4)), ValueOn: on.Add(4), Amount: money.New(73299, c)}},
	}}
}

// inCourt hands everything that is open to the lawyers.
func inCourt(m *maker) {
	for _, a := range m.c.Accounts {
		for i := range a.Items {
			a.Items[i].Family = ledger.Litigation
		}
	}
}
