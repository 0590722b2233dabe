package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/day"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// reminded is a customer of the trial company that has a number of follow-ups,
// and the collector who owns it.
func reminded(t *testing.T, s *webtest.Site) (path string) {
	t.Helper()
	var tenantID, customer, member int64
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT c.tenant_id, c.id, m.id
		FROM customers c
		JOIN users u ON u.email = 'collector@northwind.example'
		JOIN members m ON m.user_id = u.id
		WHERE c.name LIKE 'Nyborg%'`).Scan(&tenantID, &customer, &member)
	if err != nil {
		t.Fatal(err)
	}
	var due day.Day
	err = s.Write(t.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		due = tx.Today()
		for i, text := range []string{"Ask for the goods note they promised to send", "Second payment reminder, ask for a date", "Call about the bounced cheque 1182",
			"Long: " + fmt.Sprint(make([]int, 300)), "Ask whether the new bookkeeper has the statement", "Write to the harbour office"} {
			p := followup.Plan{AssigneeID: member, DueOn: due.Add(2 + 3*i), Timed: i == 0, DueAt: "10:00", Text: text, InNotes: i == 2}
			if _, err := followup.Schedule(t.Context(), tx, customer, p); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `UPDATE follow_ups SET due_on = $1, due_at = '15:00' WHERE customer_id = $2 AND in_notes`, due.Add(-3), customer)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/customers/%d", customer)
}

// expected forgets what the browser said on its console about an answer of 409 or
// 422, which it reports as it should.
func (b *tab) expected() {
	b.mu.Lock()
	b.errors = nil
	b.mu.Unlock()
}

// value is what a field holds.
func (b *tab) value(css string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q).value`, css))
}

// focused waits until the element has the focus.
func (b *tab) focused(css string) {
	b.t.Helper()
	b.until(css+" has the focus", fmt.Sprintf(`document.activeElement?.matches(%q) ?? false`, css))
}

const (
	openWindow  = "a.btn[data-window]"
	submit      = `dialog button[value="stay"]`
	submitClose = `dialog button[value="close"]`
	inPanel     = `[...document.querySelectorAll('.followups .followup-row')].some(li => li.textContent.includes(%q))`
)

// asDrawn tells that the panel is grey and left of the rest of the header, what is
// open in it red, and its button blue.
const asDrawn = `(() => {
	const at = css => document.querySelector(css);
	const colour = (css, which) => getComputedStyle(at(css))[which].match(/[\d.]+/g).slice(0, 3).map(Number);
	const ground = colour('.followups', 'backgroundColor'), words = colour('.followups .words', 'color');
	const button = colour('.followups header .btn', 'backgroundColor');
	return Math.max(...ground) - Math.min(...ground) < 10 && Math.max(...ground) < 245 &&
		words[0] > 2 * Math.max(words[1], words[2]) && button[2] > 1.5 * button[0] && button[2] > button[1] &&
		at('.followups header .btn').innerText.trim() === 'Follow-up' &&
		at('.followups').getBoundingClientRect().right <= at('.identity').getBoundingClientRect().left;
})()`

// TestFollowupScreens looks at what people see of follow-ups.
// S1.3, S1.6.
func TestFollowupScreens(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := reminded(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at)
	b.until("the panel is grey and left, its words red, its button blue", asDrawn)
	b.click(`.followups .followup-x button`)
	b.has("What was added to the Notes stays there.")
	b.look("followup-panel")
	b.click(openWindow)
	b.focused("dialog[open] #followup-due_on")
	b.click(`dialog [name="quick"]`)
	b.has("Nele Petersen, ")
	b.look("followup-dialog")
	eval[bool](b, `window.confirm = () => true; true`)
	b.click("[data-window-close]")
	b.until("it closes", `!document.querySelector('dialog').open`)
	b.goTo(at + "/followups?state=deleted")
	b.look("followup-deleted")
}

// TestFollowupWindow plans from the dialog with each form of a date and with both
// buttons; what was typed is not thrown away without a question.
// S1.7, S1.9, S1.12, S1.13, S1.16, S1.22, S1.23.
func TestFollowupWindow(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := reminded(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at)
	b.click(openWindow)
	b.focused("dialog[open] #followup-due_on")
	b.fill("#followup-text", "Mine first.")
	b.click(submit)
	b.has("Give the day on which it is due.")
	b.focused("#followup-due_on[aria-invalid]")
	b.expected()
	if got := b.value("#followup-text"); got != "Mine first." {
		t.Errorf("what was typed became %q", got)
	}
	b.click(`dialog [name="quick"]`)
	b.until("the day stands beside the form", `document.querySelector('#followup-day').textContent.includes('Nele Petersen, ')`)
	b.do(chromedp.SetValue(chromedp.CSS("#followup-standard"), eval[string](b, `document.querySelectorAll('#followup-standard option')[1].value`)))
	eval[bool](b, `document.querySelector('#followup-standard').dispatchEvent(new Event('change', {bubbles: true}))`)
	b.until("the standard text is joined", `/^Mine first\.\n./.test(document.querySelector('#followup-text').value)`)
	b.until("the characters are counted", `/^[1-9]\d+ of 2,000/.test(document.querySelector('[data-counted] .form-hint').textContent)`)
	b.click(submit)
	b.until("it stays, with the list and a fresh form", `document.querySelector('dialog[open] .followup-list').textContent.includes('Mine first.') &&
		document.querySelector('#followup-text').value === ''`)
	b.has("Follow-up planned for")

	b.fill("#followup-text", "Half a thought")
	eval[bool](b, `window.asked = 0; window.confirm = () => (window.asked++, false); true`)
	b.keys(kb.Escape + kb.Escape)
	b.until("it asks before it throws away", `window.asked === 2 && document.querySelector('dialog').open && document.querySelector('#followup-text').value === 'Half a thought'`)
	b.click(`dialog .followup-list form[action$="/completion"] button[title]`) // what is done to another keeps what was typed
	b.has("The follow-up is done.")
	if got := b.value("#followup-text"); got != "Half a thought" {
		t.Errorf("completing another one left %q", got)
	}
	b.click(`dialog input[name="timed"][value="on"]`)
	b.do(chromedp.SetValue(chromedp.CSS("#followup-due_on"), eval[string](b, `document.querySelectorAll('[name="quick"]')[2].value`)))
	b.do(chromedp.SetValue(chromedp.CSS("#followup-due_at"), "14:35"))
	b.click(submitClose)
	b.until("it closes, back at its button", `!document.querySelector('dialog[open]') && document.activeElement.matches('a.btn[data-window]')`)
	b.until("the panel has it", fmt.Sprintf(inPanel, "Half a thought"))
	b.has("Follow-up planned for")
	b.click(openWindow)
	b.focused("dialog[open] #followup-due_on")
	b.keys(kb.Escape)
	b.until("Escape closes it", `!document.querySelector('dialog').open && document.activeElement.matches('a.btn[data-window]')`)
	b.quiet()
}

// withMouse takes the rules away that a browser without a mouse has, as the one of
// the tests.
const withMouse = `[...document.styleSheets].reduce((n, sheet) => {
	const at = [...sheet.cssRules].findIndex(rule => rule.conditionText === '(hover: none)' || rule.conditionText === '(hover:none)');
	if (at >= 0) sheet.deleteRule(at);
	return n + (at >= 0);
}, 0)`

// TestDeleteByX points at a follow-up, deletes it, takes that back, deletes it
// again; the note that was made of it stays.
// S1.25, S1.26, S1.30.
func TestDeleteByX(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := reminded(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at)
	const row, x = ".followups .followup-row", ".followups .followup-row .followup-x"
	shown := fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).opacity === '1'`, x)
	b.until("a screen that is touched has it always", `matchMedia('(hover: none)').matches && `+shown)
	eval[int](b, withMouse)
	b.until("else it is not there without being asked for", `!(`+shown+`)`)
	place := eval[[]float64](b, fmt.Sprintf(`(r => [r.x + 60, r.y + 12])(document.querySelector(%q).getBoundingClientRect())`, row))
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, place[0], place[1]))
	b.until("pointing at it shows the X", shown)
	b.has("Call about the bounced cheque 1182")
	b.click(x + " button")
	b.has("The follow-up is deleted. What was added to the Notes stays there.")
	b.until("it is out of the panel", `!`+fmt.Sprintf(inPanel, "cheque 1182"))
	b.click("[data-undo] button")
	b.has("The follow-up is active again.", "Call about the bounced cheque 1182")
	b.click(x + " button")
	b.has("The follow-up is deleted.")
	b.goTo(at + "/notes")
	b.has("Call about the bounced cheque 1182")
	b.fill("#field-text", "Half a note")
	b.click(`.followups form[action$="/completion"] button`)
	b.has("The follow-up is done.")
	if got := b.value("#field-text"); got != "Half a note" {
		t.Errorf("completing a follow-up left %q of the note", got)
	}
	said := time.Now()
	for eval[bool](b, `!!document.querySelector('[data-undo]')`) {
		if time.Sleep(200 * time.Millisecond); time.Since(said) > 15*time.Second {
			t.Fatal("the button does not go")
		}
	}
	if took := time.Since(said); took < 8*time.Second {
		t.Errorf("the button goes after %s already", took)
	}
	b.has("The follow-up is done.")
	b.quiet()
}

// TestDeleteThreeByBoxes ticks three in the window and deletes them at once.
// S1.10, S1.27, S1.28.
func TestDeleteThreeByBoxes(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := reminded(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at)
	b.click(openWindow)
	b.focused("dialog[open] #followup-due_on")
	for _, text := range []string{"Ask for the goods note", "Second payment", "Call about the bounced cheque"} {
		eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll('dialog tbody tr')].find(tr => tr.textContent.includes(%q)).querySelector('[type=checkbox]').click() ?? true`, text))
	}
	b.until("they are counted", `document.querySelector('dialog [data-ticked]').textContent === '(3)'`)
	b.click(`dialog form[action$="/followups/deletion"] button`)
	b.has("3 follow-ups are deleted. What was added to the Notes stays there.")
	b.focused("dialog [data-undo] button")
	b.click(`dialog .tabs a[href*="state=deleted"]`)
	b.has("Undo")
	b.focused(`dialog .tabs [aria-current]`)
	b.keys(kb.Escape)
	b.until("the panel is up to date", `!document.querySelector('dialog').open && !`+fmt.Sprintf(inPanel, "goods note"))
	b.goTo(at + "/notes")
	b.has("Call about the bounced cheque 1182")
	b.quiet()
}
