package statement

import (
	"fmt"
	"io"
	"strconv"

	"codeberg.org/go-pdf/fpdf"
)

// The page is A4; these are millimetres from its upper left corner.
const (
	leftEdge   = 18.0
	rightEdge  = 192.0
	textWidth  = rightEdge - leftEdge
	pageHeight = 297.0
	secondTop  = 26.0 // where the text begins from the second page on
)

// sheet is a document while it is being set, from top to bottom.
type sheet struct {
	pdf *fpdf.Fpdf
	Heading
	title  string
	y      float64 // where the next line begins
	bottom float64 // where the text ends
	repeat func()  // draws the heading of the table that goes on over a page; nil: none does
	added  map[cut]bool
	now    style // what is set on this page, with that part of its font
	part   int
}

// cut is a part of a face.
type cut struct {
	*face
	part int
}

func newSheet(h Heading, title string) *sheet {
	s := &sheet{pdf: fpdf.New("P", "mm", "A4", ""), Heading: h, title: drawable(title), added: map[cut]bool{}}
	s.pdf.SetMargins(0, 0, 0)
	s.pdf.SetAutoPageBreak(false, 0)
	// The same content makes the same file.
	s.pdf.SetCatalogSort(true)
	s.pdf.SetCreationDate(h.at)
	s.pdf.SetModificationDate(h.at)
	// What a screen reader says of the file, and in which language it reads it.
	s.pdf.SetTitle(s.title, true)
	s.pdf.SetAuthor(drawable(h.Sender()), true)
	s.pdf.SetLang(h.Language.Code)
	s.pdf.SetLineWidth(0.2)
	s.bottom = pageHeight - 16 - float64(len(s.footer()))*small.lead()
	s.pdf.AddPage()
	return s
}

func (s *sheet) footer() []string { return linesOf(s.Letterhead.Footer, textWidth, small) }

// put sets a text of one line with its upper left corner there.
func (s *sheet) put(x, y float64, st style, text string) {
	f, base := st.face(), y+st.size*mmPerPoint*0.95
	for text = drawable(text); text != ""; {
		part, set, rest := f.run(text)
		s.use(st, part)
		s.pdf.Text(x, base, set)
		x += f.width(text[:len(text)-len(rest)], st.size) * mmPerPoint
		text = rest
	}
}

func (s *sheet) use(st style, part int) {
	if st == s.now && part == s.part {
		return
	}
	f, family := st.face(), "go"+strconv.Itoa(part)
	if !s.added[cut{f, part}] {
		p := f.parts[part]()
		s.pdf.AddFontFromBytes(family, f.style, p.about, p.file)
		s.added[cut{f, part}] = true
	}
	s.pdf.SetFont(family, f.style, st.size)
	s.now, s.part = st, part
}

// left sets a text at x, smaller where it is wider than w.
func (s *sheet) left(x, y, w float64, st style, text string) {
	s.put(x, y, st.fit(text, w), text)
}

// right is left with the text's end at x + w.
func (s *sheet) right(x, y, w float64, st style, text string) {
	st = st.fit(text, w)
	s.put(x+w-st.width(drawable(text)), y, st, text)
}

func (s *sheet) rule(x1, x2 float64) { s.pdf.Line(x1, s.y, x2, s.y) }

// need begins a new page unless there is room for h.
func (s *sheet) need(h float64) {
	if s.y+h > s.bottom {
		s.turn()
	}
}

// turn begins a new page; a table goes on there with its headings.
func (s *sheet) turn() {
	s.pdf.AddPage()
	s.now = style{}
	s.y = topEdge
	s.left(leftEdge, s.y, 110, small, s.Sender()+" · "+s.title)
	s.right(leftEdge+112, s.y, textWidth-112, small, s.Words().CustomerNumber+" "+s.Customer.Number+" · "+s.Language.Day(s.On))
	s.y += small.lead() + 1
	s.rule(leftEdge, rightEdge)
	s.y = secondTop
	if s.repeat != nil {
		s.repeat()
	}
}

// text sets a text of many lines over the width of the page and goes on below it.
func (s *sheet) text(st style, text string) {
	for _, line := range linesOf(text, textWidth, st) {
		s.need(st.lead())
		s.put(leftEdge, s.y, st, line)
		s.y += st.lead()
	}
}

// write numbers the pages, of which there are now all, and writes the file.
func (s *sheet) write(w io.Writer) error {
	for n := range s.pdf.PageCount() {
		s.pdf.SetPage(n + 1)
		s.now = style{}
		y := s.bottom + 4
		for _, line := range s.footer() {
			s.put(leftEdge, y, small, line)
			y += small.lead()
		}
		s.right(leftEdge, y, textWidth, small, fmt.Sprintf(s.Words().PageOf, n+1, s.pdf.PageCount()))
	}
	if err := s.pdf.Output(w); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}
