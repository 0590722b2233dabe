package spreadsheet_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/spreadsheet"
)

func TestNoFormula(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"": "", "Halden AS": "Halden AS", "a=b": "a=b", "=1+1": "'=1+1", "+47 1": "'+47 1", "-5": "'-5", "@cmd": "'@cmd",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "'=1": "'=1", "Ørsted": "Ørsted",
	} {
		if got := spreadsheet.NoFormula(given); got != want {
			t.Errorf("NoFormula(%q) = %q, want %q", given, got, want)
		}
		if got := string(spreadsheet.Bare([]byte(want))); got != strings.TrimPrefix(given, "'") {
			t.Errorf("Bare(%q) = %q, want %q", want, got, given)
		}
	}
}

func TestBareKeepsOtherApostrophes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"'", "''", "'t Hof", "'48", "O'Hara"} {
		if got := string(spreadsheet.Bare([]byte(text))); got != text {
			t.Errorf("Bare(%q) = %q", text, got)
		}
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	out, err := spreadsheet.CSV(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Write([]string{"å", "two\nlines"}); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	if b.String() != "\ufeffå,\"two\r\nlines\"\r\n" {
		t.Errorf("wrote %q", b.String())
	}
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	b, err := spreadsheet.NewWorkbook()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	first, err := b.Sheet("Überblick", 3, 12, 1)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Sheet("Two", 1, 12, 0)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(first.Row(b.Headings("A", "B")...), first.Row("=1+1", 7, nil, b.Date(time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC))),
		first.Row(b.Amount(-1234567, 0), b.Amount(1234567, 2), b.Amount(1234567, 3), b.Amount(1234567, 4)),
		second.Row(b.Heading("x")), b.Describe("Title", "de"))
	if err != nil || first.Rows != 3 {
		t.Fatalf("%d rows, %v", first.Rows, err)
	}
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Überblick")
	want := [][]string{{"A", "B"}, {"=1+1", "7", "", "2026-03-16"}, {"-1,234,567", "12,345.67", "1,234.567", "123.4567"}}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("the sheet says %q, want %q, %v", rows, want, err)
	}
	formula, ferr := f.GetCellFormula("Überblick", "A2")
	about, aerr := f.GetDocProps()
	panes, perr := f.GetPanes("Überblick")
	if err := errors.Join(ferr, aerr, perr); err != nil || formula != "" || about.Title != "Title" || about.Language != "de" || !panes.Freeze {
		t.Errorf("formula %q, %+v, %+v, %v", formula, about, panes, err)
	}
	if list := f.GetSheetList(); !reflect.DeepEqual(list, []string{"Überblick", "Two"}) {
		t.Errorf("the sheets are %q", list)
	}
}
