// Package spreadsheet has what files for spreadsheets have in common. What stands in
// them is the business of the packages that write them.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// NoFormula puts an apostrophe before a text that a spreadsheet would take for a
// formula when it opens a CSV file.
func NoFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
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
