package customers_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestRecordAPayment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	disputed, late := idOf(t, s, "items", "90039"), idOf(t, s, "items", "90046")
	account := fmt.Sprint(idOf(t, s, "accounts", "00428"))
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/payments", id)
	page := c.Get(at + "/new")
	page.Has(t, http.StatusOK, "Record a payment from Halden &amp; Sønn AS", `value="2026-03-16"`, fmt.Sprintf(`value="%s" selected`, account), `value="EUR"`, "90039", "Give the amount, and the oldest items are ticked")
	page.Lacks(t, " checked", "90081") // which is owed in USD
	typed := form("account", account, "currency", "EUR", "number", "BANK-1", "value_on", "2026-03-13", "amount", "23 000,50")

	propose := form("propose", "on")
	for k, v := range typed {
		propose[k] = v
	}
	page = c.Post(at, propose)
	if page.Code != http.StatusSeeOther || !strings.Contains(page.Location, "/payments/new?") {
		t.Fatalf("the proposal: %d to %q", page.Code, page.Location)
	}
	proposal := []string{fmt.Sprintf(`name="pay" value="%d">`, disputed), fmt.Sprintf(`name="pay" value="%d" checked`, late), `value="22110.50"`, `value="23000.50"`,
		"The ticked items take all of EUR 23,000.50.", `name="spread" value="23 000,50"`, `value="BANK-1"`, `value="2026-03-13"`}
	c.Get(page.Location).Has(t, http.StatusOK, proposal...)
	// who records without having seen the proposal is asked to look first
	c.Post(at, typed).Has(t, http.StatusUnprocessableEntity, append(proposal, "Look at what the payment pays below, then record it.")...)

	typed.Set("spread", "23 000,50")
	typed["pay"] = []string{fmt.Sprint(disputed), fmt.Sprint(late)}
	typed.Set(fmt.Sprint("line-", disputed), "22110,51")
	typed.Set(fmt.Sprint("line-", late), "800.00")
	c.Post(at, typed).Has(t, http.StatusUnprocessableEntity, "Only EUR 22,110.50 of 90039 is open.", `value="22110,51"`)
	typed.Set(fmt.Sprint("line-", disputed), "22,110.50")
	typed.Set("form_id", "0b2e43a0-5a0e-4f0a-9d8c-0d1e7f1d0077")
	page = c.Post(at, typed)
	paid := idOf(t, s, "payments", "BANK-1")
	page.Leads(t, fmt.Sprintf("/customers/%d/items?payment=%d#payment-%d", id, paid, paid))
	c.Post(at, typed).Leads(t, page.Location) // the same form again
	said := "Payment BANK-1 of EUR 23,000.50, value Fri 13 Mar 2026, pays 90039 with EUR 22,110.50 and 90046 with EUR 800.00; EUR 90.00 stays credit."
	c.Get(page.Location).Has(t, http.StatusOK, "This was already saved", "Set EUR 90.00 against items", "credit to apply")
	c.Get(fmt.Sprintf("/customers/%d/notes", id)).Has(t, http.StatusOK, said)
	if n := count(t, s, `SELECT count(*) FROM payments`); n != 1 {
		t.Errorf("%d payments, want one", n)
	}
	typed.Set("form_id", "0b2e43a0-5a0e-4f0a-9d8c-0d1e7f1d0078")
	typed.Del("pay")
	c.Post(at, typed).Has(t, http.StatusUnprocessableEntity, "Payment BANK-1 is recorded already.")
}

func TestPaymentRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	account, other := fmt.Sprint(idOf(t, s, "accounts", "00428")), fmt.Sprint(idOf(t, s, "accounts", "00428-B"))
	item := idOf(t, s, "items", "90046")
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/payments", id)
	good := map[string]string{"account": account, "currency": "EUR", "number": "P-1", "value_on": "2026-03-13", "amount": "12.00", "spread": "12.00"}
	for name, c1 := range map[string]struct {
		field, value, says string
	}{
		"no account":         {"account", "x", "Choose an account of this customer."},
		"no currency":        {"currency", "EURO", "Give a currency code such as EUR."},
		"no reference":       {"number", "  ", "Give the payment&#39;s reference"},
		"no day":             {"value_on", "tomorrow", "Say on which day the money came."},
		"tomorrow":           {"value_on", "2026-03-17", "Money that comes later cannot be recorded yet."},
		"no amount":          {"amount", "", "Give an amount."},
		"words":              {"amount", "<i>twelve</i>", "is not an amount"},
		"two ways":           {"amount", "1.200", "Write 1200.00 if thousands are meant"},
		"too many decimals":  {"amount", "12.005", "can be read in two ways"},
		"a tenth of a cent":  {"amount", "1200.0005", "EUR has 2 decimals."},
		"nothing":            {"amount", "0", "Give an amount above zero."},
		"less than nothing":  {"amount", "-5", "Give an amount above zero."},
		"more than there is": {"amount", "99999999999999999999", "more than can be recorded"},
	} {
		f := form("pay", fmt.Sprint(item), fmt.Sprint("line-", item), "0.01")
		for k, v := range good {
			f.Set(k, v)
		}
		f.Set(c1.field, c1.value)
		if c1.field == "amount" {
			f.Set("spread", c1.value)
		}
		page := c.Post(at, f)
		page.Has(t, http.StatusUnprocessableEntity, c1.says)
		page.Lacks(t, "<i>")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// nothing is owed on the other account: all of it is credit, and the page says so
	c.Get(at+"/new?account="+other).Has(t, http.StatusOK, "Nothing is owed on this account in this currency: all of the payment stays as credit")
	page := c.Post(at, form("account", other, "currency", "eur", "number", "P-2", "value_on", "2026-03-13", "amount", "77"))
	if page.Code != http.StatusSeeOther {
		t.Errorf("status %d: %.600s", page.Code, page.Body)
	}
	c.Get(page.Location).Has(t, http.StatusOK, "pays nothing yet: all of it stays credit")
}

// The last cent, yen without decimals and dinars with three, typed as people
// type them.
func TestPaymentCurrencies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var id, account int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		id, account = dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "E-1", "2026-03-01", 1, "EUR")
		dbtest.Item(t, tx, account, "Y-1", "2026-03-02", 1_234, "JPY")
		dbtest.Item(t, tx, account, "K-1", "2026-03-03", 12_345_678, "KWD")
		return nil
	})
	c := s.As(t, acme.Collector)
	for _, p := range []struct{ item, currency, amount, line, flash string }{
		{"E-1", "EUR", "0,01", "0.01", "of EUR 0.01, value Mon 16 Mar 2026, pays E-1 with EUR 0.01."},
		{"Y-1", "JPY", "1,235", "1’234", "of JPY 1,235, value Mon 16 Mar 2026, pays Y-1 with JPY 1,234; JPY 1 stays credit."},
		{"K-1", "KWD", "12 345,678", "12,345.678", "of KWD 12,345.678, value Mon 16 Mar 2026, pays K-1 with KWD 12,345.678."},
	} {
		item := idOf(t, s, "items", p.item)
		page := c.Post(fmt.Sprintf("/customers/%d/payments", id), form("account", fmt.Sprint(account), "currency", p.currency, "number", "P-"+p.item, "value_on", "2026-03-16",
			"amount", p.amount, "spread", p.amount, "pay", fmt.Sprint(item), fmt.Sprint("line-", item), p.line))
		if page.Code != http.StatusSeeOther {
			t.Errorf("%s: status %d: %.2000s", p.currency, page.Code, page.Body)
			continue
		}
		c.Get(page.Location).Has(t, http.StatusOK, p.flash)
		if n := count(t, s, `SELECT open_amount FROM items WHERE id = $1`, item); n != 0 {
			t.Errorf("%s: %d is open", p.item, n)
		}
	}
	c.Post(fmt.Sprintf("/customers/%d/payments", id), form("account", fmt.Sprint(account), "currency", "JPY", "number", "P-9", "value_on", "2026-03-16", "amount", "12.5")).
		Has(t, http.StatusUnprocessableEntity, "JPY has no decimals.")
}

// Two people record money for the same item at the same moment: what is open is
// paid once.
func TestTwoPaymentsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	item, account := idOf(t, s, "items", "90046"), fmt.Sprint(idOf(t, s, "accounts", "00428"))
	var wg sync.WaitGroup
	pages := make([]webtest.Page, 2)
	for i, who := range []tenant.Who{acme.Collector, acme.Manager} {
		c := s.As(t, who)
		wg.Go(func() {
			pages[i] = c.Post(fmt.Sprintf("/customers/%d/payments", id), form("account", account, "currency", "EUR", "number", fmt.Sprint("P-", i), "value_on", "2026-03-13",
				"amount", "50000", "spread", "50000", "pay", fmt.Sprint(item), fmt.Sprint("line-", item), "50000"))
		})
	}
	wg.Wait()
	if pages[0].Code+pages[1].Code != http.StatusSeeOther+http.StatusUnprocessableEntity {
		t.Errorf("answers %d and %d", pages[0].Code, pages[1].Code)
	}
	for _, p := range pages {
		if p.Code == http.StatusUnprocessableEntity {
			p.Has(t, p.Code, "Only EUR 4,300.00 of 90046 is open.")
		}
	}
}

func TestReverseAndReturn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	item, account := idOf(t, s, "items", "90046"), fmt.Sprint(idOf(t, s, "accounts", "00428"))
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Post(fmt.Sprintf("/customers/%d/payments", id), form("account", account, "currency", "EUR", "number", "P-1", "value_on", "2026-03-10",
		"amount", "700", "spread", "700", "pay", fmt.Sprint(item), fmt.Sprint("line-", item), "600.60"))
	paid, application := idOf(t, s, "payments", "P-1"), count(t, s, `SELECT id FROM applications`)
	reversal := fmt.Sprintf("/customers/%d/applications/%d/reversal", id, application)
	giveBack := fmt.Sprintf("/customers/%d/payments/%d/return", id, paid)
	for _, path := range []string{reversal, giveBack} {
		c.Get(path).Has(t, http.StatusForbidden, "Only a manager can reverse money.")
		c.Post(path, form("on", "2026-03-12", "reason", "mine")).Has(t, http.StatusForbidden, "Only a manager")
		m.Post(path, form("on", "2026-03-17", "reason", "")).Has(t, http.StatusUnprocessableEntity, "Say why", "not in the future", `value="2026-03-17"`)
		m.Post(path, form("on", "2026-03-09", "reason", "too early")).Has(t, http.StatusUnprocessableEntity, "before", "too early")
	}
	m.Get(reversal).Has(t, http.StatusOK, "EUR 600.60 of payment P-1 was set against item 90046", `value="2026-03-10"`)
	m.Post(reversal, form("on", "2026-03-12", "reason", "wrong item")).Leads(t, fmt.Sprintf("/customers/%d/items?item=%d#item-%d", id, item, item))
	m.Post(reversal, form("on", "2026-03-12", "reason", "wrong item")).Has(t, http.StatusConflict, "reversed already", "Reversed: wrong item", fmt.Sprintf(`href="/customers/%d`, id))
	m.Get(reversal).Has(t, http.StatusConflict, "reversed already", "Reversed: wrong item")
	m.Get(fmt.Sprintf("/customers/%d/items?item=%d", id, item)).Has(t, http.StatusOK, "Reversed: wrong item", "EUR −600.60", ">54,300.00<")
	m.Get(giveBack).Has(t, http.StatusOK, "Payment P-1 of EUR 700.00, value Tue 10 Mar 2026", `value="2026-03-16"`)
	m.Post(giveBack, form("on", "2026-03-14", "reason", "no funds")).Leads(t, fmt.Sprintf("/customers/%d/items?show=all&payment=%d#payment-%d", id, paid, paid))
	m.Post(giveBack, form("on", "2026-03-14", "reason", "no funds")).Has(t, http.StatusConflict, "returned already", fmt.Sprintf(`id="payment-%d"`, paid), fmt.Sprintf(`href="/customers/%d`, id))
	m.Get(giveBack).Has(t, http.StatusConflict, "returned already")
	m.Get(fmt.Sprintf("/customers/%d/items?show=all&payment=%d", id, paid)).Has(t, http.StatusOK, "returned", "P-1")
	c.Post(fmt.Sprintf("/customers/%d/payments/%d/applications", id, paid), form("pay", fmt.Sprint(item), fmt.Sprint("line-", item), "1")).
		Has(t, http.StatusConflict, "Nothing of payment P-1 is left")
}

// Who has no account has nothing to record a payment on: the page says so and how it goes
// on, and refuses nothing that nobody typed.
func TestPaymentWithoutAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	if _, err := s.Owner(t).Exec(t.Context(), `INSERT INTO customers (tenant_id, number, name, kind) VALUES ($1, 'N-1', 'No <account>', 'business')`, acme.ID); err != nil {
		t.Fatal(err)
	}
	bare := idOf(t, s, "customers", "N-1")
	at := fmt.Sprintf("/customers/%d/payments", bare)
	merging := fmt.Sprintf(`href="/customers/%d/merge"`, bare)
	for _, path := range []string{"/new", "/new?account=7&amount=12.00"} {
		page := s.As(t, acme.Manager).Get(at + path)
		page.Has(t, http.StatusOK, "No &lt;account&gt;", "No account yet", "merge", merging)
		page.Lacks(t, "Not saved yet", "Nothing was recorded", `name="amount"`)
	}
	page := s.As(t, acme.Collector).Get(at + "/new")
	page.Has(t, http.StatusOK, "No account yet", "Ask a manager", fmt.Sprintf(`href="/customers/%d/items"`, bare))
	page.Lacks(t, "Not saved yet", merging)
	page = s.As(t, acme.Manager).Post(at, form("account", "", "currency", "EUR", "number", "P-1", "value_on", "2026-03-13", "amount", "77"))
	page.Has(t, http.StatusUnprocessableEntity, "No account yet", "Nothing was recorded.")
	s.As(t, acme.Manager).Get(fmt.Sprintf("/customers/%d/payments/new", id)).Lacks(t, "No account yet")
}

// TestPaymentLeavesDisputeAlone: the proposal takes what is in question last, in the form
// as for a credit, and who ticks it is told that the item leaves its case.
func TestPaymentLeavesDisputeAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	late, account := idOf(t, s, "items", "90046"), idOf(t, s, "accounts", "00428")
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Open(t.Context(), tx, id, cases.Opening{Title: "Price", OwnerID: acme.CollectorID, NextOn: tx.Today()}, []cases.Ticked{{ID: late, Version: 1, Asked: 4_000_01}})
		return err
	})
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/payments", id)
	page := c.Get(fmt.Sprintf("%s/new?account=%d&currency=EUR&amount=58076.99", at, account)) // all that is undisputed
	page.Has(t, http.StatusOK, `value="50299.99"`, `value="7777.00"`, "The ticked items take all of EUR 58,076.99.",
		"EUR 4,000.01 of it is in question. Wholly paid, it leaves its case.", "what is disputed comes last")
	page.Lacks(t, "EUR 22,110.50 of it is in question") // which is in no case
	credit := idOf(t, s, "items", "C-5")
	c.Get(fmt.Sprintf("/customers/%d/items?item=%d", id, credit)).Has(t, http.StatusOK, fmt.Sprintf(`name="pay" value="%d" checked`, late), "Wholly paid, it leaves its case.")
}
