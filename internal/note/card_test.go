package note_test

import (
	"testing"

	"dunwell/internal/note"
)

func TestCards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, masked string }{
		{"Visa", "pays by 4111111111111111 today", "pays by ************1111 today"},
		{"in groups", "4111 1111 1111 1111", "**** **** **** 1111"},
		{"with hyphens", "(5500-0055-5555-5559)", "(****-****-****-5559)"},
		{"wide gaps", "5500 - 0055 - 5555 - 5559", "**** - **** - **** - 5559"},
		{"no-break spaces", "5500\u00a00055\u00a05555\u00a05559", "****\u00a0****\u00a0****\u00a05559"},
		{"thirteen digits", "4222222222222", "*********2222"},
		{"nineteen digits", "4000000000000000006", "***************0006"},
		{"American Express", "3782 822463 10005", "**** ****** *0005"},
		{"Diners Club", "30569309025904", "**********5904"},
		{"Mastercard of the new range", "2221000000000009", "************0009"},
		{"Discover", "6011111111111117", "************1117"},
		{"JCB", "3530111333300000", "************0000"},
		{"Maestro", "6304000000000000", "************0000"},
		{"the expiry after it", "4111 1111 1111 1111 12/27", "**** **** **** 1111 12/27"},
		{"another number before it", "ref 77 4111 1111 1111 1111", "ref 77 **** **** **** 1111"},
		{"right behind a word", "visa4111111111111111", "visa************1111"},
		{"two of them", "4111111111111111, 4012888888881881", "************1111, ************1881"},
		{"a full stop behind", "It is 4012888888881881.", "It is ************1881."},
	} {
		if !note.HasCard(c.text) {
			t.Errorf("%s: %q has no card", c.name, c.text)
		}
		if got := note.MaskCards(c.text); got != c.masked {
			t.Errorf("%s: masked %q, want %q", c.name, got, c.masked)
		}
	}
}

func TestNoCards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text string }{
		{"wrong check digit", "4111111111111112"},
		{"no issuer's range", "1234567812345670"},
		{"twelve digits", "411111111117"},
		{"twenty digits", "41111111111111111115"},
		{"Mastercard of a wrong length", "510000000000003"},
		{"below the new Mastercard range", "2220990000000002"},
		{"part of a longer run", "94111111111111111"},
		{"two lines", "4111 1111\n1111 1111"},
		{"broken by words", "4111 1111 then 1111 1111"},
		{"bank account that looks like one", "DE95 4111 1111 1111 1111 00"},
		{"phone and amount", "+47 22 41 09 33, NOK 13,000.00 by 2026-11-27"},
		{"mobile phone of Germany", "Call +49 151 12345678 or +4915112345678"},
		{"nothing", ""},
	} {
		if note.HasCard(c.text) || note.MaskCards(c.text) != c.text {
			t.Errorf("%s: %q is taken for a card: %q", c.name, c.text, note.MaskCards(c.text))
		}
	}
	if !note.HasCard("+4111 1111 1111 1111") {
		t.Error("a number of sixteen digits behind a plus is not found")
	}
	if !note.HasCard("DE18 4111 1111 1111 1111 00") {
		t.Error("a number behind what is no bank account is not found")
	}
}
