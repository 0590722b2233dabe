// Package smtptest is a mail server in the test's own process: it keeps what it
// takes, and refuses, stalls or breaks off where it is told to. It is for tests
// only.
package smtptest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Step is a point of the conversation at which the server can be told what to do.
type Step string

// The steps: who it is from, whom it is for, and all of it.
const (
	From Step = "from"
	To   Step = "to"
	Body Step = "body"
)

// Act is what the server does.
type Act int

// The acts. Lose takes a message at Body and breaks off before it says so.
const (
	Take Act = iota
	Refuse
	Later
	Drop   // closes the connection without a word
	Half   // closes it in the middle of its answer
	Hang   // says nothing until the connection ends
	Lose   // as Half, but the message is taken
	Rambly // refuses with more words than anybody wants
)

// Mail is a message that was taken.
type Mail struct {
	ID      string // its message id, without brackets
	From    string // of the envelope
	To      string
	Content []byte
}

// Header is the message's header.
func (m Mail) Header(t testing.TB) mail.Header {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Content))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header
}

// Text is the subject, and the body of a message without attachments.
func (m Mail) Text(t testing.TB) (subject, body string) {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Content))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	text, rerr := io.ReadAll(quotedprintable.NewReader(parsed.Body))
	if err := errors.Join(err, rerr); err != nil {
		t.Fatal(err)
	}
	return subject, strings.ReplaceAll(string(text), "\r\n", "\n")
}

// Server is a mail server.
type Server struct {
	Addr string // host:port

	mu          sync.Mutex
	does        func(step Step, to string) Act
	taken       []Mail
	connections int
	gone        chan struct{}
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server { return NewTLS(t, nil, "") }

// NewTLS starts one that offers to encrypt, and asks for that password where it is
// not empty.
func NewTLS(t testing.TB, config *tls.Config, password string) *Server {
	t.Helper()
	s := &Server{gone: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		s.connections++
		s.mu.Unlock()
		one := &session{server: s, conn: c.Conn()}
		if password != "" {
			return &locked{session: one, password: password}, nil
		}
		return one, nil
	}))
	server.TLSConfig, server.Domain, server.ErrorLog = config, "sink.example", log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = listener.Addr().String()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		close(s.gone)
		_ = server.Close()
	})
	return s
}

// URL is the server's address in the settings.
func (s *Server) URL() string { return "smtp://" + s.Addr }

// Tell says what it does from now on at a step of a message to that address; nil
// takes all.
func (s *Server) Tell(does func(step Step, to string) Act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.does = does
}

// Taken are the messages that were taken so far.
func (s *Server) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

// Connections tells how many there were.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Wait waits for so many messages, and returns those that were taken.
func (s *Server) Wait(t testing.TB, n int) []Mail {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if taken := s.Taken(); len(taken) >= n {
			return taken
		}
		if time.Now().After(end) {
			t.Fatalf("%d messages came, want %d", len(s.Taken()), n)
		}
	}
}
