package money_test

import (
	"errors"
	"testing"

	"dunwell/internal/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in       string
		currency money.Currency
		minor    int64
		err      error
	}{
		{"0", "EUR", 0, nil},
		{"0.01", "EUR", 1, nil},
		{"-1234.5", "EUR", -123450, nil},
		{"1234.500", "EUR", 123450, nil},
		{"0.001", "EUR", 0, money.ErrDecimals},
		{"12", "JPY", 12, nil},
		{"12.00", "JPY", 12, nil},
		{"12.5", "JPY", 0, money.ErrDecimals},
		{"1.234", "KWD", 1234, nil},
		{"1.2345", "KWD", 0, money.ErrDecimals},
		{"10000000000000", "EUR", 1_000_000_000_000_000, nil},
		{"10000000000000.01", "EUR", 0, money.ErrTooLarge},
		{"-10000000000000.01", "EUR", 0, money.ErrTooLarge},
		{"1000000000000000000", "EUR", 0, money.ErrTooLarge},
		{"100000000000000000000000000000", "EUR", 0, money.ErrTooLarge},
		{"", "EUR", 0, money.ErrNotNumber},
		{"-", "EUR", 0, money.ErrNotNumber},
		{"1,5", "EUR", 0, money.ErrNotNumber},
		{"1e3", "EUR", 0, money.ErrNotNumber},
		{"NaN", "EUR", 0, money.ErrNotNumber},
	} {
		got, err := money.Parse(c.in, c.currency)
		if !errors.Is(err, c.err) || got.Minor != c.minor {
			t.Errorf("Parse(%q, %s) = %v, %v; want %d, %v", c.in, c.currency, got.Minor, err, c.minor, c.err)
		}
	}
}

func TestWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a              money.Amount
		plain, grouped string
	}{
		{money.New(0, "EUR"), "0.00", "0.00"},
		{money.New(5, "EUR"), "0.05", "0.05"},
		{money.New(-123456789, "EUR"), "-1234567.89", "−1,234,567.89"},
		{money.New(1000, "JPY"), "1000", "1,000"},
		{money.New(999, "JPY"), "999", "999"},
		{money.New(1234567, "KWD"), "1234.567", "1,234.567"},
	} {
		if got := c.a.Plain(); got != c.plain {
			t.Errorf("Plain of %v = %s, want %s", c.a.Minor, got, c.plain)
		}
		if got := c.a.Grouped(); got != c.grouped {
			t.Errorf("Grouped of %v = %s, want %s", c.a.Minor, got, c.grouped)
		}
	}
}

func TestParseCurrency(t *testing.T) {
	t.Parallel()
	if c, err := money.ParseCurrency(" eur "); err != nil || c != "EUR" {
		t.Errorf("got %v, %v", c, err)
	}
	if c, err := money.ParseCurrency("xof"); err != nil || c != "XOF" {
		t.Errorf("money of a union: %v, %v", c, err)
	}
	for _, s := range []string{"", "EU", "EURO", "€", "ZZZ", "E R", "XXX", "XTS", "xau", "XDR"} {
		if c, err := money.ParseCurrency(s); err == nil {
			t.Errorf("ParseCurrency(%q) = %s, want a refusal", s, c)
		}
	}
}
