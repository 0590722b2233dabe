// Package spreadsheet has what files for spreadsheets have in common. What stands in
// them is the business of the packages that write them.
package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
)

// NoFormula puts an apostrophe before a text that a spreadsheet would take for a
// formula when it opens a CSV file.
func NoFormula(s string) string {
	if begins(s) {
		return "'" + s
	}
	return s
}

// Bare is the text without the apostrophe that NoFormula put before it.
func Bare(cell []byte) []byte {
	if inner, is := bytes.CutPrefix(cell, []byte{'\''}); is && begins(inner) {
		return inner
	}
	return cell
}

func begins[T string | []byte](s T) bool {
	return len(s) > 0 && strings.IndexByte("=+-@\t\r\n", s[0]) >= 0
}

// CSV begins a file that spreadsheets open as UTF-8. Flush it at the end.
func CSV(w io.Writer) (*csv.Writer, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out, nil
}
