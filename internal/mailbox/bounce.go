package mailbox

import (
	"bufio"
	"cmp"
	"io"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"dunwell/internal/note"
)

// report is what a mail server says of one recipient, in the form that is made for
// programs (RFC 3464).
type report struct {
	recipient string // the address, in small letters
	action    string // failed, delayed, delivered, relayed, expanded
	status    string // such as 5.1.1
	words     string // the other server's own
}

// readReport reads what it says of the first recipient who got nothing, else of the
// first; nil where it says nothing.
func readReport(p part) *report {
	all := reports(p.content())
	for i := range all {
		if all[i].action == "failed" {
			return &all[i]
		}
	}
	if len(all) > 0 {
		return &all[0]
	}
	return nil
}

// reports reads the fields about each recipient, which empty lines divide.
func reports(r io.Reader) (all []report) {
	in := bufio.NewScanner(io.LimitReader(r, 256<<10))
	in.Buffer(nil, 256<<10)
	var now report
	end := func() {
		if now.action != "" || now.recipient != "" {
			all = append(all, now)
		}
		now = report{}
	}
	words := false // the line before was of the other server's words, which go on in lines that are set in
	for in.Scan() {
		line := in.Text()
		key, value, _ := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "":
			end()
		case line[0] != ' ' && line[0] != '\t':
			key = strings.ToLower(strings.TrimSpace(key))
			now.set(key, strings.TrimSpace(value))
			words = key == "diagnostic-code"
		case words:
			now.words += " " + strings.TrimSpace(line)
		}
	}
	end()
	return all
}

// set takes a field. Its value may begin with a type, such as rfc822 or smtp.
func (r *report) set(key, value string) {
	typed := value
	if _, after, found := strings.Cut(value, ";"); found {
		typed = strings.TrimSpace(after)
	}
	switch key {
	case "final-recipient", "original-recipient":
		r.recipient = cmp.Or(r.recipient, strings.ToLower(strings.Trim(typed, "<>")))
	case "action":
		r.action = strings.ToLower(value)
	case "status":
		r.status, _, _ = strings.Cut(value, " ")
	case "diagnostic-code":
		r.words = typed
	}
}

// bounced is what became of a message of ours.
type bounced struct {
	refs      []uuid.UUID // the message, where it is named
	recipient string
	final     bool // it does not arrive; else it may
	dead      bool // and no other will at that address
	words     string
}

// bounced tells what the message says became of one of ours; nil: it is about none.
func (l *letter) bounced() *bounced {
	if l.report != nil {
		r := l.report
		b := &bounced{refs: l.original, recipient: r.recipient, final: r.action == "failed" || r.action == "" && strings.HasPrefix(r.status, "5")}
		b.words = oneLine(note.Cut(cmp.Or(r.words, r.status, r.action), 500, "…"))
		b.dead = b.final && dead(cmp.Or(r.status, aStatus.FindString(r.words)))
		if len(b.refs) == 0 {
			b.refs = references(l.body())
		}
		return b
	}
	if !l.fromServer() {
		return nil
	}
	text := l.body()
	for _, f := range l.files { // what was returned, in whole
		if f.part.media == "message/rfc822" {
			text += "\n" + f.part.body.open("text/plain").header.Get("Message-Id")
		}
	}
	status := cmp.Or(aStatus.FindString(text), aCode.FindString(text))
	b := &bounced{refs: references(text), recipient: strings.ToLower(anAddress.FindString(cmp.Or(l.top.header.Get("X-Failed-Recipients"), text))), words: oneLine(note.Cut(said(text, status), 500, "…"))}
	b.final = !aDelay.MatchString(l.top.text("Subject")) && !strings.HasPrefix(status, "4")
	b.dead = b.final && dead(status)
	return b
}

var (
	aStatus = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
	aCode   = regexp.MustCompile(`\b[45][0-7]\d\b`)
	aDelay  = regexp.MustCompile(`(?i)delay|warning|verzögert|retard|zpožděn|forsinke`)
	aReturn = regexp.MustCompile(`(?i)undeliver|delivery (status notification|failure|has failed)|mail delivery|failure notice|returned mail|unzustellbar|non remis|nedoručiteln|kunne ikke leveres`)
)

// fromServer tells that a mail server wrote it about a message, in words for people.
func (l *letter) fromServer() bool {
	if l.top.header.Get("X-Failed-Recipients") != "" {
		return true
	}
	from, _ := l.address("From")
	name, _, _ := strings.Cut(from, "@")
	server := name == "mailer-daemon" || name == "postmaster" || strings.HasPrefix(l.top.header.Get("Return-Path"), "<>")
	return server && aReturn.MatchString(l.top.text("Subject"))
}

// said is the line that has the status, with what stands around it.
func said(text, status string) string {
	at := strings.Index(text, status)
	if status == "" || at < 0 {
		return note.Cut(text, 300, "…")
	}
	from := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[from:], "\n")
	return line
}

// dead tells that nothing will ever arrive at the address: not where its mailbox was
// full, or the message too large.
func dead(status string) bool {
	switch status {
	case "5.2.2", "5.2.3", "5.3.4":
		return false
	}
	return strings.HasPrefix(status, "5")
}
