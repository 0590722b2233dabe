package message

import (
	"bytes"
	"cmp"
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
	to, err := netmail.ParseAddress(m.Address)
	if err != nil || to.Address != m.Address {
		return nil, fmt.Errorf("%q is no e-mail address", m.Address)
	}
	e.EnvelopeFromMailAddress(&from)
	e.FromMailAddress(&netmail.Address{Name: oneLine(cmp.Or(m.Sender, from.Name)), Address: from.Address})
	e.ToMailAddress(&netmail.Address{Name: oneLine(m.Person), Address: m.Address})
	if m.ReplyTo != "" {
		if err := e.ReplyTo(m.ReplyTo); err != nil {
			return nil, fmt.Errorf("where answers go: %w", err)
		}
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	e.SetMessageIDWithValue(m.Reference.String() + "@" + domain)
	e.SetDateWithValue(at)
	e.Subject(oneLine(m.Subject))
	if m.AuthorID == 0 || m.Link != LinkNone {
		e.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if ids := strings.Fields(m.Thread); len(ids) > 0 {
		e.SetGenHeader(mail.HeaderInReplyTo, ids[len(ids)-1])
		e.SetGenHeader(mail.HeaderReferences, strings.Join(ids, " "))
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
