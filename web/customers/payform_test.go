package customers_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
)

// What is wrong with a payment is said at once, each at its field, and no sum is shown
// where there is none.
func TestPaymentWrongAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	account, item := fmt.Sprint(idOf(t, s, "accounts", "00428")), fmt.Sprint(idOf(t, s, "items", "90046"))
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/payments", id)
	typed := func(pairs ...string) map[string][]string {
		f := form("account", account, "currency", "EUR", "number", "P-1", "value_on", "2026-03-13", "amount", "20", "spread", "20", "pay", item, "line-"+item, "20")
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	for name, p := range map[string]struct {
		typed map[string][]string
		says  []string
	}{
		"never proposed, and all of it wrong": {typed("amount", "-5", "spread", "", "number", "", "value_on", "2026-03-17"),
			[]string{`id="field-amount-error"`, `id="field-number-error"`, `id="field-value_on-error"`}},
		"nothing, never proposed": {typed("amount", "0", "spread", ""), []string{"Give an amount above zero."}},
		"less than nothing":       {typed("amount", "-5", "spread", "-5"), []string{`id="field-amount-error"`}},
		"a line of words":         {typed("line-"+item, "abc"), []string{"is not an amount", `id="field-line-` + item + `-error"`}},
		"a line below nothing":    {typed("line-"+item, "-5", "number", ""), []string{`id="field-line-` + item + `-error"`, `id="field-number-error"`}},
		"letters in every field": {typed("currency", "abcd", "amount", "abc", "number", "abc", "value_on", "abc", "line-"+item, "abc"),
			[]string{`id="field-currency-error"`, `id="field-amount-error"`, `id="field-value_on-error"`, "once the account and the currency are right"}},
	} {
		page := c.Post(at, p.typed)
		page.Has(t, http.StatusUnprocessableEntity, p.says...)
		page.Lacks(t, "The ticked items take", "Look at what the payment pays", "Give the amount, and")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// how the digits read depends on the currency, which is asked for first
	page := c.Post(at, typed("currency", "abcd", "amount", "12.005"))
	page.Has(t, http.StatusUnprocessableEntity, `id="field-currency-error"`)
	page.Lacks(t, `id="field-amount-error"`)

	page = c.Get(at + "/new?amount=-5")
	page.Has(t, http.StatusOK, `id="field-amount-error"`, `name="spread" value=""`)
	page.Lacks(t, "The ticked items take", `id="field-number-error"`)
	part := c.With("HX-Request", "true").Get(at + "/new?amount=-5")
	part.Has(t, http.StatusOK, "<p>Give an amount above zero.")
	if n := count(t, s, `SELECT count(*) FROM payments`); n != 0 {
		t.Errorf("%d payments", n)
	}
}
