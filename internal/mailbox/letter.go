package mailbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"dunwell/internal/inbox"
	"dunwell/internal/note"
)

// letter is a message as far as it could be read.
type letter struct {
	whole    section
	top      part
	texts    []string // as it was written
	pages    []string // the same as pages of a browser, used where there is no text
	files    []file
	report   *report // what a mail server says became of a message of ours
	original []uuid.UUID
	parts    int
}

// file is one that came with a message.
type file struct {
	name string
	part part
}

// read reads a message. There is no message that it cannot read at all.
func read(whole section) *letter {
	l := &letter{whole: whole}
	l.top = whole.open("text/plain")
	l.walk(l.top, 0)
	return l
}

func (l *letter) walk(p part, depth int) {
	if l.parts++; l.parts > maxParts || depth > maxDepth {
		return
	}
	switch {
	case strings.HasPrefix(p.media, "multipart/"):
		usual := "text/plain"
		if p.media == "multipart/digest" {
			usual = "message/rfc822"
		}
		inner := p.body.split(p.params["boundary"])
		if len(inner) == 0 { // no boundary was found: what is there is text
			p.media = "text/plain"
			l.texts = append(l.texts, p.words())
		}
		for _, s := range inner {
			l.walk(s.open(usual), depth+1)
		}
	case p.media == "message/delivery-status" || p.media == "message/global-delivery-status":
		l.report = readReport(p)
	case l.top.media == "multipart/report" && (p.media == "message/rfc822" || p.media == "text/rfc822-headers" || p.media == "message/global" || p.media == "message/global-headers"):
		l.original = append(l.original, references(p.body.open("text/plain").header.Get("Message-Id"))...)
	case p.attached():
		l.files = append(l.files, file{cmp.Or(p.filename(), unnamed(p.media)), p})
	case p.media == "text/html":
		l.pages = append(l.pages, p.words())
	default:
		l.texts = append(l.texts, p.words())
	}
}

// unnamed is what a file is called that has no name.
func unnamed(media string) string {
	if media == "message/rfc822" {
		return "message.eml"
	}
	_, kind, _ := strings.Cut(media, "/")
	return "file." + kind
}

// body is what the message says.
func (l *letter) body() string {
	if text := strings.TrimSpace(strings.Join(l.texts, "\n\n")); text != "" {
		return text
	}
	return strings.TrimSpace(strings.Join(l.pages, "\n\n"))
}

// address finds the first address of a header, as small letters, with the name.
func (l *letter) address(key string) (address, person string) {
	value := l.top.header.Get(key)
	parser := mail.AddressParser{WordDecoder: &words}
	if list, err := parser.ParseList(value); err == nil && len(list) > 0 {
		return strings.ToLower(list[0].Address), oneLine(asUTF8([]byte(list[0].Name)))
	}
	found := anAddress.FindStringIndex(value)
	if found == nil {
		return "", decodeWords(value)
	}
	return strings.ToLower(value[found[0]:found[1]]), strings.Trim(decodeWords(value[:found[0]]), `"'<> `)
}

var anAddress = regexp.MustCompile(`[^\s<>"'(),:;@]+@[^\s<>"'(),:;@]+\.[^\s<>"'(),:;@.]+`)

// sentAt is when it was sent, as far as its header can be believed: not after it
// arrived, and not long before.
func (l *letter) sentAt(arrived time.Time) time.Time {
	at, err := mail.ParseDate(l.top.header.Get("Date"))
	if err != nil || !arrived.IsZero() && (at.After(arrived) || at.Before(arrived.AddDate(0, 0, -7))) {
		return arrived
	}
	return at
}

// id is what the message is known by: its own id, with what it says, for two
// messages can have the same one. Of one without an id everything counts, also the
// way that it took.
func (l *letter) id() string {
	sum := sha256.New() // writing to it never fails
	id := strings.Trim(oneLine(l.top.header.Get("Message-Id")), "<> ")
	if id == "" {
		_, _ = io.Copy(sum, l.whole.reader())
	} else {
		_, _ = fmt.Fprintln(sum, l.top.header.Get("From"), l.top.header.Get("Date"), l.top.header.Get("Subject"))
		_, _ = io.Copy(sum, l.top.body.reader())
	}
	return note.Cut(id, 900, "…") + "#" + hex.EncodeToString(sum.Sum(nil)[:12])
}

var aReference = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@`)

// references finds ids of ours in a text, as they stand in a Message-ID.
func references(text string) (ids []uuid.UUID) {
	for _, found := range aReference.FindAllString(text, 20) {
		if id, err := uuid.Parse(found[:36]); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// answers are the ids of the messages that it answers, the nearest first.
func (l *letter) answers() []uuid.UUID {
	ids := references(l.top.header.Get("In-Reply-To"))
	chain := references(l.top.header.Get("References"))
	for i := len(chain) - 1; i >= 0; i-- {
		ids = append(ids, chain[i])
	}
	return ids
}

// automatic tells that a machine wrote it. A person's message must never count as
// one, so no sign is taken that stands on those too.
func (l *letter) automatic() bool {
	h := l.top.header
	if by, _, _ := strings.Cut(strings.ToLower(h.Get("Auto-Submitted")), ";"); by != "" && strings.TrimSpace(by) != "no" {
		return true
	}
	switch strings.ToLower(h.Get("Precedence")) {
	case "auto_reply", "bulk", "junk":
		return true
	}
	for _, key := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder"} {
		if v := strings.ToLower(h.Get(key)); v != "" && v != "no" {
			return true
		}
	}
	return strings.HasPrefix(h.Get("Return-Path"), "<>") || anAbsence.MatchString(l.top.text("Subject"))
}

var anAbsence = regexp.MustCompile(`(?i)^\W*(automatic reply|auto(matic)?[- ]?repl(y|ied)|auto(matic)?[- ]response|out of (the )?office|automatische antwort|abwesenheitsnotiz|` +
	`abwesend\b|réponse automatique|absence du bureau|automatická odpověď|automatisk svar|autosvar|fraværende)\b`)

// kind says what the message is.
func (l *letter) kind(b *bounced) inbox.Kind {
	switch {
	case b != nil && b.final:
		return inbox.Bounce
	case b != nil || l.automatic():
		return inbox.Automatic
	}
	return inbox.Reply
}
