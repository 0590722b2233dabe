package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dunwell/web/webtest"
)

// TestCaseFromTheAgenda takes an item of an agenda entry through the three pages into
// a case, works the case and closes it.
func TestCaseFromTheAgenda(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	fromAgendaToClosed(b, s, b.look)
	b.goTo("/cases")
	b.look("cases")
	b.signInDemo("admin")
	for _, name := range []string{"statuses", "resolvers", "providers"} {
		b.goTo("/admin/" + name)
		b.look(name)
	}
}

// TestCaseWithoutScripts does the same with JavaScript off.
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
	fromAgendaToClosed(b, s, func(string) {})
	b.quiet()
}

// fromAgendaToClosed looks at each page by look.
func fromAgendaToClosed(b *tab, s *webtest.Site, look func(name string)) {
	b.t.Helper()
	var entry, item int64
	if err := s.Owner(b.t).QueryRow(b.t.Context(), `
		SELECT e.id, (SELECT i.id FROM items i JOIN item_statuses x ON x.id = i.status_id AND x.family = 'ongoing'
			WHERE i.customer_id = e.customer_id AND i.open_amount > 0 AND i.due_on < e.as_of ORDER BY i.id LIMIT 1)
		FROM agenda_entries e
		WHERE e.state = 'open' AND e.later_on IS NULL AND e.items > 1
		ORDER BY e.id
		LIMIT 1`).Scan(&entry, &item); err != nil {
		b.t.Fatal(err)
	}
	b.goTo(fmt.Sprintf("/agenda/%d", entry))
	b.click(fmt.Sprintf(`input[name=item][value="%d"]`, item))
	b.submit(`form#statuschange button[type=submit]`)
	b.has("Step 1 of 3")
	look("status-1")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-comment"), "They say the crane never came."))
	b.submit(`button[name=go][value="2"]`)
	b.has("Step 2 of 3")
	look("status-2")
	b.submit(`button[name=go][value="3"]`)
	b.has("Step 3 of 3")
	look("status-3")
	b.click(`input[name=action][value=case]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#field-title"), "Crane of March"))
	b.submit(`form[action$="/statuschange"] .btn-primary`)
	b.has("The case is open.")
	b.submit(`a[href^="/cases/"]`)
	b.has("Crane of March", "They say the crane never came.", "remove: returns to dunning")
	look("case")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-comment"), "Asked the yard."))
	b.submit(`form[action^="/cases/"] .form-actions .btn-primary`)
	b.has("The case is saved.", "Asked the yard.")
	b.submit(`a[href$="/closure"]`)
	look("case-closure")
	b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf("#field-go_%d", item)), "dunning"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-note"), "It came in April."))
	b.click("#field-confirmed")
	b.submit(`form[action$="/closure"] .btn-primary`)
	b.has("The case is closed.", "Case closed: It came in April.")
}
