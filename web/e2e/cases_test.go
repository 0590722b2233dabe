package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/web/webtest"
)

// TestCaseFromTheAgenda takes an item of an agenda entry through the three pages into
// a case, works the case and closes it: S4.7.
func TestCaseFromTheAgenda(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	entry, item := disputable(b, s)
	b.goTo(fmt.Sprintf("/agenda/%d", entry))
	b.click(fmt.Sprintf(`input[name=item][value="%d"]`, item))
	b.look("agenda-entry")
	b.click(`form#statuschange button[type=submit]`)
	b.has("To be looked at on")
	b.look("status-dialog")
	b.do(chromedp.SendKeys(chromedp.CSS("#wizard-comment"), "They say the crane never came."))
	b.click(`dialog button[name=go][value="2"]`)
	b.has("Nobody is written to")
	b.click(`dialog .card-footer button[value="1"]`)
	b.until("nothing is lost", `document.querySelector('#wizard-comment')?.value === 'They say the crane never came.'`)
	b.click(`dialog button[name=go][value="3"]`)
	b.has("Next dunning step")
	b.click(`dialog input[name=action][value=case]`)
	b.click(`dialog .card-footer .btn-primary`)
	b.has("The case is open.")
	b.submit(`.flash a[href^="/cases/"]`)
	b.has("About 2", "They say the crane never came.", "remove: returns to dunning")
	b.fill("#field-title", "Crane of March")
	b.has("not saved yet")
	b.look("case")
	worked(b, item, b.look)
	b.look("case-closed")
	b.goTo("/cases?whose=all")
	b.look("cases")
}

// TestCaseLooks walks the screens around cases as the trial company has them.
func TestCaseLooks(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	var id, customer int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id, customer_id FROM cases WHERE resolver_id IS NOT NULL AND open ORDER BY id LIMIT 1`).Scan(&id, &customer); err != nil {
		t.Fatal(err)
	}
	credit(t, s, id)
	b.goTo(fmt.Sprintf("/cases/%d", id))
	b.has("USD 200.03 was credited since. For this?")
	b.look("case-with-resolver")
	b.goTo(fmt.Sprintf("/cases/%d/letters/new", id))
	b.look("case-letter")
	var item int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT item_id FROM case_items WHERE case_id = $1`, id).Scan(&item); err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 3; step++ {
		b.goTo(fmt.Sprintf("/customers/%d/statuschange?step=%d&item=%d&resolver=1&mail=resolver&action=case", customer, step, item))
		b.look(fmt.Sprintf("status-%d", step))
	}
	for _, tab := range []string{"items", "cases"} {
		b.goTo(fmt.Sprintf("/customers/%d/%s", customer, tab))
		b.look("customer-" + tab)
	}
	b.goTo("/inbox")
	b.look("inbox-answer")
	b.signInDemo("admin")
	for _, name := range []string{"statuses", "statuses/new", "resolvers", "providers"} {
		b.goTo("/admin/" + name)
		b.look("admin-" + map[bool]string{true: "status"}[name == "statuses/new"] + name[:8])
	}
}

// credit sets a credit note of 200.03 against the first item of a case.
func credit(t *testing.T, s *webtest.Site, id int64) {
	t.Helper()
	_, err := s.Owner(t).Exec(t.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', (SELECT tenant_id::text FROM cases WHERE id = %[1]d), false);
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT i.customer_id, i.account_id, 'credit_note', 'CN-77', i.due_on, i.due_on, i.currency, -20003, i.status_id
		FROM case_items q JOIN items i ON i.id = q.item_id
		WHERE q.case_id = %[1]d AND q.open
		ORDER BY q.id
		LIMIT 1;
		INSERT INTO applications (account_id, currency, item_id, credit_id, amount, value_on)
		SELECT n.account_id, n.currency, q.item_id, n.id, 20003, n.due_on
		FROM items n JOIN case_items q ON q.account_id = n.account_id AND q.case_id = %[1]d AND q.open
		WHERE n.number = 'CN-77'
		ORDER BY q.id
		LIMIT 1`, id))
	if err != nil {
		t.Fatal(err)
	}
}

// TestCaseByKeyboard opens a case from the customer's items, in the dialog, saves and
// closes it without a mouse: S4.8, S4.14.
func TestCaseByKeyboard(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	_, item := disputable(b, s)
	var customer int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT customer_id FROM items WHERE id = $1`, item).Scan(&customer); err != nil {
		t.Fatal(err)
	}
	b.goTo(fmt.Sprintf("/customers/%d/items", customer))
	b.tabTo(fmt.Sprintf(`input[name=item][value="%d"]`, item))
	b.keys(" ")
	b.tabTo(`button[data-wizard]`)
	b.keys(kb.Enter)
	b.until("the dialog has the focus", `document.activeElement?.id === 'window-title'`)
	b.tabTo("#wizard-comment")
	b.keys("By hand.")
	eval[bool](b, `window.confirm = () => false; true`)
	b.keys(kb.Escape)
	b.until("it asked, and stayed", `document.querySelector('dialog')?.open && document.querySelector('#wizard-comment')?.value === 'By hand.'`)
	b.tabTo(`dialog button[name=go][value="3"]`)
	b.keys(kb.Enter)
	b.has("Next dunning step")
	b.tabTo(`dialog input[name=action]`)
	b.keys(kb.ArrowDown)
	b.keys(kb.ArrowDown)
	b.until("a new case is chosen", `document.querySelector('input[name=action][value=case]').checked`)
	b.tabTo("#wizard-title")
	b.keys(" and more")
	b.keys(kb.Enter)
	b.has("The case is open.")
	b.until("the way to the case has the focus", `document.activeElement?.matches('.flash a')`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("and more", "By hand.")
	b.tabTo("#field-comment")
	b.keys("Asked the yard.")
	b.tabTo(`.case-foot .btn-primary`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The case is saved.", "Asked the yard.")
	b.tabTo(`a[href$="/closure"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo(fmt.Sprintf("#field-go_%d", item))
	b.keys("b") // back to dunning, at the level it had
	b.tabTo("#field-note")
	b.keys("It came.")
	b.tabTo("#field-confirmed")
	b.keys(" ")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The case is closed.", "Case closed: It came.", "Back in dunning")
	b.quiet()
}

// TestCaseWithoutScripts takes the same way with JavaScript off.
func TestCaseWithoutScripts(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/sign-in")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-email"), "manager@northwind.example"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-password"), "northwind trial books"))
	b.submit(`form[action="/sign-in"] button[type=submit]`)
	entry, item := disputable(b, s)
	b.goTo(fmt.Sprintf("/agenda/%d", entry))
	b.click(fmt.Sprintf(`input[name=item][value="%d"]`, item))
	b.submit(`form#statuschange button[type=submit]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#wizard-comment"), "They say the crane never came."))
	b.submit(`.card-footer button[name=go][value="2"]`)
	b.has("Nobody is written to")
	b.submit(`.card-footer button[name=go][value="3"]`)
	b.has("Next dunning step")
	b.click(`input[name=action][value=case]`)
	b.do(chromedp.SetValue(chromedp.CSS("#wizard-title"), "Crane of March"))
	b.submit(`form[action$="/statuschange"] .btn-primary`)
	b.has("The case is open.")
	b.submit(`.flash a[href^="/cases/"]`)
	b.has("Crane of March", "They say the crane never came.", "remove: returns to dunning")
	worked(b, item, func(string) {})
	b.quiet()
}

// disputable is an entry of the agenda, and an item of it that no status holds back.
func disputable(b *tab, s *webtest.Site) (entry, item int64) {
	b.t.Helper()
	if err := s.Owner(b.t).QueryRow(b.t.Context(), `
		SELECT e.id, (SELECT i.id FROM items i JOIN item_statuses x ON x.id = i.status_id AND x.family = 'ongoing'
			WHERE i.customer_id = e.customer_id AND i.open_amount > 0 AND i.due_on < e.as_of AND NOT EXISTS (SELECT FROM case_items q WHERE q.item_id = i.id AND q.open)
			ORDER BY i.id LIMIT 1)
		FROM agenda_entries e
		WHERE e.state = 'open' AND e.later_on IS NULL AND e.items > 1
		ORDER BY e.id
		LIMIT 1`).Scan(&entry, &item); err != nil {
		b.t.Fatal(err)
	}
	return entry, item
}

// worked saves the case that is shown with a comment, and closes it.
func worked(b *tab, item int64, look func(name string)) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS("#field-comment"), "Asked the yard."))
	b.submit(`.case-foot .btn-primary`)
	b.has("The case is saved.", "Asked the yard.", "Crane of March")
	b.submit(`a[href$="/closure"]`)
	look("case-closure")
	b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf("#field-go_%d", item)), "dunning"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-note"), "It came in April."))
	b.click("#field-confirmed")
	b.submit(`form[action$="/closure"] .btn-primary`)
	b.has("The case is closed.", "Case closed: It came in April.")
}
