package note

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// groups finds runs of digits that something joins: spaces, dashes and dots, the end of
// a line, with the mark of a quotation behind it.
var groups = regexp.MustCompile(`\d+(?:[\p{Zs}\p{Pd}\t\r\n\x{00AD}\x{200B}\x{2060}\x{2212}._·•>]{1,5}\d+)*`)

// plain is what joins the groups of a number whatever their sizes.
var plain = regexp.MustCompile(`^[\p{Zs}\p{Pd}\x{00AD}\x{200B}\x{2060}\x{2212}]{1,3}$`)

var digits = regexp.MustCompile(`\d+`)

// ibans find what may be an international bank account number: it is no card, though
// half of its groups can look like one. The second finds it over the end of a line.
var ibans = []*regexp.Regexp{
	regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`),
	regexp.MustCompile(`\b[A-Z]{2}\d{2}(?:\s{0,2}[A-Z0-9]{4}){2,7}(?:\s{0,2}[A-Z0-9]{1,3})?\b`),
}

// shapes are the sizes of the groups in which cards are embossed.
var shapes = []string{"4 4 4 4", "4 4 4 4 3", "4 6 5", "4 6 4"}

// NoCard is what is said to a person in whose text HasCard finds one.
const NoCard = "This looks like a payment card number, which must not be kept. Take it out, or leave its last four digits only."

// HasCard tells whether a payment card number stands in the text: 13 to 19 digits
// of an issuer's range whose check digit is right, written in one or in groups. Over two
// lines, or joined by what is no space or dash, they stand in the groups of a card.
func HasCard(text string) bool { return len(cards(text)) > 0 }

// MaskCards replaces the digits of payment card numbers by asterisks, but for the
// last four.
func MaskCards(text string) string {
	found := cards(text)
	if len(found) == 0 {
		return text
	}
	masked := []byte(text)
	for _, span := range found {
		left := 4
		for i := span[1] - 1; i >= span[0]; i-- {
			switch {
			case masked[i] < '0' || masked[i] > '9':
			case left > 0:
				left--
			default:
				masked[i] = '*'
			}
		}
	}
	return string(masked)
}

// cards finds where card numbers begin and end. A number begins and ends with a
// group: part of a longer run of digits is none, and neither is a telephone number
// behind its plus.
func cards(text string) (found [][2]int) {
	accounts := accountsIn(text)
	for _, at := range groups.FindAllStringIndex(text, -1) {
		r := run{text: text[at[0]:at[1]], plus: at[0] > 0 && text[at[0]-1] == '+'}
		r.parts = digits.FindAllStringIndex(r.text, -1)
		for first := 0; first < len(r.parts); first++ {
			number := ""
			for last := first; last < len(r.parts) && len(number) < 19; last++ {
				number += r.text[r.parts[last][0]:r.parts[last][1]]
				span := [2]int{at[0] + r.parts[first][0], at[0] + r.parts[last][1]}
				if isCard(number) && r.joins(first, last) && !within(span, accounts) && !isPhone(text[:span[0]], number) {
					found = append(found, span)
					first = last
					break
				}
			}
		}
	}
	return found
}

// run is groups of digits that something joins.
type run struct {
	text  string
	plus  bool    // it begins behind the plus of a telephone number
	parts [][]int // where the groups begin and end in it
}

func (r run) size(part int) int { return r.parts[part][1] - r.parts[part][0] }

// gap is what stands behind the part, before the next.
func (r run) gap(part int) string { return r.text[r.parts[part][1]:r.parts[part+1][0]] }

// joins tells that the parts may be one number by what stands between them.
func (r run) joins(first, last int) bool {
	var sizes []string
	odd, lines, cut := false, 0, 0
	for i := first; i <= last; i++ {
		sizes = append(sizes, strconv.Itoa(r.size(i)))
		if i == last {
			break
		}
		odd = odd || !plain.MatchString(r.gap(i))
		if n := strings.Count(r.gap(i), "\n"); n > 0 {
			lines, cut = lines+n, i
		}
	}
	switch {
	case !odd:
		return true
	case !slices.Contains(shapes, strings.Join(sizes, " ")):
		return false
	case lines == 0:
		return true
	}
	return lines == 1 && !(r.plus && first == 1) && !r.listed(first, cut, last)
}

// listed tells that a line each is a number of its own: more of the like stand around
// them, or each is two groups with a dash between, as invoices are numbered, and the
// first line does not end with one.
func (r run) listed(first, cut, last int) bool {
	if first > 0 && r.size(first-1) >= 4 || last+1 < len(r.parts) && r.size(last+1) >= 4 {
		return true
	}
	return cut == first+1 && last == first+3 && strings.Trim(r.gap(cut), " \t\r\n>") == "" && strings.TrimSpace(r.gap(first)) != ""
}

func accountsIn(text string) (found [][]int) {
	for _, iban := range ibans {
		for _, span := range iban.FindAllStringIndex(text, -1) {
			if ibanValid(strings.Join(strings.Fields(text[span[0]:span[1]]), "")) {
				found = append(found, span)
			}
		}
	}
	return found
}

// isPhone tells that the number is a telephone's by the plus before it: such have 15
// digits at most, and those of Germany are as long as old cards of Visa.
func isPhone(before, number string) bool { return strings.HasSuffix(before, "+") && len(number) <= 15 }

// ibanValid checks the two check digits: the number, its head moved to the end
// and its letters counted from ten, leaves one when divided by 97.
func ibanValid(s string) bool {
	rest := 0
	for _, r := range s[4:] + s[:4] {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest == 1
}

func within(span [2]int, spans [][]int) bool {
	for _, s := range spans {
		if span[0] >= s[0] && span[1] <= s[1] {
			return true
		}
	}
	return false
}

// issuer is a range of a number's first digits, with the lengths in use.
type issuer struct {
	from, to string
	lengths  []int
}

var (
	sixteenUp = []int{16, 17, 18, 19}
	anyLength = []int{13, 14, 15, 16, 17, 18, 19}
)

var issuers = []issuer{
	{"4", "4", []int{13, 16, 19}},               // Visa
	{"51", "55", []int{16}},                     // Mastercard
	{"2221", "2720", []int{16}},                 // Mastercard
	{"34", "34", []int{15}},                     // American Express
	{"37", "37", []int{15}},                     // American Express
	{"300", "305", []int{14, 16, 17, 18, 19}},   // Diners Club
	{"36", "36", []int{14, 15, 16, 17, 18, 19}}, // Diners Club
	{"38", "39", []int{14, 16, 17, 18, 19}},     // Diners Club
	{"3528", "3589", sixteenUp},                 // JCB
	{"6011", "6011", sixteenUp},                 // Discover
	{"644", "659", sixteenUp},                   // Discover
	{"62", "62", sixteenUp},                     // UnionPay
	{"81", "81", sixteenUp},                     // UnionPay
	{"2200", "2204", sixteenUp},                 // Mir
	{"5018", "5018", anyLength},                 // Maestro, from here on
	{"5020", "5020", anyLength},
	{"5038", "5038", anyLength},
	{"5893", "5893", anyLength},
	{"6304", "6304", anyLength},
	{"6759", "6759", anyLength},
	{"6761", "6763", anyLength},
}

func isCard(number string) bool {
	if len(number) < 13 || len(number) > 19 || !luhn(number) {
		return false
	}
	for _, i := range issuers {
		head := number[:len(i.from)]
		if head >= i.from && head <= i.to && slices.Contains(i.lengths, len(number)) {
			return true
		}
	}
	return false
}

// luhn checks the last digit: every second one from the right counts double, its
// digits added, and the sum ends in zero.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			d = d*2 - d*2/10*9
		}
		sum += d
	}
	return sum%10 == 0
}
