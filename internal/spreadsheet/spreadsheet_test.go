package spreadsheet_test

import (
	"strings"
	"testing"

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
