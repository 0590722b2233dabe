package statement

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"dunwell/internal/pdftest"
)

// letters makes n letters as they are asked for, each with its own number and words.
func letters(t testing.TB, n int, logo []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := range n {
			h := heading([]string{"en", "cs", "fr"}[i%3])
			h.Customer.Number, h.Logo = fmt.Sprint("K-", 1000+i), logo
			var b bytes.Buffer
			if err := (Letter{Heading: h, Subject: "Letter (of) \\ " + h.Customer.Number, Body: "Русский Ελλάδα", Items: sections(h, 3+60*(i%2), "EUR"), Pay: true}).PDF(&b); err != nil {
				t.Fatal(err)
			}
			if !yield(b.Bytes(), nil) {
				return
			}
		}
	}
}

// The pages stand in their order as they were, and what is alike is there once.
func TestJoin(t *testing.T) {
	t.Parallel()
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewRGBA(image.Rect(0, 0, 30, 10))); err != nil {
		t.Fatal(err)
	}
	var want []string
	alone := 0
	for file, err := range letters(t, 7, logo.Bytes()) {
		if err != nil {
			t.Fatal(err)
		}
		want, alone = append(want, pdftest.Pages(t, file)...), alone+len(file)
	}
	var out, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&out, &again} {
		if err := Join(w, letters(t, 7, logo.Bytes())); err != nil {
			t.Fatal(err)
		}
	}
	got := pdftest.Pages(t, out.Bytes())
	if len(got) != len(want) || strings.Join(got, "\f") != strings.Join(want, "\f") {
		t.Errorf("%d pages, want %d:\n%s", len(got), len(want), strings.Join(got, "\n\n"))
	}
	if err := api.Validate(bytes.NewReader(out.Bytes()), model.NewDefaultConfiguration()); err != nil {
		t.Error(err)
	}
	if out.Len() > alone/2 {
		t.Errorf("%d bytes of %d: what is alike stands there more than once", out.Len(), alone)
	}
	if n := bytes.Count(out.Bytes(), []byte("/FontFile2")); n > 6 {
		t.Errorf("%d fonts", n)
	}
	if n := bytes.Count(out.Bytes(), []byte("/Subtype/Image")); n != 2 { // and its mask
		t.Errorf("%d pictures", n)
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Error("the same files made two")
	}
}

func TestJoinRefuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for want, files := range map[string]iter.Seq2[[]byte, error]{
		"the disk is gone": func(yield func([]byte, error) bool) { yield(nil, broken) },
		"join PDF files":   func(yield func([]byte, error) bool) { yield([]byte("no PDF"), nil) },
	} {
		if err := Join(io.Discard, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// BenchmarkJoin joins 5,000 letters: memory stays flat.
func BenchmarkJoin(b *testing.B) {
	one := [][]byte{}
	for file, err := range letters(b, 6, nil) {
		if err != nil {
			b.Fatal(err)
		}
		one = append(one, file)
	}
	for b.Loop() {
		var size counted
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		peak := uint64(0)
		err := Join(&size, func(yield func([]byte, error) bool) {
			for i := range 5000 {
				if i%50 == 0 {
					runtime.ReadMemStats(&now)
					peak = max(peak, now.HeapInuse)
				}
				if !yield(one[i%len(one)], nil) {
					return
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size)/(1<<20), "MB")
		b.ReportMetric(float64(peak-min(peak, before.HeapInuse))/(1<<20), "heap-growth-MB")
	}
}

// counted counts what is written.
type counted int64

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}
