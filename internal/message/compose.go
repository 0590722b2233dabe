package message

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// attached is a file that goes with an e-mail.
type attached struct {
	Name, MediaType string
	Content         []byte
}

// compose writes an e-mail as it goes over the line: text only, from the company,
// under the message's own id. The header is made of parsed parts, so that no text
// can add to it.
func compose(from netmail.Address, m Message, body string, files []attached, at time.Time) ([]byte, error) {
	e := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	name := m.Sender
	if name == "" {
		name = from.Name
	}
	for _, set := range []error{e.EnvelopeFrom(from.Address), e.FromFormat(oneLine(name), from.Address), e.AddToFormat(oneLine(m.Person), m.Address)} {
		if set != nil {
			return nil, fmt.Errorf("address the message: %w", set)
		}
	}
	if m.ReplyTo != "" {
		if err := e.ReplyTo(m.ReplyTo); err != nil {
			return nil, fmt.Errorf("address the message: %w", err)
		}
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	e.SetMessageIDWithValue(m.Reference.String() + "@" + domain)
	e.SetDateWithValue(at)
	e.Subject(oneLine(m.Subject))
	if m.AuthorID == 0 || m.Link != LinkNone {
		e.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	e.SetBodyString(mail.TypeTextPlain, body)
	for _, f := range files {
		if err := e.AttachReader(f.Name, bytes.NewReader(f.Content), mail.WithFileContentType(mail.ContentType(f.MediaType))); err != nil {
			return nil, fmt.Errorf("attach %s: %w", f.Name, err)
		}
	}
	var out bytes.Buffer
	if _, err := e.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return out.Bytes(), nil
}

// oneLine is a text without line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
