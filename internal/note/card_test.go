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
		{"over two lines", "4111 1111\n1111 1111", "**** ****\n**** 1111"},
		{"in a letter", "My card is 4111 1111 1111\r\n1111, it ends 12/27.", "My card is **** **** ****\r\n1111, it ends 12/27."},
		{"American Express over two lines", "3782\n822463 10005", "****\n****** *0005"},
		{"with hyphens over two lines", "4111-1111-\n1111-1111", "****-****-\n****-1111"},
		{"the last group below", "4111-1111-1111\n1111", "****-****-****\n1111"},
		{"in the answer to a message", "> 4111 1111\r\n> 1111 1111\r\n> 12/27", "> **** ****\r\n> **** 1111\r\n> 12/27"},
		{"with dots", "4111.1111.1111.1111", "****.****.****.1111"},
		{"nineteen digits with dots", "4000.0000.0000.0000.006", "****.****.****.***0.006"},
		{"with points and blanks", "3056 · 930902 · 5904", "**** · ****** · 5904"},
		{"long dashes", "4111—1111−1111―1111", "****—****−****―1111"},
		{"tabs", "4111\t1111\t1111\t1111", "****\t****\t****\t1111"},
		{"wide blanks", "4111\u30001111\u20071111\u202f1111", "****\u3000****\u2007****\u202f1111"},
		{"many blanks", "4111    1111    1111    1111", "****    ****    ****    1111"},
		{"blanks that nobody sees", "4111\u200b1111\u00ad1111\u20601111", "****\u200b****\u00ad****\u20601111"},
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
		{"a line each", "4111\n1111\n1111\n1111"},
		{"three lines", "4111 1111\n1111\n1111"},
		{"a blank line between", "4111 1111\n\n1111 1111"},
		{"short invoices, a line each", "41111111\n11111111"},
		{"shorter ones", "411111\n1111111\n111"},
		{"invoices with a dash, a line each", "4111-1111\n1111-1111"},
		{"the same in an answer", "> 4111.1111\r\n> 1111.1111"},
		{"more of them", "4111 1111\n1111 1111\n2222 3333"},
		{"more of them before", "2222 3333\n4111 1111\n1111 1111"},
		{"wrapped list of invoices", "2222 3333 4111 1111\n1111 1111 5555 6666"},
		{"list with commas", "4111, 1111, 1111, 1111"},
		{"dates", "36.12.2026 31.12.0009"},
		{"dots in groups of no card", "41.11.11.11.11.11.11.11"},
		{"telephone numbers, a line each", "+47 4111 1111\n1111 1111"},
		{"bank account over two lines", "DE95 4111 1111\n1111 1111 00"},
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
