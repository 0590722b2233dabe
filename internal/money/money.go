// Package money has amounts: whole minor units with their currency. It never
// adds two currencies and never rounds; what does not fit is refused.
package money

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govalues/decimal"
	"golang.org/x/text/currency"
)

// Max is the largest amount that is taken, in minor units, either side of
// zero. A thousand of them still add up within an int64.
const Max = 1_000_000_000_000_000

// Currency is an ISO 4217 code in capitals.
type Currency string

// unions are the currencies among the codes with X, which ISO 4217 gives to what no
// one country issues: to the money of unions, and besides to metals, funds, tests
// and to no currency at all.
var unions = []string{"XAF", "XCD", "XOF", "XPF"}

// ParseCurrency reads an ISO 4217 code of money in any case.
func ParseCurrency(s string) (Currency, error) {
	u, err := currency.ParseISO(strings.TrimSpace(s))
	if err != nil || len(strings.TrimSpace(s)) != 3 || u.String()[0] == 'X' && !slices.Contains(unions, u.String()) {
		return "", fmt.Errorf("%q is not a currency code such as EUR", s)
	}
	return Currency(u.String()), nil
}

// Decimals is the number of digits of the minor unit: 2 for EUR, 0 for JPY, 3
// for KWD (ISO 4217).
func (c Currency) Decimals() int {
	u, err := currency.ParseISO(string(c))
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(u)
	return scale
}

// Amount is money: Minor units of Currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// New makes an amount of minor units.
func New(minor int64, c Currency) Amount { return Amount{minor, c} }

// The ways in which an amount is refused.
var (
	ErrNotNumber = errors.New("is not an amount")
	ErrDecimals  = errors.New("has more decimals than the currency")
	ErrTooLarge  = errors.New("is too large")
)

// Parse reads plain digits with an optional sign and decimal point, such as
// -1234.50. More decimals than the currency has are refused unless they are
// zeros; nothing is rounded.
func Parse(s string, c Currency) (Amount, error) {
	for _, r := range strings.TrimLeft(s, "+-") {
		if r != '.' && (r < '0' || r > '9') {
			return Amount{}, fmt.Errorf("%q %w", s, ErrNotNumber)
		}
	}
	d, err := decimal.Parse(s)
	if err != nil {
		if len(s) > 19 {
			return Amount{}, fmt.Errorf("%q %w", s[:min(len(s), 40)], ErrTooLarge)
		}
		return Amount{}, fmt.Errorf("%q %w", s, ErrNotNumber)
	}
	d = d.Trim(0)
	scale := c.Decimals()
	if d.Scale() > scale {
		return Amount{}, fmt.Errorf("%q %w %s (%d)", s, ErrDecimals, c, scale)
	}
	whole, frac, ok := d.Int64(scale)
	if !ok || whole > math.MaxInt64/1000 || whole < math.MinInt64/1000 {
		return Amount{}, fmt.Errorf("%q %w", s, ErrTooLarge)
	}
	minor := whole*pow10(scale) + frac
	if minor > Max || minor < -Max {
		return Amount{}, fmt.Errorf("%q %w", s, ErrTooLarge)
	}
	return Amount{minor, c}, nil
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Plain writes the amount with a decimal point and no grouping: 1234.50.
func (a Amount) Plain() string {
	d, err := decimal.New(a.Minor, a.Currency.Decimals())
	if err != nil { // no scale of ISO 4217 comes here
		return fmt.Sprint(a.Minor)
	}
	return d.String()
}

// Grouped writes the amount with commas between thousands: 1,234.50.
func (a Amount) Grouped() string {
	s := a.Plain()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if frac != "" {
		b.WriteString("." + frac)
	}
	return sign + b.String()
}

// String names the currency first: EUR 1,234.50.
func (a Amount) String() string { return string(a.Currency) + " " + a.Grouped() }

// IsZero tells that nothing is owed either way.
func (a Amount) IsZero() bool { return a.Minor == 0 }
