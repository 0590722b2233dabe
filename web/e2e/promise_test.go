package e2e_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// TestPromiseFollowsTheAccount chooses another account for a promise: its currency,
// amount and items come by themselves, and what was typed besides stays.
func TestPromiseFollowsTheAccount(t *testing.T) {
	t.Parallel()
	s := trial(t)
	id := twoToCall(t, s)[0]
	var tenantID, account int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT tenant_id, id FROM accounts WHERE customer_id = $1`, id).Scan(&tenantID, &account); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, account, "90060", "2026-02-20", 720_00, "GBP")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(fmt.Sprintf("/customers/%d/promises/new", id))
	b.has("Amount in EUR")
	b.fill("#field-text", "Pays when the ship is in")
	eval[string](b, fmt.Sprintf(`(s => { s.value = '%d-GBP'; s.dispatchEvent(new Event('change', {bubbles: true})); return '' })(document.querySelector('#field-of'))`, account))
	b.until("the amount follows", `document.querySelector('[name=amount]').value === '720.00' && document.querySelector('[name=shown]').value.endsWith('-GBP')`)
	b.has("Amount in GBP")
	if items := eval[string](b, `[...document.querySelectorAll('#promise-items tbody tr')].map(r => r.querySelector('label').textContent + r.querySelector('input').checked).join()`); items != "90060true" {
		t.Errorf("the items are %q", items)
	}
	b.look("promise")
	b.submit("form .form-actions button")
	b.has("The promise of GBP 720.00 is written down.", "Pays when the ship is in")
	b.quiet()
}
