package importer

import (
	"bytes"
	"errors"
	"io"
)

// maxRow is the longest row in bytes. A longer one is refused, so that a quote
// that is never closed cannot pull the whole file into memory.
const maxRow = 4 << 20

// maxReread bounds the work on a file whose quotes do not match: after an open
// quote the scan goes on with the next line, which reads what follows again.
const maxReread = 64 << 20

// rows cuts a file into rows of cells. Unlike encoding/csv it holds one row of
// bounded length at most, and a row whose quotes do not match costs that row
// and not the rest of the file.
type rows struct {
	r     io.Reader
	sep   byte
	eol   byte
	buf   []byte // what was read and not yet passed on is buf[pos:]
	pos   int
	eof   bool
	line  int64 // the number of the row last returned; the header is 1
	cells [][]byte
	text  []byte // of the cells that had quotes in them

	reread int
}

func newRows(r io.Reader, sep, eol byte) *rows {
	return &rows{r: r, sep: sep, eol: eol, buf: make([]byte, 0, 256<<10)}
}

// next returns the cells of the next row, valid until the call after it, or
// io.EOF. A row that cannot be cut comes with the reason and its beginning as
// the only cell.
func (s *rows) next() (cells [][]byte, fault string, err error) {
	end, err := s.find(0)
	if err != nil {
		return nil, "", err
	}
	if end == 0 {
		return nil, "", io.EOF
	}
	s.line++
	s.cells, s.text = s.cells[:0], s.text[:0]
	if end > maxRow {
		s.cells = append(s.cells, s.buf[s.pos:s.pos+1000])
		return s.cells, "The row is longer than four million bytes. Is a quote missing?", s.skip()
	}
	row := s.buf[s.pos : s.pos+end]
	if bytes.IndexByte(row, '"') < 0 {
		s.plain(s.trimEnd(row))
		s.pos += end
		return s.cells, "", nil
	}
	length, fault, err := s.quoted(end)
	if err != nil {
		return nil, "", err
	}
	if fault != "" { // go on with the next line
		if s.reread += length; s.reread > maxReread {
			return nil, "", unusable("The quotes in this file do not match, in row %d and many others.", s.line)
		}
		s.cells = append(s.cells[:0], s.trimEnd(s.buf[s.pos:s.pos+end]))
		length = end
	}
	s.pos += length
	return s.cells, fault, nil
}

// find is the length of the text from pos to the end of the line that the byte
// at pos+from stands in, the line's end included; beyond maxRow it stops looking.
func (s *rows) find(from int) (int, error) {
	for {
		if i := bytes.IndexByte(s.buf[s.pos+from:], s.eol); i >= 0 {
			return from + i + 1, nil
		}
		from = len(s.buf) - s.pos
		if s.eof || from > maxRow {
			return from, nil
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

func (s *rows) fill() error {
	if s.pos > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.pos:])]
		s.pos = 0
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if errors.Is(err, io.EOF) {
		s.eof, err = true, nil
	}
	return err
}

// skip passes over the rest of a line that is too long.
func (s *rows) skip() error {
	for {
		if i := bytes.IndexByte(s.buf[s.pos:], s.eol); i >= 0 {
			s.pos += i + 1
			return nil
		}
		s.pos = len(s.buf)
		if s.eof {
			return nil
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

func (s *rows) trimEnd(row []byte) []byte {
	row = bytes.TrimSuffix(row, []byte{s.eol})
	return bytes.TrimSuffix(row, []byte{'\r'})
}

// plain cuts a row without any quote.
func (s *rows) plain(row []byte) {
	for {
		i := bytes.IndexByte(row, s.sep)
		if i < 0 {
			s.cells = append(s.cells, row)
			return
		}
		s.cells = append(s.cells, row[:i])
		row = row[i+1:]
	}
}

// quoted cuts a row that has quotes, and takes in further lines while one is
// open. end is where its first line ends; it returns how far it read. The cells
// are copied, because taking in a line may move the buffer.
func (s *rows) quoted(end int) (length int, fault string, err error) {
	for i := 0; ; {
		row := s.buf[s.pos : s.pos+end]
		if i == end || row[i] != '"' { // a quote inside a bare cell is just text
			n := bytes.IndexByte(row[i:], s.sep)
			if n < 0 {
				s.keep(s.trimEnd(row[i:]))
				return end, "", nil
			}
			s.keep(row[i : i+n])
			i += n + 1
			continue
		}
		if i, end, fault, err = s.inQuotes(i+1, end); fault != "" || err != nil {
			return end, fault, err
		}
		row = s.buf[s.pos : s.pos+end]
		if i < end && row[i] == s.sep {
			i++
			continue
		}
		if len(s.trimEnd(row[i:])) > 0 {
			return end, "Text follows a closing quote. A quote inside a quoted cell is written twice.", nil
		}
		return end, "", nil
	}
}

func (s *rows) keep(cell []byte) {
	start := len(s.text)
	s.text = append(s.text, cell...)
	s.cells = append(s.cells, s.text[start:len(s.text):len(s.text)])
}

// inQuotes reads a cell from behind its opening quote to behind the closing one.
func (s *rows) inQuotes(i, end int) (next, rowEnd int, fault string, err error) {
	start := len(s.text)
	for {
		row := s.buf[s.pos : s.pos+end]
		n := bytes.IndexByte(row[i:], '"')
		if n < 0 {
			s.text = append(s.text, row[i:]...)
			more, err := s.find(end)
			if err != nil || more == end || more > maxRow {
				return 0, more, "A quote is opened and never closed.", err
			}
			i, end = end, more
			continue
		}
		s.text = append(s.text, row[i:i+n]...)
		i += n + 1
		if i < end && row[i] == '"' {
			s.text = append(s.text, '"')
			i++
			continue
		}
		s.cells = append(s.cells, s.text[start:len(s.text):len(s.text)])
		return i, end, "", nil
	}
}
