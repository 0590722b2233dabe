// Package pdftest reads PDF files back in tests, by poppler's pdftotext. It is for
// tests only.
package pdftest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// Text is what a reader sees of the file, laid out as on its pages. Blanks of any
// width are one space.
func Text(t testing.TB, pdf []byte) string {
	t.Helper()
	return strings.Join(Pages(t, pdf), "\n")
}

// Pages is Text page by page.
func Pages(t testing.TB, pdf []byte) []string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext is not here, which reads the PDF files back. Install Debian's package poppler-utils or Homebrew's poppler; `make prepare` does it where it may.")
	}
	cmd := exec.CommandContext(t.Context(), path, "-layout", "-enc", "UTF-8", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("pdftotext: %v: %s", err, complaints.String())
	}
	if complaints.Len() > 0 {
		t.Errorf("pdftotext complains about the file: %s", complaints.String())
	}
	var pages []string
	for page := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\f"), "\f") {
		var lines []string
		for line := range strings.Lines(page) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				lines = append(lines, line)
			}
		}
		pages = append(pages, strings.Join(lines, "\n"))
	}
	return pages
}
