package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// until waits for what the script says to become true. What is not there yet, and so
// undefined, is not.
func (b *tab) until(what, js string) {
	b.t.Helper()
	for end := time.Now().Add(10 * time.Second); !eval[bool](b, `!!(`+js+`)`); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s: never; the page says %.800s", what, b.text())
		}
	}
}

// TestSearchAsOneTypes finds a customer from another page, by keyboard alone: typed into
// the field (S3.1), chosen from what is shown below it, opened (S3.3, S3.5). The button
// with the three dots leads to the search by more (S3.2).
func TestSearchAsOneTypes(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var number, name string
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT c.number, c.name FROM customers c JOIN customer_totals t ON t.customer_id = c.id
		WHERE t.overdue > 0 AND c.archived_at IS NULL ORDER BY c.id LIMIT 1`).Scan(&number, &name)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo("/reports/ageing")
	b.keys("/")
	b.until("the key / leads to the search", `document.activeElement.matches('[data-search]')`)
	b.fill("[data-search]", "an")
	const found = `document.querySelectorAll('#search-results [role=option]').length > 1`
	b.until("something is found", found)
	b.until("it is read out", `document.querySelector('[data-search-said]').textContent.includes('found')`)
	b.look("search")
	b.keys(kb.Escape)
	b.until("Escape closes it", `document.getElementById('search-results').hidden && document.querySelector('[data-search]').ariaExpanded === 'false'`)
	b.keys(kb.ArrowDown)
	b.until("the arrow opens it again, on the first", `!document.getElementById('search-results').hidden &&
		document.querySelector('[data-search]').getAttribute('aria-activedescendant') === 'hit-0'`)
	b.do(chromedp.Clear(chromedp.CSS("[data-search]")))
	b.fill("[data-search]", number)
	b.until("the number finds one", fmt.Sprintf(`document.querySelector('#hit-all')?.getAttribute('href') === '/customers?q=%s' &&
		document.querySelector('#hit-0').textContent.includes(%q)`, number, name))
	b.keys(kb.ArrowDown)
	b.keys(kb.ArrowDown)
	b.keys(kb.ArrowUp)
	b.until("the first is chosen", `document.querySelector('#hit-0').ariaSelected === 'true'`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has(name)
	if at := eval[string](b, `location.pathname`); !strings.HasPrefix(at, "/customers/") {
		t.Errorf("Enter led to %s", at)
	}
	b.keys("/")
	b.fill("[data-search]", "zzzz")
	b.has("No customer fits.")
	b.leads(chromedp.KeyEvent(kb.Enter)) // nothing chosen: the list
	b.has("No customer fits")
	b.goTo("/reports/ageing")
	b.do(chromedp.Focus(chromedp.CSS(".topbar-more")))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.until("the search by more is there", `location.pathname === '/customers' && document.querySelector('form[role=search] select[name=owner]') !== null`)
	b.quiet()
}

// TestTypingOn types on while the first letters are still being looked for: what was
// typed last is found, and the console has nothing to say.
func TestTypingOn(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("collector")
	tx, err := s.Owner(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // it held a lock, no more
	if _, err := tx.Exec(t.Context(), `LOCK TABLE search_words`); err != nil {
		t.Fatal(err)
	}
	eval[bool](b, `window.asked = 0; document.addEventListener('htmx:trigger', (e) => { window.asked += e.target.matches('[data-search]'); }); true`)
	b.keys("/")
	b.fill("[data-search]", "ho")
	b.until("the first letters are looked for", `asked > 0 && document.querySelector('[data-search].htmx-request')`)
	before := eval[int](b, `asked`)
	b.do(chromedp.SendKeys(chromedp.CSS("[data-search]"), "henstein"))
	b.until("more was typed meanwhile", fmt.Sprintf(`asked > %d`, before))
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until("the last of it is found", `document.querySelector('#hit-0')?.textContent.includes('Hohenstein') && document.querySelector('#hit-all').getAttribute('href').endsWith('q=hohenstein')`)
	b.quiet()
}

// TestAssignInBulk ticks a page of the list and gives it to somebody.
func TestAssignInBulk(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	b.goTo("/customers")
	b.look("customers-manager")
	b.click("[data-tick-all]")
	b.until("all are ticked", `document.querySelector('[data-ticked]').textContent === '(50)'`)
	b.click(`tbody input[type=checkbox]`)
	b.until("but one", `document.querySelector('[data-ticked]').textContent === '(49)' && document.querySelector('[data-tick-all]').indeterminate`)
	b.submit(".bulk button:not([name])")
	b.has("The 49 customers you ticked.")
	b.look("assignment")
	b.do(chromedp.SetValue(chromedp.CSS("#field-owner"), "0"))
	b.submit(`form[action="/customers/assignment"] button[type=submit]`)
	b.has("to nobody")
	b.goTo("/customers?owner=0&kind=business")
	b.look("customers-filtered")
	b.quiet()
}
