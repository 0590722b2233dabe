package mailbox

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
)

// maxText is how many bytes of a message's texts are read.
const maxText = 1 << 20

// content reads the part's body without its transfer encoding.
func (p part) content() io.Reader {
	switch strings.ToLower(strings.TrimSpace(p.header.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.RawStdEncoding, &base64Only{r: p.body.reader()})
	case "quoted-printable":
		return quotedprintable.NewReader(p.body.reader())
	}
	return p.body.reader()
}

// base64Only leaves out what is no part of base64: line ends, padding, rubbish.
type base64Only struct{ r io.Reader }

func (b *base64Only) Read(p []byte) (int, error) {
	for {
		n, err := b.r.Read(p)
		kept := p[:0]
		for _, c := range p[:n] {
			if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 || err != nil {
			return len(kept), err
		}
	}
}

// words reads the part's text, as much as is kept and as far as it can be read.
func (p part) words() string {
	raw, _ := io.ReadAll(io.LimitReader(p.content(), maxText))
	text := ""
	if set := strings.ToLower(p.params["charset"]); set != "" && set != "utf-8" && set != "us-ascii" {
		if r, err := charset.Reader(set, strings.NewReader(string(raw))); err == nil {
			read, _ := io.ReadAll(io.LimitReader(r, 4*maxText))
			text = string(read)
		}
	}
	if text == "" {
		text = asUTF8(raw)
	}
	if p.media == "text/html" {
		text = plain(text)
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// asUTF8 takes what is no UTF-8 for the encoding that is declared wrongly most often.
func asUTF8(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(text)
}

var (
	space  = regexp.MustCompile(`[\s\x{00A0}]+`)
	spaces = regexp.MustCompile(`[ \t\x{00A0}]+`)
	gaps   = regexp.MustCompile(`\n[ \n]*\n`)
)

// plain is what a page says, without how it looks.
func plain(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			text := spaces.ReplaceAllString(out.String(), " ")
			return strings.TrimSpace(gaps.ReplaceAllString(strings.ReplaceAll(text, "\n ", "\n"), "\n\n"))
		case html.TextToken:
			if hidden == 0 {
				out.WriteString(space.ReplaceAllString(string(z.Text()), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "style", "script", "head", "title":
				hidden++
			case "body":
				hidden = 0
			case "br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "table":
				out.WriteString("\n")
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "style", "script", "head", "title":
				hidden = max(hidden-1, 0)
			case "p", "div", "h1", "h2", "h3", "table":
				out.WriteString("\n")
			}
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
