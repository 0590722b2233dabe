package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/webtest"
)

// probe adds routes to the site that behave as the tests need.
func probe(s *webtest.Site) {
	r := s.Router.With(s.App.Sessions.LoadAndSave)
	write := func(tx *tenant.Tx, req *http.Request) error {
		return tx.Audit(req.Context(), tenant.Event{Kind: "probe"})
	}
	r.Post("/probe/{outcome}", s.App.In(func(w http.ResponseWriter, req *http.Request, tx *tenant.Tx) error {
		if err := write(tx, req); err != nil {
			return err
		}
		switch outcome := req.URL.Path[len("/probe/"):]; outcome {
		case "saved":
			return web.SeeOther(w, req, "/customers", "Saved.")
		case "undoable":
			return web.Undoable(w, req, "/customers", "Deleted.", "/probe/saved?which=7")
		case "refused":
			w.WriteHeader(http.StatusUnprocessableEntity)
			return nil
		case "forbidden":
			return errs.Forbidden("Only the captain may do this.")
		case "conflict":
			return errs.Conflict("Somebody was faster.")
		case "fault":
			return errors.New("the plumbing: secret details")
		default:
			panic("at the " + outcome)
		}
	}))
	r.Get("/probe/write", s.App.In(func(_ http.ResponseWriter, req *http.Request, tx *tenant.Tx) error { return write(tx, req) }))
	r.Get("/probe/onward", s.App.In(func(w http.ResponseWriter, req *http.Request, _ *tenant.Tx) error {
		return web.SeeOther(w, req, "/customers", "")
	}))
	r.Get("/probe/stream/{how}", s.App.Stream(func(w http.ResponseWriter, req *http.Request, _ *tenant.Tx) error {
		if strings.HasSuffix(req.URL.Path, "early") {
			return errs.NotFound
		}
		_, _ = io.WriteString(w, strings.Repeat("row\n", 100_000))
		return errors.New("the database went away")
	}))
}

func site(t *testing.T) (*webtest.Site, *dbtest.Company) {
	t.Helper()
	s := webtest.New(t)
	probe(s)
	return s, dbtest.Tenant(t, s.Database, "acme")
}

func probes(t *testing.T, s *webtest.Site) (n int) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE kind = 'probe'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	client := s.As(t, c.Collector)
	client.Post("/probe/refused", nil).Has(t, 422)
	client.Post("/probe/forbidden", nil).Has(t, 403, "Only the captain may do this.")
	client.Post("/probe/conflict", nil).Has(t, 409, "Somebody was faster.")
	fault := client.Post("/probe/fault", nil)
	fault.Has(t, 500, "Nothing was saved", "Request <code>")
	fault.Lacks(t, "plumbing")
	client.Post("/probe/disco", nil).Has(t, 500)
	client.Get("/probe/write").Has(t, 500) // Postgres refuses a write in a GET
	client.Get("/no/such/page").Has(t, 404, "Not found")
	if n := probes(t, s); n != 0 {
		t.Errorf("%d writes of refused requests stayed", n)
	}
	client.Post("/probe/saved", nil).Leads(t, "/customers")
	client.Get("/customers").Has(t, 200, "Saved.")
	client.Get("/customers").Lacks(t, "Saved.")
	if n := probes(t, s); n != 1 {
		t.Errorf("%d writes, want one", n)
	}
	var refused string
	err := s.Owner(t).QueryRow(t.Context(), `SELECT data->>'why' FROM audit_events WHERE kind = 'refused' AND member_id = $1`, c.CollectorID).Scan(&refused)
	if err != nil || refused != "Only the captain may do this." {
		t.Errorf("the refusal is recorded as %q, %v", refused, err)
	}
}

// Undo stands beside the flash once, and not beside the next one.
func TestUndoIsOfferedOnce(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	client := s.As(t, c.Collector)
	client.Post("/probe/undoable", nil).Leads(t, "/customers")
	client.Get("/customers?q=x").Has(t, 200, "Deleted.", `action="/probe/saved?which=7" data-undo`, `name="back" value="/customers?q=x"`)
	client.Get("/customers").Lacks(t, "data-undo")
	client.Post("/probe/undoable", nil).Leads(t, "/customers")
	client.Post("/probe/saved", nil).Leads(t, "/customers")
	page := client.Get("/customers")
	page.Has(t, 200, "Saved.")
	page.Lacks(t, "data-undo")

	client.Post("/probe/undoable", nil).Leads(t, "/customers")
	client.Get("/probe/onward").Leads(t, "/customers") // which leads on without showing anything
	client.Get("/customers").Has(t, 200, "Deleted.", "data-undo")
	client.Get("/probe/onward").Leads(t, "/customers")
	client.Get("/customers").Lacks(t, "Deleted.")
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/customers?q=a%20b#x": "/customers?q=a%20b#x", "/": "/", "": "/else", "customers": "/else", "//evil.example": "/else",
		"/\\evil.example": "/else", "https://evil.example/": "/else", "javascript:alert(1)": "/else", "/a\nb": "/else", "/%zz": "/else"} {
		if got := web.Local(path, "/else"); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

func TestFormPostedTwiceIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	client, other := s.As(t, c.Collector), s.As(t, c.Manager)
	form := url.Values{"form_id": {"0d4bb1a0-7b1e-4c38-9b0e-6a0c6a0a8f11"}}
	client.Post("/probe/refused", form).Has(t, 422) // a refused form may be sent again
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { client.Post("/probe/saved", form).Leads(t, "/customers") })
	}
	wg.Wait()
	if n := probes(t, s); n != 1 {
		t.Errorf("eight clicks wrote %d times", n)
	}
	client.Get("/customers").Has(t, 200, "saved")
	other.Post("/probe/saved", form).Has(t, 409)    // somebody else's form
	client.Post("/probe/refused", form).Has(t, 409) // the same id on another form
	client.Post("/probe/saved", url.Values{"form_id": {"not an id"}}).Leads(t, "/customers")
}

func TestBadFormsAreRefused(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	client := s.As(t, c.Collector)
	client.Post("/probe/saved", url.Values{"text": {"a\x00b"}}).Has(t, 400, "NUL")
	client.Post("/probe/saved", url.Values{"text": {"a\xff"}}).Has(t, 400)
	client.Post("/probe/saved", url.Values{"a\x00b": {"x"}}).Has(t, 400)
	client.Get("/customers?q=%00").Has(t, 400)
	client.Post("/probe/saved", url.Values{"text": {strings.Repeat("x", web.MaxForm)}}).Has(t, 413, "1 MB")
	client.Send("/probe/saved", "application/x-www-form-urlencoded", strings.NewReader("a=%zz")).Has(t, 400, "did not arrive whole")
	client.Send("/probe/saved", "multipart/form-data; boundary=x", strings.NewReader("no parts")).Has(t, 400)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := errors.Join(form.WriteField("text", "a\x00b"), form.Close()); err != nil {
		t.Fatal(err)
	}
	client.Send("/probe/saved", form.FormDataContentType(), &body).Has(t, 400)
	if n := probes(t, s); n != 0 {
		t.Errorf("%d bad forms were taken", n)
	}
}

func TestForeignPagesCannotPost(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		page := s.As(t, c.Collector).With(header, value).Post("/probe/saved", nil)
		if page.Code != http.StatusForbidden {
			t.Errorf("%s: %s: status %d", header, value, page.Code)
		}
	}
	s.As(t, c.Collector).With("Sec-Fetch-Site", "same-origin").Post("/probe/saved", nil).Leads(t, "/customers")
}

func TestSessionThatEnded(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	client := s.As(t, c.Collector)
	run := func(sql string) {
		t.Helper()
		if _, err := s.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	run(fmt.Sprintf(`UPDATE members SET active = false WHERE id = %d`, c.CollectorID))
	client.Get("/customers").Has(t, 403, "no longer work in this company")
	client.Get("/customers").Leads(t, "/companies")
	client.Post("/probe/saved", nil).Has(t, 401)
	s.As(t, c.Collector).Post("/probe/saved", nil).Has(t, 403, "no longer work in this company")
	run(fmt.Sprintf(`UPDATE members SET active = true WHERE id = %d`, c.CollectorID))
	client = s.As(t, c.Collector)
	client.Get("/customers").Has(t, 200)
	run(`UPDATE sign_ins SET ended_at = now()`)
	client.Post("/probe/saved", nil).Has(t, 401, "You are signed out", "what you typed is still there")
	client.Get("/customers?sort=name").Leads(t, "/sign-in?next=%2Fcustomers%3Fsort%3Dname")
	if n := probes(t, s); n != 0 {
		t.Errorf("%d writes by people who are out", n)
	}
}

func TestStreamBreaksOff(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	s.As(t, c.Collector).Get("/probe/stream/early").Has(t, 404)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/probe/stream/late", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.As(t, c.Collector).Cookies(r)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("a stream that broke off looks whole")
	}
}

func TestHeadersOfEveryPage(t *testing.T) {
	t.Parallel()
	s, c := site(t)
	for _, page := range []webtest.Page{s.Nobody(t).Get("/sign-in"), s.As(t, c.Admin).Get("/customers"), s.As(t, c.Admin).Get("/nowhere")} {
		for header, want := range map[string]string{
			"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := page.Header.Get(header); !strings.Contains(got, want) {
				t.Errorf("%s: %q", header, got)
			}
		}
		page.Lacks(t, "<style", "style=\"", "onclick", "javascript:")
	}
}
