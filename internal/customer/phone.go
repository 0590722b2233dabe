package customer

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"dunwell/internal/errs"
	"dunwell/internal/memo"
	"dunwell/internal/tenant"
)

// ParsePhone reads a telephone number as people write it into E.164, such as
// +4722410933. country, two letters, is where a number without its country code
// belongs; it may be empty. What holds words or a second number is refused: the
// library would read letters as the digits of their keys, put all digits in a row, and
// take numbers of any length in some countries, where E.164 has at most 15 digits.
func ParsePhone(text, country string) (string, error) {
	text = bareNumber(text)
	if country == "" && !strings.HasPrefix(text, "+") {
		return "", errs.Invalid{"value": "The customer's country is not known. Give the number with + and its country code, such as +47 22 41 09 33."}
	}
	n, err := phonenumbers.Parse(text, country)
	switch {
	case extension.MatchString(text) || err == nil && n.GetExtension() != "":
		return "", errs.Invalid{"value": "Give the number without its extension, and put the extension into the title."}
	case worded.MatchString(text):
		return "", errs.Invalid{"value": "Give the number alone, in digits. Words can stand in the title."}
	case followed.MatchString(text) || slashed(text, country):
		return "", errs.Invalid{"value": "What follows the number looks like a second one or an extension. Give each number by itself and in full, and put an extension into the title."}
	case err != nil:
		return "", errs.Invalid{"value": "This is not a telephone number. Give digits, with + and the country code where it is abroad."}
	case !phonenumbers.IsValidNumber(n):
		return "", errs.Invalid{"value": "No such number exists in its country. Check the digits, and give + and the country code where it is abroad."}
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if len(e164) > len("+")+15 {
		return "", errs.Invalid{"value": "No telephone number has more than 15 digits, its country code included. Give one number."}
	}
	return e164, nil
}

var (
	mark      = regexp.MustCompile(`(?i)^(tel|telefon|telephone|téléphone|tél|tlf|phone|fon|mobile?|mob|handy|cell|t|m)\b[.: ]*`)
	extension = regexp.MustCompile(`(?i)\d[ .,;(-]*(ext|extn|extension|x|dw|durchwahl|app|apparat|kl|klappe)[ .:-]*\d+\)?$`)
	worded    = regexp.MustCompile(`\d.*\pL|\pL.*\d`)
	followed  = regexp.MustCompile(`\d.*[,;&|+].*\d|\d.*\(.*\d.*\)$`)
)

// bareNumber leaves out a mark in front, such as Tel., and signs that nobody sees, and
// writes all blanks and all dashes alike.
func bareNumber(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r):
			return '-'
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	return mark.ReplaceAllString(strings.TrimSpace(text), "")
}

// slashed tells that what is before a slash is a whole number, and not the area code
// that is written so in Germany and Austria.
func slashed(text, country string) bool {
	for i, r := range text {
		if r != '/' {
			continue
		}
		if n, err := phonenumbers.Parse(text[:i], country); err == nil && phonenumbers.IsValidNumber(n) {
			return true
		}
	}
	return false
}

// numbers are those of a text with slashes between, where each can be dialled as it
// stands; else the text itself.
func numbers(text, country string) []string {
	for i, r := range text {
		if r != '/' || !dialled(text[:i], text[:i], country) {
			continue
		}
		rest := numbers(text[i+1:], country)
		if slices.ContainsFunc(rest, func(other string) bool { return !dialled(other, text[:i], country) }) {
			break
		}
		return append([]string{text[:i]}, rest...)
	}
	return []string{text}
}

// dialled tells a number from the end of another: it begins with +, with what is dialled
// before an area code, or, where nothing is, has as many digits as the first.
func dialled(text, first, country string) bool {
	if _, err := ParsePhone(text, country); err != nil {
		return false
	}
	digits, prefix := phonenumbers.NormalizeDigitsOnly(text), phonenumbers.GetNddPrefixForRegion(country, true)
	switch {
	case strings.HasPrefix(bareNumber(text), "+"):
		return true
	case prefix == "":
		return len(digits) == len(phonenumbers.NormalizeDigitsOnly(first))
	}
	return strings.HasPrefix(digits, prefix)
}

// ParseEmail reads an e-mail address, in small letters.
func ParseEmail(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	_, domain, _ := strings.Cut(text, "@")
	switch {
	case err != nil || a.Address != text || len(text) > 254:
		return "", errs.Invalid{"value": "This is not an e-mail address. Give one such as name@company.com, without the person's name."}
	case !tenant.PlainLetters(text):
		return "", errs.Invalid{"value": "Mail servers take plain letters only. Give the address as the provider writes it, a domain with accents as xn--."}
	case !strings.Contains(strings.Trim(domain, "."), ".") || strings.HasPrefix(domain, "["):
		return "", errs.Invalid{"value": "The part after @ must be a domain such as company.com."}
	}
	return text, nil
}

// written is how people write a number.
type written struct{ international, national string }

// showPhone writes an E.164 number with spaces: with its country code, and as it
// is dialled within its country. A page shows a number several times.
var showPhone = memo.Of(10_000, func(e164 string) written {
	n, err := E164(e164)
	if err != nil {
		return written{e164, e164}
	}
	return written{phonenumbers.Format(n, phonenumbers.INTERNATIONAL), phonenumbers.Format(n, phonenumbers.NATIONAL)}
})

// E164 takes a number apart that ParsePhone wrote. To read it as what a person typed
// gives the same, and takes many times as long.
func E164(number string) (*phonenumbers.PhoneNumber, error) {
	digits := strings.TrimPrefix(number, "+")
	for n := 1; n <= 3 && n < len(digits); n++ {
		code, cerr := strconv.ParseInt(digits[:n], 10, 32)
		national, nerr := strconv.ParseUint(digits[n:], 10, 64)
		if cerr != nil || nerr != nil || digits == number {
			break
		}
		if phonenumbers.GetRegionCodeForCountryCode(int(code)) == phonenumbers.UNKNOWN_REGION {
			continue
		}
		found := &phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &national}
		if zeros := len(digits[n:]) - len(strings.TrimLeft(digits[n:len(digits)-1], "0")) - 1; zeros > 0 {
			found.ItalianLeadingZero, found.NumberOfLeadingZeros = new(true), new(int32(zeros))
		}
		return found, nil
	}
	return phonenumbers.Parse(number, "")
}
