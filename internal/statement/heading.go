package statement

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Heading is what stands around a statement and a letter: who writes to whom, on
// which day, in which language.
type Heading struct {
	Company    string
	Letterhead Letterhead
	Logo       []byte // a PNG; empty: none, or see LoadLogo
	Customer   customer.Customer
	Language   language.Language
	On         day.Day
	at         time.Time
}

// HeadingOf reads what stands around a letter to the customer, in the language of
// that code; where it is empty or not known, in the customer's, else the company's,
// else English.
func HeadingOf(ctx context.Context, tx *tenant.Tx, customerID int64, code string) (Heading, error) {
	h := Heading{Company: tx.Actor.Tenant.Name, On: tx.Today(), at: tx.Now.In(tx.Actor.Tenant.Zone)}
	var err error
	if h.Customer, err = customer.Find(ctx, tx, customerID); err != nil {
		return h, err
	}
	h.Language = language.Of(code, h.Customer.Language, tx.Actor.Tenant.Language)
	h.Letterhead, err = LoadLetterhead(ctx, tx)
	return h, err
}

// Words are those of the heading's language.
func (h Heading) Words() *Words { return catalogue[h.Language.Code] }

// Sender is who writes.
func (h Heading) Sender() string { return cmp.Or(h.Letterhead.Sender, h.Company) }

// AddressLines are the customer's name and postal address, the country in the
// language of the letter.
func (h Heading) AddressLines() []string {
	c := h.Customer
	lines := []string{c.Name}
	for line := range strings.SplitSeq(c.Street+"\n"+town(c)+"\n"+strings.ToUpper(h.Language.Country(c.Country)), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// town is the line of the town, or the lines, in the order that the country's post
// asks for (Universal Postal Union, Addressing the world).
func town(c customer.Customer) string {
	switch c.Country {
	case "GB", "IE":
		return strings.Join([]string{c.City, c.Region, c.PostalCode}, "\n")
	case "AU", "CA", "NZ", "SG", "US":
		return strings.Join(strings.Fields(c.City+" "+c.Region+" "+c.PostalCode), " ")
	}
	return c.PostalCode + " " + c.City + "\n" + c.Region
}

// Cells are the figures of a row as they are written: issued, due, days overdue,
// amount, open.
func (h Heading) Cells(sec Section, p ledger.Posting) [5]string {
	days := ""
	if late := p.DaysLate(sec.AsOf); late > 0 {
		days = strconv.Itoa(late)
	}
	return [...]string{h.Language.Day(p.IssuedOn), h.Language.Day(dueOf(p)), days,
		h.Language.Amount(money.New(p.Amount, p.Currency)), h.Language.Amount(money.New(p.Open, p.Currency))}
}

// dueOf is when the row falls due; credit does on no day.
func dueOf(p ledger.Posting) day.Day {
	if p.Amount < 0 {
		return day.Day{}
	}
	return p.DueOn
}

// Sum is a figure that closes a section, with its word.
type Sum struct {
	Word  string
	Minor int64
}

// Sums are what closes a section: the balance, and where there are credits what it
// is made of.
func (h Heading) Sums(a ledger.Ageing) []Sum {
	balance := Sum{h.Words().Balance, a.Balance()}
	if a.Credits == 0 {
		return []Sum{balance}
	}
	return []Sum{{h.Words().OpenItems, a.Open()}, {h.Words().Credits, -a.Credits}, balance}
}

// Remark is what is to be known of a row besides its figures.
func (h Heading) Remark(p ledger.Posting) string {
	marks := h.marks(p)
	if p.Kind != ledger.Invoice {
		marks = append([]string{h.Words().kindName(p)}, marks...)
	}
	return strings.Join(marks, " · ")
}

// marks tell what stands in the way of a row.
func (h Heading) marks(p ledger.Posting) (list []string) {
	w := h.Words()
	if p.Returned {
		list = append(list, w.Returned)
	}
	if !p.Owed() {
		return list
	}
	switch {
	case p.Family == ledger.Litigation:
		list = append(list, w.Litigation)
	case p.CaseID != 0 && p.InQuestion > 0 && p.InQuestion < p.Open:
		list = append(list, w.Disputed+": "+h.Language.Money(money.New(p.InQuestion, p.Currency)))
	case p.Family == ledger.Disputed || p.CaseID != 0:
		list = append(list, w.Disputed)
	case p.Family == ledger.Promised && p.Promised == 0:
		list = append(list, w.Promised)
	}
	switch {
	case p.Promised > 0 && p.Promised == p.Open:
		list = append(list, w.Promised)
	case p.Promised > 0:
		list = append(list, fmt.Sprintf(w.PartPromise, h.Language.Money(money.New(p.Promised, p.Currency))))
	}
	if !p.PausedUntil.IsZero() {
		list = append(list, fmt.Sprintf(w.PausedUntil, h.Language.Day(p.PausedUntil)))
	}
	return list
}
