package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// planned is a company whose collector has a week: it is Monday 16 March 2026.
func planned(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		for n, when := range []string{"2026-03-12", "2026-03-16 14:00", "2026-03-16", "2026-03-18 09:00"} {
			id, _ := dbtest.Customer(t, tx, fmt.Sprintf("C-%d", n))
			if _, err := tx.Exec(t.Context(), `
				INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
				VALUES ($1, $2, left($3::text, 10)::date, nullif(substr($3::text, 12), '')::time, 'Ask for the signed goods note')`, id, acme.CollectorID, when); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDiaryByKeyboard works a week without the mouse: from entry to entry, to another
// day, done, and to the customer.
func TestDiaryByKeyboard(t *testing.T) {
	t.Parallel()
	s := planned(t)
	b := open(t, s)
	b.signIn("collector@acme.example")
	b.goTo("/diary")
	b.has("My tasks", "Overdue (1)", "No date (0)")
	focus := func() string {
		return eval[string](b, `document.activeElement.closest('[data-task]')?.textContent.replace(/\s+/g, ' ').trim() ?? ''`)
	}
	want := func(text string) {
		t.Helper()
		if got := focus(); !strings.Contains(got, text) {
			t.Fatalf("the focus is on %q, want %q", got, text)
		}
	}
	b.keys("j")
	want("Customer C-0") // overdue, beside the days
	b.keys("j")
	want("Customer C-2") // Monday, any time
	b.keys("j")
	want("14:00 Customer C-1")
	b.keys("k")
	want("Customer C-2")
	b.keys(kb.ArrowRight)
	want("09:00 Customer C-3") // Wednesday: Tuesday is empty
	b.keys(kb.ArrowLeft)
	want("Customer C-2")
	popup := func() {
		t.Helper()
		b.keys("r")
		b.until("the dialog is open", `document.querySelector('dialog[open] #field-due_on') === document.activeElement`)
	}
	popup()
	b.keys(kb.Escape)
	b.until("the entry has the focus again", `!document.querySelector('dialog[open]') && document.activeElement.matches('[data-task] [data-go]')`)
	want("Customer C-2")
	popup()
	b.do(chromedp.SetValue(chromedp.CSS("dialog #field-due_on"), "2026-03-19"))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Follow-up of Customer C-2: moved to Thu 19 Mar 2026.")
	b.keys("j")
	b.leads(chromedp.KeyEvent("x"))
	b.has("The follow-up of Customer C-0 is done.", "Overdue (0)")
	want("14:00 Customer C-1") // the one after it
	b.keys(kb.ArrowRight)
	want("09:00 Customer C-3")
	b.keys(kb.ArrowRight)
	want("Customer C-2") // Thursday, where it was put
	b.leads(chromedp.KeyEvent(kb.ArrowRight))
	b.has("23 – 29 March 2026")
	b.leads(chromedp.KeyEvent("t"))
	b.has("16 – 22 March 2026")
	b.goTo("/diary?view=day&on=2026-03-16")
	b.keys("j")
	want("Customer C-1")
	b.leads(chromedp.KeyEvent(kb.ArrowRight)) // of a day the arrows turn the page, whatever has the focus
	b.has("Tuesday 17 March")
	b.goTo("/diary")
	b.keys("j")
	want("Customer C-1")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Customer C-1", "Ask for the signed goods note")
	b.quiet()
}

// TestDiaryWithoutScripts does the same by its links and forms, with JavaScript off.
func TestDiaryWithoutScripts(t *testing.T) {
	t.Parallel()
	s := planned(t)
	b := open(t, s)
	b.signIn("collector@acme.example")
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/diary?view=day&on=2026-03-16")
	b.submit(`.task-table tr.entry:first-of-type form button, .task-table .group + tr.entry form button`)
	b.goTo("/diary")
	b.submit(`.week a[href*="/diary/entry"]`)
	b.do(chromedp.SetValue(chromedp.CSS("#field-due_on"), "2026-03-20"))
	b.submit(`form[action="/diary/dates"] .btn-primary`)
	b.goTo("/diary?view=day&on=2026-03-20")
	b.submit(`.task-table tr.entry th a`)
	b.quiet()
}

// TestDiaryLooks looks at the views of a diary with much in it.
func TestDiaryLooks(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	var member int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT assignee_id FROM follow_ups WHERE ended IS NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`).Scan(&member); err != nil {
		t.Fatal(err)
	}
	for _, view := range []string{"week", "day", "month"} {
		b.goTo(fmt.Sprintf("/diary?view=%s&member=%d", view, member))
		b.look("diary-" + view)
	}
	b.do(chromedp.Focus(chromedp.CSS("[data-go]")))
	b.keys("r")
	b.until("the dialog is open", `document.querySelector('dialog[open]') !== null`)
	b.look("diary-dialog")
	b.goTo("/diary/feed")
	b.submit(`form[action="/diary/feed"] button`)
	b.has("which is shown this once")
	b.look("diary-feed")
	b.goTo("/absences")
	b.look("absences")
}
