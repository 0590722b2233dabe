package e2e_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestWithoutScripts does the collector's work with JavaScript off.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/sign-in")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-email"), "collector@northwind.example"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-password"), "northwind trial books"))
	b.submit(`form[action="/sign-in"] button[type=submit]`)
	b.do(chromedp.SendKeys(chromedp.CSS("[data-search]"), "hanseatic"))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.submit("table tbody a")
	b.submit(`nav a[href$="/notes"]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#field-text"), "Written without a script."))
	b.submit(`form[action$="/notes"][method=post] button[type=submit]`)
	b.has("Written without a script.")
	b.click("details.menu:last-of-type summary")
	b.submit(`form[action="/sign-out"] button`)
	b.has("Sign in")
	b.quiet()
}
