package statement

import (
	"fmt"
	"io"
	"strings"

	"dunwell/internal/ledger"
	"dunwell/internal/money"
)

// PDF writes the statement. The same statement makes the same file.
func (s Statement) PDF(w io.Writer) error {
	p := newSheet(s.Heading, s.Words().Title)
	p.letterhead()
	p.window()
	p.text(style{14, true}, s.Words().Title)
	p.y += 1
	p.text(plain, s.About())
	if s.Account.ID != 0 {
		p.text(plain, s.Words().Account+" "+s.Account.Number)
	}
	if len(s.Sections) == 0 {
		p.text(plain, s.Nothing())
	} else {
		p.totals(s.Totals)
	}
	for _, sec := range s.Sections {
		p.section(sec)
		p.ages(sec.Ageing)
	}
	p.whereToPay()
	return p.write(w)
}

// column is one of a table.
type column struct {
	x, w float64
	end  bool // set at its end, as figures are
	head string
}

// columns puts columns of these widths beside each other.
func columns(cols ...column) []column {
	x := leftEdge
	for i := range cols {
		cols[i].x = x
		x += cols[i].w
	}
	return cols
}

// gap is kept free between two columns.
const gap = 2.0

// head draws the headings of a table and the rule below them.
func (s *sheet) head(cols []column) {
	below := s.y
	for _, c := range cols {
		st := cellSum
		for word := range strings.SplitSeq(c.head, " ") {
			st = st.fit(word, c.w-gap)
		}
		y := s.y
		for _, line := range linesOf(c.head, c.w-gap, st) {
			s.cell(c, y, st, line)
			y += cellSum.lead()
		}
		below = max(below, y)
	}
	s.y = below + 0.8
	s.rule(leftEdge, rightEdge)
	s.y += 0.8
}

// cell sets a text of one line into a column.
func (s *sheet) cell(c column, y float64, st style, text string) {
	if c.end {
		s.right(c.x+gap, y, c.w-gap, st, text)
	} else {
		s.left(c.x, y, c.w-gap, st, text)
	}
}

// line sets a row of one line.
func (s *sheet) line(cols []column, st style, texts ...string) {
	s.need(st.lead())
	for i, text := range texts {
		s.cell(cols[i], s.y, st, text)
	}
	s.y += st.lead() + 0.4
}

// totals has a row a currency.
func (s *sheet) totals(all []ledger.Ageing) {
	w := s.Words()
	cols := columns(column{w: 26, head: w.Totals}, column{w: 37, end: true, head: w.OpenItems}, column{w: 37, end: true, head: w.OfItOverdue},
		column{w: 37, end: true, head: w.Credits}, column{w: 37, end: true, head: w.Balance})
	s.y += 4
	s.need(20)
	s.head(cols)
	for _, a := range all {
		s.line(cols, cellSum, string(a.Currency), s.amount(a, a.Open()), s.amount(a, a.Overdue()), s.amount(a, -a.Credits), s.amount(a, a.Balance()))
	}
}

func (s *sheet) amount(a ledger.Ageing, minor int64) string {
	return s.Language.Amount(money.New(minor, a.Currency))
}

// section is the table of one account and currency. Its headings stand on each
// page that it goes on over.
func (s *sheet) section(sec Section) {
	w := s.Words()
	cols := columns(column{w: 35, head: w.Number}, column{w: 20, head: w.Issued}, column{w: 19, head: w.Due}, column{w: 17, end: true, head: w.DaysOverdue},
		column{w: 28, end: true, head: w.Amount}, column{w: 28, end: true, head: w.Open}, column{w: 27, head: w.Remark})
	cols[6].x, cols[6].w = cols[6].x+2*gap, cols[6].w-gap
	s.repeat = func() {
		s.text(strong, fmt.Sprintf("%s %s · %s", w.Account, sec.Account, sec.Currency))
		s.head(cols)
	}
	s.y += 5
	if s.y+28 > s.bottom {
		s.turn()
	} else {
		s.repeat()
	}
	for _, p := range sec.Rows {
		s.row(cols, sec, p)
	}
	s.sums(cols, sec)
	s.repeat = nil
}

// row sets an item or a payment, its number and remark in as many lines as they
// take.
func (s *sheet) row(cols []column, sec Section, p ledger.Posting) {
	number, remark := linesOf(s.Words().Name(p), cols[0].w-gap, cell), linesOf(s.Remark(p), cols[6].w-gap, cell)
	height := float64(max(len(number), len(remark), 1)) * cell.lead()
	s.need(height)
	for i, line := range number {
		s.cell(cols[0], s.y+float64(i)*cell.lead(), cell, line)
	}
	for i, text := range s.Cells(sec, p) {
		s.cell(cols[1+i], s.y, cell, text)
	}
	for i, line := range remark {
		s.cell(cols[6], s.y+float64(i)*cell.lead(), cell, line)
	}
	s.y += height + 0.4
}

// sums closes a section: what is owed, the credits if any, and what remains.
func (s *sheet) sums(cols []column, sec Section) {
	s.need(3 * (cell.lead() + 1))
	s.rule(leftEdge, rightEdge)
	s.y += 0.8
	label := column{x: leftEdge, w: cols[5].x - leftEdge}
	for _, sum := range s.Sums(sec.Ageing) {
		s.line([]column{label, cols[5]}, cellSum, sum.Word, s.amount(sec.Ageing, sum.Minor))
	}
}

// ages has the open items of a section by days overdue.
func (s *sheet) ages(a ledger.Ageing) {
	cols := make([]column, len(a.Buckets))
	amounts := make([]string, len(a.Buckets))
	for i, b := range a.Buckets {
		cols[i] = column{w: textWidth / float64(len(cols)), end: true, head: s.Words().Bucket(i)}
		amounts[i] = s.amount(a, b.Amount)
	}
	cols = columns(cols...)
	s.y += 2
	s.need(16)
	s.put(leftEdge, s.y, cell, s.Words().ByAge)
	s.y += cell.lead() + 0.4
	s.head(cols)
	s.line(cols, cell, amounts...)
}
