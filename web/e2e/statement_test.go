package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// An administrator writes the letterhead, and finds it on the statement of a
// customer, in another language, by the keyboard alone.
func TestStatement(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var customer int64
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		customer, account = dbtest.Customer(t, tx, "C-1")
		for i := range 6 {
			dbtest.Item(t, tx, account, fmt.Sprint("INV-", 71_800+i), fmt.Sprintf("2026-0%d-14", 1+i%5), int64(123_456+999*i), "EUR")
		}
		dbtest.Item(t, tx, account, "CN-12", "2026-03-01", -4_321, "EUR")
		dbtest.Item(t, tx, dbtest.Account(t, tx, customer, "T-2"), "JPY-1", "2026-02-14", 777_777, "JPY")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signIn(acme.Email(tenant.Admin))
	b.goTo("/admin/letterhead")
	b.tabTo("#field-sender")
	b.keys("Nordlys Finans AS")
	b.tabTo("#field-bank")
	b.keys("IBAN NO93 8601 1117 947")
	b.look("letterhead")
	b.tabTo(`form[action="/admin/letterhead"] button[type=submit]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("The letterhead is saved.")

	b.goTo(fmt.Sprintf("/customers/%d/items", customer))
	b.tabTo(`a[href$="/statement"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Statement of account", "Nordlys Finans AS", "IBAN NO93 8601 1117 947")
	b.tabTo("#field-language")
	b.keys("Ger")
	b.tabTo(".filters button")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Kontoauszug", "1.234,56", "777.777", "Zahlungsangaben")
	b.look("statement")
}
