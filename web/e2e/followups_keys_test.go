package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/demo"
)

// TestFollowupsByKeyboard plans, completes, deletes and takes back without a
// mouse; in Los Angeles for a company in Auckland, where it is the next day.
// S1.23, S1.26.
func TestFollowupsByKeyboard(t *testing.T) {
	t.Parallel()
	s := trial(t)
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE tenants SET time_zone = 'Pacific/Auckland'`); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 16, 11, 30, 0, 0, time.UTC) // half past midnight of Tuesday in Auckland
	s.Now = func() time.Time { return now }
	at := reminded(t, s)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "America/Los_Angeles"}); err != nil {
		t.Fatal(err)
	}
	b.signInDemo("collector")
	b.goTo(at)
	b.tabTo(openWindow)
	b.keys(kb.Enter)
	b.focused("dialog[open] #followup-due_on")
	b.tabTo(`[name="quick"]`)
	b.keys(kb.Enter)
	b.until("tomorrow is chosen", `document.querySelector('#followup-due_on').value === '2026-03-18'`)
	b.tabTo("#followup-text")
	b.keys("Planned without a mouse.")
	b.tabTo(submitClose)
	b.keys(kb.Enter)
	b.until("the panel has it", fmt.Sprintf(inPanel, "Planned without a mouse."))
	b.has("Follow-up planned for Wed 18 Mar 2026.")
	b.focused(openWindow)
	b.tabTo(".followups .followup-x button")
	if !eval[bool](b, `getComputedStyle(document.activeElement.closest('.followup-x')).opacity === '1'`) {
		t.Error("the focus does not show the X")
	}
	b.keys(kb.Enter)
	b.has("The follow-up is deleted.")
	b.focused("[data-undo] button")
	b.keys(kb.Enter)
	b.has("The follow-up is active again.")
	b.tabTo(`.followups form[action$="/completion"] button`)
	b.keys(kb.Enter)
	b.has("The follow-up is done.")
	b.quiet()
}

// TestFollowupsWithoutScripts does the same on a telephone's width with JavaScript
// off, with both forms and both buttons, a standard text and several boxes too.
// S1.7, S1.22.
func TestFollowupsWithoutScripts(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := reminded(t, s)
	b := open(t, s)
	b.do(chromedp.EmulateViewport(390, 900))
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/sign-in")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-email"), "collector@northwind.example"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-password"), demo.Password))
	b.submit(`form[action="/sign-in"] button[type=submit]`)
	b.goTo(at)
	b.submit(openWindow)
	b.do(chromedp.SendKeys(chromedp.CSS("#followup-text"), "Mine first."))
	b.do(chromedp.SetValue(chromedp.CSS("#followup-standard"), eval[string](b, `document.querySelectorAll('#followup-standard option')[1].value`)))
	b.submit(`button[name="fill"]`)
	b.submit(`button[name="quick"]`)
	b.has("Nele Petersen, ")
	if got := b.value("#followup-text"); len(got) < 20 || got[:12] != "Mine first.\n" {
		t.Errorf("the words became %q", got)
	}
	b.submit(`button[value="stay"]`)
	b.has("Follow-up planned for", "Mine first.")
	b.click(`tbody tr:nth-child(1) input[name="follow_up"]`)
	b.click(`tbody tr:nth-child(2) input[name="follow_up"]`)
	b.submit(`form[action$="/followups/deletion"] button`)
	b.has("2 follow-ups are deleted.")
	b.submit("[data-undo] button")
	b.has("2 follow-ups are active again.")
	b.do(chromedp.SendKeys(chromedp.CSS("#followup-text"), "Ring at a quarter to four."))
	b.click(`input[name="timed"][value="on"]`)
	b.submit(`button[name="quick"]`)
	b.do(chromedp.SetValue(chromedp.CSS("#followup-due_at"), "15:45"))
	b.submit(`button[value="close"]`)
	b.has("Follow-up planned for", ", 15:45.", "Ring at a quarter to four.")
	b.submit(openWindow)
	b.submit("[data-window-close]")
	b.submit(".followups .followup-x button")
	b.has("The follow-up is deleted.")
	b.submit("[data-undo] button")
	b.submit(`.followups form[action$="/completion"] button`)
	b.has("The follow-up is done.")
	if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%d px wider than the window", over)
	}
	b.quiet()
}
