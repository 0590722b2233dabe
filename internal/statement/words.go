package statement

import (
	"fmt"

	"dunwell/internal/ledger"
)

// Words are the fixed words of statements and letters in one language. What takes
// something says so: %s and %d. None may be empty, so that no text ever falls back
// to another language in part.
type Words struct {
	Title        string // of a statement
	OpenOn       string // %s: a day
	WillBeOpen   string // %s: a day to come
	AllUpTo      string // %s: a day
	NothingOpen  string
	NothingAhead string // on a day to come
	NothingYet   string // where nothing was issued or paid at all

	Date, CustomerNumber, Phone, Email string

	Account, Currency              string
	Number, Kind, Issued, Due      string
	DaysOverdue                    string
	Amount, Open, Remark           string
	Invoice, Instalment, Fee       string
	CreditNote, Payment            string
	Disputed, Litigation, Promised string
	PausedUntil                    string // %s: a day
	PartPromise                    string // %s: an amount
	Returned                       string // of a payment, by the bank
	PaidBefore                     string // in place of a payment's reference: before its item was taken over
	NoReference                    string // likewise: the payment has none

	ByAge             string // heading of an ageing
	NotDue            string
	DaysRange         string // %s: such as 1–30
	Over90            string
	OpenItems         string // their sum
	OfItOverdue       string
	Credits           string // the sum of what is not applied yet
	Balance           string
	Totals            string
	WhereToPay        string
	StateYourNumber   string // %s: the customer's
	PageOf            string // %d of %d
	StatementFileName string // ASCII, small letters
}

var catalogue = map[string]*Words{"en": &english, "cs": &czech, "da": &danish, "de": &german, "fr": &french}

// kindName is what a row is.
func (w *Words) kindName(p ledger.Posting) string {
	switch p.Kind {
	case ledger.Instalment:
		return w.Instalment
	case ledger.Fee:
		return w.Fee
	case ledger.CreditNote:
		return w.CreditNote
	case ledger.Invoice:
		return w.Invoice
	}
	return w.Payment
}

// Name is what the row is called: a payment that has no reference by how it came.
func (w *Words) Name(p ledger.Posting) string {
	switch {
	case p.Origin.Before():
		return w.PaidBefore
	case p.Origin == ledger.Reported:
		return w.NoReference
	}
	return p.Number
}

// Bucket names a range of days overdue, in the order of ledger.BucketNames.
func (w *Words) Bucket(i int) string {
	switch i {
	case 0:
		return w.NotDue
	case len(ledger.BucketNames) - 1:
		return w.Over90
	}
	return fmt.Sprintf(w.DaysRange, [...]string{"", "1–30", "31–60", "61–90"}[i])
}
