// Package imaptest is a mailbox in the test's own process. It makes large messages
// as they are read, and counts who reads what. It is for tests only.
package imaptest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// The one who may sign in.
const (
	User     = "post@acme.example"
	Password = "a mailbox password"
)

// Message is a message in the mailbox. What Body gives has Size bytes.
type Message struct {
	Size int64
	Body func() io.Reader
	At   time.Time
}

// Server is a mail server with one mailbox.
type Server struct {
	Port int

	mu       sync.Mutex
	validity uint32
	messages []Message
	fetched  map[imap.UID]int
	before   func(imap.UID) error
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	return start(t, nil, false)
}

// NewTLS starts one to which nobody speaks unencrypted: from the beginning, or after
// STARTTLS.
func NewTLS(t testing.TB, config *tls.Config, fromTheBeginning bool) *Server {
	t.Helper()
	return start(t, config, fromTheBeginning)
}

func start(t testing.TB, config *tls.Config, fromTheBeginning bool) *Server {
	t.Helper()
	s := &Server{validity: 1, fetched: map[imap.UID]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	if fromTheBeginning {
		l = tls.NewListener(l, config)
	}
	server := imapserver.New(&imapserver.Options{InsecureAuth: config == nil, TLSConfig: config, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{s: s}, nil, nil
		}})
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// Add puts a message into the mailbox, whose lines may end as they like, and gives
// its number.
func (s *Server) Add(text string) imap.UID {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	return s.AddMessage(Message{Size: int64(len(text)), Body: func() io.Reader { return strings.NewReader(text) }})
}

// AddMessage is Add of one that is made as it is read.
func (s *Server) AddMessage(m Message) imap.UID {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	return imap.UID(len(s.messages))
}

// Renumber has the same messages under ids that mean something else from now on, as
// after a mailbox was restored.
func (s *Server) Renumber() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.validity++
}

// Before has f called before each message is given; its error breaks the connection.
func (s *Server) Before(f func(imap.UID) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Fetched tells how often a message was read.
func (s *Server) Fetched(uid imap.UID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetched[uid]
}

// session is one connection; what a reader has no use for it does not know.
type session struct {
	imapserver.Session
	s *Server
}

func (*session) Close() error                              { return nil }
func (*session) Unselect() error                           { return nil }
func (*session) Poll(*imapserver.UpdateWriter, bool) error { return nil }

func (*session) Login(user, password string) error {
	if user != User || password != Password {
		return imapserver.ErrAuthFailed
	}
	return nil
}

func (c *session) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	if folder != "INBOX" || !options.ReadOnly {
		return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Text: "There is no such folder, or it may only be read"}
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	n := len(c.s.messages)
	return &imap.SelectData{NumMessages: uint32(n), UIDNext: imap.UID(n + 1), UIDValidity: c.s.validity}, nil
}

func (c *session) Search(_ imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	var found imap.UIDSet
	last := imap.UID(len(c.s.messages))
	for uid := imap.UID(1); uid <= last; uid++ {
		for _, set := range criteria.UID {
			if set.Contains(uid) || uid == last { // the last one is in each range that ends with *
				found.AddNum(uid)
			}
		}
	}
	return &imap.SearchData{All: found}, nil
}

func (c *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	uids, _ := set.(imap.UIDSet).Nums()
	for _, uid := range uids {
		m, before := c.s.take(uid)
		if m.Body == nil {
			continue
		}
		if before != nil {
			if err := before(uid); err != nil {
				return err
			}
		}
		if err := m.write(w.CreateMessage(uint32(uid)), uid, options); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) take(uid imap.UID) (m Message, before func(imap.UID) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched[uid]++
	if int(uid) <= len(s.messages) {
		m = s.messages[uid-1]
	}
	return m, s.before
}

func (m Message) write(w *imapserver.FetchResponseWriter, uid imap.UID, options *imap.FetchOptions) error {
	w.WriteUID(uid)
	if options.InternalDate {
		at := m.At
		if at.IsZero() {
			at = time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC)
		}
		w.WriteInternalDate(at)
	}
	var failed error
	for _, s := range options.BodySection {
		out := w.WriteBodySection(s, m.Size)
		_, err := io.Copy(out, m.Body())
		failed = errors.Join(failed, err, out.Close())
	}
	return errors.Join(failed, w.Close())
}
