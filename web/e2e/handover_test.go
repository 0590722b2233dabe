package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// member is the id of somebody of the trial company.
func (b *tab) member(email string) (id int64) {
	b.t.Helper()
	err := b.site.Owner(b.t).QueryRow(b.ctx, `SELECT m.id FROM members m JOIN users u ON u.id = m.user_id WHERE u.email = $1`, email+"@northwind.example").Scan(&id)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// TestHandOver gives a collector's work to two others, by keyboard, and one of them
// reads what was said with it: S3.44.
func TestHandOver(t *testing.T) {
	t.Parallel()
	b := open(t, trial(t))
	b.signInDemo("manager")
	b.goTo("/admin/people")
	b.submit(`a[href="/handover"]`)
	b.look("handover")
	from, admin, manager := b.member("collector"), b.member("admin"), b.member("manager")
	b.goTo(fmt.Sprintf("/handover?from=%d", from))
	b.has("Open of ")
	for _, id := range []int64{admin, manager} {
		box := fmt.Sprintf(`input[name=to][value="%d"]`, id)
		b.do(chromedp.Focus(chromedp.CSS(box)))
		b.keys(" ")
		b.until("the space bar ticks", fmt.Sprintf(`document.querySelector('%s').checked`, box))
	}
	b.do(chromedp.Focus(chromedp.CSS(`form[method=get][action="/handover"] button`)))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("What each gets", "Now: ")
	b.look("handover-preview")
	b.goTo(fmt.Sprintf("/handover?from=%d&rule=owner&to=%d&to=%d", from, admin, manager))
	b.look("handover-preview-owner")
	b.do(chromedp.EmulateViewport(390, 900))
	b.until("no part of a table is out of sight", `[...document.querySelectorAll('.table-responsive')].every((box) => box.scrollWidth <= box.clientWidth)`)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.goTo(fmt.Sprintf("/handover?from=%d&rule=people&to=%d&to=%d", from, admin, manager))
	b.fill("#field-note", "Ring the first of the list on Monday.")
	b.do(chromedp.Focus(chromedp.CSS(`form[method=post][action="/handover"] button[type=submit]`)))
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Handed over: the work of", "has not read it yet", "I have read it")
	b.look("handover-made")
	b.goTo("/")
	b.until("what was said stands on My day", `document.querySelector('.handed-over')?.textContent.includes('Ring the first')`)
	b.look("day-handed-over")
	b.submit(".handed-over form button")
	b.until("it is put away", `document.querySelector('#since') && !document.querySelector('.handed-over')`)
	b.quiet()
}

// TestEndMembershipWithWork ends a membership from its page, which asks for the work.
func TestEndMembershipWithWork(t *testing.T) {
	t.Parallel()
	b := open(t, trial(t))
	b.signInDemo("admin")
	b.goTo(fmt.Sprintf("/admin/people/%d", b.member("collector")))
	b.has("Open of ")
	b.look("person-with-work")
	b.click(`input[name=rule][value=keep]`)
	b.quiet()
}

// TestMergeADuplicate makes one customer of two.
func TestMergeADuplicate(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	var keep, gone int64
	var number string
	if err := s.Owner(t).QueryRow(t.Context(), `
		WITH owing AS (
			SELECT c.id, c.tenant_id, c.number, c.name
			FROM customers c
			JOIN customer_totals t ON t.customer_id = c.id AND t.overdue > 0
			WHERE c.kind = 'business' AND c.archived_at IS NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.customer_id = c.id AND m.state IN ('queued', 'sending'))
			ORDER BY c.id LIMIT 1), twin AS (
			SELECT c.id, c.number FROM customers c, owing o
			WHERE c.tenant_id = o.tenant_id AND c.kind = 'business' AND c.archived_at IS NULL AND c.id > o.id
				AND NOT EXISTS (SELECT FROM messages m WHERE m.customer_id = c.id AND m.state IN ('queued', 'sending'))
				AND NOT EXISTS (SELECT FROM open_calls x WHERE x.customer_id = c.id)
			ORDER BY c.id LIMIT 1), named AS (
			UPDATE customers c SET name = o.name || ' (old)' FROM owing o, twin t WHERE c.id = t.id)
		SELECT o.id, t.id, t.number FROM owing o, twin t`).Scan(&keep, &gone, &number); err != nil {
		t.Fatal(err)
	}
	b.signInDemo("manager")
	b.goTo(fmt.Sprintf("/customers/%d/account", keep))
	b.submit(fmt.Sprintf(`a[href="/customers/%d/merge"]`, keep))
	b.has("Who is the same customer?")
	b.look("merge-search")
	b.submit(fmt.Sprintf(`a[href^="/customers/%d/merge?"][href*="with=%d"]`, keep, gone))
	b.has("What moves to")
	b.look("merge-preview")
	b.fill("#field-reason", "The same tax number.")
	b.submit(`form[method=post][action$="/merge"] button[type=submit]`)
	b.has("is part of this customer now.")
	b.look("merged")
	b.goTo(fmt.Sprintf("/customers/%d", gone))
	b.has("was merged into this customer.")
	b.goTo(fmt.Sprintf("/customers/%d/notes", gone))
	b.has("A duplicate")
	b.look("merged-duplicate")
	b.goTo(fmt.Sprintf("/customers/%d/notes", keep))
	b.has("of the merged customer")
	b.keys("/")
	b.fill("[data-search]", number)
	b.until("the old number finds the other", fmt.Sprintf(`document.querySelector('#hit-0')?.getAttribute('href') === '/customers/%d'`, keep))
	b.look("merged-search")
	b.quiet()
}
