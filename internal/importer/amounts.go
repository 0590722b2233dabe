package importer

import (
	"errors"
	"fmt"
	"strings"

	"dunwell/internal/money"
)

// amounts reads the amounts of one file. Either the map says which sign the
// decimal one is, or only what cannot be read in two ways is taken; then the
// first clear amount settles it for the whole file.
type amounts struct {
	decimal byte   // '.' or ','; 0: still to be found
	settled string // the amount that settled it; empty: the map
}

func newAmounts(decimal string) *amounts {
	a := &amounts{}
	if decimal != "" {
		a.decimal = decimal[0]
	}
	return a
}

func (a *amounts) open() bool { return a.decimal == 0 }

// learn settles the decimal sign from an amount that can be read in one way only.
func (a *amounts) learn(s string) {
	if !a.open() {
		return
	}
	if _, body, ok := signed(s); ok {
		if c := decimalOf(body); c != 0 {
			a.decimal, a.settled = c, s
		}
	}
}

const notAnAmount = "This is not an amount. Write digits with at most one decimal sign, such as -1234.50."

// parse reads an amount in minor units, or says why it is refused.
func (a *amounts) parse(s string, c money.Currency) (int64, string) {
	sign, body, ok := signed(s)
	if !ok {
		return 0, notAnAmount
	}
	decimal := a.decimal
	if decimal == 0 {
		decimal = decimalOf(body)
	}
	if decimal == 0 && strings.ContainsAny(body, ".,") {
		return 0, fmt.Sprintf("This amount can be read in two ways: the %q may be the decimal sign or stand between thousands. Say which it is, beside the columns.", strings.Trim(body, "0123456789 "))
	}
	whole, fraction, _ := strings.Cut(body, string(decimal))
	grouping := byte('.' + ',' - decimal)
	digits, ok := ungroup(whole, grouping)
	if !ok || strings.Trim(fraction, "0123456789") != "" {
		return 0, a.contradiction(decimal)
	}
	v, err := money.Parse(sign+"0"+digits+"."+fraction+"0", c)
	switch {
	case errors.Is(err, money.ErrTooLarge):
		return 0, "This amount is too large. The largest is " + money.New(money.Max, c).Grouped() + "."
	case errors.Is(err, money.ErrDecimals):
		return 0, fmt.Sprintf("This amount has more decimals than %s, which has %d.", c, c.Decimals())
	case err != nil:
		return 0, notAnAmount
	}
	return v.Minor, ""
}

// contradiction says why an amount that is not written by the sign is refused.
func (a *amounts) contradiction(decimal byte) string {
	if a.settled != "" {
		return fmt.Sprintf("This amount contradicts %s, the first clear one in the file, where %q is the decimal sign. Write all amounts in one way.", a.settled, decimal)
	}
	return fmt.Sprintf("This amount is not written with %q as the decimal sign and groups of three digits.", decimal)
}

// signed takes off a sign before or after the digits, or brackets, and turns
// other signs between thousands into blanks.
func signed(s string) (sign, body string, ok bool) {
	s = spaces.Replace(s)
	for _, w := range []struct{ before, after, sign string }{{"(", ")", "-"}, {"-", "", "-"}, {"", "-", "-"}, {"+", "", ""}, {"", "", ""}} {
		if strings.HasPrefix(s, w.before) && strings.HasSuffix(s, w.after) {
			sign, body = w.sign, strings.TrimSpace(s[len(w.before):len(s)-len(w.after)])
			break
		}
	}
	if body == "" || strings.Trim(body, "0123456789., ") != "" || strings.Trim(body, "., ") == "" {
		return "", "", false
	}
	return sign, body, true
}

var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "'", " ", "’", " ", "−", "-")

// decimalOf is the decimal sign where the amount has one that cannot be anything
// else, else 0.
func decimalOf(body string) byte {
	dot, comma := strings.LastIndexByte(body, '.'), strings.LastIndexByte(body, ',')
	last := max(dot, comma)
	if last < 0 {
		return 0
	}
	sign := body[last]
	other := byte('.' + ',' - sign)
	if dot >= 0 && comma >= 0 {
		return sign
	}
	if strings.Count(body, string(sign)) > 1 {
		return other
	}
	before := body[:last]
	grouped := len(body)-last-1 == 3 && len(before) >= 1 && len(before) <= 3 && before[0] != '0'
	if grouped {
		return 0
	}
	return sign
}

// ungroup takes the signs out from between thousands; it is not ok where they
// stand elsewhere.
func ungroup(whole string, sign byte) (string, bool) {
	if i := strings.IndexByte(whole, ' '); i >= 0 {
		sign = ' '
	}
	parts := strings.Split(whole, string(sign))
	for i, p := range parts {
		if strings.Trim(p, "0123456789") != "" || i > 0 && len(p) != 3 || i == 0 && len(parts) > 1 && (len(p) == 0 || len(p) > 3) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}
