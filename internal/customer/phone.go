package customer

import (
	"net/mail"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"dunwell/internal/errs"
	"dunwell/internal/memo"
	"dunwell/internal/tenant"
)

// ParsePhone reads a telephone number as people write it into E.164, such as
// +4722410933. country, two letters, is where a number without its country code
// belongs; it may be empty. The library takes numbers of any length in some countries,
// and E.164 at most 15 digits.
func ParsePhone(text, country string) (string, error) {
	text = strings.TrimSpace(text)
	if country == "" && !strings.HasPrefix(text, "+") {
		return "", errs.Invalid{"value": "The customer's country is not known. Give the number with + and its country code, such as +47 22 41 09 33."}
	}
	n, err := phonenumbers.Parse(text, country)
	switch {
	case err != nil:
		return "", errs.Invalid{"value": "This is not a telephone number. Give digits, with + and the country code where it is abroad."}
	case n.GetExtension() != "":
		return "", errs.Invalid{"value": "Give the number without its extension, and put the extension into the title."}
	case !phonenumbers.IsValidNumber(n):
		return "", errs.Invalid{"value": "No such number exists in its country. Check the digits, and give + and the country code where it is abroad."}
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if len(e164) > len("+")+15 {
		return "", errs.Invalid{"value": "No telephone number has more than 15 digits, its country code included. Give one number."}
	}
	return e164, nil
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
