package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// debtor owes in two currencies on two accounts, and has credit.
func debtor(t *testing.T, s *webtest.Site, c *dbtest.Company) (customer, item, credit int64) {
	t.Helper()
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		var account int64
		customer, account = dbtest.Customer(t, tx, "C-4711")
		other := dbtest.Account(t, tx, customer, "C-4711-B")
		item = dbtest.Item(t, tx, account, "INV-90046", "2026-02-06", 2_211_050, "EUR")
		dbtest.Item(t, tx, account, "INV-90051", "2026-03-06", 5_430_017, "EUR")
		dbtest.Item(t, tx, account, "INV-90077", "2026-04-01", 777_703, "EUR")
		dbtest.Item(t, tx, account, "INV-90081", "2026-03-02", 1_284_000, "JPY")
		dbtest.Item(t, tx, other, "INV-90090", "2026-01-09", 31_009, "EUR")
		dbtest.Item(t, tx, account, "CN-501", "", -125_013, "EUR")
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: customer, AccountID: account, Number: "BANK-77120", ValueOn: day.New(2026, 3, 10),
			Amount: money.New(300_000, "EUR"), Lines: []ledger.Line{{ItemID: item, Minor: 211_050}}})
		credit = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return customer, item, credit
}

// TestMoneyScreens looks at the screens in which money is moved.
func TestMoneyScreens(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	customer, item, credit := debtor(t, s, c)
	var application int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id FROM applications`).Scan(&application); err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signIn(c.Email("admin"))
	at := fmt.Sprintf("/customers/%d", customer)
	for name, path := range map[string]string{
		"item-open":    fmt.Sprintf("%s/items?item=%d", at, item),
		"credit-open":  fmt.Sprintf("%s/items?payment=%d", at, credit),
		"items-past":   at + "/items?as_of=2026-03-05&show=all",
		"payment-new":  at + "/payments/new",
		"payment-plan": at + "/payments/new?amount=30000&currency=EUR",
		"reversal":     fmt.Sprintf("%s/applications/%d/reversal", at, application),
		"return":       fmt.Sprintf("%s/payments/%d/return", at, credit),
		"holidays":     "/admin/holidays",
	} {
		b.goTo(path)
		b.look(name)
	}
}

// TestRecordAPayment types an amount, sees what it pays, and records it: without
// a mouse.
func TestRecordAPayment(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	customer, _, _ := debtor(t, s, c)
	b := open(t, s)
	b.signIn(c.Email("collector"))
	b.goTo(fmt.Sprintf("/customers/%d/items", customer))
	b.tabTo(`main a[href$="/payments/new"]`)
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.do(chromedp.SetValue(chromedp.CSS("#field-account"), eval[string](b, `[...document.querySelectorAll('#field-account option')].find(o => o.text.startsWith('C-4711 ')).value`)))
	b.tabTo("#field-amount")
	b.keys("21.000,50" + kb.Tab)
	b.has("The ticked items take all of EUR 21,000.50.") // fetched as the amount changed
	b.tabTo("#field-number")
	b.keys("BANK-77121")
	b.leads(chromedp.KeyEvent(kb.Enter))
	b.has("Payment BANK-77121 of EUR 21,000.50", "INV-90046 with EUR 20,000.00 and INV-90051 with EUR 1,000.50")
	b.quiet()
}
