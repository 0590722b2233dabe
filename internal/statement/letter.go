package statement

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// Letter is a text to a customer on the company's letterhead.
type Letter struct {
	Heading
	Subject string
	Body    string    // paragraphs with an empty line between
	Items   []Section // those of a statement; may be empty
	Pay     bool      // says where to pay
}

// PDF writes the letter. The same letter makes the same file.
func (l Letter) PDF(w io.Writer) error {
	s := newSheet(l.Heading, l.Subject)
	s.letterhead()
	s.window()
	s.text(style{11, true}, l.Subject)
	s.y += 3
	s.text(plain, l.Body)
	for _, sec := range l.Items {
		s.section(sec)
	}
	if len(l.Items) > 1 {
		s.totals(sumUp(l.Items))
	}
	if l.Pay {
		s.whereToPay()
	}
	return s.write(w)
}

// The logo stands in the upper right corner, as large as there is room.
const (
	topEdge    = 14.0
	logoWidth  = 60.0
	logoHeight = 26.0
)

// letterhead sets who writes on top of the first page.
func (s *sheet) letterhead() {
	width := textWidth
	if len(s.Logo) > 0 {
		s.logo()
		width -= logoWidth + gap
	}
	s.left(leftEdge, topEdge, width, style{14, true}, s.Sender())
	y := topEdge + 7
	for _, line := range linesOf(s.Letterhead.Address, width, cell) {
		s.put(leftEdge, y, cell, line)
		y += cell.lead()
	}
}

func (s *sheet) logo() {
	kind := fpdf.ImageOptions{ImageType: "PNG"}
	about := s.pdf.RegisterImageOptionsReader("logo", kind, bytes.NewReader(s.Logo))
	if about == nil || about.Width() <= 0 || about.Height() <= 0 {
		return // what the library says of it comes out with the file
	}
	scale := min(logoWidth/about.Width(), logoHeight/about.Height())
	w, h := about.Width()*scale, about.Height()*scale
	s.pdf.ImageOptions("logo", rightEdge-w, topEdge, w, h, false, kind, 0, "")
}

// Where the windows of envelopes are.
const (
	windowTop   = 47.0
	windowWidth = 82.0
	windowEnd   = 90.0
	factsLeft   = 122.0
	factsValue  = 152.0
	firstTop    = 98.0 // where the text begins
)

// window sets where the letter goes to and, beside it, what it is known by.
func (s *sheet) window() {
	back := s.Sender() + " · " + strings.ReplaceAll(s.Letterhead.Address, "\n", " · ")
	s.left(leftEdge, windowTop, windowWidth, style{6.5, false}, strings.TrimSuffix(back, " · "))
	s.y = windowTop + 3.5
	s.rule(leftEdge, leftEdge+windowWidth)
	s.addressee()
	s.facts()
	s.y = firstTop
}

// addressee sets the address into the window, closer where it has many lines: none
// of them may be missing.
func (s *sheet) addressee() {
	const lead, room = 4.6, windowEnd - windowTop - 6
	st := style{10, false}
	var lines []string
	for _, line := range s.AddressLines() {
		lines = append(lines, linesOf(line, windowWidth, st)...)
	}
	scale := min(1, room/(lead*float64(len(lines))))
	for i, line := range lines {
		s.put(leftEdge, windowTop+6+float64(i)*lead*scale, style{st.size * scale, false}, line)
	}
}

func (s *sheet) facts() {
	y := windowTop
	for _, f := range [][2]string{
		{s.Words().Date, s.Language.Day(s.On)},
		{s.Words().CustomerNumber, s.Customer.Number},
		{s.Words().Phone, s.Letterhead.Phone},
		{s.Words().Email, s.Letterhead.ReplyTo},
	} {
		if f[1] == "" {
			continue
		}
		s.left(factsLeft, y+0.3, factsValue-factsLeft-2, cell, f[0])
		s.left(factsValue, y, rightEdge-factsValue, style{9, false}, f[1])
		y += 5
	}
}

// whereToPay says it in one block, or nothing where no bank is known.
func (s *sheet) whereToPay() {
	lines := linesOf(s.Letterhead.Bank, textWidth, plain)
	if len(lines) == 0 {
		return
	}
	s.y += 4
	s.need(float64(len(lines)+2) * plain.lead())
	s.text(strong, s.Words().WhereToPay)
	s.text(plain, s.Letterhead.Bank)
	s.text(plain, fmt.Sprintf(s.Words().StateYourNumber, s.Customer.Number))
}
