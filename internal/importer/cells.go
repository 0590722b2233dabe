package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// cells is one row of a file at a time. Its readers return a zero value once the
// row has a fault; the first fault stays.
type cells struct {
	*reader
	in    *rows
	raw   [][]byte
	fault []string // the field, the value and the reason; nil: none
	err   error    // what ended the reading, but for the file's end

	assumed int64 // rows whose cell of the currency is empty, and that are read in the file's
}

// next goes to the next row that is not blank, from the second on.
func (c *cells) next() bool {
	for {
		raw, fault, err := c.in.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				c.err = err
			}
			return false
		}
		if c.in.line == 1 || blank(raw) {
			continue
		}
		unwrap(raw)
		c.raw, c.fault = raw, nil
		switch {
		case fault != "":
			c.refuse("", c.whole(), fault)
		case len(raw) < c.columns || !blank(raw[c.columns:]):
			c.refuse("", c.whole(), fmt.Sprintf("The row has %d cells and the header %d. Is a separator missing, or a quote around a text that holds one?", len(raw), c.columns))
		}
		return true
	}
}

// unwrap reads ="008", which keeps the zeros in Excel, as 008, and without its apostrophe
// what a download of ours wrote with one.
func unwrap(raw [][]byte) {
	for i, cell := range raw {
		raw[i] = spreadsheet.Bare(cell)
		inner, is := bytes.CutPrefix(cell, []byte(`="`))
		if inner, closed := bytes.CutSuffix(inner, []byte{'"'}); is && closed && bytes.IndexByte(inner, '"') < 0 {
			raw[i] = inner
		}
	}
}

// whole is the beginning of the row as it stands in the file.
func (c *cells) whole() string {
	b := bytes.Join(c.raw, []byte{c.sep})
	s, _ := c.file.decode(b[:min(len(b), 1000)])
	return s
}

func (c *cells) refuse(f Field, value, reason string) {
	if c.fault == nil {
		c.fault = []string{string(f), cut(storable(value), 200), reason}
	}
}

// storable is a cell as it may be kept: without what the database does not take, or the
// number of a payment card.
func storable(cell string) string {
	return note.MaskCards(strings.ReplaceAll(strings.ToValidUTF8(cell, "?"), "\x00", "?"))
}

// peek is the cell's text without any check.
func (c *cells) peek(f Field) string {
	i, ok := c.at[f]
	if !ok || i >= len(c.raw) || c.fault != nil {
		return ""
	}
	s, _ := c.file.decode(bytes.TrimSpace(c.raw[i]))
	return s
}

// text is the cell's text: whole letters, no control signs, a blank for each
// line break, of which a number has none, and not longer than the limit. An
// unmapped column is empty.
func (c *cells) text(f Field, limit int) string {
	i, ok := c.at[f]
	if !ok || c.fault != nil {
		return ""
	}
	s, ok := c.file.decode(c.raw[i])
	s = strings.TrimSpace(s)
	switch f {
	case number, customerNumber, accountNumber, itemNumber:
		if strings.Contains(s, "****") {
			c.refuse(f, s, "The number is kept without its first digits, because it looked like a payment card's. Copy it from the file that was first loaded.")
			return ""
		}
	}
	if plain(s) && len(s) <= limit {
		return s
	}
	if !ok {
		c.refuse(f, s, "The text is not right UTF-8. Save the file again as UTF-8.")
		return ""
	}
	switch f {
	case number, customerNumber, accountNumber, itemNumber:
		if strings.ContainsAny(s, "\r\n\t") {
			c.refuse(f, s, "The number holds a line break or a tab, which nobody can look for. Take it out.")
			return ""
		}
	}
	s = lineBreaks.Replace(s)
	if i := strings.IndexFunc(s, tenant.Unreadable); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		c.refuse(f, s, fmt.Sprintf("The text holds a control sign (%U) that cannot be read. Take it out.", r))
		return ""
	}
	if n := utf8.RuneCountInString(s); n > limit {
		c.refuse(f, s, fmt.Sprintf("The text has %d characters. At most %d fit.", n, limit))
		return ""
	}
	return s
}

// plain tells printable ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ")

// need is a text that must be there.
func (c *cells) need(f Field, limit int, reason string) string {
	s := c.text(f, limit)
	if s == "" {
		c.refuse(f, "", reason)
	}
	return s
}

// day is a date; zero where the cell is empty.
func (c *cells) day(f Field) day.Day {
	s := c.text(f, 60)
	if s == "" {
		return day.Day{}
	}
	d, reason := c.dates.parse(s)
	if reason != "" {
		c.refuse(f, s, reason)
	}
	return d
}

// amount is an amount in minor units; nil where the cell is empty.
func (c *cells) amount(f Field, cur money.Currency) *int64 {
	s := c.text(f, 60)
	if s == "" || cur == "" {
		return nil
	}
	v, reason := c.amounts.parse(s, cur)
	if reason != "" {
		c.refuse(f, s, reason)
		return nil
	}
	return &v
}

// currency is the row's own, else the one said for the whole file, which is counted
// where the row could have named one.
func (c *cells) currency() money.Currency {
	s := c.text(currency, 60)
	if s == "" {
		if c.fallback == "" {
			c.refuse(currency, "", "The row names no currency. Write one, or say which currency such rows are in.")
		} else if _, ok := c.at[currency]; ok && c.fault == nil {
			c.assumed++
		}
		return c.fallback
	}
	cur, ok := c.known[s]
	if !ok {
		var err error
		if cur, err = money.ParseCurrency(s); err != nil {
			c.refuse(currency, s, "This is not a currency. Use a code of three letters such as EUR.")
			return ""
		}
		c.known[s] = cur
	}
	return cur
}

// truth is a yes or no; nil where the column is not read.
func (c *cells) truth(f Field) *bool {
	if _, ok := c.at[f]; !ok {
		return nil
	}
	s := c.text(f, 60)
	w := strings.ToLower(s)
	is := c.yes[w]
	if !is && c.no != nil && !c.no[w] {
		c.refuse(f, s, "This is neither a yes nor a no that is known. Say which words mean yes, beside the columns.")
	}
	return &is
}

func blank(raw [][]byte) bool {
	for _, cell := range raw {
		if len(bytes.TrimSpace(cell)) > 0 {
			return false
		}
	}
	return true
}
