package customers_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// Two record what came in for the same item: the second is told that it is paid, and
// nothing becomes credit before they were.
func TestItemPaidMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var id, account, first, second int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		id, account = dbtest.Customer(t, tx, "C-1")
		first = dbtest.Item(t, tx, account, "L-1", "2026-03-01", 28_032, "EUR")
		return nil
	})
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/payments", id)
	pay := func(number string, item int64) map[string][]string {
		return form("account", fmt.Sprint(account), "currency", "EUR", "number", number, "value_on", "2026-03-13", "amount", "280.32", "spread", "280.32",
			"pay", fmt.Sprint(item), fmt.Sprint("line-", item), "280.32")
	}
	if page := c.Post(at, pay("BANK-1", first)); page.Code != http.StatusSeeOther {
		t.Fatalf("the first payment: status %d", page.Code)
	}
	page := c.Post(at, pay("BANK-2", first))
	page.Has(t, http.StatusUnprocessableEntity, `role="alert"`, "L-1 was paid meanwhile.", "stays as credit", `value="280.32"`, `value="BANK-2"`)

	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		second = dbtest.Item(t, tx, account, "L-2", "2026-03-02", 5_000, "EUR")
		return nil
	})
	both := pay("BANK-2", first)
	both["line-"+fmt.Sprint(first)] = []string{"200"}
	both["pay"] = append(both["pay"], fmt.Sprint(second))
	both[fmt.Sprint("line-", second)] = []string{"20"}
	page = c.Post(at, both)
	page.Has(t, http.StatusUnprocessableEntity, `role="alert"`, "L-1 was paid meanwhile.", fmt.Sprintf(`name="pay" value="%d" checked`, second), `value="20"`,
		"The ticked items take EUR 20.00 of EUR 280.32; EUR 260.32 stays as credit of the account.")
	page = c.Post(at, pay("BANK-2", first))
	page.Has(t, http.StatusUnprocessableEntity, "L-1 was paid meanwhile.", `name="spread" value=""`)
	page.Lacks(t, "take all of")
	none := pay("BANK-2", first) // as that page would be sent: with no tick left, it is proposed anew
	none["spread"], none["pay"] = []string{""}, nil
	c.Post(at, none).Has(t, http.StatusUnprocessableEntity, "Look at what the payment pays below", fmt.Sprintf(`name="pay" value="%d" checked`, second))
	// what else is wrong does not hide it
	wrong := pay("BANK-2", first)
	wrong["number"] = []string{""}
	c.Post(at, wrong).Has(t, http.StatusUnprocessableEntity, "Give the payment&#39;s reference", "An item that was ticked is not among those below any more.")
	wrong["currency"] = []string{"EURO"}
	c.Post(at, wrong).Has(t, http.StatusUnprocessableEntity, "Give a currency code", `name="spread" value=""`)
	if n := count(t, s, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments, want one", n)
	}
	// an item of another account is said where nothing is owed on the chosen one, too
	other := pay("BANK-2", second)
	other["currency"] = []string{"USD"}
	c.Post(at, other).Has(t, http.StatusUnprocessableEntity, "Choose items of that account.", "Nothing is owed on this account")
}

// Credit that is set against an item which was paid meanwhile is refused with words.
func TestCreditForAnItemPaidMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var id, item, one, other int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		id, account = dbtest.Customer(t, tx, "C-1")
		item = dbtest.Item(t, tx, account, "L-1", "2026-03-01", 1_000, "EUR")
		one, other = dbtest.Item(t, tx, account, "CN-1", "2026-03-02", -1_000, "EUR"), dbtest.Item(t, tx, account, "CN-2", "2026-03-02", -3_000, "EUR")
		return nil
	})
	c := s.As(t, acme.Collector)
	typed := form("pay", fmt.Sprint(item), fmt.Sprint("line-", item), "10.00")
	if page := c.Post(fmt.Sprintf("/customers/%d/items/%d/applications", id, one), typed); page.Code != http.StatusSeeOther {
		t.Fatalf("the first credit: status %d", page.Code)
	}
	at := fmt.Sprintf("/customers/%d/items/%d/applications", id, other)
	c.Post(at, typed).Has(t, http.StatusUnprocessableEntity, `role="alert"`, "L-1 was paid meanwhile.", "Nothing is owed on account")
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT account_id FROM items WHERE tenant_id = $1 AND id = $2`, acme.ID, item).Scan(&account); err != nil {
			return err
		}
		dbtest.Item(t, tx, account, "L-2", "2026-03-02", 5_000, "EUR")
		return nil
	})
	page := c.Post(at, typed)
	page.Has(t, http.StatusUnprocessableEntity, `role="alert"`, "L-1 was paid meanwhile.", "L-2")
	page.Lacks(t, " checked")
}
