package customer

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// maxLines is how many lines an XLSX sheet holds below its headings.
const maxLines = 1<<20 - 1

// WriteXLSX writes the same as a workbook, where amounts and dates are numbers
// and everything else is text, whatever it looks like.
func WriteXLSX(ctx context.Context, tx *tenant.Tx, w io.Writer, f Filter) (err error) {
	file := excelize.NewFile()
	defer func() { _ = file.Close() }()
	s, err := newSheet(file)
	if err != nil {
		return err
	}
	err = each(ctx, tx, f, "XLSX", func(l line) error {
		if s.lines > maxLines {
			return errs.Invalid{"": "These are more lines than an XLSX file holds. Choose fewer customers, or export CSV."}
		}
		return s.write(l)
	})
	if err != nil {
		return err
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	_, err = file.WriteTo(w)
	return err
}

// xlsx is a sheet being written; lines counts those written, headings included.
type xlsx struct {
	out    *excelize.StreamWriter
	lines  int
	date   int
	amount map[int]int // a style for each number of decimals
}

func newSheet(file *excelize.File) (*xlsx, error) {
	const name = "Customers"
	if err := file.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	out, err := file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	s := &xlsx{out: out, amount: map[int]int{}}
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	for decimals := range 5 {
		format := strings.TrimSuffix("#,##0."+strings.Repeat("0", decimals), ".")
		if s.amount[decimals], err = file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return nil, err
		}
	}
	format := "yyyy-mm-dd"
	if s.date, err = file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return nil, err
	}
	if err := out.SetColWidth(1, len(headings), 14); err != nil {
		return nil, err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	var cells []any
	for _, h := range headings {
		cells = append(cells, excelize.Cell{StyleID: bold, Value: h})
	}
	return s, s.row(cells)
}

func (s *xlsx) row(cells []any) error {
	s.lines++
	return s.out.SetRow(fmt.Sprintf("A%d", s.lines), cells)
}

func (s *xlsx) write(l line) error {
	var cells []any
	for _, text := range l.texts() {
		cells = append(cells, text)
	}
	cells = append(cells, l.Items)
	for _, a := range l.amounts() {
		decimals := a.Currency.Decimals()
		cells = append(cells, excelize.Cell{StyleID: s.amount[decimals], Value: float64(a.Minor) / math.Pow10(decimals)})
	}
	if !l.OldestDueOn.IsZero() {
		cells = append(cells, excelize.Cell{StyleID: s.date, Value: l.OldestDueOn.Time(time.UTC)})
	}
	return s.row(cells)
}
