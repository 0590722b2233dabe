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

// The ways in which people write a number, by country.
func TestParsePhoneSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, want, texts string }{
		{"NO", "+4722410933", "22 41 09 33|22410933|+47 22 41 09 33|0047 22 41 09 33|22.41.09.33|(22) 41 09 33|Tlf. 22 41 09 33|22\u00a041\u202f09\u00a033|22–41–09–33|\u202a+47 22 41 09 33\u202c"},
		{"DE", "+49401234567", "040 1234567|040/1234567|040 / 123 45 67|040-1234567|(040) 1234567|+49 40 1234567|+49 (0)40 1234567|+49 (0)40 / 1234567|0049 40 1234567|Tel. 040 1234567|Tel.: 040 1234567|tel:+49401234567|Telefon 040 1234567|[040] 1234567"},
		{"DE", "+49453112345", "04531/12345|04531 123 45|+49 (4531) 12345|Phone: +49 4531 12345"},
		{"DE", "+493309412345", "033094/12345|+49 (0) 33094 / 12 345"},
		{"DE", "+491711234567", "0171/1234567|0171-123 45 67|Mobil: 0171 1234567|Handy 0171 1234567"},
		{"AT", "+43151234567", "01 51234567|01/512 34 567|+43 (0)1 / 51234567|(01) 51234567|0043 1 51234567"},
		{"AT", "+436641234567", "0664 1234567|0664/123 45 67|+43 664 1234567|Mobil 0664 1234567"},
		{"AT", "+43557212345", "05572/12345|05572 12345"},
		{"GB", "+442079460018", "020 7946 0018|(020) 7946 0018|+44 (0)20 7946 0018|+44 20-7946-0018|0044 20 7946 0018|T: 020 7946 0018"},
		{"US", "+12125550123", "(212) 555-0123|212-555-0123|212.555.0123|1 (212) 555-0123|+1 212 555 0123|212/555-0123"},
		{"FR", "+33142685300", "01 42 68 53 00|01.42.68.53.00|+33 (0)1 42 68 53 00|+33 1 42 68 53 00|0033 1 42 68 53 00|Tél. 01 42 68 53 00|Tél : 01\u202f42\u202f68\u202f53\u202f00"},
		{"IT", "+390612345678", "06 12345678|+39 06 12345678|0039 06 12345678|06/12345678|+39 (0)6 12345678"},
		{"IT", "+393471234567", "347 1234567|347/1234567|+39 347 123 4567"},
		{"PL", "+48123456789", "12 345 67 89|+48 12 345 67 89|(12) 345-67-89|0048 12 345 67 89"},
		{"PL", "+48601234567", "601 234 567|601-234-567|tel. 601 234 567"},
	} {
		for text := range strings.SplitSeq(c.texts, "|") {
			got, err := customer.ParsePhone(text, c.country)
			checkParsed(t, text, got, c.want, err, "")
		}
	}
}

// What holds more than one number is refused: its digits in a row would be a stranger's.
func TestParsePhoneRefusesWhatIsMore(t *testing.T) {
	t.Parallel()
	const words, second, extension = "Give the number alone, in digits", "looks like a second one", "without its extension"
	for _, c := range []struct{ country, text, message string }{
		{"DE", "040 1234567 privat", words},
		{"DE", "040 12345 priv", words},
		{"DE", "040 1234567 Kd.Nr. 5", words},
		{"DE", "040 1234567 (ab 14.30)", words},
		{"DE", "privat 040 1234567", words},
		{"DE", "040 1234567 oder 040 1234568", words},
		{"AT", "0664 1234567 u. 2", words},
		{"US", "1-800-FLOWERS", words},
		{"", "+49 40 1234567 Büro", words},
		{"DE", "040 1234567 App. 22", extension},
		{"DE", "040 1234567 DW 12", extension},
		{"DE", "040 1234567 (DW: 12)", extension},
		{"DE", "040 1234567 Durchwahl -12", extension},
		{"US", "(212) 555-0123 x12", extension},
		{"US", "(212) 555-0123 ext. 12", extension},
		{"US", "(212) 555-0123 #12", extension},
		{"DE", "04531 1234 / 5678", second},
		{"DE", "040/1234567/8", second},
		{"DE", "040 1234567 / 040 7654321", second},
		{"DE", "040 1234567 (5)", second},
		{"DE", "040 1234567, 5", extension},
		{"DE", "040 1234567 & 68", second},
		{"DE", "040 12345 +49 1234", second},
		{"AT", "01 51234 / 56789", second},
		{"AT", "+43 (0)1 51234 / 10", second},
		{"NO", "22 41 09 33 / 34", second},
		{"NO", "22 41 09 33; 22 41 09 34", second},
	} {
		got, err := customer.ParsePhone(c.text, c.country)
		checkParsed(t, c.text, got, "", err, c.message)
	}
}

// A number that is shown for changing is read as itself again, in every country.
func TestParsePhoneReadsWhatIsShown(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			n := phonenumbers.GetExampleNumberForType(region, kind)
			if n == nil || !phonenumbers.IsValidNumber(n) {
				continue
			}
			number := phonenumbers.Format(n, phonenumbers.E164)
			shown := customer.ContactPoint{Kind: customer.Phone, Value: number}
			if got, err := customer.ParsePhone(shown.Shown(), ""); got != number {
				t.Errorf("%s is read as %q, %v; want %s", shown.Shown(), got, err, number)
			}
		}
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
