// Package webtest drives the whole site over HTTP in tests, signed in as a
// fixture's member, against a database of the test's own. It is for tests only.
package webtest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/site"
)

// Site is a running server over a test's database.
type Site struct {
	*dbtest.Database
	URL    string
	App    *web.App
	Router chi.Router
	Outbox *message.Outbox // without a mail server, until the test gives it one
	jobs   *jobs.Client
}

// New serves the site over a new database.
func New(t testing.TB) *Site {
	t.Helper()
	return On(t, dbtest.New(t), t.TempDir())
}

// On serves the site over a database and the folder of its documents.
func On(t testing.TB, db *dbtest.Database, folder string) *Site {
	t.Helper()
	s := &Site{Database: db}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	s.Log = log
	blobs, err := document.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	s.Outbox = &message.Outbox{Store: blobs, Secrets: twiliotest.Box(t)}
	if s.jobs, err = jobs.New(s.DB, s.Outbox, log); err != nil {
		t.Fatal(err)
	}
	o := site.Options{DB: s.DB, Log: log, Blobs: blobs, Outbox: s.Outbox, Enqueue: func(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
		_, err := s.jobs.InsertTx(ctx, tx, args, nil)
		return err
	}}
	s.App = &web.App{DB: s.DB, Sessions: site.Sessions(o), Log: log, Blobs: blobs, Outbox: s.Outbox}
	s.Router = site.Router(s.App, o)
	server := httptest.NewServer(s.Router)
	t.Cleanup(server.Close)
	s.URL = server.URL
	s.Outbox.URL = server.URL
	return s
}

// MailServer gives the site a mail server in the test's process.
func (s *Site) MailServer(t testing.TB) *smtptest.Server {
	t.Helper()
	sink := smtptest.New(t)
	server, err := message.NewServer(sink.URL(), "mail@dunwell.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s.Outbox.Server = server
	return sink
}

// Telephone gives the company a provider of SMS and calls in the test's process.
func (s *Site) Telephone(t testing.TB, c *dbtest.Company) *twiliotest.Server {
	t.Helper()
	server := twiliotest.New(t)
	s.Outbox.Provider.URL = server.URL
	err := s.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		twiliotest.SetUp(t, tx, s.Outbox.Secrets)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// StartJobs works the jobs until the test ends.
func (s *Site) StartJobs(t testing.TB) {
	t.Helper()
	if err := s.jobs.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.jobs.Stop(context.Background()) })
}

// Client is a browser without JavaScript that does not follow redirects.
type Client struct {
	t      testing.TB
	site   *Site
	http   *http.Client
	header http.Header
}

// Nobody is a browser that is not signed in.
func (s *Site) Nobody(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, http.Header{}}
}

// With sends a header with each request from now on.
func (c *Client) With(header, value string) *Client {
	c.header.Set(header, value)
	return c
}

// Cookies gives a request that the test makes itself this browser's cookies.
func (c *Client) Cookies(r *http.Request) {
	for _, k := range c.http.Jar.Cookies(r.URL) {
		r.AddCookie(k)
	}
}

// As is a browser signed in as that member, who has just been seen: for a minute
// no page writes that down again.
func (s *Site) As(t testing.TB, who tenant.Who) *Client {
	t.Helper()
	c := s.Nobody(t)
	ctx, err := s.App.Sessions.Load(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.App.Sessions.Put(ctx, "sign_in", who.SignInID)
	s.App.Sessions.Put(ctx, "tenant", who.TenantID)
	var user int64
	if err := s.Pool.QueryRow(ctx, `UPDATE sign_ins SET last_seen_at = now() WHERE id = $1 RETURNING user_id`, who.SignInID).Scan(&user); err != nil {
		t.Fatal(err)
	}
	s.App.Sessions.Put(ctx, "user", user)
	token, expiry, err := s.App.Sessions.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.http.Jar.SetCookies(at, []*http.Cookie{{Name: s.App.Sessions.Cookie.Name, Value: token, Expires: expiry, Path: "/"}})
	return c
}

// Page is an answer.
type Page struct {
	Code     int
	Body     string
	Location string
	Header   http.Header
}

// Get asks for a path.
func (c *Client) Get(path string) Page {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", nil)
}

// Post sends a form.
func (c *Client) Post(path string, form url.Values) Page {
	c.t.Helper()
	return c.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Upload sends a form with files, given as name and content, in the field "file".
func (c *Client) Upload(path string, form url.Values, files ...string) Page {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	for i := 0; i < len(files); i += 2 {
		part, err := w.CreateFormFile("file", files[i])
		if err == nil {
			_, err = io.WriteString(part, files[i+1])
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.Send(path, w.FormDataContentType(), &body)
}

// Send posts a body of any type.
func (c *Client) Send(path, contentType string, body io.Reader) Page {
	c.t.Helper()
	return c.do(http.MethodPost, path, contentType, body)
}

func (c *Client) do(method, path, contentType string, body io.Reader) Page {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.site.URL+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = c.header.Clone()
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return Page{res.StatusCode, string(b), res.Header.Get("Location"), res.Header}
}

// Has fails the test unless the page has that status and every text.
func (p Page) Has(t testing.TB, code int, texts ...string) {
	t.Helper()
	if p.Code != code {
		t.Errorf("status %d, want %d: %.600s", p.Code, code, p.Body)
	}
	for _, s := range texts {
		if !strings.Contains(p.Body, s) {
			t.Errorf("the page lacks %q: %.3000s", s, p.Body)
		}
	}
}

// Lacks fails the test where the page has one of the texts.
func (p Page) Lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(p.Body, s) {
			t.Errorf("the page has %q", s)
		}
	}
}

// Leads fails the test unless the page is a redirect to that path.
func (p Page) Leads(t testing.TB, to string) {
	t.Helper()
	if p.Code != http.StatusSeeOther || p.Location != to {
		t.Errorf("status %d to %q, want 303 to %q: %.600s", p.Code, p.Location, to, p.Body)
	}
}
