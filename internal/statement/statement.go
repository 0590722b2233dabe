// Package statement has what a customer gets to see of the ledger: the statement
// of an account as of any day, and letters, as pages, PDF and XLSX, in the
// customer's language. It keeps nothing and sends nothing.
package statement

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Options choose what a statement shows.
type Options struct {
	AsOf      day.Day // past or to come; zero: today
	All       bool    // settled items and all payments too
	AccountID int64   // 0: all accounts
	Language  string  // empty: the customer's, else the company's, else English
}

// maxRows is how many rows a statement holds.
const maxRows = 20_000

// Statement is how a customer stands as of a day. Money counts by its value date;
// statuses and pauses are as they were when it was read.
type Statement struct {
	Heading
	AsOf     day.Day
	All      bool
	Account  ledger.Account   // the one that was chosen; zero: all
	Accounts []ledger.Account // all that the customer has
	Sections []Section
	Totals   []ledger.Ageing // one a currency, in the order of the sections
}

// Section is what stands under one account in one currency. Its ageing is the sum
// of its rows, by construction.
type Section struct {
	AccountID int64
	Account   string // its number
	AsOf      day.Day
	Rows      []ledger.Posting
	ledger.Ageing
}

// Of reads the statement of a customer in a fixed number of queries. All rows come
// from one query, which sees one state of the ledger, and all sums are made of
// these rows: they agree whatever is booked meanwhile.
func Of(ctx context.Context, tx *tenant.Tx, customerID int64, o Options) (Statement, error) {
	s := Statement{AsOf: o.AsOf, All: o.All}
	if s.AsOf.IsZero() {
		s.AsOf = tx.Today()
	}
	var err error
	if s.Heading, err = HeadingOf(ctx, tx, customerID, o.Language); err != nil {
		return s, err
	}
	if s.Accounts, err = ledger.AccountsOf(ctx, tx, customerID); err != nil {
		return s, err
	}
	if err := s.choose(o.AccountID); err != nil {
		return s, err
	}
	f := ledger.PostingFilter{CustomerID: customerID, AsOf: s.AsOf, Show: ledger.ShowOpen, AccountID: o.AccountID, Limit: maxRows + 1}
	if s.All {
		f.Show = ledger.ShowAll
	}
	rows, err := ledger.Postings(ctx, tx, f)
	if err != nil {
		return s, err
	}
	if len(rows) > maxRows {
		return s, errs.Invalid{"": fmt.Sprintf("This statement has more than the %d rows that one may have. Choose one account, or only what is open.", maxRows)}
	}
	s.divide(rows, tx.Actor.Tenant.Currency)
	return s, nil
}

func (s *Statement) choose(account int64) error {
	for _, a := range s.Accounts {
		if a.ID == account {
			s.Account = a
			return nil
		}
	}
	if account != 0 {
		return errs.NotFound
	}
	return nil
}

// divide sorts the rows into sections, the company's own currency first, and adds
// them up.
func (s *Statement) divide(rows []ledger.Posting, own money.Currency) {
	slices.SortFunc(rows, func(a, b ledger.Posting) int {
		return cmp.Or(
			cmp.Compare(rank(a.Currency, own), rank(b.Currency, own)), cmp.Compare(a.Currency, b.Currency),
			cmp.Compare(a.Account, b.Account), cmp.Compare(a.AccountID, b.AccountID), s.order(a, b),
			cmp.Compare(a.Number, b.Number), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range rows {
		n := len(s.Sections) - 1
		if n < 0 || s.Sections[n].AccountID != p.AccountID || s.Sections[n].Currency != p.Currency {
			s.Sections = append(s.Sections, Section{AccountID: p.AccountID, Account: p.Account, AsOf: s.AsOf, Ageing: ledger.Ageing{Currency: p.Currency}})
			n++
		}
		s.Sections[n].Rows = append(s.Sections[n].Rows, p)
		s.Sections[n].Add(p, s.AsOf)
	}
	s.Totals = sumUp(s.Sections)
}

// sumUp adds sections up, a sum a currency; those of a currency stand together.
func sumUp(sections []Section) (sums []ledger.Ageing) {
	for _, sec := range sections {
		if n := len(sums); n == 0 || sums[n-1].Currency != sec.Currency {
			sums = append(sums, ledger.Ageing{Currency: sec.Currency})
		}
		for _, p := range sec.Rows {
			sums[len(sums)-1].Add(p, sec.AsOf)
		}
	}
	return sums
}

// order is that of the rows of a section: the longest due first and credits last,
// or by their day where settled ones are shown too.
func (s *Statement) order(a, b ledger.Posting) int {
	if s.All {
		return a.IssuedOn.Sub(b.IssuedOn)
	}
	return cmp.Or(cmp.Compare(dueRank(a), dueRank(b)), a.IssuedOn.Sub(b.IssuedOn))
}

func dueRank(p ledger.Posting) int {
	switch {
	case p.Credit():
		return 1 << 30
	case p.DueOn.IsZero():
		return 1 << 29
	}
	return p.DueOn.Sub(day.New(2000, 1, 1))
}

func rank(c, own money.Currency) int {
	if c == own {
		return 0
	}
	return 1
}

// About says what the statement shows, in a sentence.
func (s Statement) About() string {
	what := s.Words().OpenOn
	switch {
	case s.All:
		what = s.Words().AllUpTo
	case s.AsOf.After(s.On):
		what = s.Words().WillBeOpen
	}
	return fmt.Sprintf(what, s.Language.Day(s.AsOf))
}

// Nothing says that there are no rows.
func (s Statement) Nothing() string {
	switch {
	case s.All:
		return s.Words().NothingYet
	case s.AsOf.After(s.On):
		return s.Words().NothingAhead
	}
	return s.Words().NothingOpen
}

// FileName is what a file of the statement is called, such as
// statement-10482-2026-03-16.pdf: ASCII, whatever the customer's number has.
func (s Statement) FileName(ending string) string {
	name := s.Words().StatementFileName
	if number := document.Slug(s.Customer.Number); number != "" {
		name += "-" + number
	}
	return name + "-" + s.AsOf.String() + ending
}
