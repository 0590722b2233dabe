package customer

import (
	"context"
	"io"
	"time"

	"dunwell/internal/errs"
	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// WriteXLSX writes the same as a workbook, where amounts and dates are numbers
// and everything else is text, whatever it looks like.
func WriteXLSX(ctx context.Context, tx *tenant.Tx, w io.Writer, f Filter) error {
	book, err := spreadsheet.NewWorkbook()
	if err != nil {
		return err
	}
	defer book.Close()
	sheet, err := book.Sheet("Customers", len(headings), 14, 1)
	if err != nil {
		return err
	}
	if err := sheet.Row(book.Headings(headings...)...); err != nil {
		return err
	}
	err = each(ctx, tx, f, "XLSX", func(l line) error {
		if sheet.Rows == spreadsheet.MaxRows {
			return errs.Invalid{"": "These are more lines than an XLSX file holds. Choose fewer customers, or export CSV."}
		}
		return sheet.Row(l.cells(book)...)
	})
	if err != nil {
		return err
	}
	_, err = book.WriteTo(w)
	return err
}

func (l line) cells(book *spreadsheet.Workbook) []any {
	var cells []any
	for _, text := range l.texts() {
		cells = append(cells, text)
	}
	cells = append(cells, l.Items)
	for _, a := range l.amounts() {
		cells = append(cells, book.Amount(a.Minor, a.Currency.Decimals()))
	}
	if !l.OldestDueOn.IsZero() {
		cells = append(cells, book.Date(l.OldestDueOn.Time(time.UTC)))
	}
	return cells
}
