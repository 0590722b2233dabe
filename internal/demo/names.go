package demo

import (
	"fmt"
	"strings"
)

// person is somebody who buys, borrows or answers the phone.
type person struct{ given, family string }

func (p person) String() string { return p.given + " " + p.family }

func (m *maker) person() person {
	if m.chance(50) {
		return person{one(m.dice, m.land.men), one(m.dice, m.land.families)}
	}
	families := m.land.families
	if m.land.womens != nil {
		families = m.land.womens
	}
	return person{one(m.dice, m.land.women), one(m.dice, families)}
}

// companyName joins a place or families, a trade and a legal form, in the order
// in which the country's companies do.
func (m *maker) companyName() string {
	form, trade := one(m.dice, m.land.forms), one(m.dice, m.land.trades)
	after := one(m.dice, m.land.places)
	switch m.between(1, 5) {
	case 1, 2:
		after = one(m.dice, m.land.families)
	case 3:
		a, b := one(m.dice, m.land.families), one(m.dice, m.land.families)
		if a != b {
			return fmt.Sprintf("%s & %s %s", a, b, form)
		}
	}
	if m.land == france {
		return fmt.Sprintf("%s %s %s", trade, after, form)
	}
	return fmt.Sprintf("%s %s %s", after, trade, form)
}

func (m *maker) trader(name string) {
	m.c.Business = true
	m.c.Number = fmt.Sprintf("%06d", 100000+m.index)
	m.reside(name)
}

func (m *maker) borrower(name string) {
	m.c.Number = fmt.Sprintf("%06d", 500000+m.index)
	m.reside(name)
}

// reside gives the customer a name and an address in its country.
func (m *maker) reside(name string) {
	town := one(m.dice, m.land.cities)
	for _, c := range m.land.cities {
		if c.name == m.city {
			town = c
		}
	}
	m.c.Name, m.c.Country, m.c.Language = name, m.land.code, m.land.language
	m.c.Street, m.c.City, m.c.Region = m.street(), town.name, town.region
	m.c.PostalCode = m.pattern(town.postal)
}

// street never begins its number with a zero.
func (m *maker) street() string {
	s := one(m.dice, m.land.streets)
	return strings.Map(func(r rune) rune {
		if r == '#' {
			return '1' + m.r.Int32N(9)
		}
		return r
	}, s)
}
