package template

import (
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
)

// Crowded are the values of a customer who owes in more currencies than there
// are, on very many accounts.
func Crowded(t testing.TB) Values {
	t.Helper()
	v := Example()
	v.set("account.numbers", strings.Repeat("T-10482, ", 60))
	for n := len(v.lists["figures"]); n < maxRows; n++ {
		v.lists["figures"] = append(v.lists["figures"], v.row(ledger.Figure{Currency: "EUR", Open: int64(1_000_000 + n)}, day.Day{}))
		v.lists["items"] = append(v.lists["items"], v.lists["items"][0])
	}
	return v
}
