package note_test

import (
	"bytes"
	"compress/zlib"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "=HYPERLINK(\"http://x\")")
	add(t, db, acme.Collector, customer, "Said \"yes\",\nthen no; æøå")
	if err := correct(t, db, acme.Collector, customer, 1, "-1"); err != nil {
		t.Fatal(err)
	}
	rows := exportCSV(t, db, acme.Collector, customer)
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range [][]string{
		{"No.", "Author", "Kind", "Text", "Corrects", "Corrected by"},
		{"1", "acme collector", "Note", "'=HYPERLINK(\"http://x\")", "", "3"},
		{"2", "acme collector", "Note", "Said \"yes\",\nthen no; æøå", "", ""},
		{"3", "acme collector", "Note", "'-1", "1", ""},
	} {
		if got := slices.Delete(slices.Clone(rows[i]), 1, 3); !slices.Equal(got, want) {
			t.Errorf("row %d is %q, want %q", i, got, want)
		}
	}
	at := list(t, db, acme.Collector, note.Filter{CustomerID: customer})[2].At
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		if got, want := rows[1][1]+" "+rows[1][2], at.In(tx.Actor.Tenant.Zone).Format("2006-01-02 15:04:05"); got != want {
			t.Errorf("written at %s, want %s", got, want)
		}
		return nil
	})
	if rows := exportCSV(t, db, beta.Admin, customer); len(rows) != 1 {
		t.Errorf("another tenant exports %v", rows)
	}
}

func exportCSV(t *testing.T, db *dbtest.Database, who tenant.Who, customer int64, merged ...int64) [][]string {
	t.Helper()
	var out bytes.Buffer
	write(t, db, who, func(tx *tenant.Tx) error { return note.WriteCSV(t.Context(), tx, &out, customer, merged) })
	text, marked := strings.CutPrefix(out.String(), "\ufeff")
	if !marked {
		t.Error("the file is not marked as UTF-8")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The journals of those who were merged into a customer are written out with its own,
// in the order in which they were written, each note with whose it is.
func TestExportTogether(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	keep, gone, other := newCustomer(t, db, acme, "1001"), newCustomer(t, db, acme, "=1002"), newCustomer(t, db, acme, "1003")
	add(t, db, acme.Collector, gone, "First of all.")
	add(t, db, acme.Collector, keep, "Then this.")
	add(t, db, acme.Collector, gone, "And this.")
	add(t, db, acme.Collector, other, "Not theirs.")
	if err := correct(t, db, acme.Collector, gone, 1, "At first."); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, row := range exportCSV(t, db, acme.Collector, keep, gone) {
		got = append(got, []string{row[0], row[5], row[7], row[8]})
	}
	want := [][]string{{"No.", "Text", "Corrected by", "Customer"}, {"1", "First of all.", "3", "'=1002"}, {"1", "Then this.", "", "1001"}, {"2", "And this.", "", "'=1002"}, {"3", "At first.", "", "'=1002"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("exported %q, want %q", got, want)
	}
	text := strings.Join(exportPDF(t, db, acme.Collector, keep, gone), "\n")
	for _, want := range []string{"2 · of =1002 · ", "And this.", "Corrected by no. 3:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the printed journal lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, "of 1001") || strings.Contains(text, "Not theirs") {
		t.Errorf("the printed journal says %s", text)
	}
}

func TestWritePDF(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	if pages := exportPDF(t, db, acme.Collector, customer); len(pages) != 1 || !strings.Contains(pages[0], "Nothing has been written here yet.") {
		t.Errorf("an empty journal prints as %q", pages)
	}
	long := strings.TrimSpace(strings.Repeat("He says the goods came late; Łódź, Ελλάδα, 13 000 €. ", 70))
	add(t, db, acme.Collector, customer, "Promised 12,000.")
	if err := correct(t, db, acme.Collector, customer, 1, "Promised 13,000."); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		add(t, db, acme.Collector, customer, long)
	}
	add(t, db, acme.Collector, customer, "He laughed 😀, 会社, \ue000\ue001 and\tleft\x01.")

	pages := exportPDF(t, db, acme.Collector, customer)
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		for _, want := range []string{"Journal of Halden Freight AS (1001)", "Company acme · Printed 16 Mar 2026 10:30 by acme collector",
			fmt.Sprintf("Page %d of %d", i+1, len(pages))} {
			if !strings.Contains(page, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
	}
	all := strings.Join(pages, "\n")
	for _, want := range []string{"Corrected by no. 2:", "acme collector · Note · corrects no. 1", "Łódź, Ελλάδα, 13 000 €.",
		"goes on:", "He laughed □, □□, □□ and left□.", "□ stands for a character"} {
		if !strings.Contains(all, want) {
			t.Errorf("the print lacks %q", want)
		}
	}
	if got := strings.Count(all, "goods"); got != 6*70 {
		t.Errorf("%d sentences of the long texts are printed, want %d", got, 6*70)
	}
}

// exportPDF returns what is written on each page.
func exportPDF(t *testing.T, db *dbtest.Database, who tenant.Who, customer int64, merged ...int64) (pages []string) {
	t.Helper()
	var out bytes.Buffer
	write(t, db, who, func(tx *tenant.Tx) error {
		return note.WritePDF(t.Context(), tx, &out, customer, "1001", "Halden Freight AS", merged)
	})
	if !bytes.HasPrefix(out.Bytes(), []byte("%PDF-")) {
		t.Fatalf("this is no PDF: %.20q", out.String())
	}
	for _, stream := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(out.Bytes(), -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err == nil && bytes.Contains(content, []byte("Tj ET")) {
			pages = append(pages, pageText(content))
		}
	}
	return pages
}

var (
	shown   = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\)Tj`)
	escaped = regexp.MustCompile(`(?s)\\(.)`)
)

// pageText reads back the texts of a page, a line each: they are UTF-16 there.
func pageText(content []byte) string {
	var lines []string
	for _, m := range shown.FindAllSubmatch(content, -1) {
		raw := escaped.ReplaceAllFunc(m[1], func(b []byte) []byte {
			if b[1] == 'r' {
				return []byte("\r")
			}
			return b[1:]
		})
		var units []uint16
		for i := 0; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		lines = append(lines, string(utf16.Decode(units)))
	}
	return strings.Join(lines, "\n")
}
