package language_test

import (
	"maps"
	"slices"
	"testing"

	xlanguage "golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

func TestCodesAreThoseOfTheCompanies(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(slices.Values(language.Codes)), slices.Sorted(maps.Keys(tenant.Languages)); !slices.Equal(got, want) {
		t.Errorf("languages %v, want %v", got, want)
	}
	for _, code := range language.Codes {
		if got := language.Of(code).Code; got != code {
			t.Errorf("Of(%q) is %q", code, got)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		codes []string
		want  string
	}{
		{[]string{"fr", "de"}, "fr"},
		{[]string{"", "de"}, "de"},
		{[]string{"pl", "cs"}, "cs"},
		{[]string{"", ""}, "en"},
		{[]string{"pl", "sv"}, "en"},
		{nil, "en"},
	} {
		if got := language.Of(c.codes...).Code; got != c.want {
			t.Errorf("Of(%q) is %q, want %q", c.codes, got, c.want)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	d := day.New(2026, 3, 9)
	for code, want := range map[string]string{"en": "9 Mar 2026", "cs": "9. 3. 2026", "da": "09.03.2026", "de": "09.03.2026", "fr": "09/03/2026"} {
		if got := language.Of(code).Day(d); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
		if got := language.Of(code).Day(day.Day{}); got != "" {
			t.Errorf("%s: no day is %q", code, got)
		}
	}
}

// The amounts are written as the Unicode consortium's tables say.
func TestAmount(t *testing.T) {
	t.Parallel()
	for _, code := range language.Codes {
		p := message.NewPrinter(xlanguage.MustParse(code))
		for _, minor := range []int64{0, 1, -7, 99, 100, 12_345, -99_999, 100_000, 123_456_789, -100_000_000} {
			want := p.Sprint(number.Decimal(float64(minor)/100, number.Scale(2)))
			if got := language.Of(code).Amount(money.New(minor, "EUR")); got != want {
				t.Errorf("%s: %d is %q, want %q", code, minor, got, want)
			}
		}
	}
}

func TestMoneyKeepsTheCurrencysDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code string
		a    money.Amount
		want string
	}{
		{"en", money.New(1_234_567, "EUR"), "EUR\u00a012,345.67"},
		{"en", money.New(1_234_567, "JPY"), "JPY\u00a01,234,567"},
		{"en", money.New(1_234_567, "KWD"), "KWD\u00a01,234.567"},
		{"cs", money.New(-1_234_567, "CZK"), "-12\u00a0345,67\u00a0CZK"},
		{"da", money.New(1_234_567, "KWD"), "1.234,567\u00a0KWD"},
		{"de", money.New(5, "EUR"), "0,05\u00a0EUR"},
		{"fr", money.New(999, "JPY"), "999\u00a0JPY"},
		{"fr", money.New(money.Max, "EUR"), "10\u00a0000\u00a0000\u00a0000\u00a0000,00\u00a0EUR"},
	} {
		if got := language.Of(c.code).Money(c.a); got != c.want {
			t.Errorf("%s: %q, want %q", c.code, got, c.want)
		}
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"en": "Norway", "cs": "Norsko", "da": "Norge", "de": "Norwegen", "fr": "Norvège"} {
		if got := language.Of(code).Country("NO"); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	if got := language.Of("fr").Country("?"); got != "?" {
		t.Errorf("no country is called %q", got)
	}
}
