package customer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, country, want, message string }{
		{" 22 41 09 33 ", "NO", "+4722410933", ""},
		{"+47 (22) 41-09-33", "", "+4722410933", ""},
		{"0047 22410933", "NO", "+4722410933", ""},
		{"020 7946 0018", "GB", "+442079460018", ""},
		{"+81 3-3210-7000", "NO", "+81332107000", ""},
		{"22 41 09 33", "", "", "country is not known"},
		{"12", "NO", "", "No such number"},
		{"+47 22 41 09 33 99 88 77", "NO", "", "No such number"},
		{"22410933 ext. 7", "NO", "", "extension"},
		{"call Ingrid", "NO", "", "not a telephone number"},
		{"", "NO", "", "not a telephone number"},
		{strings.Repeat("9", 100_000), "NO", "", "not a telephone number"},
		{"040 1234567 1234", "DE", "+494012345671234", ""},
		{"040 1234567 12345", "DE", "", "No telephone number has more than 15 digits"},
	} {
		got, err := customer.ParsePhone(c.text, c.country)
		checkParsed(t, c.text, got, c.want, err, c.message)
	}
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, message string }{
		{" Ingrid.Hauge@Halden.NO ", "ingrid.hauge@halden.no", ""},
		{"a+b@sub.example.com", "a+b@sub.example.com", ""},
		{"Ingrid <ingrid@halden.no>", "", "without the person's name"},
		{"ingrid@halden", "", "domain"},
		{"ingrid@halden.", "", "not an e-mail"},
		{"ingrid@[127.0.0.1]", "", "domain"},
		{"ingrid@hælden.no", "", "plain letters"},
		{"ingrid", "", "not an e-mail"},
		{"a@b.no, c@d.no", "", "not an e-mail"},
		{"a@b.no\r\nBcc: c@d.no", "", "not an e-mail"},
		{"", "", "not an e-mail"},
		{strings.Repeat("a", 250) + "@b.no", "", "not an e-mail"},
	} {
		got, err := customer.ParseEmail(c.text)
		checkParsed(t, c.text, got, c.want, err, c.message)
	}
}

func checkParsed(t *testing.T, text, got, want string, err error, message string) {
	t.Helper()
	var inv errs.Invalid
	errors.As(err, &inv)
	if got != want || (message == "") != (err == nil) || !strings.Contains(inv["value"], message) {
		t.Errorf("%.40q: %q, %v; want %q, %q", text, got, err, want, message)
	}
}

func TestPointIsShownForPeople(t *testing.T) {
	t.Parallel()
	phone := customer.ContactPoint{Kind: customer.Phone, Value: "+4722410933"}
	if phone.Shown() != "+47 22 41 09 33" || phone.National() != "22 41 09 33" || phone.Link() != "tel:+4722410933" {
		t.Errorf("%s, %s, %s", phone.Shown(), phone.National(), phone.Link())
	}
	mail := customer.ContactPoint{Kind: customer.Email, Value: "ap@halden.no"}
	if mail.Shown() != "ap@halden.no" || mail.National() != "" || mail.Link() != "mailto:ap@halden.no" {
		t.Errorf("%s, %s, %s", mail.Shown(), mail.National(), mail.Link())
	}
}

// What is taken apart is what was read, in every country and for every kind of number.
func TestE164(t *testing.T) {
	t.Parallel()
	compared := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			number := phonenumbers.Format(example, phonenumbers.E164)
			read, err := phonenumbers.Parse(number, "")
			if err != nil {
				t.Fatal(err)
			}
			apart, err := customer.E164(number)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []phonenumbers.PhoneNumberFormat{phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.E164} {
				if got, want := phonenumbers.Format(apart, form), phonenumbers.Format(read, form); got != want {
					t.Errorf("%s of %s is %s, want %s", number, region, got, want)
				}
			}
			compared++
		}
	}
	if compared < 500 {
		t.Errorf("only %d numbers were compared", compared)
	}
	for _, text := range []string{"", "+", "+4", "4722410933"} {
		if n, err := customer.E164(text); err == nil {
			t.Errorf("%q is taken for %v", text, n)
		}
	}
}
