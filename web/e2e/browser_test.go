package e2e_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// browser is started once for all tests of the package.
var browser = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	if shell, err := exec.LookPath("chromium-headless-shell"); err == nil { // as Debian calls it; others are known
		options = append(options, chromedp.ExecPath(shell))
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancelBrowser := chromedp.NewContext(alloc)
	stop = func() { cancelBrowser(); cancel() }
	return ctx, chromedp.Do(ctx)
})

var stop = func() {}

// TestMain has one test more at a time than there are processors: each waits for the
// browser and for the database most of the time.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(runtime.GOMAXPROCS(0)+1)); err != nil {
		panic(err)
	}
	code := m.Run()
	stop()
	if err := dropBooks(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// tab is a window of the browser, with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *webtest.Site

	mu     sync.Mutex
	errors []string
}

// open opens a window on the site, 1440 pixels wide, for somebody who asks for less
// motion: a change of colours is over at once.
func open(t *testing.T, s *webtest.Site) *tab {
	t.Helper()
	parent, err := browser()
	if err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	ctx, cancelTime := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(func() { cancelTime(); cancel() })
	b := &tab{t: t, ctx: ctx, site: s}
	b.do(chromedp.EmulateViewport(1440, 900))
	still := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, still); err != nil {
		t.Fatal(err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || m.Type == chromedp.ConsoleWarning {
				b.mu.Lock()
				b.errors = append(b.errors, fmt.Sprintf("%s: %s", m.Type, m.Text))
				b.mu.Unlock()
			}
		}
	}()
	return b
}

// signIn opens the start page as somebody who has signed in. The form takes its time,
// to make guessing slow: it is for the tests that begin with it.
func (b *tab) signIn(email string) {
	b.t.Helper()
	var who tenant.Who
	err := b.site.Owner(b.t).QueryRow(b.ctx, `
		WITH new AS (INSERT INTO sign_ins (user_id, session_epoch) SELECT id, session_epoch FROM users WHERE email = $1 RETURNING id, user_id)
		SELECT m.tenant_id, new.id FROM new JOIN members m ON m.user_id = new.user_id`, email).Scan(&who.TenantID, &who.SignInID)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.site.URL, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.site.As(b.t, who).Cookies(r)
	for _, c := range r.Cookies() {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.site.URL}); err != nil {
			b.t.Fatal(err)
		}
	}
	b.goTo("/")
}

func (b *tab) signInDemo(role string) { b.t.Helper(); b.signIn(role + "@northwind.example") }

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%v; the page says: %.800s", err, b.text())
	}
}

func (b *tab) goTo(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.site.URL + path)) }

// submit clicks on what leads to another page and waits for it.
func (b *tab) submit(css string) { b.t.Helper(); b.leads(chromedp.Click(chromedp.CSS(css))) }

// leads does the step and waits for the page that comes of it.
func (b *tab) leads(step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, step)); err != nil {
		b.t.Fatalf("no page came: %v; the page says: %.800s", err, b.text())
	}
}

func (b *tab) click(css string) { b.t.Helper(); b.do(chromedp.Click(chromedp.CSS(css))) }

func (b *tab) fill(css, text string) {
	b.t.Helper()
	eval[string](b, fmt.Sprintf(`document.querySelector(%q).value = ''`, css))
	b.do(chromedp.SendKeys(chromedp.CSS(css), text))
}

// keys types on whatever has the focus.
func (b *tab) keys(keys string) { b.t.Helper(); b.do(chromedp.KeyEvent(keys)) }

// tabTo presses Tab until the element has the focus.
func (b *tab) tabTo(css string) {
	b.t.Helper()
	for range 120 {
		if eval[bool](b, fmt.Sprintf(`document.activeElement?.matches(%q) ?? false`, css)) {
			return
		}
		b.keys(kb.Tab)
	}
	b.t.Fatalf("the keyboard does not reach %s", css)
}

func eval[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.80s: %v", js, err)
	}
	return v
}

func (b *tab) text() string {
	v, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	return v
}

// has waits until the page shows the text.
func (b *tab) has(texts ...string) {
	b.t.Helper()
	for _, want := range texts {
		end := time.Now().Add(15 * time.Second)
		for !strings.Contains(b.text(), want) {
			if time.Now().After(end) {
				b.t.Fatalf("the page lacks %q; it says: %.2000s", want, b.text())
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// What axe is asked at a theme and width. Colours differ by theme and not by width,
// all else the other way round, so that nothing is looked at twice: to compute
// contrasts takes the most time by far. What axe is not asked about is for pictures.
var axeAt = []struct {
	theme   string
	width   int64
	options string
}{
	{"light", 1440, `{resultTypes: ['violations']}`},
	{"dark", 1440, `{resultTypes: ['violations'], runOnly: ['color-contrast']}`},
	{"dark", 390, ""},
	{"light", 390, `{resultTypes: ['violations'], rules: {'color-contrast': {enabled: false}}}`},
}

// look holds the page to what every page owes, at both widths and in both
// themes: nothing for axe to find, nothing wider than the window, no error on
// the console. With SCREENSHOTS set to a folder it leaves pictures there.
func (b *tab) look(name string) {
	b.t.Helper()
	for _, a := range axeAt {
		if a.options == "" && os.Getenv("SCREENSHOTS") == "" {
			continue
		}
		b.do(chromedp.EmulateViewport(a.width, 900))
		eval[string](b, fmt.Sprintf(`document.documentElement.dataset.bsTheme = %q`, a.theme))
		b.until("nothing moves any more", `document.getAnimations().length === 0`)
		at := fmt.Sprintf("%s, %s, %d px", name, a.theme, a.width)
		if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			b.t.Errorf("%s: %d px wider than the window", at, over)
		}
		if eval[bool](b, `[...document.querySelectorAll('.tabs')].some(t => t.scrollWidth > t.clientWidth)`) {
			b.t.Errorf("%s: tabs are out of sight", at)
		}
		if a.options != "" {
			b.axe(at, a.options)
		}
		b.picture(fmt.Sprintf("%s-%s-%d.png", name, a.theme, a.width))
	}
	b.do(chromedp.EmulateViewport(1440, 900))
	b.quiet()
}

// quiet fails the test where the console had something to say.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.errors {
		b.t.Errorf("console: %s", e)
	}
	b.errors = nil
}

func (b *tab) picture(file string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

var axeSource = sync.OnceValues(func() (string, error) {
	src, err := os.ReadFile(filepath.Join(dbtest.Root(), "web/assets/node_modules/axe-core/axe.min.js"))
	return string(src) + "; true", err
})

type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// axe asks for every rule of WCAG 2.2 AA and for the good habits beside them.
func (b *tab) axe(at, options string) {
	b.t.Helper()
	if !eval[bool](b, `'axe' in window`) {
		src, err := axeSource()
		if err != nil {
			b.t.Fatal(err)
		}
		eval[bool](b, src)
	}
	raw := eval[string](b, fmt.Sprintf(`axe.run(document, %s).then(r => JSON.stringify(r.violations))`, options))
	var found []violation
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range found {
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			b.t.Errorf("%s: axe %s (%s): %s\n%s\n%s", at, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
		}
	}
}
