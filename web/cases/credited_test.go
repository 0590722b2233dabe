package cases_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// A credit note on what is in question: who sets it is told of the case, the case asks,
// and only what is said changes what is chased.
func TestACaseAsksWhatACreditNoteWasFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	asked, said := fmt.Sprintf("asked_%d", d.a), fmt.Sprintf("credited_%d", d.a)
	d.open(t, c, asked, "150.00")
	var note int64
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		var account int64
		if err := tx.QueryRow(t.Context(), `SELECT account_id FROM items WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, d.a).Scan(&account); err != nil {
			return err
		}
		note = dbtest.Item(t, tx, account, "CN-1", "2026-03-16", -100_00, "EUR")
		return nil
	})
	c.Get("/cases/1").Lacks(t, "was credited since")
	applied := c.Post(d.at(fmt.Sprintf("/items/%d/applications", note)), url.Values{"pay": {fmt.Sprint(d.a)}, fmt.Sprintf("line-%d", d.a): {"100.00"}})
	if applied.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", applied.Code, applied.Body)
	}
	c.Get(applied.Location).Has(t, http.StatusOK, "pays A with EUR 100.00.", "A stands in the case Price of March with EUR 150.00 in question: say there whether this was for it.")
	c.Get("/cases/1").Has(t, http.StatusOK, "EUR 100.00 was credited since. For this?", "yes: EUR 50.00 is left in question", "no, for something else")

	form := url.Values{"version": {"1"}, "title": {"Price of March"}, "status": {"in_work"}, "owner": {fmt.Sprint(d.CollectorID)}, "on": {"2026-03-27"}, asked: {"150.00"}}
	if page := c.Post("/cases/1", form); page.Code != http.StatusSeeOther { // nothing is said of it
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	form.Set("version", "2")
	form.Set(said, "settles-9999")
	c.Post("/cases/1", form).Has(t, http.StatusConflict, "What was credited on the items of this case has changed meanwhile.")
	form.Set(said, "settles-10000")
	form.Set(asked, "40.00")
	c.Post("/cases/1", form).Has(t, http.StatusUnprocessableEntity, "not both", `value="40.00"`, `value="settles-10000" checked`)
	form.Set(asked, "150.00")
	if page := c.Post("/cases/1", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	page := c.Get("/cases/1")
	page.Has(t, http.StatusOK, "EUR 100.00 credited on A settles so much of what was in question", `value="50.00"`)
	page.Lacks(t, "was credited since")
}
