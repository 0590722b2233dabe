package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/textproto"
	"strings"

	"github.com/emersion/go-message/charset"
)

// Limits of what is looked into: no message of a person has more.
const (
	maxHeader = 512 << 10
	maxParts  = 200
	maxDepth  = 10
)

// section is a part of a file: of a message with its header, or of one of its parts.
type section struct {
	file     io.ReaderAt
	from, to int64
}

func (s section) reader() *io.SectionReader { return io.NewSectionReader(s.file, s.from, s.to-s.from) }

// part is a part of a message: its header and where its body lies.
type part struct {
	header textproto.MIMEHeader
	body   section
	media  string            // in small letters, such as text/plain
	params map[string]string // of the media type
}

// open reads a part's header. Lines that are none are passed over: what can be read
// is read.
func (s section) open(usual string) part {
	p := part{header: textproto.MIMEHeader{}, body: s, media: usual}
	in := bufio.NewReaderSize(io.LimitReader(s.reader(), maxHeader), 64<<10)
	key, read := "", int64(0)
	for {
		line, err := in.ReadString('\n')
		read += int64(len(line))
		text := strings.TrimRight(line, "\r\n")
		name, value, found := strings.Cut(text, ":")
		switch {
		case text == "":
		case text[0] == ' ' || text[0] == '\t':
			if all := p.header[key]; len(all) > 0 {
				all[len(all)-1] += " " + strings.TrimSpace(text)
			}
		case found && name != "" && !strings.ContainsAny(name, " \t"):
			key = textproto.CanonicalMIMEHeaderKey(name)
			p.header[key] = append(p.header[key], strings.TrimSpace(value))
		default:
			key = ""
		}
		if err != nil || text == "" {
			break
		}
	}
	p.body.from = min(s.from+read, s.to)
	p.media, p.params = mediaType(p.header.Get("Content-Type"), usual)
	return p
}

// mediaType reads a media type as far as it can be.
func mediaType(value, usual string) (string, map[string]string) {
	media, params, err := mime.ParseMediaType(value)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || !strings.Contains(media, "/") {
		media, _, _ = strings.Cut(strings.ToLower(value), ";")
		media = strings.TrimSpace(media)
	}
	if !strings.Contains(media, "/") {
		media = usual
	}
	if params == nil {
		params = map[string]string{}
	}
	if _, rest, found := strings.Cut(value, "boundary="); found && params["boundary"] == "" {
		rest, _, _ = strings.Cut(rest, ";")
		params["boundary"] = strings.Trim(strings.TrimSpace(rest), `"`)
	}
	return media, params
}

// split finds the parts between the boundary's lines. One whose end is missing ends
// where the whole does.
func (s section) split(boundary string) (parts []section) {
	if boundary == "" {
		return nil
	}
	mark := []byte("--" + boundary)
	in := bufio.NewReaderSize(s.reader(), 64<<10)
	at, begin, newLine := s.from, int64(-1), true
	for {
		line, err := in.ReadSlice('\n')
		if newLine && bytes.HasPrefix(line, mark) {
			rest := bytes.TrimRight(line[len(mark):], " \t\r\n")
			if last := bytes.Equal(rest, []byte("--")); last || len(rest) == 0 {
				if begin >= 0 {
					parts = append(parts, section{s.file, begin, at})
				}
				if begin = at + int64(len(line)); last || len(parts) >= maxParts {
					return parts
				}
			}
		}
		at += int64(len(line))
		newLine = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	if begin >= 0 && begin < s.to {
		parts = append(parts, section{s.file, begin, s.to})
	}
	return parts
}

var words = mime.WordDecoder{CharsetReader: charset.Reader}

// text is a header's value with its encoded words read, in one line.
func (p part) text(key string) string { return decodeWords(p.header.Get(key)) }

func decodeWords(value string) string {
	text, err := words.DecodeHeader(value)
	if err != nil {
		text = value
	}
	return oneLine(asUTF8([]byte(text)))
}

// filename is what a file is called; empty: it is none.
func (p part) filename() string {
	_, params, _ := mime.ParseMediaType(p.header.Get("Content-Disposition"))
	for _, name := range []string{params["filename"], p.params["name"]} {
		if name != "" {
			return decodeWords(name)
		}
	}
	return ""
}

// attached tells that the part is a file and no text to be read.
func (p part) attached() bool {
	way, _, _ := strings.Cut(p.header.Get("Content-Disposition"), ";")
	if strings.EqualFold(strings.TrimSpace(way), "attachment") {
		return true
	}
	return p.media != "text/plain" && p.media != "text/html"
}
