package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

const ledgerFile = "customer number,customer name,number,issued on,due on,amount\n" +
	"0007,Vestby Kran AS,0001,2026-02-01,2026-03-03,1234.56\n" +
	"0007,Vestby Kran AS,0002,2026-02-01,2026-03-03,99.01\n" +
	"0008,Moss Maskin AS,0003,01/02/2026,2026-03-03,70.50\n"

// TestImportAFile uploads a ledger, reads what it would do, applies it and finds
// it in the ageing.
func TestImportAFile(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.StartJobs(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	path := filepath.Join(t.TempDir(), "ledger.csv")
	if err := os.WriteFile(path, []byte(ledgerFile), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signIn(c.Email("manager"))
	b.goTo("/imports/new")
	b.do(chromedp.SendKeys(chromedp.CSS("#field-file"), path))
	b.do(chromedp.SetValue(chromedp.CSS("#field-kind"), "items"))
	b.fill("#field-currency", "EUR")
	b.click("#field-create_customers")
	b.submit(`form[action="/imports"] button[type=submit]`)
	b.has("Which column is what?", "due on")
	b.look("import-columns")
	b.submit(`form[action$="/mapping"] button[type=submit]`)
	b.has("refused 1", "EUR 1,333.57", "01/02/2026") // by itself: the page follows the job
	b.look("import-checked")
	b.do(chromedp.EmulateViewport(390, 900))
	b.until("a refused value stands whole in one line", `[...document.querySelectorAll('section ~ .card td:nth-child(3)')].map((cell) => {
		const words = document.createRange();
		words.selectNodeContents(cell);
		return cell.textContent + ' in ' + words.getClientRects().length;
	}).join() === '01/02/2026 in 1'`)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.submit(`form[action$="/application"] button[type=submit]`)
	b.has("customers created 1")
	b.look("import-applied")
	b.goTo("/reports/ageing")
	b.has("1,333.57")
	b.goTo("/customers")
	b.has("Vestby Kran AS", "0007")
	b.quiet()
}
