package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/dbtest"
	"dunwell/internal/demo"
	"dunwell/internal/document"
	"dunwell/web/webtest"
)

// books are the database and the documents of the demo company, made once for all
// tests of the package.
type books struct{ name, folder string }

// demoBooks makes them; dropBooks takes them away again.
var demoBooks = sync.OnceValues(func() (b books, err error) {
	if b.folder, err = os.MkdirTemp("", "dunwell-demo-"); err != nil {
		return b, err
	}
	var drop func() error
	b.name, drop, err = dbtest.Fill(func(db *dbtest.Database) error {
		blobs, err := document.OpenFolder(b.folder)
		if err != nil {
			return err
		}
		defer blobs.Close()
		_, err = demo.Make(context.Background(), db.DB, demo.Options{Seed: 1, Customers: 60, Blobs: blobs})
		return err
	})
	dropBooks = func() error { return errors.Join(os.RemoveAll(b.folder), drop()) }
	return b, err
})

var dropBooks = func() error { return nil }

// trial is a site with the demo company, as it stands on Monday: a copy of the
// test's own.
func trial(t *testing.T) *webtest.Site {
	t.Helper()
	b, err := demoBooks()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "documents")
	if err := os.CopyFS(folder, os.DirFS(b.folder)); err != nil {
		t.Fatal(err)
	}
	return webtest.On(t, dbtest.Copy(t, b.name), folder)
}

// TestEveryScreen looks at each screen, as the role that sees most of it.
func TestEveryScreen(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.goTo("/sign-in")
	b.look("sign-in")
	b.signInDemo("admin")
	var customer int64
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT customer_id FROM customer_totals GROUP BY customer_id ORDER BY count(*) DESC, sum(overdue) DESC LIMIT 1`).Scan(&customer)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"customers":    "/customers",
		"no-customers": "/customers?q=nobody+is+called+this",
		"new-customer": "/customers/new",
		"profile":      fmt.Sprintf("/customers/%d", customer),
		"items":        fmt.Sprintf("/customers/%d/items?show=all", customer),
		"notes":        fmt.Sprintf("/customers/%d/notes", customer),
		"details":      fmt.Sprintf("/customers/%d/account", customer),
		"edit":         fmt.Sprintf("/customers/%d/details", customer),
		"new-point":    fmt.Sprintf("/customers/%d/contactpoints/new", customer),
		"new-stop":     fmt.Sprintf("/customers/%d/stops/new", customer),
		"new-vehicle":  fmt.Sprintf("/customers/%d/vehicles/new", customer),
		"times":        fmt.Sprintf("/customers/%d/times", customer),
		"watch":        fmt.Sprintf("/customers/%d/watch", customer),
		"archive":      fmt.Sprintf("/customers/%d/archive", customer),
		"holidays":     "/admin/holidays",
		"ageing":       "/reports/ageing",
		"imports":      "/imports",
		"new-import":   "/imports/new",
		"admin":        "/admin",
		"settings":     "/admin/settings",
		"people":       "/admin/people",
		"branches":     "/admin/branches",
		"departments":  "/admin/departments",
		"standards":    "/admin/standards",
		"new-standard": "/admin/standards/new?name=Call&text=Call+%7B%7B+customer.name+%7D%7D",
		"audit":        "/admin/audit",
		"account":      "/account",
		"password":     "/account/password",
		"companies":    "/companies",
	} {
		b.goTo(path)
		b.look(name)
	}
}

// TestWorkACustomer finds a customer, reads, writes a note, corrects and pins it.
func TestWorkACustomer(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("collector")
	b.has("Customers")
	b.submit("table tbody a")
	b.has("Overdue")
	b.submit(`nav a[href$="/notes"]`)
	b.fill("#field-text", "Spoke to the accountant: pays on Friday.")
	b.submit(`form[action$="/notes"][method=post] button[type=submit]`)
	b.has("Spoke to the accountant: pays on Friday.")
	b.fill("#field-text", "He read out his card: 4111 1111 1111 1111")
	b.submit(`form[action$="/notes"][method=post] button[type=submit]`)
	b.has("payment card number") // refused; what was typed is kept
	if got := eval[string](b, `document.querySelector('#field-text').value`); got != "He read out his card: 4111 1111 1111 1111" {
		t.Errorf("the field holds %q", got)
	}
	b.mu.Lock() // the browser reports the refusal (422) on its console, as it should
	b.errors = nil
	b.mu.Unlock()
	leaving := `(() => { const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e); return e.defaultPrevented })()`
	if !eval[bool](b, leaving) {
		t.Error("what was not saved is thrown away without asking")
	}
	eval[bool](b, `delete document.querySelector('#field-text').form.dataset.typed`)
	if eval[bool](b, leaving) {
		t.Error("asks although nothing was typed")
	}
	b.goTo("/customers")
	b.quiet()
}

// TestKeyboardAlone signs in, searches, opens a customer and writes a note
// without a mouse.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.goTo("/sign-in")
	b.focused("#field-email")
	b.keys("collector@northwind.example" + kb.Tab)
	b.keys(demo.Password)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.keys("/")
	b.focused("[data-search]")
	b.tabTo("table tbody a")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo(`nav a[href$="/notes"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo("#field-text")
	b.keys("Written without a mouse.")
	b.tabTo(`form[action$="/notes"][method=post] button[type=submit]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Written without a mouse.")
	b.quiet()
}

// TestThemeIsKept switches to dark and finds it dark on the next page.
func TestThemeIsKept(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	b := open(t, s)
	b.signIn(c.Email("manager"))
	b.click(".theme-dark")
	b.until("the page is dark at once", `document.documentElement.dataset.bsTheme === 'dark'`)
	b.until("the answer to the background request brought the cookie", `performance.getEntriesByType('resource').some(e => e.initiatorType === 'fetch')`)
	b.goTo("/reports/ageing")
	if got := eval[string](b, `document.documentElement.getAttribute('data-bs-theme')`); got != "dark" {
		t.Errorf("the next page is %q", got)
	}
	b.quiet()
}
