package e2e_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// twoToCall gives the trial company's collector a day with two businesses to be
// called and nobody else; they are in the agenda too.
func twoToCall(t *testing.T, s *webtest.Site) (ids [2]int64) {
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
		} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		for i, name := range []string{"Fjordkran Verksted AS", "Nordkapp Shipping AS"} {
			id, account := dbtest.Customer(t, tx, fmt.Sprintf("F-%d", i+1))
			ids[i] = id
			_, err := tx.Exec(t.Context(), `
				WITH me AS (SELECT m.id FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = 'collector@northwind.example'),
					named AS (UPDATE customers SET name = $2, owner_id = me.id, city = 'Bergen', country = 'NO' FROM me WHERE customers.id = $1)
				INSERT INTO follow_ups (customer_id, assignee_id, due_on, text)
				SELECT $1, me.id, '2026-03-16', 'Ask when the money comes' FROM me`, id, name)
			_, perr := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: fmt.Sprintf("+47 22 41 09 3%d", i), Person: "Ingrid Hauge", Title: "accounts payable", Role: customer.Debtor})
			_, merr := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: fmt.Sprintf("ingrid%d@fjord.example", i), Person: "Ingrid Hauge", Role: customer.Debtor})
			_, oerr := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: fmt.Sprintf("+47 90 61 12 0%d", i), Person: "Per Moen", Role: customer.ThirdParty})
			if err = errors.Join(err, perr, merr, oerr); err != nil {
				return err
			}
			dbtest.Item(t, tx, account, fmt.Sprintf("9004%d", i), "2026-02-20", 1_304_250+int64(i), "EUR")
			dbtest.Item(t, tx, account, fmt.Sprintf("9005%d", i), "2026-03-02", 431_100+int64(i), "EUR")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// outcome is the control of an outcome of that name.
func (b *tab) outcome(name string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`'input[name=disposition][value="' + [...document.querySelectorAll('.outcome')].find(l => l.textContent.trim() === %q).querySelector('input').value + '"]'`, name))
}

// TestTheMeasure goes from one customer to the next with a call and a promise: five
// clicks, of which one dials, and one text; everything is on record once.
func TestTheMeasure(t *testing.T) {
	t.Parallel()
	s := trial(t)
	ids := twoToCall(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.leads(chromedp.KeyEvent(kb.Enter)) // start with the first
	b.has("1 of 2", "Activities")
	b.look("collections")
	first := eval[string](b, `document.querySelector('h1').textContent`)

	b.submit(".quick-actions form button")        // 1: places the call
	tel := ".call-head a[href='tel:+4722410930']" // 2: dials
	if first == "Nordkapp Shipping AS" {
		tel, ids[0], ids[1] = ".call-head a[href='tel:+4722410931']", ids[1], ids[0]
	}
	if !eval[bool](b, fmt.Sprintf(`!!document.querySelector(%q)`, tel)) {
		t.Errorf("nothing dials: %s", tel)
	}
	b.look("call")
	b.click(b.outcome("Spoke: will pay")) // 3: opens the promise, filled in
	b.until("the promise opens", `document.querySelector('.opens-promise').offsetHeight > 0 && document.querySelector('.opens-copies').offsetHeight === 0`)
	b.click("#field-text") // 4
	b.do(chromedp.SendKeys(chromedp.CSS("#field-text"), "Pays when the goods note is here"))
	b.look("call-promise")
	b.submit("button[name=then]") // 5
	b.has("2 of 2", "is saved. The reminder is done.")

	var rows string
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT concat_ws(' ', (SELECT count(*) FROM call_attempts WHERE customer_id = $1), (SELECT count(*) FROM call_events WHERE customer_id = $1), (SELECT count(*) FROM open_calls),
			(SELECT count(*) FROM notes WHERE customer_id = $1 AND kind = 'call'), (SELECT count(*) FROM promises WHERE customer_id = $1), (SELECT count(*) FROM notes WHERE customer_id = $1 AND kind = 'promise'),
			(SELECT string_agg(state, ',') FROM agenda_entries WHERE customer_id = $1), (SELECT count(*) FROM agenda_actions WHERE customer_id = $1))`, ids[0]).Scan(&rows)
	if err != nil || rows != "1 1 0 1 1 1 done 1" {
		t.Errorf("on record: %s (%v)", rows, err)
	}
	b.goTo(fmt.Sprintf("/customers/%d", ids[0]))
	b.has("Spoke: will pay: Pays when the goods note is here", "Promise to pay EUR 17,35")
	b.look("collections-after")
	b.quiet()
}

// TestFiveActionsByKeyboard reaches each of the five actions without a mouse and does
// what it is for.
func TestFiveActionsByKeyboard(t *testing.T) {
	t.Parallel()
	s := trial(t)
	ids := twoToCall(t, s)
	at := fmt.Sprintf("/customers/%d", ids[0])
	b := open(t, s)
	b.signInDemo("collector")

	b.goTo(at) // a call, left unfinished, then finished
	b.tabTo(".quick-actions form button")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.goTo(at + "/notes")
	b.has("What came of the call to Ingrid Hauge", "1 call to finish")
	b.look("call-unfinished")
	b.tabTo(".call-open a")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.tabTo("input[name=disposition]")
	b.keys(" " + kb.ArrowRight)
	b.until("the arrow picks the second outcome", `document.querySelectorAll('input[name=disposition]')[1].checked`)
	b.tabTo("#field-text")
	b.keys("With her assistant")
	b.tabTo("input[name=follow_up]")
	b.keys(kb.ArrowRight)
	b.tabTo(".call-form button.btn:not([name]):not(.visually-hidden)")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Left message: With her assistant", "Follow-up planned for Tue 17 Mar 2026")

	b.tabTo("[aria-describedby=may-text]") // an SMS: it says that it is held
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("No provider of SMS and calls is set up", "Ingrid Hauge", "0 SMS")
	b.goTo(at)

	b.tabTo(".quick-actions a[href*='channel=email']") // an e-mail
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Ingrid Hauge", "Subject")

	b.goTo(at) // an activity, in a dialog
	b.tabTo(".quick-actions a[href$='/activities/new']")
	b.keys(kb.Enter)
	b.until("the dialog opens", `!!document.querySelector('dialog[open] #activity-text')`)
	b.look("activity")
	b.tabTo("dialog input[name=way]")
	b.keys(kb.ArrowRight)
	b.tabTo("#activity-disposition")
	b.keys("Spoke: d")
	b.tabTo("#activity-text")
	b.keys("Met her at the harbour")
	b.tabTo("dialog .form-actions button")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("In person. Spoke: disputes: Met her at the harbour")

	b.tabTo(".quick-actions a[href$='/promises/new']") // a promise
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Followed up by")
	b.tabTo("form .form-actions button")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The promise of EUR 17,35", "Promise to pay EUR 17,35")
	b.goTo("/promises")
	b.has("Fjordkran Verksted AS")
	b.look("promises")
	b.quiet()
}

// TestEndlessActivities scrolls to older activities, which come by themselves.
func TestEndlessActivities(t *testing.T) {
	t.Parallel()
	s := trial(t)
	ids := twoToCall(t, s)
	if _, err := s.Owner(t).Exec(t.Context(), `
		INSERT INTO notes (tenant_id, customer_id, author, kind, text)
		SELECT c.tenant_id, c.id, 'Dunwell', 'note', 'line ' || n FROM customers c, generate_series(1, 55) n WHERE c.id = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(fmt.Sprintf("/customers/%d", ids[0]))
	for _, n := range []int{40, 58} { // with those of its contact points
		eval[string](b, `(document.querySelector('#activity-pager').scrollIntoView(), '')`)
		b.until(fmt.Sprintf("%d stand there", n), fmt.Sprintf(`document.querySelectorAll('#activity-list > li').length === %d`, n))
	}
	b.quiet()
}
