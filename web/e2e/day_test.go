package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// busy gives the trial company's collector a day with something of each kind, and
// nothing else: four customers, in the order in which they are returned.
func busy(t *testing.T, s *webtest.Site) (names []string) {
	t.Helper()
	var tenantID int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT min(id) FROM tenants`).Scan(&tenantID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE promises SET assignee_id = (SELECT m.id FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = 'manager@northwind.example')`); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		for _, sql := range []string{
			`UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE ended IS NULL`,
			`UPDATE stops SET review_on = '2026-09-01'`,
			`UPDATE customers SET watch_reason = NULL, watch_until = NULL`,
			`WITH c AS (
				SELECT c.id, row_number() OVER (ORDER BY t.overdue DESC, c.id) AS n
				FROM customers c
				JOIN customer_totals t ON t.customer_id = c.id AND t.currency = 'EUR'
				WHERE c.archived_at IS NULL
				LIMIT 4
			), me AS (SELECT m.id FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = 'collector@northwind.example'),
			mine AS (UPDATE customers SET owner_id = me.id FROM me, c WHERE customers.id = c.id),
			stop AS (INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, 'hardship', 'Lost the job', '2026-02-02', '2026-03-14' FROM c WHERE n = 2)
			INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
			SELECT c.id, me.id, v.due_on::date, v.due_at::time, v.text
			FROM c
			JOIN me ON true
			JOIN (VALUES (1, '2026-03-16', '15:00', 'Call back: they wanted to speak to the managing director first'), (1, '2026-03-12', NULL, 'Ask for the signed goods note'),
				(2, '2026-03-11', NULL, 'Second reminder, ask for a date'), (3, '2026-03-16', '09:00', 'Credit review with the bookkeeper'),
				(4, '2026-03-16', NULL, 'Send copies of the two invoices that they say never came, and of the statement of January')) v (n, due_on, due_at, text) ON v.n = c.n`,
		} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		for _, text := range []string{"Credit review", "Call back", "Second reminder", "Send copies"} {
			var name string
			if err := tx.QueryRow(t.Context(), `SELECT c.name FROM customers c JOIN follow_ups f ON f.customer_id = c.id WHERE f.text LIKE $1 || '%' AND f.ended IS NULL`, text).Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// entry is the part of the list that a customer has, as a JavaScript expression.
func entry(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.day-list > tbody')].find(e => e.textContent.includes(%q))`, name)
}

// inEntry does something to what fits within the customer's part of the list.
func (b *tab) inEntry(name, css, do string) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(() => { const e = %s?.querySelector(%q); e?.%s; return !!e; })()`, entry(name), css, do)) {
		b.t.Fatalf("%s has no %s; the page says: %.800s", name, css, b.text())
	}
}

// TestDay opens the day, opens a customer in place, completes, takes that back,
// moves to another day, and deletes, without leaving the list.
func TestDay(t *testing.T) {
	t.Parallel()
	s := trial(t)
	names := busy(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.has("Monday 16 March", "Start with the first")
	b.until("what came in is fetched", `document.body.innerText.includes('Since Friday 13 March')`)
	if got := eval[string](b, `[...document.querySelectorAll('.day-list tbody .who a')].map(a => a.textContent).join('|')`); got != strings.Join(names, "|") {
		t.Errorf("the list is %s, want %s", got, strings.Join(names, "|"))
	}
	b.look("day")
	b.inEntry(names[1], "[aria-expanded]", "click()")
	b.until("it opens in place", entry(names[1])+`.querySelectorAll('.inside .followup-row').length === 2`)
	if at := eval[string](b, `location.search`); !strings.Contains(at, "open=") {
		t.Errorf("the address does not say what is open: %s", at)
	}
	b.inEntry(names[1], "[aria-expanded=true]", "click()")
	b.until("and closes", "!"+entry(names[1])+`.querySelector('.inside')`)
	b.inEntry(names[1], "[aria-expanded=false]", "click()")
	b.until("and opens again", "!!"+entry(names[1])+`?.querySelector('.inside')`)

	left := func(n int) {
		t.Helper()
		b.until(fmt.Sprintf("%d are left with the customer", n), fmt.Sprintf(`%s?.querySelectorAll('.followup-row').length === %d`, entry(names[1]), n))
	}
	b.inEntry(names[1], `form[action$="/completion"] button`, "click()")
	b.has("The follow-up is done.")
	left(1)
	b.click(".flash form button")
	b.has("The follow-up is active again.")
	left(2)
	b.inEntry(names[1], ".followup-move summary", "click()")
	b.look("day-move")
	b.inEntry(names[1], ".followup-move[open] button[name=quick]", "click()")
	left(1)
	b.inEntry(names[1], `form[action$="/deletion"] button`, "click()")
	b.until("the customer is gone with the last reason", "!"+entry(names[1]))
	b.has("The follow-up is deleted.", "1–3 of 3")
	b.quiet()
}

// TestStartAndNext walks the day by the keys Enter and n; the place stands on every
// tab, and after the last comes the day.
func TestStartAndNext(t *testing.T) {
	t.Parallel()
	s := trial(t)
	names := busy(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.leads(chromedp.KeyEvent(kb.Enter))
	for i, name := range names {
		b.has(name, fmt.Sprintf("%d of 4", i+1))
		if i == 0 {
			b.look("walk")
			b.submit(`nav a[href$="/notes"]`)
			b.has("1 of 4")
			b.click("#field-text")
			b.keys("nn") // typed, and no more than that
			b.has("1 of 4")
			b.fill("#field-text", "Spoke to the bookkeeper.")
			b.submit(`form[action$="/notes"][method=post] button[type=submit]`)
			b.has("Spoke to the bookkeeper.", "1 of 4")
		}
		b.leads(chromedp.KeyEvent("n"))
	}
	b.has("That was the last one.", "Monday 16 March")
	b.quiet()
}

// TestDayByKeyboard works the day without a mouse: opens a customer, completes,
// and goes on to the customer itself.
func TestDayByKeyboard(t *testing.T) {
	t.Parallel()
	s := trial(t)
	names := busy(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.tabTo(".day-list [aria-expanded=false]")
	b.keys(kb.Enter)
	b.until("Enter opens it", entry(names[0])+`.querySelector('[aria-expanded=true]') === document.activeElement`)
	b.tabTo(`.inside form[action$="/completion"] button`)
	b.keys(kb.Enter)
	b.has("The follow-up is done.", "1–3 of 3")
	b.tabTo(".day-list .actions a.btn-primary")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has(names[1])
	b.quiet()
}

// TestDayWithoutScripts does the same work with JavaScript off.
func TestDayWithoutScripts(t *testing.T) {
	t.Parallel()
	s := trial(t)
	names := busy(t, s)
	b := open(t, s)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.goTo("/sign-in")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-email"), "collector@northwind.example"))
	b.do(chromedp.SendKeys(chromedp.CSS("#field-password"), "northwind trial books"))
	b.submit(`form[action="/sign-in"] button[type=submit]`)
	b.submit(".day-list [aria-expanded=false]")
	b.submit(`.inside form[action$="/completion"] button`)
	b.has("The follow-up is done.")
	b.submit(`a[href="/day/since"]`)
	b.has("Since Friday 13 March")
	b.submit(".page-head .actions a")
	b.submit(`form[action="/walk"] button`)
	b.has(names[1], "1 of 3")
	b.submit(`a[href^="/walk/next"]`)
	b.has(names[2], "2 of 3")
	b.submit(`form[action="/walk/end"] button`)
	b.has("You have stopped walking the list.")
	b.quiet()
}

// TestGiveADayAway ticks a customer of somebody's day and gives what is due to
// somebody else, then looks at what nobody has.
func TestGiveADayAway(t *testing.T) {
	t.Parallel()
	s := trial(t)
	names := busy(t, s)
	b := open(t, s)
	b.signInDemo("manager")
	b.look("day-nothing")
	collector := eval[string](b, `[...document.querySelector('select[name=member]').options].find(o => / · 6 tasks due/.test(o.textContent)).value`)
	b.do(chromedp.SetValue(chromedp.CSS("select[name=member]"), collector))
	b.submit(".page-head .switcher button")
	b.has(names[0], "Give the ticked")
	b.inEntry(names[1], "input[type=checkbox]", "click()")
	b.until("it is counted", `document.querySelector('[data-ticked]').textContent === '(1)'`)
	b.look("day-manager")
	b.do(chromedp.SetValue(chromedp.CSS("#field-assignee"), eval[string](b, `document.querySelectorAll('#field-assignee option')[1].value`)))
	b.submit(".day-give button:not([name])")
	b.has("2 tasks go to", "1–3 of 3")
	b.quiet()
}
