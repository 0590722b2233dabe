package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLevelEditor opens a level in its row, changes it, sees what that would do,
// goes back with what was typed, and saves; then gives consumers another policy by a
// rule.
func TestLevelEditor(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var policy, level int64
	var byHand string
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT l.policy_id, l.id, (SELECT p.id::text FROM policies p WHERE p.name = 'By hand')
		FROM levels l
		WHERE l.name = 'First reminder'`).Scan(&policy, &level, &byHand)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("admin")
	b.goTo("/admin/dunning")
	b.has("Each day at 06:00", "5, 15, 30 and 45 days")
	b.look("dunning-admin")
	b.submit(fmt.Sprintf(`a[href="/admin/dunning/policies/%d"]`, policy))
	b.submit(fmt.Sprintf(`#level-%d th a`, level))
	b.has("E-mail: First reminder for", "Retire the level")
	b.look("level-editor")
	b.fill("#field-after_days", "1")
	b.fill("#field-name", "At once")
	save := fmt.Sprintf(`form[action="/admin/dunning/levels/%d"] .form-actions button`, level)
	b.submit(save)
	b.has("This is what it would do", "The run of", "not reminded", "To collect")
	b.look("level-effect")
	b.submit(`button[formaction$="?back=yes"]`)
	if got := b.value("#field-after_days") + b.value("#field-name"); got != "1At once" {
		t.Errorf("after going back the form holds %q", got)
	}
	b.submit(save)
	b.submit(`button[name="confirmed"]`)
	b.has("The level is saved.", "1 day late")
	b.goTo(fmt.Sprintf("/admin/dunning/policies/%d?open=terms", policy))
	b.look("policy-terms")
	b.goTo("/admin/dunning/rules/new")
	b.do(chromedp.SetValue(chromedp.CSS("#field-kind"), "consumer"), chromedp.SetValue(chromedp.CSS("#field-policy"), byHand))
	b.submit(`form[action="/admin/dunning/rules"] .form-actions button`)
	b.has("This is what it would do", "from Standard to By hand")
	b.submit(`button[name="confirmed"]`)
	b.has("The rule is added after all others.", "consumers")
	b.look("policy-rules")
	b.quiet()
}
