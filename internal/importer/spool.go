package importer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// spool is a file on its way in, kept on disk: it is read more than once and
// may be larger than the memory. It has no name there, so that it goes with its
// process at the latest.
type spool struct {
	file   *os.File
	size   int64
	sha256 []byte
	start  int64 // where the header begins, after UTF-8's mark and a line for Excel
	latin  bool  // it is Windows-1252 and not UTF-8
}

// newSpool copies r to disk. A file that is no text is refused from its first
// bytes, without reading the rest.
func newSpool(ctx context.Context, r io.Reader) (s *spool, err error) {
	head := make([]byte, 4096)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read file: %w", err)
	}
	head = head[:n]
	if err := sniff(head); err != nil {
		return nil, err
	}
	s = &spool{start: int64(len(head) - len(body(head)))}
	if s.file, err = os.CreateTemp("", "dunwell-import-*"); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), s.file.Close())
	}
	u := &census{hash: sha256.New()}
	s.size, err = io.Copy(io.MultiWriter(s.file, u), &contextReader{ctx, io.MultiReader(bytes.NewReader(head), r)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read file: %w", err), s.Close())
	}
	u.end()
	s.sha256 = u.hash.Sum(nil)
	// Text in Windows-1252 is hardly ever valid UTF-8 by chance, so one broken
	// row in a UTF-8 file does not turn the others' letters into rubbish.
	s.latin = !bytes.HasPrefix(head, utf8Mark) && u.broken > u.letters
	return s, nil
}

// Close removes the file from the disk.
func (s *spool) Close() error { return s.file.Close() }

// rewind goes to the first byte of the header.
func (s *spool) rewind() (io.Reader, error) {
	_, err := s.file.Seek(s.start, io.SeekStart)
	return s.file, err
}

// decode reads a cell in the file's encoding. It is not ok where the bytes are
// no text in it.
func (s *spool) decode(b []byte) (text string, ok bool) {
	if !s.latin {
		return string(b), utf8.Valid(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
}

var utf8Mark = []byte("\xef\xbb\xbf")

// separatorLine tells Excel what separates the cells. Excel does not show it, and its
// rows are not counted with it.
var separatorLine = regexp.MustCompile(`(?i)^"?sep=[,;|\t]"?[,;|\t ]*(\r?\n|\r|$)`)

// body is what follows the mark and such a line at the file's beginning.
func body(head []byte) []byte {
	head = bytes.TrimPrefix(head, utf8Mark)
	return head[len(separatorLine.Find(head)):]
}

// signatures are how files of other kinds begin, and what to do about them.
var signatures = []struct{ begin, says string }{
	{"PK\x03\x04", "This is a zip file or an Excel workbook. Save the sheet as CSV and import that."},
	{"\xd0\xcf\x11\xe0", "This is an old Excel workbook. Save the sheet as CSV and import that."},
	{"%PDF", "This is a PDF. Ask for the data as CSV and import that."},
	{"\x1f\x8b", "This file is packed with gzip. Unpack it and import the CSV inside."},
	{"\xff\xfe", "This file is in UTF-16. Save it as CSV in UTF-8 and import that."},
	{"\xfe\xff", "This file is in UTF-16. Save it as CSV in UTF-8 and import that."},
}

// sniff refuses what is not text, from the first bytes of the file.
func sniff(head []byte) error {
	if len(bytes.TrimSpace(body(head))) == 0 {
		return Unusable("The file is empty.")
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			return Unusable(s.says)
		}
	}
	var nul, control int
	for _, b := range head {
		switch {
		case b == 0:
			nul++
		case b < ' ' && b != '\t' && b != '\n' && b != '\r':
			control++
		}
	}
	if nul > len(head)/4 && control == 0 {
		return Unusable("This file is in UTF-16. Save it as CSV in UTF-8 and import that.")
	}
	if nul+control > len(head)/10 {
		return Unusable("This is not a text file. Import a CSV file with a header row.")
	}
	return nil
}

// census counts the letters beyond ASCII that are right UTF-8 and the bytes that
// are not, while the file passes through it.
type census struct {
	hash            hash.Hash
	letters, broken int64
	rest            []byte // the beginning of a letter that the last piece cut
}

func (c *census) Write(p []byte) (int, error) {
	c.hash.Write(p)
	b := p
	if len(c.rest) > 0 {
		b = append(c.rest, p...)
	}
	c.count(b, false)
	return len(p), nil
}

func (c *census) end() { c.count(c.rest, true) }

func (c *census) count(b []byte, last bool) {
	c.rest = nil
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !last && !utf8.FullRune(b[i:]) {
			c.rest = bytes.Clone(b[i:])
			return
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			c.broken++
		} else {
			c.letters++
		}
		i += n
	}
}

// contextReader stops reading when nobody waits any more.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
