package tenant_test

import (
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// What is typed in one line has single blanks and nothing that is not seen or turns the
// text round; letters of every language, and the marks that they need, are taken.
func TestOneLine(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "", " Åse \t\r\n  Berg ": "Åse Berg", "מגדל 7": "מגדל 7", "a\u200eb\u200fc\u200dd\u061ce": "a\u200eb\u200fc\u200dd\u061ce", "\u2029x\u2065": "x\u2065",
	} {
		var inv errs.Invalid
		got := typed
		if tenant.OneLine(&inv, &got, "name"); got != want || len(inv) > 0 {
			t.Errorf("%q: %q, %v", typed, got, inv)
		}
	}
	for sign, name := range map[string]string{"\u202a": "U+202A", "\u202e": "U+202E", "\u2066": "U+2066", "\u2069": "U+2069", "\x07": "U+0007", "\x7f": "U+007F", "\u009b": "U+009B"} {
		var inv errs.Invalid
		text := "Ac" + sign + "me"
		if tenant.OneLine(&inv, &text, "name"); !strings.Contains(inv["name"], name) || !strings.Contains(inv["name"], "Type it anew") {
			t.Errorf("%s: %v", name, inv)
		}
	}
}
