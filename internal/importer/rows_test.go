package importer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// read cuts the text and writes each row as "number:cell|cell", a faulty one
// with its reason's first word.
func read(t *testing.T, text string, sep byte) (out []string) {
	t.Helper()
	s := newRows(iotest.OneByteReader(strings.NewReader(text)), sep, '\n')
	for {
		cells, fault, err := s.next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			return append(out, err.Error())
		}
		var texts []string
		for _, c := range cells {
			texts = append(texts, string(c))
		}
		word, _, _ := strings.Cut(fault, " ")
		out = append(out, fmt.Sprintf("%d:%s%s", s.line, word, strings.Join(texts, "|")))
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"plain", "a,b\n1,2\n", "1:a|b 2:1|2"},
		{"no last line end", "a,b\n1,2", "1:a|b 2:1|2"},
		{"carriage returns", "a,b\r\n1,\r\n", "1:a|b 2:1|"},
		{"empty line", "a\n\nb\n", "1:a 2: 3:b"},
		{"quoted", "\"a\",\"b,c\"\n", "1:a|b,c"},
		{"quote in quotes", "\"a\"\"b\",c\n", "1:a\"b|c"},
		{"empty quotes", "\"\",\"\"\"\"\n", "1:|\""},
		{"line break inside", "a,\"b\nc\",d\r\ne,f\n", "1:a|b\nc|d 2:e|f"},
		{"line break inside, last row", "\"b\nc\"", "1:b\nc"},
		{"quote inside a bare cell", "5\" pipe,x\n", "1:5\" pipe|x"},
		{"cell after a quoted one with breaks", "\"x\n\ny\",bare,\"z\"\n1\n", "1:x\n\ny|bare|z 2:1"},
		{"never closed", "a,\"b\nc,d\n", "1:Aa,\"b 2:c|d"},
		{"text after the quote", "\"a\"b,c\nd\n", "1:Text\"a\"b,c 2:d"},
		{"closed in the next row", "1,\"a\n2,\"b\"\n3,c\n", "1:Text1,\"a 2:2|b 3:3|c"},
	} {
		if got := strings.Join(read(t, c.text, ','), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A row beyond the limit costs that row only, and little memory.
func TestRowsTooLong(t *testing.T) {
	t.Parallel()
	s := newRows(strings.NewReader("a,b\n"+strings.Repeat("x", 3*maxRow)+"\n1,2\n"), ',', '\n')
	var got []string
	for {
		cells, fault, err := s.next()
		if err != nil {
			break
		}
		got = append(got, fmt.Sprint(len(cells), fault != ""))
	}
	if want := "[2 false 1 true 2 false]"; fmt.Sprint(got) != want || cap(s.buf) > 3*maxRow {
		t.Errorf("%v with a buffer of %d, want %s", got, cap(s.buf), want)
	}
}

// Quotes that never match would be read again and again without a limit.
func TestRowsHostileQuotes(t *testing.T) {
	t.Parallel()
	s := newRows(io.LimitReader(endless(`"""x`+"\n"), 20<<20), ',', '\n')
	for {
		if _, _, err := s.next(); err != nil {
			var u Unusable
			if !errors.As(err, &u) && !errors.Is(err, io.EOF) {
				t.Errorf("%v, want the file refused or read", err)
			}
			break
		}
	}
	if s.reread > maxReread+2*maxRow {
		t.Errorf("%d bytes were read again", s.reread)
	}
}

// endless repeats a text.
type endless string

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}
