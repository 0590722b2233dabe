package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/web/webtest"
)

// lorry is a customer of the trial company who owns a vehicle, and whose best time is
// known.
func lorry(t *testing.T, s *webtest.Site) (path string) {
	t.Helper()
	var id int64
	err := s.Owner(t).QueryRow(t.Context(), `
		WITH one AS (SELECT tenant_id, id FROM customers WHERE name LIKE 'Nyborg%'),
			v AS (INSERT INTO vehicles (tenant_id, customer_id, registration, make) SELECT tenant_id, id, 'AB 12345', 'Volvo' FROM one),
			b AS (INSERT INTO contact_times (tenant_id, customer_id, kind, weekdays, from_time, to_time) SELECT tenant_id, id, 'best', 127, '09:00', '11:00' FROM one)
		SELECT id FROM one`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/customers/%d", id)
}

// press presses the key on what has the focus and waits for the page that comes.
func (b *tab) press(keys string) { b.t.Helper(); b.leads(chromedp.KeyEvent(keys)) }

// A conversation from its first contact to its end, with the keyboard alone: a new
// contact (S3.7 to S3.27), seen in the other executive's diary (S3.29, S3.35), opened
// from there, followed up (S3.36 to S3.38) and closed (S3.39 to S3.42).
func TestContactByKeyboard(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at + "/summary")
	b.tabTo(`a[href$="/contacts/new"]`)
	b.press(kb.Enter)
	b.focused("#contact-department")
	b.look("contact-new")
	b.tabTo(`input.narrow[aria-label^="Code:"]`)
	b.keys("coll call")
	b.until("the code is chosen by group and code", `document.querySelector('#contact-type').selectedOptions[0].label === 'CALL Payment call'`)
	b.has("Call again where no day of payment was agreed.")
	b.keys(kb.Enter)
	b.tabTo("#contact-description")
	b.keys("Says the transfer went out on Friday")
	b.tabTo("#contact-vehicle")
	b.keys("Volvo")
	// to the second tab
	b.tabTo("[role=tab][aria-selected=true]") // Tab runs around the page
	b.keys(kb.ArrowRight)
	b.until("the second part is shown", `document.querySelector('#contact-assignee').offsetParent !== null && document.querySelector('#contact-description').offsetParent === null`)
	b.until("what the code proposes is there", `document.querySelector('#contact-due_on').value !== '' && document.querySelector('#contact-next_type').selectedOptions[0].label === 'CHECK Payment check'`)
	b.tabTo("#contact-assignee")
	b.keys("Jonas")
	b.until("the diary is the other executive's", `document.querySelector('#contact-day').textContent.includes('Jonas Keller, ')`)
	b.until("the best hours are marked", `[...document.querySelectorAll('#contact-day li.best .hour')].map(e => e.textContent.trim()).join() === '09:00,10:00'`)
	b.look("contact-follow-up")
	b.tabTo(`#contact-day button[value="10:00"]`)
	b.keys(" ")
	b.until("the hour is taken over", `document.querySelector('#contact-due_at').value === '10:00'`)
	b.focused("#contact-due_at")
	b.tabTo("[role=tab][aria-selected=true]")
	b.keys(kb.ArrowLeft)
	b.tabTo(`#contact-day button[value="11:00"]`)
	b.keys(" ")
	b.until("the part with the hour is shown", `document.querySelector('#contact-due_at').value === '11:00' && document.querySelector('#contact-due_at').offsetParent !== null`)
	b.focused("#contact-due_at")
	b.until("its tab says so", `document.querySelector('#contact-follow-up-tab').getAttribute('aria-selected') === 'true'`)
	b.tabTo(".contact-form .form-actions button[type=submit]")
	b.press(kb.Enter)
	b.has("The contact is saved.", "Says the transfer went out on Friday", "Jonas Keller")
	b.look("contact-summary")

	// the other executive finds it in the diary of the day
	due := eval[string](b, `document.querySelector('.thread .link-open time[datetime^="20"]:not([datetime*="T"])').dateTime`)
	b.signInDemo("manager")
	b.goTo("/diary?view=day&on=" + due)
	b.has("Payment check: Says the transfer")
	b.tabTo(fmt.Sprintf(`a[href^="%s/summary#contact-"]`, at))
	b.press(kb.Enter)
	b.has("Says the transfer went out on Friday")
	b.tabTo(".thread li.link-open a.fw-bold")
	b.press(kb.Enter)
	b.has("Close it", "Volvo, AB 12345")
	b.look("contact-page")
	b.tabTo(`a.btn-primary[href$="/next"]`)
	b.press(kb.Enter)
	b.until("the fields are carried over", `document.querySelector('#contact-type').selectedOptions[0].label === 'CHECK Payment check' &&
		document.querySelector('#contact-vehicle').selectedOptions[0].label === 'Volvo, AB 12345'`)
	b.tabTo("#contact-description")
	b.keys("Half of it is there")
	b.tabTo(".contact-form .form-actions button[type=submit]")
	b.press(kb.Enter)
	b.has("The contact is followed up.", "Half of it is there", "followed up")
	b.until("both stand in one thread", `[...document.querySelectorAll('.thread')].some(l => l.querySelectorAll('li').length === 2 && l.textContent.includes('Half of it is there') && l.textContent.includes('on Friday'))`)
	b.tabTo(`.thread a[href$="#close"]`)
	b.press(kb.Enter)
	b.tabTo("#contact-closing")
	b.keys("All of it is there")
	b.tabTo(`form[action$="/closure"] button[type=submit]`)
	b.press(kb.Enter)
	b.has("The contact is closed. It stays in the summary.", "All of it is there", "closed")
	b.goTo("/diary?view=day&on=" + due)
	b.until("the diary has it no more", `!document.body.textContent.includes('Says the transfer') && !document.body.textContent.includes('Half of it is there')`)
	b.quiet()
}

// The same without JavaScript: the parts stand one below the other, and a button
// brings what depends on a choice.
func TestContactWithoutScripts(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.signInDemo("collector")
	b.goTo(at + "/contacts/new")
	b.has("Contact", "Follow-up details", "Department")
	b.do(chromedp.SendKeys(chromedp.CSS("#contact-type"), "CALL"))
	b.do(chromedp.SendKeys(chromedp.CSS("#contact-assignee"), "Jonas"))
	b.do(chromedp.SendKeys(chromedp.CSS("#contact-description"), "Without a script"))
	b.submit(`button[name="look"]`)
	b.has("Call again where no day of payment was agreed.", "Jonas Keller, ", "best time")
	b.submit(`#contact-day button[value="09:00"]`)
	b.submit(".contact-form .form-actions button.btn-primary")
	b.has("The contact is saved.", "Without a script", "09:00")
	b.submit(".thread li.link-open a.fw-bold")
	b.do(chromedp.SendKeys(chromedp.CSS("#contact-closing"), "Paid"))
	b.submit(`form[action$="/closure"] button[type=submit]`)
	b.has("The contact is closed. It stays in the summary.", "Paid")
	b.quiet()
}
