package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/document"
)

// Number reads an id or a place that was typed; what is none is 0, which no row has.
func Number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Version reads the version that a form was made from, from its address too, as an
// Undo has it; what is none, or larger than any can be, fits nothing.
func Version(r *http.Request) int { return ParseVersion(r.FormValue("version")) }

// ParseVersion is Version for a form that has several.
func ParseVersion(s string) int {
	n := Number(s)
	if n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// Files opens the files of a form: what was too large to be held in memory waits on
// the disk. done closes them.
func Files(r *http.Request) (files []document.File, done func(), err error) {
	var open []func() error
	done = func() {
		for _, c := range open {
			_ = c()
		}
	}
	if r.MultipartForm == nil {
		return nil, done, nil
	}
	for _, h := range r.MultipartForm.File["file"] { // browsers write %22 for a quotation mark
		f, err := h.Open()
		if err != nil {
			done()
			return nil, func() {}, fmt.Errorf("open an uploaded file: %w", err)
		}
		open = append(open, f.Close)
		files = append(files, document.File{Name: strings.ReplaceAll(h.Filename, "%22", `"`), Content: f})
	}
	return files, done, nil
}
