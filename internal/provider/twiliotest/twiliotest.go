// Package twiliotest is a provider in the test's own process: it speaks Twilio's
// documented API for messages and calls, keeps what it takes, fails where it is told
// to, and says what becomes of things in signed requests. It is for tests only.
package twiliotest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio signs with it
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/provider"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// The account that it knows.
const (
	SID   = "AC0123456789abcdef0123456789abcdef"
	Token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

// The numbers that the company has there.
const (
	SMSFrom  = "+4722410901"
	CallFrom = "+4722410902"
)

// Act is what it does with a request.
type Act int

// The acts. Whatever is not told is taken.
const (
	Take     Act = iota
	Busy         // 429: too many requests
	Down         // 500, in its own words
	Cut          // 502, in the words of something before it
	Refuse       // 400: no such number
	OptedOut     // 400: the number has opted out
	Drop         // closes the connection, and has not taken it
	Lose         // takes it, and closes the connection
	Hang         // takes it, and says nothing until the connection ends
)

// Request is a message or a call that it was asked for.
type Request struct {
	SID  string // what it calls it: SM... or CA...
	Kind string // Messages or Calls
	Form url.Values
}

// Server is the provider.
type Server struct {
	URL   string
	mu    sync.Mutex
	tell  func(Request) Act
	taken []Request
	asked int
}

// New starts a provider that takes everything.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{tell: func(Request) Act { return Take }}
	server := httptest.NewServer(s)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	s.URL = server.URL
	return s
}

// Tell has it act so from now on.
func (s *Server) Tell(tell func(Request) Act) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell = tell
}

// Taken lists what it took, the first one first.
func (s *Server) Taken() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// Asked is how many requests reached it, taken or not.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Wait gives what it took once that is so many.
func (s *Server) Wait(t testing.TB, n int) []Request {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if all := s.Taken(); len(all) >= n {
			return all
		}
	}
	t.Fatalf("the provider has %d requests, want %d", len(s.Taken()), n)
	return nil
}

// ServeHTTP answers as the API does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sid, token, _ := r.BasicAuth()
	kind, known := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/2010-04-01/Accounts/"+SID+"/"), ".json")
	switch {
	case sid != SID || token != Token:
		refuse(w, http.StatusUnauthorized, 20003, "Authenticate")
		return
	case !known || r.Method != http.MethodPost || kind != "Messages" && kind != "Calls" || r.ParseForm() != nil:
		refuse(w, http.StatusNotFound, 20404, "The requested resource was not found")
		return
	}
	s.mu.Lock()
	s.asked++
	q := Request{SID: fmt.Sprintf("%s%032x", map[string]string{"Messages": "SM", "Calls": "CA"}[kind], s.asked), Kind: kind, Form: r.PostForm}
	act := s.tell(q)
	if act == Take || act == Lose || act == Hang {
		s.taken = append(s.taken, q)
	}
	s.mu.Unlock()
	s.act(w, r, q, act)
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, q Request, act Act) {
	switch act {
	case Busy:
		refuse(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
	case Down:
		refuse(w, http.StatusInternalServerError, 20500, "Internal Server Error")
	case Cut:
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><h1>502 Bad Gateway</h1></html>")
	case Refuse:
		refuse(w, http.StatusBadRequest, 21211, "Invalid 'To' Phone Number: "+q.Form.Get("To"))
	case OptedOut:
		refuse(w, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	case Drop, Lose:
		panic(http.ErrAbortHandler)
	case Hang:
		<-r.Context().Done()
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": q.SID, "account_sid": SID, "status": "queued", "to": q.Form.Get("To"),
			"from": q.Form.Get("From"), "body": q.Form.Get("Body"), "price": nil, "price_unit": "USD", "error_code": nil})
	}
}

func refuse(w http.ResponseWriter, status, code int, words string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": words, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status})
}

// Signature is what the provider signs a request to the address with: HMAC-SHA1,
// with the account's token, of the address and the sorted form behind it.
func Signature(token, address string, form url.Values) string {
	text := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text += name + form.Get(name)
	}
	h := hmac.New(sha1.New, []byte(token))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Post sends a form to an address as the provider does, signed with the token, and
// gives the status and the body that it is answered with.
func Post(t testing.TB, address, token string, form url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	r.Header.Set("X-Twilio-Signature", Signature(token, address, form))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// Say tells the address that the request named what became of the message: queued,
// sent, delivered, undelivered or failed, the last two with the number of why.
func (q Request) Say(t testing.TB, status, code string) int {
	t.Helper()
	got, _ := Post(t, q.Form.Get("StatusCallback"), Token, q.Status(status, code))
	return got
}

// Status is the form that says what became of the message.
func (q Request) Status(status, code string) url.Values {
	form := url.Values{"AccountSid": {SID}, "MessageSid": {q.SID}, "SmsSid": {q.SID}, "MessageStatus": {status}, "SmsStatus": {status},
		"To": {q.Form.Get("To")}, "From": {q.Form.Get("From")}, "ApiVersion": {"2010-04-01"}}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	return form
}

// Incoming is the form of an SMS that somebody sends to the company's number.
func Incoming(id, from, body string) url.Values {
	sid := fmt.Sprintf("SM%032s", id)
	return url.Values{"AccountSid": {SID}, "MessageSid": {sid}, "SmsSid": {sid}, "From": {from}, "To": {SMSFrom}, "Body": {body},
		"NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}, "FromCountry": {"NO"}}
}

// Box is a box with a key of the test's.
func Box(t testing.TB) *secret.Box {
	t.Helper()
	box, err := secret.Parse(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// SetUp gives a company the account, with both numbers. It is an administrator's
// transaction, or the program's own.
func SetUp(t testing.TB, tx *tenant.Tx, box *secret.Box) {
	t.Helper()
	s, err := provider.Load(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	s.AccountSID, s.SMSFrom, s.CallFrom = SID, SMSFrom, CallFrom
	if err := provider.Save(t.Context(), tx, box, provider.Typed{Settings: s, Token: Token}); err != nil {
		t.Fatal(err)
	}
}
