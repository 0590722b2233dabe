package e2e_test

import (
	"fmt"
	"testing"
)

// TestLevelEditor opens a level in its row, changes it, sees what that would do,
// goes back with what was typed, and saves.
func TestLevelEditor(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var policy, level int64
	err := s.Owner(t).QueryRow(t.Context(), `SELECT policy_id, id FROM levels WHERE name = 'First reminder'`).Scan(&policy, &level)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("admin")
	b.goTo("/admin/dunning")
	b.has("Each day at 06:00", "5, 15, 30 and 45 days")
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
	b.quiet()
}
