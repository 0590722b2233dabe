package note

import (
	"context"
	"fmt"
	"io"
	"time"

	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// WriteCSV writes a customer's whole journal, the first note first, as UTF-8 that
// spreadsheets open as such. A text that a spreadsheet would take for a formula
// is written with an apostrophe before it. Where others were merged into the customer,
// theirs stand in it too, each note with the number of whose it is.
func WriteCSV(ctx context.Context, tx *tenant.Tx, w io.Writer, customerID int64, merged []int64) error {
	out, err := spreadsheet.CSV(w)
	if err != nil {
		return err
	}
	line := func(of string, cells ...string) error {
		if len(merged) > 0 {
			cells = append(cells, of)
		}
		return out.Write(cells)
	}
	if err := line("Customer", "No.", "Date", "Time", "Author", "Kind", "Text", "Corrects", "Corrected by"); err != nil {
		return err
	}
	err = eachTogether(ctx, tx, customerID, merged, func(n Note, of string) error {
		at := n.At.In(tx.Actor.Tenant.Zone)
		return line(spreadsheet.NoFormula(of), fmt.Sprint(n.Seq), at.Format(time.DateOnly), at.Format(time.TimeOnly),
			spreadsheet.NoFormula(n.Author), KindName(n.Kind), spreadsheet.NoFormula(n.Text), number(n.Corrects), number(n.CorrectedBy))
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func number(seq *int64) string {
	if seq == nil {
		return ""
	}
	return fmt.Sprint(*seq)
}
