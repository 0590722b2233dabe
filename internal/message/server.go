package message

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Server is the mail server that takes what the company writes. Connections to it
// are kept for the next message. Several may use it at once.
type Server struct {
	// From is the address that all mail comes from.
	From netmail.Address

	timeout time.Duration // of making a connection, and then of each message
	client  *mail.Client
	mu      sync.Mutex
	idle    []*line // the one used last comes last
}

// line is a connection to the server.
type line struct {
	*smtp.Client
	uses  int
	since time.Time // used last
}

// How a connection is kept: mail servers end those that say nothing for long, or
// that bring too much.
const (
	longestIdle = 20 * time.Second
	mostUses    = 100
)

// NewServer reads the server's address, such as smtp://user:password@host:587. The
// connection is encrypted where the server can, and always where there is a
// password; with smtps:// from the first byte. trust says which certificates are
// good; nil: those that the system trusts. Connecting may take a minute and so may
// each message, or as long as ?timeout=30s says.
func NewServer(address, from string, trust *tls.Config) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("the mail server's address is written smtp://user:password@host:587, or smtps:// where all of it is encrypted") // no more: it holds a password
	}
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the address that mail comes from is written mail@example.com, not %q", from)
	}
	s := &Server{From: *sender, timeout: time.Minute}
	if t, err := time.ParseDuration(u.Query().Get("timeout")); err == nil && t > 0 && t < Lease/3 {
		s.timeout = t
	}
	options := []mail.Option{mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithPort(587), mail.WithTimeout(s.timeout)}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSL(), mail.WithPort(465))
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		options = append(options, mail.WithPort(port))
	}
	if password, given := u.User.Password(); given {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	if trust != nil {
		trust = trust.Clone()
		trust.ServerName = u.Hostname()
		options = append(options, mail.WithTLSConfig(trust))
	}
	if s.client, err = mail.NewClient(u.Hostname(), options...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return s, nil
}

// take gives a kept connection, else a new one; fresh tells which.
func (s *Server) take(ctx context.Context) (l *line, fresh bool, err error) {
	for {
		s.mu.Lock()
		n := len(s.idle)
		if n == 0 {
			s.mu.Unlock()
			break
		}
		l, s.idle = s.idle[n-1], s.idle[:n-1]
		s.mu.Unlock()
		if l.uses < mostUses && time.Since(l.since) < longestIdle {
			return l, false, nil
		}
		_ = l.Close()
	}
	l, err = s.dial(ctx)
	return l, true, err
}

func (s *Server) dial(ctx context.Context) (*line, error) {
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, err
	}
	return &line{Client: c}, nil
}

// give keeps a connection that stands where the next message may begin.
func (s *Server) give(l *line) {
	l.uses++
	l.since = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, l)
}

// Close ends the connections that are kept.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.idle {
		_ = l.Close()
	}
	s.idle = nil
}
