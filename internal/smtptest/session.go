package smtptest

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is the conversation of one connection.
type session struct {
	server   *Server
	conn     net.Conn
	from, to string
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.act(From)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.act(To)
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return err
	}
	id := strings.Trim(parsed.Header.Get("Message-ID"), "<>")
	m := Mail{id, s.from, s.to, content}
	act := s.do(Body)
	if act == Take || act == Lose {
		s.server.mu.Lock()
		s.server.taken = append(s.server.taken, m)
		s.server.mu.Unlock()
	}
	return s.perform(act)
}

func (s *session) do(step Step) Act {
	s.server.mu.Lock()
	does := s.server.does
	s.server.mu.Unlock()
	if does == nil {
		return Take
	}
	return does(step, s.to)
}

func (s *session) act(step Step) error { return s.perform(s.do(step)) }

func (s *session) perform(act Act) error {
	switch act {
	case Refuse:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	case Later:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, come back later"}
	case Rambly:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: strings.Repeat("spam\tor \x1b[31mworse ", 100)}
	case Half, Lose:
		_, _ = s.conn.Write([]byte("25"))
		return s.conn.Close()
	case Drop:
		return s.conn.Close()
	case Hang:
		<-s.server.gone
	}
	return nil
}

// locked is a session that asks for a password.
type locked struct {
	*session
	password string
	open     bool
}

func (l *locked) AuthMechanisms() []string { return []string{sasl.Plain} }

func (l *locked) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if l.open = password == l.password; !l.open {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (l *locked) Mail(from string, o *smtp.MailOptions) error {
	if !l.open {
		return smtp.ErrAuthRequired
	}
	return l.session.Mail(from, o)
}
