package note

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"dunwell/internal/tenant"
)

// pageCount stands for the number of pages until it is known. No text holds it:
// the font lacks these characters, so drawable takes them out.
const pageCount = "\ue000\ue001"

// moment is how the journal's moments are printed, in the tenant's time zone.
const moment = "2 Jan 2006 15:04"

// sheet is the journal while it is being set.
type sheet struct {
	*fpdf.Fpdf
	open    int64 // the note whose text is being set: a new page says that it goes on
	missing bool  // a character was left out
}

// WritePDF writes a customer's whole journal, the first note first, on A4 pages
// that each say whose it is. The number and name are the customer's. The notes of those
// who were merged into the customer stand among them, each with the number of whose it is.
func WritePDF(ctx context.Context, tx *tenant.Tx, w io.Writer, customerID int64, number, name string, merged []int64) error {
	zone := tx.Actor.Tenant.Zone
	s := newSheet()
	s.head(fmt.Sprintf("Journal of %s (%s)", name, number), tx.Actor.Tenant.Name,
		fmt.Sprintf("Printed %s by %s", tx.Now.In(zone).Format(moment), tx.Actor.Name))
	s.AddPage()
	notes := 0
	err := eachTogether(ctx, tx, customerID, merged, func(n Note, of string) error {
		notes++
		at := n.At.In(zone).Format(moment)
		if n.CustomerID != customerID {
			at = "of " + of + " · " + at
		}
		s.note(n, at)
		return s.Error()
	})
	if err != nil {
		return err
	}
	s.foot(notes)
	if err := s.Output(w); err != nil {
		return fmt.Errorf("write the journal's PDF: %w", err)
	}
	return nil
}

func newSheet() *sheet {
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", "")}
	s.AddUTF8FontFromBytes("go", "", goregular.TTF)
	s.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	s.AliasNbPages(pageCount)
	s.SetMargins(20, 15, 20)
	s.SetAutoPageBreak(true, 20)
	return s
}

// head says on top of each page whose journal this is, and below it which page.
func (s *sheet) head(title, company, printed string) {
	title, company, printed = s.line(title), s.line(company), s.line(printed)
	s.SetTitle(title, true)
	s.SetHeaderFunc(func() {
		s.SetFont("go", "B", 13)
		s.MultiCell(0, 6, title, "", "L", false)
		s.SetFont("go", "", 9)
		s.MultiCell(0, 5, company+" · "+printed, "B", "L", false)
		s.Ln(2)
		if s.open > 0 {
			s.CellFormat(0, 5, fmt.Sprintf("No. %d goes on:", s.open), "", 1, "L", false, 0, "")
		}
	})
	s.SetFooterFunc(func() {
		s.SetY(-15)
		s.SetFont("go", "", 9)
		s.CellFormat(0, 5, fmt.Sprintf("Page %d of %s", s.PageNo(), pageCount), "", 0, "R", false, 0, "")
	})
}

// note sets one note: a line about it, then its text, struck out where a later
// note corrects it.
func (s *sheet) note(n Note, at string) {
	if s.GetY() > 250 { // its line stays with the text below
		s.AddPage()
	}
	about := fmt.Sprintf("%d · %s · %s · %s", n.Seq, at, n.Author, KindName(n.Kind))
	if n.Corrects != nil {
		about += fmt.Sprintf(" · corrects no. %d", *n.Corrects)
	}
	s.text("B", about)
	s.open = n.Seq
	s.text(struck(n.CorrectedBy != nil), n.Text)
	if n.CorrectedBy != nil {
		s.text("B", fmt.Sprintf("Corrected by no. %d:", *n.CorrectedBy))
		s.text(struck(n.Overtaken), n.Correction)
	}
	s.open = 0
	s.Ln(3)
}

// struck is the style of a text that a later note corrects.
func struck(corrected bool) string {
	if corrected {
		return "S"
	}
	return ""
}

func (s *sheet) text(style, text string) {
	s.SetFont("go", style, 9.5)
	s.MultiCell(0, 4.8, s.drawable(text), "", "L", false)
}

func (s *sheet) foot(notes int) {
	switch {
	case notes == 0:
		s.text("", "Nothing has been written here yet.")
	case s.missing:
		s.text("", "□ stands for a character that cannot be printed here. The CSV export has it.")
	}
}

func (s *sheet) line(text string) string {
	return strings.Join(strings.Fields(s.drawable(text)), " ")
}

var font = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
})

// drawable puts □ for what the font lacks.
func (s *sheet) drawable(text string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		if r == '\t' {
			return ' '
		}
		if glyph, err := font().GlyphIndex(&buf, r); err != nil || glyph == 0 || r > 0xffff {
			s.missing = true
			return '□'
		}
		return r
	}, norm.NFC.String(text))
}
