package spreadsheet

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// MaxRows is how many rows a sheet holds.
const MaxRows = 1 << 20

// Workbook is an XLSX file while it is written, a sheet after the other. A text in
// a cell is text whatever it looks like, never a formula.
type Workbook struct {
	file       *excelize.File
	sheets     []*Sheet
	bold, date int
	amounts    [5]int // a style for each number of decimals
}

// Sheet is one of a workbook, written from the top.
type Sheet struct {
	Rows int // written so far
	out  *excelize.StreamWriter
}

// NewWorkbook begins a file. Close it.
func NewWorkbook() (*Workbook, error) {
	b := &Workbook{file: excelize.NewFile()}
	var err error
	if b.bold, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	if b.date, err = b.number("yyyy-mm-dd"); err != nil {
		return nil, err
	}
	for decimals := range b.amounts {
		if b.amounts[decimals], err = b.number(strings.TrimSuffix("#,##0."+strings.Repeat("0", decimals), ".")); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *Workbook) number(format string) (int, error) {
	return b.file.NewStyle(&excelize.Style{CustomNumFmt: &format})
}

// Sheet begins the next sheet with columns of that width, in characters. The first
// frozen rows stay when the rest is scrolled.
func (b *Workbook) Sheet(name string, columns int, width float64, frozen int) (*Sheet, error) {
	var err error
	if len(b.sheets) == 0 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return nil, err
	}
	s := &Sheet{}
	if s.out, err = b.file.NewStreamWriter(name); err != nil {
		return nil, err
	}
	if err := s.out.SetColWidth(1, columns, width); err != nil {
		return nil, err
	}
	b.sheets = append(b.sheets, s)
	if frozen == 0 {
		return s, nil
	}
	return s, s.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: fmt.Sprintf("A%d", frozen+1), ActivePane: "bottomLeft"})
}

// Row writes the next row: texts, whole numbers, and what Heading, Amount and Date
// make.
func (s *Sheet) Row(cells ...any) error {
	s.Rows++
	return s.out.SetRow(fmt.Sprintf("A%d", s.Rows), cells)
}

// Heading is a text in bold.
func (b *Workbook) Heading(text string) any { return excelize.Cell{StyleID: b.bold, Value: text} }

// Headings are such texts.
func (b *Workbook) Headings(texts ...string) []any {
	cells := make([]any, len(texts))
	for i, text := range texts {
		cells[i] = b.Heading(text)
	}
	return cells
}

// Amount is a number that shows as many decimals as its currency has, of which
// there are at most four.
func (b *Workbook) Amount(minor int64, decimals int) any {
	return excelize.Cell{StyleID: b.amounts[decimals], Value: float64(minor) / math.Pow10(decimals)}
}

// Date is the day of the moment in its own zone.
func (b *Workbook) Date(t time.Time) any {
	return excelize.Cell{StyleID: b.date, Value: t}
}

// Describe says what the file is and in which language; both may be empty.
func (b *Workbook) Describe(title, language string) error {
	return b.file.SetDocProps(&excelize.DocProperties{Title: title, Language: language})
}

// WriteTo writes the file.
func (b *Workbook) WriteTo(w io.Writer) (int64, error) {
	for _, s := range b.sheets {
		if err := s.out.Flush(); err != nil {
			return 0, fmt.Errorf("write workbook: %w", err)
		}
	}
	return b.file.WriteTo(w)
}

// Close gives back what the file holds, written or not.
func (b *Workbook) Close() { _ = b.file.Close() }
