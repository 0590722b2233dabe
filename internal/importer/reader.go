package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/spreadsheet"
)

// reader turns a file into rows for the staging table: each value read by the
// map, or the row's first fault. It knows nothing of the database.
type reader struct {
	file     *spool
	kind     Kind
	sep, eol byte
	columns  int
	header   []string
	repeated []string // what several columns are called
	unread   []string
	at       map[Field]int
	dates    *dates
	amounts  *amounts
	yes, no  map[string]bool
	fallback money.Currency // of rows that name none
	known    map[string]money.Currency
	today    day.Day
}

// newReader looks at the header and at as much of the file as it takes to know
// how dates and amounts are written.
func newReader(ctx context.Context, f *spool, o Options, today day.Day) (*reader, error) {
	if err := o.Map.validate(o.Kind); err != nil {
		return nil, err
	}
	r := &reader{file: f, kind: o.Kind, amounts: newAmounts(o.Map.Decimal), known: map[string]money.Currency{}, today: today}
	var err error
	if r.dates, err = newDates(o.Map.DateFormat); err != nil {
		return nil, err
	}
	if o.Currency != "" {
		if r.fallback, err = money.ParseCurrency(o.Currency); err != nil {
			return nil, unusable("The currency %v.", err)
		}
	}
	r.yes, r.no = words(o.Map.True)
	header, err := r.dialect(o.Map)
	if err == nil {
		err = headed(header)
	}
	if err != nil {
		return nil, err
	}
	r.columns, r.header, r.unread = len(header), header, o.Map.unread(header)
	if r.at, err = o.Map.bind(o.Kind, header); err != nil {
		return nil, err
	}
	if _, ok := r.at[currency]; !ok && r.fallback == "" && o.Kind != Customers {
		return nil, unusable("The file names no currency. Map a column to it, or say which currency all amounts are in.")
	}
	return r, r.settle(ctx)
}

// words are what a yes and a no look like. Where the map names the words for
// yes, all others mean no.
func words(yes []string) (is, not map[string]bool) {
	set := func(words []string) map[string]bool {
		m := map[string]bool{}
		for _, w := range words {
			m[strings.ToLower(strings.TrimSpace(w))] = true
		}
		return m
	}
	if len(yes) > 0 {
		return set(yes), nil
	}
	return set([]string{"yes", "y", "true", "t", "1", "x", "ja", "j"}), set([]string{"", "no", "n", "false", "f", "0", "nein"})
}

// maxHeader is the longest first line in bytes, its end included.
const maxHeader = 64 << 10

// dialect finds what separates the cells and returns the header. Of comma,
// semicolon and tab it takes the one that yields most of the mapped columns,
// then the one that yields most columns.
func (r *reader) dialect(m Map) (header []string, err error) {
	head := make([]byte, maxHeader)
	src, err := r.file.rewind()
	if err != nil {
		return nil, err
	}
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	r.eol = '\n'
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		r.eol = '\r'
	}
	if n == maxHeader && bytes.IndexByte(head, r.eol) < 0 {
		return nil, Unusable("The first line is longer than 65,000 bytes. " + headerFirst)
	}
	best := -1
	for _, sep := range []byte{',', ';', '\t'} {
		cells, _, err := newRows(bytes.NewReader(head), sep, r.eol).next()
		if err != nil {
			return nil, err
		}
		names, repeated := distinct(r.names(cells))
		score := len(names)
		for _, c := range m.Columns {
			if c != "" && slices.Contains(names, strings.TrimSpace(c)) {
				score += 1000
			}
		}
		if score > best {
			best, header, r.repeated, r.sep = score, names, repeated, sep
		}
	}
	return header, nil
}

func (r *reader) names(cells [][]byte) []string {
	var out []string
	for _, c := range cells {
		name, _ := r.file.decode(spreadsheet.Bare(bytes.TrimSpace(c)))
		out = append(out, cut(strings.ToValidUTF8(name, "?"), 200))
	}
	for len(out) > 1 && out[len(out)-1] == "" { // a separator at the end of each row
		out = out[:len(out)-1]
	}
	return out
}

// settle reads on until the file's way of writing dates and amounts is clear,
// and refuses a file that holds nothing but its header.
func (r *reader) settle(ctx context.Context) error {
	c, err := r.open(ctx)
	if err != nil {
		return err
	}
	if !c.next() && c.err == nil {
		return Unusable("The file holds a header and no rows.")
	}
	if r.kind == Customers {
		return c.err
	}
	for ok := c.err == nil; ok && (r.dates.open() || r.amounts.open()); ok = c.next() {
		for _, f := range []Field{issuedOn, dueOn, settledOn, valueOn} {
			r.dates.learn(c.peek(f))
		}
		for _, f := range []Field{amount, openAmount} {
			r.amounts.learn(c.peek(f))
		}
	}
	return c.err
}

// open begins to read the rows.
func (r *reader) open(ctx context.Context) (*cells, error) {
	src, err := r.file.rewind()
	if err != nil {
		return nil, err
	}
	return &cells{reader: r, in: newRows(&contextReader{ctx, src}, r.sep, r.eol)}, nil
}
