package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// listed is how many the page of the agenda says that it has.
func (b *tab) listed() int {
	b.t.Helper()
	return eval[int](b, `Number(document.querySelector('.agenda-foot .part').textContent.match(/of (\d+)/)[1])`)
}

// TestAgendaByKeyboard works the agenda without a mouse: Start, the letter, Done, the
// next one, later, the next one again.
func TestAgendaByKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, trial(t))
	b.signInDemo("collector")
	b.goTo("/agenda?whose=mine")
	n := b.listed()
	b.has(fmt.Sprintf("Start (%d)", n))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has(fmt.Sprintf("1 of %d", n), "What to do", "Nothing was done about it yet")
	first := eval[string](b, `location.pathname`)
	b.tabTo(`.bench form[action$="/letter"] button`)
	b.keys(kb.Enter)
	b.has("The letter to", "Letter, level", "Done and next")
	b.focused("[data-next]")
	if at := eval[string](b, `location.pathname`); at != first {
		t.Errorf("printing the letter led to %s", at)
	}
	b.look("agenda-entry")
	b.leads(chromedp.KeyEvent("d"))
	b.has("is done.", fmt.Sprintf("2 of %d", n))
	b.tabTo(`.bench button[name="quick"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("is put away until Tue 17 Mar.", "Undo", fmt.Sprintf("3 of %d", n))
	b.leads(chromedp.KeyEvent("n"))
	b.has(fmt.Sprintf("4 of %d", n))
	b.tabTo(`form[action="/walk/end"] button`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Dunning agenda", fmt.Sprintf("Start (%d)", n-2), "later 1")
	b.quiet()
}

// TestAgendaFits has the rows of the agenda within the window of a laptop, and the words
// of a button within the button.
func TestAgendaFits(t *testing.T) {
	t.Parallel()
	b := open(t, trial(t))
	b.signInDemo("manager")
	b.goTo("/agenda?whose=team")
	b.click(`.agenda-list form[action$="/email"] button`)
	b.has("The e-mail is held")
	b.click(`.agenda-list > tbody:has(.chip-warn) .actions a[title="All actions"]`)
	b.until("it opens in place", `document.querySelector('.bench')?.innerText.includes('Open the e-mail')`)
	for _, width := range []int64{1366, 1280, 1240, 1100} {
		b.do(chromedp.EmulateViewport(width, 800))
		if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("at %d pixels it sticks out by %d", width, over)
		}
		cut := eval[string](b, `[...document.querySelectorAll('.bench-actions .btn:not(:has(.visually-hidden))')].filter((button) => {
			const words = document.createRange();
			words.selectNodeContents(button);
			return words.getBoundingClientRect().right + 4 > button.getBoundingClientRect().right;
		}).map((button) => button.innerText).join()`)
		if cut != "" {
			t.Errorf("at %d pixels these are cut: %s", width, cut)
		}
	}
	b.quiet()
}

// TestAgendaRow works a customer within the list: opens the row, logs a call, says
// that it is done, and stays where it is.
func TestAgendaRow(t *testing.T) {
	t.Parallel()
	b := open(t, trial(t))
	b.signInDemo("collector")
	b.goTo("/agenda?whose=mine")
	b.look("agenda")
	n := b.listed()
	const second = ".agenda-list > tbody:nth-of-type(2)"
	name := eval[string](b, fmt.Sprintf(`document.querySelector(%q).querySelector('.who strong').textContent`, second))
	part := "#" + eval[string](b, fmt.Sprintf(`document.querySelector(%q).id`, second))
	b.click(second + ` .actions a[title="All actions"]`)
	b.until("it opens in place", fmt.Sprintf(`!!document.querySelector(%q)`, part+" .bench"))
	b.click(part + " .call summary")
	b.look("agenda-row")
	answered := eval[string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].find(o => o.text.startsWith('Spoke'))?.value ?? ''`, part+` [name="disposition"] option`))
	b.do(chromedp.SetValue(chromedp.CSS(part+` [name="disposition"]`), answered))
	b.do(chromedp.SendKeys(chromedp.CSS(part+` .call [name="text"]`), "Pays by the end of the month."))
	b.click(part + ` form[action$="/call"] button[type=submit]`)
	b.has("The call is logged.", "Pays by the end of the month.")
	b.click(part + " [data-next]")
	b.has(name+" is done.", fmt.Sprintf("1–%d of %[1]d", n-1))
	if at := eval[string](b, `location.pathname + location.search`); at != "/agenda?whose=mine" {
		t.Errorf("it led to %s", at)
	}
	b.click(`.agenda-list > tbody:first-of-type .actions a[title="Do it later"]`)
	b.focused(`.bench button[name="quick"]`)
	b.keys(kb.Enter)
	b.has("is put away until Tue 17 Mar.", fmt.Sprintf("1–%d of %[1]d", n-2), "later 1")
	b.click("[data-undo] button")
	b.has("It is back in the agenda.", fmt.Sprintf("1–%d of %[1]d", n-1))
	b.click(`.agenda-list > tbody:first-of-type .actions a[title="Do it later"]`)
	b.focused(`.bench button[name="quick"]`)
	b.do(chromedp.SetValue(chromedp.CSS(`.bench [name="until"]`), "2026-03-25"))
	b.do(chromedp.SendKeys(chromedp.CSS(`.bench [name="reason"]`), "They are away"+kb.Enter))
	b.has("is put away until Wed 25 Mar.", fmt.Sprintf("1–%d of %[1]d", n-2), "later 1")
	b.quiet()
}

// TestManyAtOnce approves all but three, sees how far that is, and prints the rest
// into one file.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := trial(t)
	s.MailServer(t)
	s.StartJobs(t)
	b := open(t, s)
	b.signInDemo("manager")
	b.goTo("/agenda?whose=team")
	n := b.listed()
	b.has(fmt.Sprintf("Team %d", n), "With the ticked")
	b.look("agenda-team")
	b.tickAllNarrow("/agenda?whose=team", ".agenda-list > tbody input[type=checkbox]")
	b.click(`.agenda-list > tbody:first-of-type .actions a[title="Do it later"]`)
	b.focused(`.bench button[name="quick"]`)
	b.keys(kb.Enter)
	b.has("is put away until Tue 17 Mar.")
	b.click("[data-undo] button")
	b.has("It is back in the agenda.")
	b.until("all can be ticked still", `document.querySelector('[data-tick-all]').hidden === false`)
	b.click("[data-tick-all]")
	b.until("all are ticked", fmt.Sprintf(`document.querySelector('[data-ticked]').textContent === '(%d)'`, n))
	b.submit(`button[name="do"][value="approve"]`)
	b.has("Send and done", fmt.Sprintf("%d customers", n), "letters", "e-mails")
	if left := eval[int](b, `Number(document.querySelector('[data-rest]').dataset.rest)`); left != n {
		t.Errorf("the plan is for %d of %d", left, n)
	}
	for n := range 3 {
		b.click(fmt.Sprintf(`tbody tr:nth-child(%d) [name="except"]`, n+1))
	}
	b.until("the button says how many are left", fmt.Sprintf(`document.querySelector('[data-rest]').textContent === '%d'`, n-3))
	b.look("agenda-bulk")
	b.submit("main .form-actions button[type=submit]")
	b.has(fmt.Sprintf("%d of %[1]d done. It is finished.", n-3), "Print ")
	b.look("agenda-batch")
	b.goTo("/agenda?whose=team")
	b.until("the others are done once their e-mail has left", `(() => { if (document.body.innerText.includes('1–3 of 3')) return true; setTimeout(() => location.reload(), 300); return false; })()`)
	b.click(`[name="all"]`)
	b.submit(`button[name="do"][value="print"]`)
	b.submit("main .form-actions button[type=submit]")
	b.has("3 of 3 done. It is finished.")
	file := eval[string](b, `fetch(document.querySelector('a[href$="letters.pdf"]').href).then(r => r.text()).then(text => text.slice(0, 5))`)
	if !strings.HasPrefix(file, "%PDF") {
		t.Errorf("the file of letters begins with %q", file)
	}
	b.quiet()
}

// TestAgendaLists looks at the lists beside the agenda, and ahead at a run.
func TestAgendaLists(t *testing.T) {
	t.Parallel()
	s := trial(t)
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE levels SET mode = 'automatic'`); err != nil { // so that there is whom they cannot write to
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("manager")
	for name, path := range map[string]string{
		"agenda-none": "/agenda?whose=mine", "agenda-later": "/agenda?whose=team&show=later", "agenda-preview": "/agenda/preview?on=2026-03-30",
		"agenda-cash": "/agenda/cash?whose=team", "agenda-stranded": "/agenda/stranded", "agenda-bulk-later": "/agenda/bulk?do=later&whose=team&all=1",
		"agenda-barred": "/agenda/batches/barred",
	} {
		b.goTo(path)
		b.look(name)
	}
	b.goTo("/agenda/batches")
	b.has("Nothing of its level can be sent by itself.")
	b.look("agenda-lately")
}

// TestReminderMode makes a customer's reminders manual in the popup: its shortcuts
// fill the date and save nothing.
func TestReminderMode(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var customer int64
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT e.customer_id
		FROM agenda_entries e
		JOIN members m ON m.id = e.owner_id
		JOIN users u ON u.id = m.user_id
		WHERE u.email = 'collector@northwind.example' AND e.state = 'open' AND e.later_on IS NULL
		ORDER BY e.level_number DESC, e.id
		LIMIT 1`).Scan(&customer)
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/customers/%d/dunning", customer)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at)
	b.has("Where it stands", "auto: comes up when a level is reached", "Reminded of")
	b.look("dunning")
	b.click("a[data-popup]")
	b.focused("dialog[open] #field-next_on")
	for n, want := range []string{"2026-03-23", "2026-03-30", "2026-04-16", "2026-05-16"} {
		b.click(fmt.Sprintf(`dialog .strip button:nth-of-type(%d)`, n+1))
		b.until("the date is filled in", fmt.Sprintf(`document.querySelector('dialog[open] #field-next_on').value === %q`, want))
	}
	b.look("dunning-mode")
	b.submit(`dialog button[type=submit].btn-primary`)
	b.has("The customer comes up on Sat 16 May 2026, and not before.", "manual: comes up on Sat 16 May 2026", "set by Nele Petersen")
	b.click(".pause summary")
	b.fill(".pause #field-reason", "Their bank has a strike.")
	b.look("dunning-pause")
	b.submit(".pause button[type=submit]")
	b.has("Reminders are paused until", "Their bank has a strike.")
	b.quiet()
}
