// Package language has the languages in which a company writes to its customers:
// how each of them writes days, amounts and countries. What is said in them stands
// with those who say it.
package language

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// Language is one of those in which the company writes. The zero Language is none
// of them.
type Language struct {
	Code           string // ISO 639, two letters
	day            string // a layout of package time
	group, decimal string
	codeFirst      bool // the currency stands before the amount
}

// Codes lists the languages' codes, English first.
var Codes = []string{"en", "cs", "da", "de", "fr"}

var languages = map[string]Language{
	"en": {Code: "en", day: "2 Jan 2006", group: ",", decimal: ".", codeFirst: true},
	"cs": {Code: "cs", day: "2. 1. 2006", group: "\u00a0", decimal: ","},
	"da": {Code: "da", day: "02.01.2006", group: ".", decimal: ","},
	"de": {Code: "de", day: "02.01.2006", group: ".", decimal: ","},
	"fr": {Code: "fr", day: "02/01/2006", group: "\u00a0", decimal: ","},
}

// Of is the first of the codes that is known, such as the customer's before the
// company's; English where none is.
func Of(codes ...string) Language {
	for _, code := range codes {
		if l, known := languages[code]; known {
			return l
		}
	}
	return languages["en"]
}

// Day writes a day; the zero Day is empty.
func (l Language) Day(d day.Day) string { return d.Format(l.day) }

// Amount writes an amount without its currency, with all of its decimals.
func (l Language) Amount(a money.Amount) string {
	sign, digits := "", a.Plain()
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteByte(whole[i])
	}
	if fraction != "" {
		b.WriteString(l.decimal + fraction)
	}
	return b.String()
}

// Money writes an amount with the code of its currency.
func (l Language) Money(a money.Amount) string {
	if l.codeFirst {
		return string(a.Currency) + "\u00a0" + l.Amount(a)
	}
	return l.Amount(a) + "\u00a0" + string(a.Currency)
}

// Country names the country of that ISO 3166 code; a code that is none stays as
// it is.
func (l Language) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.Regions(language.Make(l.Code)).Name(region)
}
