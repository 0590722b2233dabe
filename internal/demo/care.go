package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"dunwell/internal/customer"
)

// reachable is how many of the first customers have somebody to speak to: enough
// to work with, few enough to be made one by one.
const reachable = 400

// numbers are telephone numbers by country, the last digits left open; where a
// country keeps a range free for fiction, it is that one.
var numbers = map[string]string{
	"AT": "+431512%04d", "CZ": "+420224%06d", "DE": "+493023125%03d", "DK": "+453312%04d", "FI": "+35891234%04d", "FR": "+339900%05d",
	"GB": "+442079460%03d", "JP": "+8133456%04d", "NL": "+31201234%03d", "NO": "+472241%04d", "PL": "+4842630%04d", "US": "+1202555%04d",
}

var lands = map[string]*country{}

func init() {
	for _, c := range []*country{germany, austria, netherlands, finland, france, poland, norway, denmark, czechia, britain, america, japan} {
		lands[c.code] = c
	}
}

var titles = []string{"accounts payable", "finance manager", "bookkeeping", ""}

// care gives customers somebody to speak to, and shows one of everything that
// can stand in the way.
func (l *loader) care(ctx context.Context) error {
	n := 0
	for c := range Generate(l.options) {
		if n == reachable {
			break
		}
		if err := l.people(ctx, c, n); err != nil {
			return fmt.Errorf("people of %s: %w", c.Name, err)
		}
		n++
	}
	return l.oneOfEach(ctx)
}

func (l *loader) idOf(c Customer) int64 { return l.accounts[c.Accounts[0].Number].customer }

// people adds a number and an address of whoever answers them.
func (l *loader) people(ctx context.Context, c Customer, n int) error {
	phone := customer.Point{Kind: customer.Phone, Value: number(c.Country, n), Person: c.Name, Role: customer.Borrower, Preferred: true}
	if c.Business {
		m := &maker{dice: &dice{rand.New(rand.NewPCG(l.options.Seed+1, uint64(n)))}, land: lands[c.Country]}
		phone.Person, phone.Title, phone.Role = m.person().String(), one(m.dice, titles), customer.Debtor
	}
	mail := phone
	mail.Kind, mail.Value = customer.Email, fmt.Sprintf("office.%s@debtors.example", c.Number)
	return l.points(ctx, l.idOf(c), phone, mail)
}

func (l *loader) points(ctx context.Context, id int64, points ...customer.Point) error {
	for _, p := range points {
		if _, err := customer.AddPoint(ctx, l.tx, id, p); err != nil {
			return err
		}
	}
	return nil
}

// number makes up the n-th telephone number of the country.
func number(country string, n int) string {
	pattern := numbers[country]
	if country == "US" { // only these hundred are free
		return fmt.Sprintf(pattern, 100+n%100)
	}
	digits := int(math.Pow10(int(pattern[len(pattern)-2] - '0')))
	return fmt.Sprintf(pattern, (437*(n+1))%digits)
}
