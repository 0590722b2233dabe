package agenda_test

import (
	"fmt"
	"net/http"
	"testing"
)

// What was typed about an entry that somebody else finished meanwhile is kept.
func TestTypedOfWhatIsDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	m.Post(d.at("C-2", "/manual"), form("text", "Met them")).Leads(t, d.at("C-2", ""))
	page := m.Post(d.at("C-2", "/completion"), form("version", "2"))
	if page.Code != http.StatusSeeOther {
		t.Fatalf("done: %d", page.Code)
	}
	c.Post(d.at("C-2", "/manual"), form("version", "1", "text", "Pays on <Friday>")).Has(t, http.StatusConflict, "acme manager said on", "What you typed", "Pays on &lt;Friday&gt;")
	c.Post(d.at("C-2", "/call"), form("version", "1", "text", "Spoke to her")).Has(t, http.StatusConflict, "What you typed", "Spoke to her")
	c.Post(d.at("C-2", "/later"), form("version", "1", "until", "2026-03-23", "reason", "On holiday")).Has(t, http.StatusConflict, "What you typed", "On holiday")
}

// Nothing goes out from a page that was there before somebody put the entry away; from
// one that says so, it does.
func TestNothingGoesOutFromAnOldPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	var version int
	seen := func() string {
		t.Helper()
		if err := d.Owner(t).QueryRow(t.Context(), `SELECT version FROM agenda_entries WHERE id = $1`, d.entries["C-1"]).Scan(&version); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(version)
	}
	old := seen()
	d.As(t, d.acme.Manager).Post(d.at("C-1", "/later"), form("version", old, "until", "2026-03-23", "reason", "The money comes", "back", mine)).Leads(t, mine)
	for _, do := range []string{"/letter", "/email"} {
		c.Post(d.at("C-1", do), form("version", old)).Has(t, http.StatusConflict, "It was put away until Mon 23 Mar 2026.")
	}
	c.Post(d.at("C-1", "/email"), form("version", seen(), "back", mine)).Leads(t, mine)
}
