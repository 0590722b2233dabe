package importer

import (
	"strings"
	"testing"

	"dunwell/internal/money"
)

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, decimal string
		file          string // the file's amounts in order
		text          string
		currency      money.Currency
		want          int64  // minor units
		refused       string // part of the reason
	}{
		{"whole", "", "", "1234", "EUR", 123400, ""},
		{"leading zeros", "", "", "007", "EUR", 700, ""},
		{"clear point", "", "", "55.94", "EUR", 5594, ""},
		{"clear comma learned", "", "55,94", "1.234", "EUR", 123400, ""},
		{"point learned", "", "55.94", "1,234", "EUR", 123400, ""},
		{"two ways", "", "1.234", "1.234", "EUR", 0, "two ways"},
		{"two ways with a comma", "", "1,234", "1,234", "EUR", 0, "two ways"},
		{"both signs", "", "1.234,56", "1.234,56", "EUR", 123456, ""},
		{"against the file", "", "1.234,56 1,234.56", "1,234.56", "EUR", 0, "contradicts 1.234,56"},
		{"many thousands", "", "1.234.567", "1.234.567", "EUR", 123456700, ""},
		{"thousands settle the other sign", "", "1.234.567", "0,50", "EUR", 50, ""},
		{"cannot be thousands", "", "0.125", "0.125", "KWD", 125, ""},
		{"four before", "", "1234.567", "1234.567", "KWD", 1234567, ""},
		{"map says point", ".", "", "1.234", "KWD", 1234, ""},
		{"map says comma", ",", "", "1.234", "EUR", 123400, ""},
		{"not as the map says", ".", "", "1.234,56", "EUR", 0, "groups of three"},
		{"wrong groups", ".", "", "12,34.5", "EUR", 0, "groups of three"},
		{"two points", ".", "", "1.2.3", "EUR", 0, "groups of three"},
		{"blanks between thousands", "", "1 234,56", "1 234,56", "EUR", 123456, ""},
		{"narrow blanks", ",", "", "1\u202f234,56", "EUR", 123456, ""},
		{"apostrophes", ".", "", "1'234.50", "CHF", 123450, ""},
		{"minus", ".", "", "-12.30", "EUR", -1230, ""},
		{"minus behind", ".", "", "12.31-", "EUR", -1231, ""},
		{"true minus", ".", "", "−12.32", "EUR", -1232, ""},
		{"brackets", ".", "", "(12.33)", "EUR", -1233, ""},
		{"plus", ".", "", "+12.34", "EUR", 1234, ""},
		{"no whole part", ".", "", ".5", "EUR", 50, ""},
		{"zeros beyond the cent", ".", "", "12.3000", "EUR", 1230, ""},
		{"beyond the cent", ".", "", "12.345", "EUR", 0, "more decimals than EUR, which has 2"},
		{"no cents in yen", ".", "", "12.5", "JPY", 0, "more decimals than JPY, which has 0"},
		{"yen", ".", "", "12", "JPY", 12, ""},
		{"largest", ".", "", "10000000000000.00", "EUR", money.Max, ""},
		{"above the largest", ".", "", "10000000000000.01", "EUR", 0, "too large"},
		{"ten to the eighteenth", "", "", "1000000000000000000", "EUR", 0, "too large"},
		{"a hundred digits", "", "", strings.Repeat("9", 100), "EUR", 0, "too large"},
		{"letters", ".", "", "12x", "EUR", 0, "not an amount"},
		{"currency sign", ".", "", "€12", "EUR", 0, "not an amount"},
		{"exponent", ".", "", "1e5", "EUR", 0, "not an amount"},
		{"two signs", ".", "", "--5", "EUR", 0, "not an amount"},
		{"only a sign", ".", "", "-", "EUR", 0, "not an amount"},
		{"only a point", ".", "", ".", "EUR", 0, "not an amount"},
	} {
		a := newAmounts(c.decimal)
		for _, s := range strings.Split(c.file, " ") {
			a.learn(s)
		}
		if strings.HasPrefix(c.name, "blanks") {
			a.learn(c.file)
		}
		got, reason := a.parse(c.text, c.currency)
		if got != c.want || (reason == "") != (c.refused == "") || !strings.Contains(reason, c.refused) {
			t.Errorf("%s: %q = %d %q, want %d %q", c.name, c.text, got, reason, c.want, c.refused)
		}
	}
}
