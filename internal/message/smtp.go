package message

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode"

	"dunwell/internal/note"
	"dunwell/internal/provider"
)

// answer is what became of a message that was handed to the mail server, or to the
// provider, who answers in the same way.
type answer = provider.Answer

const (
	accepted = provider.Accepted
	refused  = provider.Refused
	notYet   = provider.NotYet
	unclear  = provider.Unclear
)

// deliver hands a message to the mail server. Only where the server was given the
// whole message and did not answer is it unclear what it did.
func (s *Server) deliver(ctx context.Context, to string, content []byte) answer {
	l, fresh, err := s.take(ctx)
	if err != nil {
		return answer{Verdict: notYet, Words: words(err)}
	}
	a, begun := s.say(l, to, content)
	if !begun && !fresh { // the server had ended a connection that was kept
		if l, err = s.dial(ctx); err != nil {
			return answer{Verdict: notYet, Words: words(err)}
		}
		a, _ = s.say(l, to, content)
	}
	return a
}

// say has the conversation about one message. begun is false where not even the
// first word was answered. A connection after anything but a clean end is closed,
// never reused: its next word would end a message that was broken off.
func (s *Server) say(l *line, to string, content []byte) (a answer, begun bool) {
	kept := false
	defer func() {
		if !kept {
			_ = l.Close()
		}
	}()
	if err := l.UpdateDeadline(s.timeout); err != nil {
		return answer{Verdict: notYet, Words: words(err)}, false
	}
	if err := l.Mail("<" + s.From.Address + ">"); err != nil {
		var reply *textproto.Error
		return ruling(err), errors.As(err, &reply) && reply.Code != 421
	}
	if err := l.Rcpt("<" + to + ">"); err != nil {
		a := ruling(err)
		if kept = a.Verdict == refused && l.Reset() == nil; kept {
			s.give(l)
		}
		return a, true
	}
	w, err := l.Data()
	if err != nil {
		return ruling(err), true
	}
	if _, err := w.Write(content); err != nil {
		return answer{Verdict: notYet, Words: words(err)}, true
	}
	if err := w.Close(); err != nil {
		var reply *textproto.Error
		if !errors.As(err, &reply) || reply.Code/100 != 4 && reply.Code/100 != 5 {
			return answer{Verdict: unclear, Words: words(err)}, true
		}
		return ruling(err), true
	}
	kept = true
	s.give(l)
	return answer{Verdict: accepted}, true
}

// ruling is what a refused word of the conversation means for the message.
func ruling(err error) answer {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code/100 == 5 {
		return answer{Verdict: refused, Words: "The mail server refused it: " + words(err)}
	}
	return answer{Verdict: notYet, Words: words(err)}
}

// words are the server's in one line, or what broke, without what cannot be seen.
func words(err error) string {
	said := err.Error()
	var reply *textproto.Error
	if errors.As(err, &reply) {
		said = fmt.Sprintf("%d %s", reply.Code, reply.Msg)
	}
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(said, ""))
	return note.Cut(strings.Join(strings.Fields(text), " "), 400, "…")
}
