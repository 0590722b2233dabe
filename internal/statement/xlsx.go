package statement

import (
	"fmt"
	"io"
	"strings"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/spreadsheet"
)

// XLSX writes the statement as a workbook: a sheet with a row an item or payment,
// a sheet with a row a currency. Amounts and days are numbers, all else is text.
func (s Statement) XLSX(w io.Writer) error {
	book, err := spreadsheet.NewWorkbook()
	if err != nil {
		return err
	}
	defer book.Close()
	if err := book.Describe(s.Words().Title, s.Language.Code); err != nil {
		return err
	}
	if err := s.rowsSheet(book); err != nil {
		return err
	}
	if err := s.totalsSheet(book); err != nil {
		return err
	}
	if _, err := book.WriteTo(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

func (s Statement) rowsSheet(book *spreadsheet.Workbook) error {
	words := s.Words()
	heads := []string{words.Account, words.Currency, words.Number, words.Kind, words.Issued, words.Due, words.DaysOverdue, words.Amount, words.Open, words.Remark}
	sheet, err := book.Sheet(words.Title, len(heads), 16, 1)
	if err != nil {
		return err
	}
	if err := sheet.Row(book.Headings(heads...)...); err != nil {
		return err
	}
	for _, sec := range s.Sections {
		for _, p := range sec.Rows {
			if err := sheet.Row(s.cells(book, p)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s Statement) cells(book *spreadsheet.Workbook, p ledger.Posting) []any {
	var late any
	if days := p.DaysLate(s.AsOf); days > 0 {
		late = days
	}
	return []any{p.Account, string(p.Currency), s.Words().Name(p), s.Words().kindName(p), date(book, p.IssuedOn), date(book, dueOf(p)), late,
		amount(book, p.Amount, p.Currency), amount(book, p.Open, p.Currency), strings.Join(s.marks(p), " · ")}
}

func date(book *spreadsheet.Workbook, d day.Day) any {
	if d.IsZero() {
		return nil
	}
	return book.Date(d.Time(time.UTC))
}

func amount(book *spreadsheet.Workbook, minor int64, c money.Currency) any {
	return book.Amount(minor, c.Decimals())
}

// totalsSheet says whose statement it is and has a row a currency.
func (s Statement) totalsSheet(book *spreadsheet.Workbook) error {
	words := s.Words()
	heads := []string{words.Currency}
	for i := range ledger.BucketNames {
		heads = append(heads, words.Bucket(i))
	}
	heads = append(heads, words.OpenItems, words.OfItOverdue, words.Credits, words.Balance)
	sheet, err := book.Sheet(words.Totals, len(heads), 20, 0)
	if err != nil {
		return err
	}
	rows := [][]any{
		book.Headings(s.Sender()),
		{words.CustomerNumber, s.Customer.Number, s.Customer.Name},
		{s.About()},
		{},
		book.Headings(heads...),
	}
	for _, a := range s.Totals {
		row := []any{string(a.Currency)}
		for _, b := range a.Buckets {
			row = append(row, amount(book, b.Amount, a.Currency))
		}
		for _, minor := range []int64{a.Open(), a.Overdue(), -a.Credits, a.Balance()} {
			row = append(row, amount(book, minor, a.Currency))
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		if err := sheet.Row(row...); err != nil {
			return err
		}
	}
	return nil
}
