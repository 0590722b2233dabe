package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Field is what a column of a file means.
type Field string

// Map says how a file is to be read: which column means what, and how its dates
// and numbers are written.
type Map struct {
	// DateFormat is made of YYYY or YY, MM or M, DD or D and what stands between.
	// Empty: only dates that cannot be read in two ways are taken.
	DateFormat string `json:"date_format,omitempty"`
	// Decimal is "." or ",". Empty: only numbers that cannot be read in two ways
	// are taken.
	Decimal string `json:"decimal,omitempty"`
	// True holds the words that mean yes; every other word then means no. Empty:
	// the common words for yes and no.
	True []string `json:"true,omitempty"`
	// Columns names the file's column of each field; an absent or empty one is
	// not read.
	Columns map[Field]string `json:"columns"`
}

// Column describes a field that files of a kind can have.
type Column struct {
	Field    Field
	Label    string
	Required bool
	names    string // what files often call it, in small letters and digits only
}

// Columns lists what files of the kind can have, in the order of importance.
func Columns(k Kind) []Column { return columns[k] }

var columns = map[Kind][]Column{
	Customers: {
		{"number", "Customer number", true, "customernumber customerno customerid number no id kundennummer kundennr debtornumber debtor"},
		{"name", "Name", true, "name customername customer company kundenname"},
		{"kind", "Kind (business or consumer)", false, "kind type customertype customerkind art kundenart"},
		{"street", "Street", false, "street address address1 addressline1 strasse"},
		{"postal_code", "Postal code", false, "postalcode postcode zip zipcode plz"},
		{"city", "City", false, "city town place ort"},
		{"region", "Region", false, "region state county province"},
		{"country", "Country (two letters)", false, "country countrycode land"},
		{"language", "Language (two letters)", false, "language languagecode lang sprache"},
		{"contact", "Contact person", false, "contactperson contactname contact ansprechpartner"},
		{"phone", "Telephone", false, "phone telephone phonenumber telephonenumber tel telefon telefonnummer"},
		{"mobile", "Mobile telephone", false, "mobile mobilephone mobilenumber cell cellphone handy mobil"},
		{"email", "E-mail", false, "email emailaddress mail"},
		{"tags", "Tags", false, "tags tag labels"},
		{"owner", "Owner (e-mail)", false, "owner owneremail collector executive"},
		{"branch", "Branch", false, "branch office"},
	},
	Items: {
		{"customer_number", "Customer number", true, "customernumber customerno customerid customer debtornumber debtor kundennummer kundennr kunde"},
		{"customer_name", "Customer name", false, "customername name company kundenname"},
		{"number", "Item number", true, "invoicenumber invoiceno invoiceid invoice itemnumber documentnumber document number no rechnungsnummer rechnungsnr rechnung belegnummer"},
		{"kind", "Kind", false, "kind type documenttype art belegart"},
		{"account_number", "Account number", false, "accountnumber accountno loan loannumber contract contractnumber"},
		{"issued_on", "Issued on", true, "issuedon issued issuedate invoicedate documentdate date rechnungsdatum belegdatum datum"},
		{"due_on", "Due on", false, "dueon duedate due faelligkeit faelligam faellig"},
		{"amount", "Amount", true, "amount invoiceamount total totalamount gross grossamount betrag"},
		{"open_amount", "Open amount", false, "openamount open outstanding balance openbalance offen offenerbetrag"},
		{"currency", "Currency", false, "currency currencycode waehrung"},
		{"disputed", "Disputed", false, "disputed dispute indispute strittig"},
		{"settled_on", "Settled on", false, "settledon settleddate settled paidon paiddate paymentdate bezahltam"},
	},
	Payments: {
		{"number", "Payment number", true, "paymentnumber paymentno paymentid paymentreference reference transactionid transaction number no id zahlungsnummer zahlungsnr"},
		{"customer_number", "Customer number", true, "customernumber customerno customerid customer debtornumber debtor kundennummer kundennr kunde"},
		{"account_number", "Account number", false, "accountnumber accountno loan loannumber contract contractnumber"},
		{"value_on", "Value date", true, "valueon valuedate paymentdate bookingdate date valuta datum"},
		{"amount", "Amount", true, "amount paymentamount paid betrag"},
		{"currency", "Currency", false, "currency currencycode waehrung"},
		{"item_number", "Item number", false, "itemnumber invoicenumber invoiceno invoiceid invoice documentnumber document rechnungsnummer rechnungsnr rechnung"},
	},
}

// ParseMap reads a map as JSON. Keys that it does not know are refused: a
// misspelt one would be a column silently not read.
func ParseMap(b []byte) (Map, error) {
	var m Map
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Map{}, unusable("The map is not right: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Map{}, unusable("The map is not right: something follows its closing brace.")
	}
	return m, nil
}

func (m Map) validate(k Kind) error {
	cols, ok := columns[k]
	if !ok {
		return unusable("There are no files of kind %q: use customers, items or payments.", k)
	}
	if m.Decimal != "" && m.Decimal != "." && m.Decimal != "," {
		return unusable(`The map's decimal is %q: use "." or ",".`, m.Decimal)
	}
	if _, err := parseFormat(m.DateFormat); m.DateFormat != "" && err != nil {
		return err
	}
	for f := range m.Columns {
		if !slices.ContainsFunc(cols, func(c Column) bool { return c.Field == f }) {
			return unusable("The map names a field %q, which files of %s do not have. They have %s.", f, k, fieldList(cols))
		}
	}
	if none := m.missing(k); len(none) > 0 {
		return unusable("The map names no column for %s, and a file of %s cannot do without.", fieldList(none), k)
	}
	return nil
}

// missing are the required fields without a column.
func (m Map) missing(k Kind) (out []Column) {
	for _, c := range columns[k] {
		if c.Required && m.Columns[c.Field] == "" {
			out = append(out, c)
		}
	}
	return out
}

func fieldList(cols []Column) string {
	var names []string
	for _, c := range cols {
		names = append(names, string(c.Field))
	}
	return strings.Join(names, ", ")
}

// bind finds the place of each mapped column in the header.
func (m Map) bind(k Kind, header []string) (map[Field]int, error) {
	at := map[Field]int{}
	for _, c := range columns[k] {
		name := strings.TrimSpace(m.Columns[c.Field])
		if name == "" {
			continue
		}
		i := slices.Index(header, name)
		if i < 0 && slices.Contains(header, numbered(name, 2)) {
			return nil, unusable("The file has two columns called %q. Say which one is %s: %q or %q.", name, c.Field, numbered(name, 1), numbered(name, 2))
		}
		if i < 0 {
			return nil, unusable("The file has no column %q, which the map names for %s. Its columns are: %s.", name, c.Field, cut(strings.Join(header, ", "), 500))
		}
		at[c.Field] = i
	}
	return at, nil
}

const headerFirst = "The header must be the first line, with commas, semicolons or tabs between its cells."

// headed refuses a first line that is a title, or has no separator that is known: a
// header of any kind of file has several cells.
func headed(header []string) error {
	filled := slices.DeleteFunc(slices.Clone(header), func(name string) bool { return name == "" })
	switch len(filled) {
	case 0:
		return Unusable("The first line is empty. " + headerFirst)
	case 1:
		return unusable("The first line has one cell only, %q. %s", cut(strings.Trim(filled[0], ",;\t "), 60), headerFirst)
	}
	return nil
}

// distinct numbers the columns that are called the same, so that one of them can be
// chosen, and says which names those are.
func distinct(names []string) (header, repeated []string) {
	times, last := map[string]int{}, map[string]int{}
	for _, name := range names {
		times[name]++
	}
	header = slices.Clone(names)
	for i, name := range names {
		if name == "" || times[name] == 1 {
			continue
		}
		if last[name] == 0 {
			repeated = append(repeated, name)
		}
		for taken := true; taken; _, taken = times[header[i]] { // a file may have such a name of its own
			last[name]++
			header[i] = numbered(name, last[name])
		}
	}
	return header, repeated
}

func numbered(name string, n int) string { return fmt.Sprintf("%s (%d)", name, n) }

// unread are the columns of a header that no field is read from.
func (m Map) unread(header []string) (out []string) {
	read := slices.Collect(maps.Values(m.Columns))
	for _, name := range header {
		if name != "" && !slices.Contains(read, name) {
			out = append(out, name)
		}
	}
	return out
}

// fits tells that a file has all columns of the map.
func (m Map) fits(header []string) bool {
	used := 0
	for _, name := range m.Columns {
		if name != "" && !slices.Contains(header, name) {
			return false
		}
		if name != "" {
			used++
		}
	}
	return used > 0
}

// Propose maps a header by the names that its columns often have. What it does
// not recognise stays out.
func Propose(k Kind, header []string) Map { return Map{}.fill(k, header, nil) }

// fill adds to the map what the names of the columns say that it does not use
// and that are not to be left out.
func (m Map) fill(k Kind, header, leave []string) Map {
	taken := map[string]bool{}
	for _, name := range append(slices.Collect(maps.Values(m.Columns)), leave...) {
		taken[name] = true
	}
	if m.Columns = maps.Clone(m.Columns); m.Columns == nil {
		m.Columns = map[Field]string{}
	}
	for _, c := range columns[k] {
		if m.Columns[c.Field] != "" {
			continue
		}
		for _, name := range strings.Fields(c.names) {
			i := slices.IndexFunc(header, func(h string) bool { return !taken[h] && bare(h) == name })
			if i >= 0 {
				m.Columns[c.Field], taken[header[i]] = header[i], true
				break
			}
		}
	}
	return m
}

// bare leaves the letters and digits of a column's name, in small letters.
func bare(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	return umlauts.Replace(s)
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// cut shortens text to so many characters.
func cut(s string, limit int) string {
	for i := range s {
		if limit == 0 {
			return s[:i]
		}
		limit--
	}
	return s
}
